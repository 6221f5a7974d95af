"""A life as lines for a person, or as one object for a program. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.reading.fields import fields_of
from infra.reading.life import Life, Step
from infra.reading.question import MANY, Found
from infra.reading.words import words_of
from infra.times import iso_us
from pipeline.events.records import MessageRouted

_TIMES = ("received_at", "final_at", "expires_at")


def lines_of(life: Life) -> Iterator[str]:
    """The head, a line a fact; then the life, a line a record, with what passed since the first and since the last."""
    head = _readable(life)
    width = max(len(name) for name in head)
    for name, value in head.items():
        yield f"{name.replace('_', ' '):<{width}}  {value}"
    yield ""
    rows = [("ms", "+ms", "event", "where", "what")]
    began, before = life.steps[0].at, life.steps[0].at
    for step in life.steps:
        status = getattr(step.record, "status", "")
        event = f"{step.event} {status}" if status else step.event
        rows.append((_ms(step.at - began), _ms(step.at - before), event, step.coordinates, _what(step)))
        rows += [("", "", "", "", f"  {line}") for line in _candidates(step)]
        before = step.at
    yield from _aligned(rows)


def object_of(life: Life) -> dict[str, Any]:
    """The head, and every record with all its fields (what is sealed as its size)."""
    began = life.steps[0].at
    return {
        **_readable(life),
        "steps": [
            {
                "at": iso_us(step.at),
                "ms": (step.at - began) // 1000,
                "event": step.event,
                "topic": step.topic,
                "partition": step.partition,
                "offset": step.offset,
                "words": _what(step),
                "fields": fields_of(step.record) if step.record else {},
            }
            for step in life.steps
        ],
    }


def found_lines(found: Sequence[Found]) -> Iterator[str]:
    """Several messages, a line each, and how to see one of them."""
    rows = [("message", "received", "account", "reference", "status", "class", "country")]
    for each in found[:MANY]:
        facts = (each.account_id, each.reference, each.status, each.message_class, each.country)
        rows.append((each.message_id, iso_us(each.received_at), *facts))
    yield from _aligned(rows)
    number = f"more than {MANY} messages fit, the newest {MANY} are here" if len(found) > MANY else f"{len(found)} fit"
    yield f"{number}. One of them whole: sluice message show {found[0].message_id}"


def found_object(found: Found) -> dict[str, Any]:
    """One message of several."""
    return {
        "message_id": found.message_id,
        "account_id": found.account_id,
        "reference": found.reference,
        "status": found.status,
        "message_class": found.message_class,
        "country": found.country,
        "received_at": iso_us(found.received_at),
    }


def _readable(life: Life) -> Mapping[str, Any]:
    return {name: iso_us(value) if name in _TIMES else value for name, value in life.head.items()}


def _what(step: Step) -> str:
    return words_of(step.record) if step.record else "written by the producer"


def _candidates(step: Step) -> Iterator[str]:
    """Who was considered: a score is shown for who was eligible, since the others have none."""
    if not isinstance(step.record, MessageRouted):
        return
    for each in step.record.candidates:
        yield f"{each.carrier}: {each.reason}" + (f", score {each.score}" if each.is_eligible else "")


def _ms(micros: int) -> str:
    return str(micros // 1000)


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        numbers = [f"{cell:>{width}}" for cell, width in zip(row[:2], widths, strict=False)]
        if rows[0][0] != "ms":
            numbers = [f"{cell:<{width}}" for cell, width in zip(row[:2], widths, strict=False)]
        words = [f"{cell:<{width}}" for cell, width in zip(row[2:], widths[2:], strict=True)]
        yield "  ".join((*numbers, *words)).rstrip()
