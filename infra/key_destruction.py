"""Which data keys may be destroyed, and doing it: audited before it is done."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from infra.operator import actor, audit
from pipeline.domain.classes import MAX_VALIDITY_S
from pipeline.errors import ForTheUser
from pipeline.events.schema_store import default_store
from pipeline.kafka.client import Client
from pipeline.keys.destruction import destroy
from pipeline.keys.inventory import KeyEntry, inventory
from pipeline.keys.tombstone import Tombstone
from pipeline.keys.vault import KeyVault
from pipeline.stages.routing.state import CORRECTION_US

NEEDED = timedelta(seconds=max(MAX_VALIDITY_S.values()), microseconds=CORRECTION_US) + timedelta(days=1)
"""How long after the beginning of its day a key may be needed: the day, the longest validity, the late receipts."""

_DAY = timedelta(days=1)
_MS = timedelta(milliseconds=1)


class TooYoung(ForTheUser):
    """Keys of these days may still be needed; the message says up to which day keys may go."""


def latest_before(today: date, *, is_forced: bool) -> date:
    """The latest day that all destroyed keys must be older than.

    Forced: what was accepted may be lost, but never the keys of what lies in sms.submitted yet, without which
    validation stops for everybody.
    """
    if not is_forced:
        return today - NEEDED + _DAY
    unread = max(each.retention_ms for each in default_store().topics() if each.name.startswith("sms.submitted"))
    return today - timedelta(days=-(-unread * _MS // _DAY))


def require_old_enough(before: date, today: date, *, is_forced: bool) -> None:
    """Raise TooYoung unless all days before this one may go."""
    latest = latest_before(today, is_forced=is_forced)
    if before <= latest:
        return
    why = (
        "sms.submitted may still hold messages of later days" if is_forced else "messages of later days may need theirs"
    )
    hint = "" if is_forced else f", or with --force at most {latest_before(today, is_forced=True)}"
    raise TooYoung(f"--before {before}, expected at most {latest}{hint}: {why}")


def chosen(entries: Iterable[KeyEntry], owner: str, before: date) -> list[KeyEntry]:
    """The living data keys of an owner that are older than a day, the oldest first."""
    return [each for each in entries if each.owner == owner and each.kek_id and "" < each.day < before.isoformat()]


def destroy_keys(
    vault: KeyVault, client: Client, entries: Sequence[KeyEntry], *, reason: str, now: datetime
) -> list[KeyEntry]:
    """Destroy these keys of one owner; those that were still there. Raises NotWritten before anything is done."""
    if not entries:
        return []
    owner, days = entries[0].owner, [each.day for each in entries]
    audit(
        client,
        "key.destroy",
        f"{owner}/{days[0]}..{days[-1]}",
        reason=reason,
        detail=" ".join(days),
        account_id=owner,
    )
    tombstone = Tombstone(at=now.astimezone(UTC).isoformat(timespec="seconds"), by=actor(), reason=reason)
    return [each for each in entries if destroy(vault, each.owner, each.day, tombstone)]


def overdue(entries: Iterable[KeyEntry], today: date, keep_days: int) -> list[KeyEntry]:
    """The living data keys whose day is more than so many days ago."""
    oldest = (today - timedelta(days=keep_days)).isoformat()
    return [each for each in entries if each.owner and each.kek_id and each.day < oldest]


def entries_of(vault: KeyVault, owner: str) -> list[KeyEntry]:
    """All keys of a vault, or of one owner."""
    return [each for each in inventory(vault) if owner in ("", each.owner)]
