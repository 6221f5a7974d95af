"""Laws of what a deliver_sm means."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.smpp import pdu
from connectors.smpp.deliveries import (
    ReceiptReader,
    RecipientKey,
    Sealer,
    phone_of,
    read_reply_part,
    reply_event,
)
from pipeline.domain import ids, sealing
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.text import gsm7
from pipeline.events.records import ReceiptReceived, ReplyReceived

KEY = b"k" * 32
RECIPIENTS = RecipientKey(key=KEY, generation=1)
SEALER = Sealer(key=b"s" * 64, day="2026-11-22")
PHONE = "+8613800138000"
NOW = 1_700_000_000_000_000
TEXT = (
    b"id:0059113978 sub:001 dlvrd:001 submit date:2611221030 done date:2611221031 "
    b"stat:DELIVRD err:000 text:stat:UNDELIV id:66"
)


def a_deliver(**more: Any) -> pdu.DeliverSm:
    fields: dict[str, Any] = {
        "source_ton": 1,
        "source": "8613800138000",
        "destination": "10690001",
        "short_message": b"hello",
    }
    return pdu.DeliverSm(**{**fields, **more})


def a_reader(**profile: Any) -> ReceiptReader:
    return ReceiptReader(carrier="aurora", recipients=RECIPIENTS, profile=CarrierProfile(**profile))


def a_receipt(reader: ReceiptReader | None = None, **more: Any) -> ReceiptReceived:
    deliver = a_deliver(**{"esm_class": 0x04, "short_message": TEXT, **more})
    incoming = (reader or a_reader()).read(deliver, now=NOW)
    assert incoming is not None
    return incoming.event


def a_reply(*delivers: pdu.DeliverSm) -> ReplyReceived:
    parts = [read_reply_part(each) for each in delivers]
    return reply_event(parts, carrier="aurora", recipients=RECIPIENTS, sealer=SEALER, now=NOW)


def unsealed(reply: ReplyReceived) -> str:
    return sealing.unseal(SEALER.key, reply.sealed_text, reply.recipient_id.encode()).decode()


@pytest.mark.parametrize(
    ("esm_class", "expected"), [(0x04, True), (0x44, True), (0x20, True), (0x00, False), (0x40, False), (0x08, False)]
)
def test_a_receipt_is_known_by_its_type_bits_alone(esm_class: int, expected: bool) -> None:
    found = a_reader().read(a_deliver(esm_class=esm_class, short_message=TEXT), now=NOW)
    assert (found is not None) is expected


def test_a_plain_message_is_a_receipt_only_of_a_carrier_whose_profile_says_so_and_if_it_has_an_id_and_a_state() -> None:
    reader = a_reader(plain_receipts=True)
    assert a_receipt(reader, esm_class=0).smsc_id == "0059113978"
    tlvs = {pdu.TLV_RECEIPTED_MESSAGE_ID: b"7\0", pdu.TLV_MESSAGE_STATE: b"\x02"}
    assert a_receipt(reader, esm_class=0, short_message=b"7 2", tlvs=tlvs).state == "delivered"
    for text in (b"stop", b"id:7", b"stat:DELIVRD", b"text:id:7 stat:DELIVRD"):
        assert reader.read(a_deliver(short_message=text), now=NOW) is None
    assert reader.read(a_deliver(esm_class=0x08, short_message=TEXT), now=NOW) is None


def test_dates_without_an_offset_stand_in_the_carriers_zone() -> None:
    shanghai = a_reader(receipt_zone="Asia/Shanghai")
    expected = datetime(2026, 11, 22, 2, 31, tzinfo=UTC)
    assert a_receipt(shanghai).done_at == int(expected.timestamp()) * 1_000_000
    aware = TEXT.replace(b"2611221031", b"261122103100004-")
    assert a_receipt(shanghai, short_message=aware).done_at == int(expected.timestamp() + 9 * 3600) * 1_000_000
    assert a_receipt(shanghai, short_message=b"id:7 done date:00010101000000").done_at == 0


def test_a_profile_says_what_the_carriers_own_states_mean() -> None:
    reader = a_reader(receipt_states={"MK:*": "rejected"})
    assert a_receipt(reader, short_message=b"id:7 stat:MK:0001").state == "rejected"


def test_the_id_of_the_text_is_kept_where_the_tlv_writes_another() -> None:
    reader = a_reader()
    both = reader.read(
        a_deliver(esm_class=4, short_message=TEXT, tlvs={pdu.TLV_RECEIPTED_MESSAGE_ID: b"38601fa\0"}), now=NOW
    )
    same = reader.read(a_deliver(esm_class=4, short_message=TEXT), now=NOW)
    assert both is not None
    assert same is not None
    assert (both.event.smsc_id, both.text_id, same.text_id) == ("38601fa", "0059113978", "")


@pytest.mark.parametrize("state", [b"", b"\x02\x02", b"\x63"])
def test_a_malformed_state_leaves_it_to_the_text(state: bytes) -> None:
    assert a_receipt(short_message=b"id:7 stat:UNDELIV", tlvs={pdu.TLV_MESSAGE_STATE: state}).state == "failed"


def test_the_header_of_a_receipt_is_passed_over() -> None:
    receipt = a_receipt(esm_class=0x44, short_message=b"\x05\x00\x03\x84\x01\x01" + TEXT)
    assert (receipt.smsc_id, receipt.stat) == ("0059113978", "DELIVRD")


def test_a_receipt_names_the_phone_by_its_keyed_hash_and_the_part_by_the_carriers_id() -> None:
    receipt = a_receipt()
    assert receipt.recipient_id == ids.recipient_id(KEY, 1, PHONE)
    assert (receipt.smsc_id, receipt.state, receipt.stat) == ("0059113978", "delivered", "DELIVRD")
    assert receipt.done_at == int(datetime(2026, 11, 22, 10, 31, tzinfo=UTC).timestamp()) * 1_000_000
    assert (receipt.message_id, receipt.attempt, receipt.part, receipt.occurred_at) == ("", 0, 0, NOW)


def test_tlvs_win_over_the_text_of_a_receipt() -> None:
    tlvs = {
        pdu.TLV_RECEIPTED_MESSAGE_ID: b"38601fa\0",
        pdu.TLV_MESSAGE_STATE: b"\x05",
        pdu.TLV_NETWORK_ERROR: b"\x03\x00\x1b",
    }
    receipt = a_receipt(tlvs=tlvs)
    assert (receipt.smsc_id, receipt.state, receipt.error_code) == ("38601fa", "failed", "027")


def test_an_intermediate_notification_is_never_final_whatever_it_says() -> None:
    assert a_receipt(esm_class=0x20).state == "intermediate"


def test_a_receipt_from_no_phone_names_no_recipient() -> None:
    assert a_receipt(source="ACME", source_ton=5).recipient_id == ""


@pytest.mark.parametrize(
    ("ton", "address", "phone"),
    [
        (1, "8613800138000", PHONE),
        (1, "+8613800138000", PHONE),
        (0, "008613800138000", PHONE),
        (5, "8613800138000", None),
        (3, "8613800138000", None),
        (1, "10086", None),
        (1, "", None),
        (1, "12345678901234567", None),
    ],
)
def test_an_address_is_a_phone_only_if_it_can_be_one(ton: int, address: str, phone: str | None) -> None:
    assert phone_of(ton, address) == phone


def test_only_a_keyword_that_is_the_whole_text_is_in_the_clear() -> None:
    stop = a_reply(a_deliver(short_message=b" Stop! "))
    assert (stop.action, stop.keyword, stop.country) == ("opt_out", "STOP", "CN")
    other = a_reply(a_deliver(short_message=b"stop by tomorrow"))
    assert (other.action, other.keyword) == ("", "")
    assert b"tomorrow" not in other.sealed_text
    assert unsealed(other) == "stop by tomorrow"
    assert (other.recipient_id, other.destination, other.key_day) == (stop.recipient_id, "10690001", "2026-11-22")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"please stop texting me", ("", "", True)),
        (b"STOP", ("opt_out", "STOP", False)),
        (b"help", ("help", "HELP", False)),
        (b"stop by tomorrow", ("", "", False)),
    ],
)
def test_a_free_wish_is_marked_for_a_person_and_says_no_more_in_the_clear(
    text: bytes, expected: tuple[str, str, bool]
) -> None:
    reply = a_reply(a_deliver(short_message=text))
    assert (reply.action, reply.keyword, reply.needs_review) == expected


def test_parts_are_joined_before_decoding_so_that_a_pair_may_be_cut() -> None:
    octets = "好🙂".encode("utf-16-be")
    first, second = (
        a_deliver(esm_class=0x40, data_coding=8, short_message=bytes((5, 0, 3, 9, 2, n)) + piece)
        for n, piece in ((1, octets[:4]), (2, octets[4:]))
    )
    reply = a_reply(first, second)
    assert unsealed(reply) == "好🙂"
    assert (reply.encoding, reply.segment_count) == ("ucs2", 2)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"esm_class": 0x40, "short_message": b"\x05\x00\x03\x09\x02\x01ab"}, (9, 2, 1)),
        ({"esm_class": 0x40, "short_message": b"\x06\x08\x04\x01\x02\x03\x02ab"}, (258, 3, 2)),
        ({"esm_class": 0x40, "short_message": b"\x09\x24\x01\x01\x00\x03\x09\x02\x02ab"[:10] + b"ab"}, (9, 2, 2)),
        ({"esm_class": 0x40, "short_message": b"\x05\x00\x03\x09\x02\x07ab"}, (0, 1, 1)),
        ({"esm_class": 0x40, "short_message": b"\xff\x00\x03"}, (0, 1, 1)),
        (
            {
                "tlvs": {
                    pdu.TLV_SAR_REFERENCE: b"\x01\x00",
                    pdu.TLV_SAR_TOTAL: b"\x02",
                    pdu.TLV_SAR_SEQUENCE: b"\x02",
                }
            },
            (256, 2, 2),
        ),
        ({}, (0, 1, 1)),
    ],
)
def test_concatenation_is_read_from_header_or_tlvs_and_nonsense_is_a_whole(
    more: dict[str, Any], expected: tuple[int, int, int]
) -> None:
    part = read_reply_part(a_deliver(**more))
    assert (part.reference, part.total, part.sequence) == expected


def test_a_header_that_is_announced_and_not_there_costs_no_opt_out() -> None:
    reply = a_reply(a_deliver(esm_class=0x40, short_message=b"STOP"))
    assert (reply.keyword, unsealed(reply)) == ("STOP", "STOP")


@pytest.mark.parametrize("done", [b"00010101000000", b"99991231235959", b"691231235959756+", b"681231235959756-"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_the_ends_of_time_are_moments_too(done: bytes, zone: str) -> None:
    receipt = a_receipt(a_reader(receipt_zone=zone), short_message=b"id:7 stat:DELIVRD done date:" + done)
    assert receipt.done_at >= 0


def test_the_carriers_reference_tells_repeats_of_a_reply_apart() -> None:
    one = a_deliver(tlvs={pdu.TLV_USER_MESSAGE_REFERENCE: b"\x02\x01"})
    assert a_reply(one).carrier_reference == "513"
    assert a_reply(one, one).carrier_reference == "513-513"
    assert a_reply(one, a_deliver()).carrier_reference == ""


def test_a_long_text_may_come_in_the_payload_and_a_stranger_still_has_an_id() -> None:
    payload = a_deliver(source="OPERATOR", source_ton=5, short_message=b"", tlvs={pdu.TLV_MESSAGE_PAYLOAD: b"x" * 300})
    reply = a_reply(payload)
    assert len(unsealed(reply)) == 300
    assert (reply.country, reply.recipient_id) == ("", RECIPIENTS.of_stranger("OPERATOR"))


@given(
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=40),
    st.dictionaries(st.sampled_from([0x1E, 0x204, 0x20C, 0x20E, 0x20F, 0x423, 0x424, 0x427]), st.binary(max_size=5)),
)
def test_nothing_that_a_phone_or_an_smsc_sends_raises(
    esm_class: int, data_coding: int, octets: bytes, tlvs: dict[int, bytes]
) -> None:
    deliver = a_deliver(esm_class=esm_class, data_coding=data_coding, short_message=octets, tlvs=tlvs)
    for reader in (a_reader(), a_reader(plain_receipts=True, receipt_zone="Asia/Shanghai", receipt_ids="lenient")):
        reader.read(deliver, now=NOW)
    a_reply(deliver)


def test_default_alphabet_text_is_gsm7() -> None:
    assert unsealed(a_reply(a_deliver(short_message=gsm7.encode_unpacked("@€ñ")))) == "@€ñ"
