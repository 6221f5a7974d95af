"""Laws of what the carrier brings: stored, then answered; nothing dropped in silence."""

from pathlib import Path
from typing import Any, cast

import pytest
from smpplib import command

from connectors.inbound import Inbound
from connectors.keyring import Keyring
from connectors.on_the_wire import OnTheWire
from connectors.outbox import Outbox
from connectors.receipt_index import ReceiptIndex
from connectors.smpp import pdu
from pipeline.domain import sealing
from pipeline.domain.profiles import CarrierProfile
from pipeline.events.codec import Codec
from pipeline.events.records import ReceiptIndexed, ReceiptReceived, RecordQuarantined, ReplyReceived
from pipeline.keys import PLATFORM, KeyVault
from tests.unit.connectors.fakes import FakeOutbox

RECEIPT = {"esm_class": 4, "source_addr": "8613800138000", "source_addr_ton": 1, "short_message": b"id:77 stat:DELIVRD"}


class Numbering:
    sequence = 1

    def next_sequence(self) -> int:
        return 1


class World:
    def __init__(
        self, home: Path, profile: CarrierProfile | None = None, *, orphans_limit: int = 10, **patience: float
    ) -> None:
        self.vault = KeyVault(home)
        self.outbox = FakeOutbox()
        self.index = ReceiptIndex(2, profile.receipt_ids if profile else "string")
        self.wire = OnTheWire()
        self.out = self.wire.go_out()  # a submit that is not answered yet: its receipt may be ahead of its response
        self.answers: list[int] = []
        self.inbound = Inbound(
            carrier="aurora",
            outbox=cast(Outbox, self.outbox),
            keyring=Keyring(self.vault, Codec()),
            index=self.index,
            durable_within_s=patience.get("durable_within_s", 60),
            patience_s=patience.get("patience_s", 60),
            fatal=lambda error: pytest.fail(str(error)),
            wire=self.wire,
            profile=profile,
            orphans_limit=orphans_limit,
        )

    def deliver(self, **fields: Any) -> bytes:
        body = bytes(command.factory("deliver_sm", client=Numbering(), **fields).generate()[16:])
        self.deliver_octets(body)
        return body

    def deliver_octets(self, body: bytes) -> None:
        self.inbound.on_deliver(pdu.Frame(pdu.DELIVER_SM, 0, 1, body), self.answers.append)


def an_entry(smsc_id: str) -> ReceiptIndexed:
    return ReceiptIndexed(message_id="m", account_id="acme", recipient_id="r", smsc_id=smsc_id, attempt=2, part=3)


def test_a_receipt_is_answered_once_it_is_stored_and_not_before(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.index.add(an_entry("77"))
    world.deliver(**RECEIPT)
    (receipt,) = world.outbox.records(ReceiptReceived)
    assert (receipt.message_id, receipt.recipient_id, receipt.attempt, receipt.part) == ("m", "r", 2, 3)
    assert world.answers == []
    world.outbox.store()
    assert world.answers == [pdu.STATUS_OK]


def test_a_receipt_before_its_acknowledgement_is_found_by_its_phone(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.deliver(**RECEIPT)
    (receipt,) = world.outbox.records(ReceiptReceived)
    assert (receipt.message_id, receipt.smsc_id) == ("", "77")
    assert receipt.recipient_id.startswith("1.")


def test_a_receipt_without_a_phone_waits_for_its_id_and_is_then_stored(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.deliver(**{**RECEIPT, "source_addr": "ACME", "source_addr_ton": 5})
    world.inbound.sweep()
    assert world.outbox.written == []
    world.index.add(an_entry("77"))
    world.inbound.sweep()
    assert [each.key for each in world.outbox.written] == ["r"]
    world.outbox.store()
    assert world.answers == [pdu.STATUS_OK]


HEX_RECEIPTS = CarrierProfile(receipt_ids="2")


def test_a_receipt_in_hex_names_the_part_by_the_id_of_its_response(tmp_path: Path) -> None:
    world = World(tmp_path, HEX_RECEIPTS)
    world.index.add(an_entry("0059113978"))
    world.deliver(**{**RECEIPT, "short_message": b"id:38601FA stat:DELIVRD"})
    (receipt,) = world.outbox.records(ReceiptReceived)
    assert (receipt.message_id, receipt.part, receipt.smsc_id) == ("m", 3, "0059113978")


def test_where_notations_differ_a_receipt_before_its_acknowledgement_waits_for_the_id_of_the_response(
    tmp_path: Path,
) -> None:
    world = World(tmp_path, HEX_RECEIPTS)
    world.deliver(**{**RECEIPT, "short_message": b"id:38601fa stat:DELIVRD"})
    world.inbound.sweep()
    assert (world.outbox.written, world.answers) == ([], [])
    world.index.add(an_entry("59113978"))
    world.inbound.sweep()
    assert [receipt.smsc_id for receipt in world.outbox.records(ReceiptReceived)] == ["59113978"]
    world.outbox.store()
    assert world.answers == [pdu.STATUS_OK]


def test_and_if_none_comes_it_is_stored_by_its_phone_with_its_own_id(tmp_path: Path) -> None:
    world = World(tmp_path, HEX_RECEIPTS, patience_s=0)
    world.deliver(**{**RECEIPT, "short_message": b"id:38601fa stat:DELIVRD"})
    world.inbound.sweep()
    (receipt,) = world.outbox.records(ReceiptReceived)
    assert (receipt.message_id, receipt.smsc_id) == ("", "38601fa")
    assert receipt.recipient_id.startswith("1.")


AHEAD = {**RECEIPT, "short_message": b"id:38601fa stat:DELIVRD"}
NO_PHONE = {**RECEIPT, "source_addr": "ACME", "source_addr_ton": 5}


def test_a_receipt_waits_for_no_response_that_cannot_come(tmp_path: Path) -> None:
    world = World(tmp_path, HEX_RECEIPTS)
    world.wire.answered(world.out)
    world.deliver(**AHEAD)
    assert [receipt.smsc_id for receipt in world.outbox.records(ReceiptReceived)] == ["38601fa"]
    world.deliver(**NO_PHONE)
    assert [record.reason for record in world.outbox.records(RecordQuarantined)] == ["orphan-receipt"]


def test_a_receipt_that_waits_is_stored_with_the_last_response_that_could_bring_its_id(tmp_path: Path) -> None:
    world = World(tmp_path, HEX_RECEIPTS)
    second = world.wire.go_out()
    world.deliver(**AHEAD)
    later = world.wire.go_out()
    world.wire.answered(second)
    assert world.outbox.written == []
    world.index.add(an_entry("59113978"))
    world.wire.answered(world.out)
    assert [receipt.message_id for receipt in world.outbox.records(ReceiptReceived)] == ["m"]
    world.wire.answered(later)
    assert len(world.outbox.written) == 1


def test_receipts_that_wait_are_stored_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    world = World(tmp_path, HEX_RECEIPTS)
    for stat in (b"ENROUTE", b"DELIVRD"):
        world.deliver(**{**RECEIPT, "short_message": b"id:38601fa stat:" + stat})
    world.wire.answered(world.out)
    assert [receipt.stat for receipt in world.outbox.records(ReceiptReceived)] == ["ENROUTE", "DELIVRD"]
    world.outbox.store()
    assert world.answers == [pdu.STATUS_OK] * 2


def test_too_many_receipts_to_hold_are_given_back(tmp_path: Path) -> None:
    world = World(tmp_path, HEX_RECEIPTS, orphans_limit=2)
    for _ in range(3):
        world.deliver(**AHEAD)
    assert world.answers == [pdu.STATUS_TEMPORARY]


def test_after_giving_back_nothing_waits_any_more(tmp_path: Path) -> None:
    world = World(tmp_path, HEX_RECEIPTS)
    world.inbound.give_back()
    world.deliver(**AHEAD)
    world.deliver(source_addr="8613800138000", esm_class=0x40, short_message=b"\x05\x00\x03\x09\x02\x02x")
    assert world.answers == [pdu.STATUS_TEMPORARY] * 2
    world.deliver(**{**RECEIPT, "short_message": b"stat:DELIVRD"})
    assert len(world.outbox.records(ReceiptReceived)) == 1


def test_a_receipt_without_any_id_waits_for_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, HEX_RECEIPTS)
    world.deliver(**{**RECEIPT, "short_message": b"stat:DELIVRD"})
    assert [receipt.smsc_id for receipt in world.outbox.records(ReceiptReceived)] == [""]


def test_a_plain_message_that_looks_like_a_receipt_is_a_reply_unless_the_profile_says_otherwise(tmp_path: Path) -> None:
    plain = {**RECEIPT, "esm_class": 0, "destination_addr": "10690001"}
    forged = World(tmp_path)
    forged.deliver(**plain)
    assert len(forged.outbox.records(ReplyReceived)) == 1
    told = World(tmp_path, CarrierProfile(plain_receipts=True))
    told.deliver(**plain)
    assert len(told.outbox.records(ReceiptReceived)) == 1
    told.deliver(**{**plain, "short_message": b"stop"})
    assert len(told.outbox.records(ReplyReceived)) == 1


def test_an_orphan_is_quarantined_sealed_and_answered(tmp_path: Path) -> None:
    world = World(tmp_path, patience_s=0)
    body = world.deliver(**{**RECEIPT, "source_addr": "ACME", "source_addr_ton": 5})
    world.inbound.sweep()
    (record,) = world.outbox.records(RecordQuarantined)
    assert record.reason == "orphan-receipt"
    key = world.vault.data_key(PLATFORM, record.key_day)
    assert sealing.unseal(key, record.sealed_value, record.caused_by.encode()) == body
    world.outbox.store()
    assert world.answers == [pdu.STATUS_OK]


def test_a_body_that_cannot_be_read_is_quarantined_and_answered(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.deliver_octets(b"\x01\x02")
    assert [record.reason for record in world.outbox.records(RecordQuarantined)] == ["malformed-deliver-sm"]
    world.outbox.store()
    assert world.answers == [pdu.STATUS_OK]


def test_what_kafka_does_not_take_in_time_is_brought_again_and_answered_once(tmp_path: Path) -> None:
    world = World(tmp_path, durable_within_s=0)
    world.deliver(**RECEIPT)
    world.inbound.sweep()
    assert world.answers == [pdu.STATUS_TEMPORARY]


def test_the_parts_of_a_reply_are_answered_together_when_the_whole_is_stored(tmp_path: Path) -> None:
    world = World(tmp_path)
    fields = {"source_addr": "8613800138000", "source_addr_ton": 1, "destination_addr": "10690001", "esm_class": 0x40}
    world.deliver(**fields, short_message=b"\x05\x00\x03\x09\x02\x02op")
    assert (world.outbox.written, world.answers) == ([], [])
    world.deliver(**fields, short_message=b"\x05\x00\x03\x09\x02\x01St")
    (reply,) = world.outbox.records(ReplyReceived)
    assert (reply.keyword, reply.segment_count) == ("STOP", 2)
    world.outbox.store()
    assert world.answers == [pdu.STATUS_OK, pdu.STATUS_OK]


def test_at_the_end_what_waits_is_given_back_to_the_smsc(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.deliver(
        source_addr="8613800138000", source_addr_ton=1, esm_class=0x40, short_message=b"\x05\x00\x03\x09\x02\x02x"
    )
    world.deliver(**{**RECEIPT, "source_addr": "ACME", "source_addr_ton": 5})
    world.inbound.give_back()
    assert world.answers == [pdu.STATUS_TEMPORARY] * 2
    assert world.outbox.written == []


def test_the_index_keeps_the_newest_ids_only(tmp_path: Path) -> None:
    index = ReceiptIndex(2)
    for smsc_id in ("1", "2", "1", "3"):
        index.add(an_entry(smsc_id))
    found = [index.fill_in(ReceiptReceived(smsc_id=smsc_id)).message_id for smsc_id in ("1", "2", "3", "")]
    assert found == ["m", "", "m", ""]


def test_the_index_tells_which_parts_a_predecessor_got_through(tmp_path: Path) -> None:
    index = ReceiptIndex(10)
    index.add(an_entry("7"))
    found = index.of_part("m", 2, 3)
    assert found is not None
    assert found.smsc_id == "7"
    assert index.of_part("m", 2, 1) is index.of_part("m", 1, 3) is None
