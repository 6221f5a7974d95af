"""`sluice inspect window`: whether a sending window is open at a moment, and when it opens next."""

from datetime import datetime

import msgspec

from infra.inspecting.kind import CannotAnswer, Kind, Profiles
from pipeline.domain.windows import InvalidTime, moment_of, next_allowed, window_of, zone_of


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """[start, end) by the wall clock, HH:MM or HH:MM:SS; days by ISO number, 1 is Monday, all if not given."""

    start: str
    end: str
    days: list[int] | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A moment (ISO 8601; without offset UTC), a place (IANA zone) and its window."""

    tz: str
    at_utc: str
    window: Hours


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`next_allowed_utc` is the moment asked about if it is allowed, null if no moment ever is."""

    allowed: bool
    local: str
    next_allowed_utc: str | None


def answer(question: Question, _: Profiles) -> Answer:
    """Whether it is open, the local time, and the earliest moment from then on at which it is open."""
    hours = question.window
    try:
        zone, at = zone_of(question.tz), moment_of(question.at_utc)
        window = window_of(hours.start, hours.end, hours.days)
    except InvalidTime as no:
        raise CannotAnswer(no.code, no.detail) from None
    opens = next_allowed([window], zone, at)
    return Answer(
        allowed=opens == at,
        local=at.astimezone(zone).isoformat(),
        next_allowed_utc=None if opens is None else _written(opens),
    )


def _written(moment: datetime) -> str:
    return moment.isoformat().removesuffix("+00:00") + "Z"


KIND = Kind(
    name="window",
    about="Whether a sending window of a place is open at a moment, and when next.",
    question=Question,
    answer=answer,
    argument="at_utc",
    example_in=(
        '{"tz":"Europe/Berlin","at_utc":"2026-03-29T00:30:00Z","window":{"days":[7],"start":"02:30","end":"20:00"}}'
    ),
    example_out=('{"allowed":false,"local":"2026-03-29T01:30:00+01:00","next_allowed_utc":"2026-03-29T01:00:00Z"}'),
)
