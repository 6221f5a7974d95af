"""A running app reads other topics from now on: in an order in which Faust meets no partition that is not its own."""

from types import SimpleNamespace
from typing import Any

from pipeline.agents.faust_private import resubscribe


class FakeApp:
    """Notes what is called, in order. `commits` are the answers of a commit."""

    def __init__(self, *commits: bool) -> None:
        self.said: list[str] = []
        self._commits = list(commits)
        channel = SimpleNamespace(topics=["old"])
        self.channel = channel

        class Topics(list[Any]):
            async def _update_indices(self) -> list[str]:
                return list(channel.topics)

        self.topics = Topics([channel])
        self.consumer = SimpleNamespace(
            commit=self._commit, subscribe=self._subscribe, stop_flow=lambda: self.said.append("stop flow")
        )
        self.flow_control = SimpleNamespace(suspend=lambda: self.said.append("suspend"))

    async def _commit(self) -> bool:
        self.said.append("commit")
        return self._commits.pop(0)

    async def _subscribe(self, names: list[str]) -> None:
        self.said.append(f"subscribe {' '.join(names)}")


async def test_flow_stops_after_the_commit_and_before_partitions_are_given_up() -> None:
    app = FakeApp(True)
    await resubscribe(app, ["old", "new"])  # type: ignore[arg-type]
    assert app.said == ["commit", "stop flow", "suspend", "subscribe old new"]


async def test_a_commit_that_was_under_way_is_followed_by_one_of_our_own() -> None:
    app = FakeApp(False, True)
    await resubscribe(app, ["new"])  # type: ignore[arg-type]
    assert app.said[:2] == ["commit", "commit"]
