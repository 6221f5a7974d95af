"""Laws of supervision, told as stories: what happened at which second, and what is done about it."""

from collections.abc import Iterable

import pytest

from infra.supervisor import policy
from infra.supervisor.policy import (
    Action,
    BecameReady,
    Ended,
    Event,
    Failed,
    Found,
    Kill,
    Member,
    Phase,
    Start,
    Stop,
    StopAsked,
    Supervision,
    Tell,
    Tick,
)

WAVES = ((("routing", "sink"), 8.0), (("kafka",), 20.0))
MEMBERS = (
    Member(name="kafka"),
    Member(name="rules", needs=("kafka",), is_step=True),
    Member(name="routing", needs=("kafka", "rules")),
    Member(name="sink", needs=("kafka", "rules", "somewhere-else")),
)


class Story:
    """A supervision that hears events; `done` are the actions since it was asked last."""

    def __init__(self, members: Iterable[Member] = MEMBERS) -> None:
        self.state: Supervision = policy.begin(members, WAVES, 0.0)
        self.now = 0.0

    def at(self, now: float, *events: Event) -> list[Action]:
        """What is done about these events, and by the tick after them."""
        self.now = now
        done: list[Action] = []
        for event in (*events, Tick()):
            self.state, actions = policy.decide(self.state, event, now)
            done += actions
        return done

    def all_run(self) -> "Story":
        self.at(0)
        self.at(1, BecameReady("kafka"))
        self.at(2, BecameReady("rules"))
        self.at(3, BecameReady("routing"), BecameReady("sink"))
        return self

    def phase(self, name: str) -> Phase:
        return self.state.members[name].phase


def starts(done: Iterable[Action]) -> list[str]:
    return [each.name for each in done if isinstance(each, Start)]


def stops(done: Iterable[Action]) -> list[str]:
    return [name for each in done if isinstance(each, Stop) for name in each.names]


def kills(done: Iterable[Action]) -> list[str]:
    return [name for each in done if isinstance(each, Kill) for name in each.names]


def told(done: Iterable[Action], event: str) -> list[Tell]:
    return [each for each in done if isinstance(each, Tell) and each.event == event]


def end_again(story: Story, name: str, *, lives_s: float, is_ready: bool, at_most: int = 50) -> int:
    """Let one end after each start until it is given up (the number of its ends) or `at_most` is reached."""
    for count in range(1, at_most + 1):
        now = story.now + lives_s
        events: list[Event] = [BecameReady(name)] if is_ready else []
        story.at(story.now, *events)
        done = story.at(now, Ended(name, "exit code 1"))
        if told(done, "process.crash_loop"):
            return count
        due = story.state.members[name].due_at
        assert starts(story.at(due)) == [name]
    return 0


def test_each_starts_once_what_it_needs_is_ready() -> None:
    story = Story()
    assert starts(story.at(0)) == ["kafka"]
    assert starts(story.at(1)) == []
    assert starts(story.at(1, BecameReady("kafka"))) == ["rules"]
    assert starts(story.at(2, BecameReady("rules"))) == ["routing", "sink"]


def test_who_waits_for_what_is_said() -> None:
    waits = told(Story().at(0), "process.waiting")
    assert [(each.names, each.detail) for each in waits] == [
        (("rules",), "kafka"),
        (("routing", "sink"), "kafka and rules"),
    ]


def test_that_all_are_ready_is_said_once() -> None:
    story = Story().all_run()
    assert story.state.is_complete
    story.at(4, Ended("sink", "exit code 1"))
    story.at(5)
    assert told(story.at(6, BecameReady("sink")), "all.ready") == []


def test_what_runs_already_is_not_started_a_second_time_nor_stopped() -> None:
    story = Story()
    assert starts(story.at(0, Found("kafka", is_ours=False))) == []
    assert starts(story.at(1, BecameReady("kafka"))) == ["rules"]
    story.at(2, BecameReady("rules"))
    assert stops(story.at(3, StopAsked())) == ["routing", "sink"]
    story.at(4, Ended("routing", "exit code 0"), Ended("sink", "exit code 0"))
    assert story.state.is_over


def test_what_a_killed_supervisor_left_is_taken_over_and_stopped() -> None:
    story = Story([Member(name="kafka")])
    assert starts(story.at(0, Found("kafka", is_ours=True))) == []
    assert stops(story.at(1, StopAsked())) == ["kafka"]


def test_when_what_was_started_by_hand_is_gone_we_start_our_own() -> None:
    story = Story([Member(name="kafka")])
    story.at(0, Found("kafka", is_ours=False), BecameReady("kafka"))
    story.at(5, Ended("kafka", "gone"))
    assert starts(story.at(6)) == ["kafka"]
    assert stops(story.at(7, StopAsked())) == ["kafka"]


def test_pauses_double_to_half_a_minute() -> None:
    story = Story().all_run()
    pauses = []
    for _ in range(8):
        done = story.at(story.now + 1, Ended("routing", "signal 9"))
        pauses.append(told(done, "process.ended")[0].seconds)
        assert starts(story.at(story.now + pauses[-1] - 0.1)) == []
        assert starts(story.at(story.now + 0.1)) == ["routing"]
        story.at(story.now, BecameReady("routing"))
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert story.state.members["routing"].restarts == 8


def test_a_minute_of_health_begins_the_pauses_anew() -> None:
    story = Story().all_run()
    for _ in range(4):
        story.at(story.now + 1, Ended("routing", "signal 9"))
        story.at(story.now + 30)
        story.at(story.now, BecameReady("routing"))
    (tell,) = told(story.at(story.now + 60, Ended("routing", "signal 9")), "process.ended")
    assert tell.seconds == 1
    assert len(story.state.members["routing"].ends) == 1


def test_one_that_never_comes_up_stops_everything_after_five_ends() -> None:
    story = Story().all_run()
    story.at(4, Ended("routing", "exit code 1"))
    story.at(5)
    ends = end_again(story, "routing", lives_s=1, is_ready=False)
    assert ends == policy.NEVER_READY_ENDS, "the end after it had been ready does not count"
    assert (story.state.exit_code, story.state.stopping) == (1, 0)
    story.at(story.now, Ended("sink", "exit code 0"))
    story.at(story.now, Ended("kafka", "exit code 0"))
    assert story.state.is_over


def test_one_that_comes_up_and_ends_at_once_stops_everything_after_ten_ends() -> None:
    assert end_again(Story().all_run(), "routing", lives_s=2, is_ready=True) == policy.ENDS


@pytest.mark.parametrize("lives_s", [policy.HEALTHY_S, 600.0])
def test_one_that_ends_now_and_then_is_no_crash_loop(lives_s: float) -> None:
    assert end_again(Story().all_run(), "routing", lives_s=lives_s, is_ready=True) == 0


def test_who_does_not_start_for_want_of_kafka_is_not_started_before_it_is_back() -> None:
    story = Story().all_run()
    story.at(10, Ended("kafka", "signal 9"), Ended("routing", "exit code 1"))
    assert starts(story.at(11)) == ["kafka"]
    assert starts(story.at(20)) == []
    assert starts(story.at(21, BecameReady("kafka"))) == ["routing"]


def test_rules_that_cannot_be_published_stop_everything_at_once() -> None:
    story = Story()
    story.at(0)
    story.at(1, BecameReady("kafka"))
    done = story.at(2, Failed("rules", "rules.yaml:3: no"))
    assert told(done, "step.failed")[0].detail == "rules.yaml:3: no"
    assert stops(done) == ["kafka"]
    story.at(3, Ended("kafka", "exit code 0"))
    assert (story.state.is_over, story.state.exit_code) == (True, 1)


def test_a_slow_start_is_told_again_and_again() -> None:
    story = Story()
    story.at(0)
    assert [bool(told(story.at(now), "process.slow")) for now in (10, 15, 20, 30)] == [False, True, False, True]


def test_kafka_stops_when_all_others_have() -> None:
    story = Story().all_run()
    assert stops(story.at(10, StopAsked())) == ["routing", "sink"]
    assert stops(story.at(11, Ended("sink", "exit code 0"))) == []
    assert stops(story.at(12, Ended("routing", "exit code 0"))) == ["kafka"]
    story.at(13, Ended("kafka", "exit code 0"))
    assert (story.state.is_over, story.state.exit_code) == (True, 0)


def test_who_outlasts_its_grace_is_killed() -> None:
    story = Story().all_run()
    story.at(10, StopAsked())
    story.at(11, Ended("sink", "exit code 0"))
    assert kills(story.at(17.9)) == []
    assert kills(story.at(18)) == ["routing"]
    assert stops(story.at(18.1, Ended("routing", "signal 9"))) == ["kafka"]


def test_a_second_stop_kills_all_at_once() -> None:
    story = Story().all_run()
    story.at(10, StopAsked())
    assert kills(story.at(10.5, StopAsked())) == ["kafka", "routing", "sink"]
    assert kills(story.at(10.6, StopAsked())) == []
    done = story.at(11, Ended("kafka", "signal 9"), Ended("routing", "signal 9"), Ended("sink", "signal 9"))
    assert stops(done) == []
    assert story.state.is_over


def test_nothing_is_started_while_all_stops() -> None:
    story = Story().all_run()
    story.at(9, Ended("sink", "signal 9"))
    story.at(9.5, StopAsked())
    assert starts(story.at(12)) == []


def test_a_stop_before_anything_runs_ends_at_once() -> None:
    story = Story()
    story.state, _ = policy.decide(story.state, StopAsked(), 0.0)
    assert story.state.is_over
