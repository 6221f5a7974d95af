"""Which part an SMSC id names: in memory, bounded, the newest ids; the truth is sms.receipt-index.<carrier>.

The log keeps ids as the submit responses wrote them; the keys under which receipts find them are made of these when
they are read, by the carrier's profile of today. So a profile may change, and entries of earlier builds stay good.
"""

from pipeline.domain.smpp.receipt_ids import LENIENT, STRING, Key, keys_of
from pipeline.events.records import ReceiptIndexed, ReceiptReceived


class ReceiptIndex:
    """ReceiptIndexed by SMSC id of one carrier account; past `limit` the oldest go (the phone still finds them).

    `mode` is the profile's `receipt_ids`: how the id of a receipt and that of a response compare.
    """

    def __init__(self, limit: int, mode: str = STRING) -> None:
        self._limit = limit
        self._mode = mode
        self._entries: dict[str, ReceiptIndexed] = {}
        self._by_key: dict[Key, ReceiptIndexed] = {}
        self._by_part: dict[tuple[str, int, int], ReceiptIndexed] | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: ReceiptIndexed) -> None:
        """Remember an id; given again it names the later part (SMSCs use ids again after weeks, DOMAIN 3.7)."""
        self._entries.pop(entry.smsc_id, None)
        self._entries[entry.smsc_id] = entry
        if self._mode != STRING:
            self._by_key.update(dict.fromkeys(keys_of(entry.smsc_id, self._mode, "response"), entry))
        if len(self._entries) > self._limit:
            self._drop(next(iter(self._entries)))

    def of_part(self, message_id: str, attempt: int, part: int) -> ReceiptIndexed | None:
        """The entry of a part, None if the carrier is not known to have taken it. Slow: for the taking over."""
        if self._by_part is None:
            self._by_part = {(each.message_id, each.attempt, each.part): each for each in self._entries.values()}
        return self._by_part.get((message_id, attempt, part))

    def forget_parts(self) -> None:
        """Free what `of_part` made."""
        self._by_part = None

    def fill_in(self, receipt: ReceiptReceived, text_id: str = "") -> ReceiptReceived:
        """The receipt with what the index knows of its id; as it came where it knows nothing.

        `text_id` is the id in the text where the TLV wrote another: it is asked if the TLV's is not known. A receipt
        that is filled in carries the id as the response wrote it, so that whoever joins by it needs no profile.
        """
        entry = self._find(receipt.smsc_id) or (self._find(text_id) if text_id else None)
        if entry is None:
            return receipt
        return ReceiptReceived(
            message_id=entry.message_id,
            account_id=entry.account_id,
            recipient_id=entry.recipient_id,
            occurred_at=receipt.occurred_at,
            carrier=receipt.carrier,
            smsc_id=entry.smsc_id,
            state=receipt.state,
            stat=receipt.stat,
            error_code=receipt.error_code,
            done_at=receipt.done_at,
            attempt=entry.attempt,
            part=entry.part,
        )

    def _find(self, receipt_id: str) -> ReceiptIndexed | None:
        """The entry of a receipt's id. Lenient readings that lead to different parts lead to none: never guess."""
        if self._mode == STRING:
            return self._entries.get(receipt_id) if receipt_id else None
        keys = keys_of(receipt_id, self._mode, "receipt")
        if self._mode != LENIENT:
            return self._by_key.get(keys[0]) if keys else None
        as_written = self._entries.get(receipt_id) or (self._by_key.get(keys[0]) if keys else None)
        if as_written is not None:
            return as_written
        found = {each.smsc_id: each for key in keys[1:] if (each := self._by_key.get(key)) is not None}
        return next(iter(found.values())) if len(found) == 1 else None

    def _drop(self, smsc_id: str) -> None:
        entry = self._entries.pop(smsc_id)
        if self._mode != STRING:
            for key in keys_of(smsc_id, self._mode, "response"):
                if self._by_key.get(key) is entry:  # another notation of it may name a later part
                    del self._by_key[key]


def index_key(carrier: str, smsc_id: str) -> str:
    """The Kafka key of an entry."""
    return f"{carrier}/{smsc_id}"
