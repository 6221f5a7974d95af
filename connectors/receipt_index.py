"""Which part an SMSC id names: in memory, bounded, the newest ids; the truth is sms.receipt-index.<carrier>."""

from pipeline.events.records import ReceiptIndexed, ReceiptReceived


class ReceiptIndex:
    """ReceiptIndexed by SMSC id of one carrier account; past `limit` the oldest go (the phone still finds them)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: dict[str, ReceiptIndexed] = {}
        self._by_part: dict[tuple[str, int, int], ReceiptIndexed] | None = None

    def __len__(self) -> int:
        return len(self._known)

    def add(self, entry: ReceiptIndexed) -> None:
        """Remember an id; given again it names the later part (SMSCs use ids again after weeks, DOMAIN 3.7)."""
        self._known.pop(entry.smsc_id, None)
        self._known[entry.smsc_id] = entry
        if len(self._known) > self._limit:
            del self._known[next(iter(self._known))]

    def of_part(self, message_id: str, attempt: int, part: int) -> ReceiptIndexed | None:
        """The entry of a part, None if the carrier is not known to have taken it. Slow: for the taking over."""
        if self._by_part is None:
            self._by_part = {(each.message_id, each.attempt, each.part): each for each in self._known.values()}
        return self._by_part.get((message_id, attempt, part))

    def forget_parts(self) -> None:
        """Free what `of_part` made."""
        self._by_part = None

    def fill_in(self, receipt: ReceiptReceived) -> ReceiptReceived:
        """The receipt with what the index knows of its id; as it came where it knows nothing."""
        entry = self._known.get(receipt.smsc_id) if receipt.smsc_id else None
        if entry is None:
            return receipt
        return ReceiptReceived(
            message_id=entry.message_id,
            account_id=entry.account_id,
            recipient_id=entry.recipient_id,
            occurred_at=receipt.occurred_at,
            carrier=receipt.carrier,
            smsc_id=receipt.smsc_id,
            state=receipt.state,
            stat=receipt.stat,
            error_code=receipt.error_code,
            done_at=receipt.done_at,
            attempt=entry.attempt,
            part=entry.part,
        )


def index_key(carrier: str, smsc_id: str) -> str:
    """The Kafka key of an entry."""
    return f"{carrier}/{smsc_id}"
