"""The lives of the submitted messages, as their producer sees them, and how each compares with what is expected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.demo.producer import Coordinates
from infra.demo.scenario import Reply, Submission

FINAL = frozenset({"delivered", "failed", "expired", "rejected", "cancelled"})


@dataclass(slots=True, kw_only=True)
class Life:
    """One submission and all that was heard of it. Times in seconds of a monotonic clock."""

    submission: Submission
    is_sent: bool = False
    coordinates: Coordinates | None = None
    logged_at_ms: int = 0
    statuses: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    replies: set[str] = field(default_factory=set)
    reply_sent_at: float | None = None
    started_at: float = 0.0
    ended_at: float = 0.0

    @property
    def last(self) -> Mapping[str, Any]:
        """The newest status, {} before the first."""
        return self.statuses[max(self.statuses)] if self.statuses else {}

    @property
    def message_id(self) -> str:
        return str(self.last.get("message_id", ""))

    @property
    def is_final(self) -> bool:
        return self.last.get("status") in FINAL

    @property
    def is_done(self) -> bool:
        """Final, and its handset's answer was forwarded, if it gives one."""
        reply = self.submission.row.reply
        return self.is_final and (reply is None or reply.means in self.replies)

    @property
    def awaits_reply(self) -> Reply | None:
        """What its handset has to say now, if anything."""
        reply = self.submission.row.reply
        return reply if reply is not None and self.is_final and reply.means not in self.replies else None


class Lives:
    """All lives of one run."""

    def __init__(self, submissions: Iterable[Submission]) -> None:
        self.all = [Life(submission=submission) for submission in submissions]
        self._by_coordinates: dict[Coordinates, Life] = {}
        self._by_message: dict[str, Life] = {}
        self._early: list[Mapping[str, Any]] = []

    @property
    def is_done(self) -> bool:
        return all(life.is_done for life in self.all)

    def of_row(self, row: str) -> list[Life]:
        """The lives of one row of the scenario."""
        return [life for life in self.all if life.submission.row.row == row]

    def ready_to_send(self) -> list[Life]:
        """Those whose earlier rows are done, in order."""
        return [
            life
            for life in self.all
            if not life.is_sent
            and all(earlier.is_done for row in life.submission.row.after for earlier in self.of_row(row))
        ]

    def place(self, life: Life, coordinates: Coordinates, logged_at_ms: int) -> list[tuple[Life, Mapping[str, Any]]]:
        """The delivery report of a submission; returns what was already heard of it."""
        life.coordinates, life.logged_at_ms = coordinates, logged_at_ms
        self._by_coordinates[coordinates] = life
        early, self._early = self._early, []
        return [found for record in early if (found := self.hear(record)) is not None]

    def hear(self, record: Mapping[str, Any]) -> tuple[Life, Mapping[str, Any]] | None:
        """Take a record of a status topic in; None if it is a repeat or nobody's here (yet)."""
        if "status" not in record:
            life = self._by_message.get(str(record["message_id"]))
            if life is None or record["action"] in life.replies:
                return None
            life.replies.add(str(record["action"]))
            return life, record
        place = Coordinates(record["submitted_topic"], record["submitted_partition"], record["submitted_offset"])
        life = self._by_coordinates.get(place)
        if life is None:
            self._early.append(record)
            return None
        self._by_message[str(record["message_id"])] = life
        if record["status_seq"] in life.statuses:
            return None
        life.statuses[record["status_seq"]] = record
        return life, record


def problems_of(life: Life, lives: Lives) -> list[str]:
    """What is not as written: one sentence each, none if all is well."""
    expected, last = life.submission.row.expect, life.last
    if not last:
        return ["no status came"]
    wanted: list[tuple[str, object]] = [("status", expected.status), ("reason", expected.reason)]
    wanted += [("segment_count", expected.parts)] if expected.parts is not None else []
    wanted += [("encoding", expected.encoding)] if expected.encoding is not None else []
    wanted += [("error_code", expected.error_code)] if expected.error_code is not None else []
    found = [f"{name}={last[name]!r}, expected {value!r}" for name, value in wanted if last[name] != value]
    if expected.same_as:
        first = lives.of_row(expected.same_as)[0].message_id
        if last["first_message_id"] != first:
            found.append(f"first_message_id={last['first_message_id']!r}, expected {first!r}")
    if expected.held and not _was_held(lives.of_row(life.submission.row.row)):
        found.append("none of these was held, expected some to wait")
    if not life.is_done and not found:
        found.append("its handset's answer was not forwarded")
    return found


def _was_held(lives: Iterable[Life]) -> bool:
    return any(status["status"] == "held" for life in lives for status in life.statuses.values())


def handset_problems(life: Life, shown: Iterable[Mapping[str, Any]]) -> list[str]:
    """Whether its handset shows the whole text if it was delivered. `shown` is the control API's list."""
    texts = [str(message["text"]) for message in shown if message["complete"]]
    if life.last.get("status") == "delivered" and life.submission.text not in texts:
        return ["delivered, but its handset does not show the text"]
    return []
