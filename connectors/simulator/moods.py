"""A carrier's mood: how it answers a submit and what becomes of the message.

Pure: `decide` takes the mood, the submit's keys and the counts so far, and answers a Verdict. The caller
holds counts, buckets and clock. Chance is a hash of seed and key, so that a script repeats.
The models are also the YAML and the HTTP body (pydantic); units are in the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from connectors.simulator import codes

Per = Literal["message", "number", "mood"]
How = Literal["unheard", "unanswered", "mid-pdu", "answered"]


def _as_range(given: Any) -> Any:
    return (given, given) if isinstance(given, int) and not isinstance(given, bool) else given


def _ordered(pair: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= pair[0] <= pair[1]:
        raise ValueError("expected one number or [low, high] with 0 <= low <= high")
    return pair


def _as_times(given: Any) -> Any:
    return {"first": None} if given is True else None if given is False else given


def _status(given: Any) -> int:
    return codes.status_number(given)


def _state(given: Any) -> Any:
    return "none" if given is None else given


RangeMs = Annotated[tuple[int, int], BeforeValidator(_as_range), AfterValidator(_ordered)]
Status = Annotated[int, BeforeValidator(_status), PlainSerializer(codes.status_name)]
State = Annotated[str, BeforeValidator(_state), Field(pattern=r"^[!-~]{1,20}$")]


class Script(BaseModel):
    """What all written models share: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Times(Script):
    """How often something happens: the `first` submits counted per message, number or mood; None = always."""

    first: Annotated[int, Field(ge=1)] | None = None
    per: Per = "message"


class ErrorRule(Times):
    """Answer with this status instead of taking the submit."""

    status: Status


class Disconnect(Script):
    """Close the connection on a submit, after `after` others, `times` in all (0 = always)."""

    how: How
    after: Annotated[int, Field(ge=0)] = 0
    times: Annotated[int, Field(ge=0)] = 1


class Outcome(Script):
    """One possible end of a message. `state` is the stat: token of its receipt; none = no receipt ever."""

    state: State
    err: Annotated[str, Field(pattern=r"^[!-~]{1,20}$")] = "000"
    weight: Annotated[int, Field(ge=1)] = 1


class ReceiptMood(Script):
    """When, how and with what outcome receipts come."""

    delay_ms: RangeMs = (100, 100)
    before_response: bool = False
    copies: Annotated[int, Field(ge=1, le=10)] = 1
    style: Literal["text", "tlv", "both"] = "both"
    by: Literal["message_id", "number", "content"] = "message_id"
    intermediate: Literal["ENROUTE", "ACCEPTD"] | None = None
    mix: Annotated[tuple[Outcome, ...], Field(min_length=1)] = (Outcome(state="DELIVRD"),)


class Mood(Script):
    """All of a carrier's (or a number's) behaviour towards submits."""

    latency_ms: RangeMs = (0, 0)
    limit_per_s: Annotated[int, Field(ge=0)] = 0
    errors: tuple[ErrorRule, ...] = ()
    silent: Annotated[Times | None, BeforeValidator(_as_times)] = None
    disconnect: Disconnect | None = None
    receipt: ReceiptMood = ReceiptMood()


class Keys(NamedTuple):
    """What a submit is counted and seeded by. `mood` names the mood that holds for it."""

    mood: str
    number: str
    message: str  # a digest of sender, number, part and octets: equal for a resend of the same part
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with one submit. `counted` are the counters to raise by one once it is done."""

    status: int
    latency_ms: int = 0
    answers: bool = True
    disconnect: How | None = None
    counted: tuple[str, ...] = ()


class Fate(NamedTuple):
    """What becomes of a taken message."""

    state: str
    err: str
    delay_ms: int


def inherit(base: Mood, override: Mapping[str, Any]) -> Mood:
    """The mood `base` with what `override` writes; the receipt is inherited field by field.

    Raises pydantic.ValidationError.
    """
    written = base.model_dump(exclude_unset=True)
    receipt = override.get("receipt")
    merged = {**written, **override}
    if isinstance(receipt, Mapping):
        merged["receipt"] = {**written.get("receipt", {}), **receipt}
    return Mood.model_validate(merged)


def chance(seed: int, *keys: str) -> int:
    """A number 0..2^32-1 that depends on nothing but its arguments."""
    return int.from_bytes(blake2b("\0".join((str(seed), *keys)).encode(), digest_size=4).digest(), "big")


def decide(mood: Mood, keys: Keys, counts: Mapping[str, int], *, seed: int, is_over_limit: bool) -> Verdict:
    """Say how a submit is answered, and with what latency.

    The order is: disconnect `unheard`, rate limit, errors as written, then the submit is taken (and perhaps
    not answered, or the connection closed afterwards).
    """
    latency = _between(mood.latency_ms, seed, "latency", keys.message_id, keys.message)
    counted: list[str] = []
    how = _disconnect(mood, keys, counts, counted)
    if how == "unheard":
        return Verdict(status=codes.RSYSERR, disconnect=how, counted=tuple(counted))
    if is_over_limit:
        return Verdict(status=codes.RTHROTTLED, latency_ms=latency, disconnect=how, counted=tuple(counted))
    for index, rule in enumerate(mood.errors):
        if _applies(rule, f"error{index}", keys, counts, counted):
            return Verdict(status=rule.status, latency_ms=latency, disconnect=how, counted=tuple(counted))
    is_silent = mood.silent is not None and _applies(mood.silent, "silent", keys, counts, counted)
    return Verdict(status=codes.OK, latency_ms=latency, answers=not is_silent, disconnect=how, counted=tuple(counted))


def fate(mood: Mood, keys: Keys, *, seed: int) -> Fate:
    """Choose by weight what becomes of a taken message; the same key chooses the same."""
    receipt = mood.receipt
    key = {"message_id": keys.message_id, "number": keys.number, "content": keys.message}[receipt.by]
    delay = _between(receipt.delay_ms, seed, "delay", key)
    if len(receipt.mix) == 1:
        return Fate(receipt.mix[0].state, receipt.mix[0].err, delay)
    point = chance(seed, "mix", key) % sum(outcome.weight for outcome in receipt.mix)
    for outcome in receipt.mix:
        point -= outcome.weight
        if point < 0:
            return Fate(outcome.state, outcome.err, delay)
    raise AssertionError("the weights cover every point")


class Bucket:
    """A limit per second, as a bucket of one second's worth of submits. The caller has the clock (s)."""

    def __init__(self) -> None:
        self._tokens = -1.0
        self._at = 0.0

    def is_over(self, limit_per_s: int, now_s: float) -> bool:
        """Take one submit; True if the limit is exceeded. 0 = no limit."""
        if not limit_per_s:
            return False
        refill = (now_s - self._at) * limit_per_s
        self._tokens = limit_per_s if self._tokens < 0 else min(float(limit_per_s), self._tokens + refill)
        self._at = now_s
        if self._tokens < 1:
            return True
        self._tokens -= 1
        return False


def _disconnect(mood: Mood, keys: Keys, counts: Mapping[str, int], counted: list[str]) -> How | None:
    rule = mood.disconnect
    if rule is None:
        return None
    seen, done = f"{keys.mood}/disconnect/seen", f"{keys.mood}/disconnect/done"
    if counts.get(seen, 0) < rule.after:
        counted.append(seen)
        return None
    if rule.times and counts.get(done, 0) >= rule.times:
        return None
    counted.append(done)
    return rule.how


def _applies(rule: Times, name: str, keys: Keys, counts: Mapping[str, int], counted: list[str]) -> bool:
    """True if the rule holds for this submit; a rule with `first` is counted by its key."""
    if rule.first is None:
        return True
    scope = {"message": keys.message, "number": keys.number, "mood": ""}[rule.per]
    key = f"{keys.mood}/{name}/{scope}"
    if counts.get(key, 0) >= rule.first:
        return False
    counted.append(key)
    return True


def _between(span: tuple[int, int], seed: int, *keys: str) -> int:
    low, high = span
    return low if low == high else low + chance(seed, *keys) % (high - low + 1)
