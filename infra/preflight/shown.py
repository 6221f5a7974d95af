"""Answers in words: one message in full, a row of a file in a line, the summary as tables. Pure."""

from collections.abc import Iterator

import msgspec

from infra.preflight.foreseen import ACCEPTED, Candidate, Foreseen
from infra.preflight.totals import CountryTotal, Summary
from pipeline.domain.money import format_micros
from pipeline.stages.routing.choice import CHOSEN

TOTAL_COLUMNS = ("country", "messages", "parts", "price", "carriers take", "not routed")


def json_line(answer: Foreseen) -> str:
    """One answer as a line of `--json`."""
    return msgspec.json.encode(answer).decode()


def summary_line(summary: Summary) -> str:
    """The last line of `--json`."""
    return msgspec.json.encode({"summary": summary}).decode()


def in_full(answer: Foreseen) -> Iterator[str]:
    """One message, a line for each thing that is known of it."""
    if answer.outcome != ACCEPTED:
        yield f"{answer.outcome}: {answer.reason}: {answer.detail}"
    else:
        yield ", then ".join(answer.statuses)
    for name, value in _facts(answer):
        if value:
            yield f"  {name:<9} {value}"


def in_a_line(answer: Foreseen) -> Iterator[str]:
    """One row of a file, with the codes of its warnings."""
    words = [f"line {answer.line}:", answer.outcome]
    if answer.outcome == ACCEPTED:
        route = answer.carrier or ""
        words += [answer.to or "", answer.country or "", _parts(answer), route, _price(answer)]
        words += [f"[{each}]" for each in _holds(answer)]
    else:
        words += [answer.to or "", f"{answer.reason}: {answer.detail}"]
    if answer.warnings:
        words.append(f"(warnings: {', '.join(each.code for each in answer.warnings)})")
    yield "  ".join(word for word in words if word)


def sentences(summary: Summary) -> Iterator[str]:
    """How many came to which end, and what the answers rest on."""
    if not summary.rows:
        yield "no row to read"
    for each in summary.outcomes:
        end = "" if each.status in ("", each.outcome) else f", {each.status}"
        yield f"{each.rows} {each.outcome}{end}{f': {each.reason}' if each.reason else ''}"
    for code, rows in summary.warnings.items():
        yield f"{rows} with the warning {code}"
    rules = f"revision {summary.revision} of {summary.source}" if summary.revision else summary.source
    yield f"As of {summary.at} by {rules}."
    for words in summary.assumed:
        yield f"Taken for granted: {words}."
    for words in summary.unknown.values():
        yield f"Not known: {words}."


def total_row(total: CountryTotal) -> dict[str, object]:
    """A row of the table of costs."""
    costs = " + ".join(format_micros(micros, currency) for currency, micros in total.costs_micros.items())
    return dict(
        zip(
            TOTAL_COLUMNS,
            (
                total.country,
                total.messages,
                total.segments,
                format_micros(total.price_micros, total.currency),
                costs,
                total.unrouted or "",
            ),
            strict=True,
        )
    )


def _facts(answer: Foreseen) -> Iterator[tuple[str, str]]:
    yield "to", " ".join(filter(None, (answer.to, answer.country, answer.number_type)))
    if answer.sender:
        yield "sender", f"{answer.sender} ({answer.sender_kind})" if answer.sender_kind else answer.sender
    elif answer.carrier:
        yield "sender", "the carrier's own"
    if answer.text is not None and answer.template_id:
        yield "template", f"{answer.template_id}, version {answer.template_version}"
    yield "text", answer.text or ""
    yield "parts", _parts(answer)
    for each in answer.candidates:
        yield "route", _candidate(each)
    yield "price", _price(answer)
    if answer.cost_micros is not None and answer.cost_currency:
        total = format_micros(answer.total_cost_micros or 0, answer.cost_currency)
        yield "cost", f"{total} to {answer.carrier} (tariff {answer.cost_tariff})"
    for hold in _holds(answer):
        yield "hold", hold
    yield "expires", answer.expires_at or ""
    for change in answer.changes:
        yield "changes", f"{change.at} {change.kind} ({change.id}): {change.detail}"
    for advice in answer.warnings:
        yield "warning", f"{advice.code}: {advice.detail}"


def _parts(answer: Foreseen) -> str:
    if answer.encoding is None:
        return ""
    unit = "UTF-16 units" if answer.encoding == "ucs2" else "septets"
    return f"{answer.segment_count} x {answer.encoding} ({answer.units} {unit})"


def _candidate(candidate: Candidate) -> str:
    cost = ""
    if candidate.cost_micros is not None:
        cost = f", {format_micros(candidate.cost_micros, candidate.cost_currency)} a part"
    mark = "->" if candidate.reason == CHOSEN else "  "
    return f"{mark} {candidate.carrier}: {candidate.reason}{cost}"


def _price(answer: Foreseen) -> str:
    if answer.price_micros is None or answer.currency is None:
        return ""
    each, total = answer.price_micros, answer.total_price_micros or 0
    words = format_micros(total, answer.currency)
    if (answer.segment_count or 1) > 1:
        words += f" ({answer.segment_count} parts at {format_micros(each, answer.currency)})"
    return f"{words}, tariff {answer.tariff}"


def _holds(answer: Foreseen) -> Iterator[str]:
    for hold in answer.holds:
        yield f"{hold.reason} until {hold.until}" if hold.until else f"{hold.reason}, nobody knows how long"
