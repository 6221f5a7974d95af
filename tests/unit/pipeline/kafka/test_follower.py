"""Laws of following a topic that need no broker."""

from typing import Any

from pipeline.kafka.follower import Follower


class FakeMessage:
    def __init__(self, offset: int) -> None:
        self._offset = offset

    def error(self) -> None:
        return None

    def offset(self) -> int:
        return self._offset


class FakeConsumer:
    """A log of three records; `gives` says whether this consumer delivers what the log has."""

    def __init__(self, *, gives: int) -> None:
        self.gives = gives
        self.assigned: list[int] = []
        self.is_closed = False

    def get_watermark_offsets(self, _place: Any, timeout: float) -> tuple[int, int]:
        return 0, 3

    def assign(self, places: list[Any]) -> None:
        self.assigned = [place.offset for place in places]
        self.at = max(0, self.assigned[0])

    def consume(self, _count: int, _timeout: float) -> list[FakeMessage]:
        if self.at >= self.gives:
            return []
        self.at += 1
        return [FakeMessage(self.at - 1)]

    def close(self) -> None:
        self.is_closed = True


def test_a_consumer_that_gives_nothing_although_the_log_has_more_is_made_anew_where_it_stood() -> None:
    stuck, sound = FakeConsumer(gives=2), FakeConsumer(gives=3)
    made = [stuck, sound]
    folded: list[int] = []
    follower = Follower(
        {},
        "t",
        lambda message: folded.append(message.offset()),
        make_consumer=lambda _config: made.pop(0),  # type: ignore[arg-type, return-value]
        look_s=0.0,
    )
    follower.start()
    follower.wait_ready(10)
    follower.close()
    assert folded == [0, 1, 2]
    assert stuck.is_closed
    assert sound.assigned == [2]
