"""Who may not be written to, as commands: numbers or recipient ids in, `SuppressionChanged` out, audited.

Routing decides and keeps; what holds now is the view `suppressions` in ClickHouse.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from infra.operator import actor, audit, now_us, write_records
from infra.submitting.recipients import NumberInvalid, ids_of
from pipeline.domain.ids import is_name
from pipeline.domain.rules import ANY
from pipeline.domain.senders import InvalidSender, parse_sender
from pipeline.errors import ForTheUser
from pipeline.events import topics
from pipeline.events.records import SuppressionChanged

REASONS = ("opt-out", "complaint", "invalid-number", "legal", "manual", "import")
COLUMNS = ("recipient", "account", "sender", "reason", "includes_otp", "detail")
MAX_TOLD = 20


class SuppressionInvalid(ForTheUser, ValueError):
    """What was given cannot be suppressed; the message says which line and value, and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """`recipient` is a phone number or a recipient id; account and sender may be '*'."""

    recipient: str
    account: str = ANY
    sender: str = ANY
    reason: str = "manual"
    includes_otp: bool = False
    detail: str = ""


def change(
    home: Path, client: Mapping[str, str | int | bool], wanted: Sequence[Suppression], *, is_suppressed: bool
) -> int:
    """Write the commands, after one audit record for all; how many records were written. Repeating it changes nothing.

    Raises SuppressionInvalid before anything is written, NotWritten if Kafka did not take all.
    """
    author, now = actor(), now_us()
    records = []
    for each in wanted:
        _check(each)
        for recipient_id in _recipient_ids(home, each.recipient):
            record = SuppressionChanged(
                account_id=each.account,
                recipient_id=recipient_id,
                occurred_at=now,
                sender=each.sender,
                is_suppressed=is_suppressed,
                includes_otp=each.includes_otp,
                reason=each.reason,
                author=author,
                detail=each.detail,
            )
            records.append((topics.LIFECYCLE, recipient_id, record))
    action = "suppression.add" if is_suppressed else "suppression.remove"
    subject = records[0][1] if len(records) == 1 else f"{len(records)} recipients"
    reason = ", ".join(sorted({each.reason for each in wanted}))
    audit(client, action, subject, reason=reason, detail=wanted[0].detail if len(wanted) == 1 else "")
    write_records(client, records)
    return len(records)


def read_csv(lines: TextIO, defaults: Suppression) -> list[Suppression]:
    """Rows of a CSV with a column `recipient` (or `number`, or `recipient_id`); the others are optional.

    Raises SuppressionInvalid naming bad lines (the first twenty); nothing of the file counts then.
    """
    reader = csv.DictReader(lines)
    columns = reader.fieldnames or ()
    key = next((name for name in ("recipient", "number", "recipient_id") if name in columns), None)
    if key is None:
        # not what stands there: without a header it is somebody's number
        raise SuppressionInvalid("line 1: not a header, expected one of recipient, number, recipient_id as a column")
    found, wrong = [], []
    try:
        for row in reader:
            try:
                found.append(_row(row, key, defaults))
            except SuppressionInvalid as error:
                wrong.append(f"line {reader.line_num}: {error}")
    except csv.Error as error:
        wrong.append(f"line {reader.line_num}: {error}")
    if wrong:
        more = f"\n... and {len(wrong) - MAX_TOLD} more" if len(wrong) > MAX_TOLD else ""
        raise SuppressionInvalid("nothing was changed:\n" + "\n".join(wrong[:MAX_TOLD]) + more)
    return found


def export_sql() -> str:
    """The SELECT whose CSV `read_csv` takes back."""
    return (
        "SELECT recipient_id, account_id AS account, sender, reason, includes_otp, detail "
        "FROM suppressions ORDER BY recipient_id, account_id, sender"
    )


def _row(row: Mapping[str, str | None], key: str, defaults: Suppression) -> Suppression:
    made = Suppression(
        recipient=(row.get(key) or "").strip(),
        account=row.get("account") or defaults.account,
        sender=row.get("sender") or defaults.sender,
        reason=row.get("reason") or defaults.reason,
        includes_otp=_yes(row.get("includes_otp"), defaults.includes_otp),
        detail=row.get("detail") or defaults.detail,
    )
    _check(made)
    return made


def _yes(value: str | None, default: bool) -> bool:
    if not value:
        return default
    if value.lower() in ("1", "true", "yes"):
        return True
    if value.lower() in ("0", "false", "no"):
        return False
    raise SuppressionInvalid(f"includes_otp={value!r}, expected true or false")


def _check(each: Suppression) -> None:
    if not each.recipient:
        raise SuppressionInvalid("no recipient, expected a phone number or a recipient id")
    if each.account != ANY and not is_name(each.account):
        raise SuppressionInvalid(f"account={each.account!r}, expected a name or *")
    if each.reason not in REASONS:
        raise SuppressionInvalid(f"reason={each.reason!r}, expected one of {', '.join(REASONS)}")
    if each.sender != ANY:
        try:
            parse_sender(each.sender)
        except InvalidSender as error:
            raise SuppressionInvalid(f"sender={each.sender!r}: {error}") from error


def _recipient_ids(home: Path, recipient: str) -> Iterator[str]:
    if is_recipient_id(recipient):
        yield recipient
        return
    try:
        yield from ids_of(home, recipient)
    except NumberInvalid as error:
        raise SuppressionInvalid(str(error)) from error


def is_recipient_id(text: str) -> bool:
    """Whether this is '<key generation>.<32 hex digits>'."""
    generation, dot, digest = text.partition(".")
    return dot == "." and generation.isdigit() and len(digest) == 32 and all(c in "0123456789abcdef" for c in digest)
