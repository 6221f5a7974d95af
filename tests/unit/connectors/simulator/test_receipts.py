"""Laws of receipts: text, TLVs, ids, copies."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.simulator import codes, receipts, wire
from connectors.simulator.records import MoRecord, SubmitRecord
from connectors.simulator.settings import AccountSettings

NOON_MS = 1_700_000_000_000  # 2023-11-14 22:13:20 UTC


def an_account(**more: Any) -> AccountSettings:
    return AccountSettings.model_validate({"system_id": "aurora", "password": "p", **more})


def a_record(**more: Any) -> SubmitRecord:
    facts: dict[str, Any] = {
        "seq": 1,
        "at_ms": NOON_MS,
        "account": "aurora",
        "bind": 1,
        "number": 0x38601FA,
        "source": wire.Address("Brand", 5, 0),
        "destination": wire.Address("8613800138000", 1, 1),
        "payload": b"Your code is 1234 and more of it",
        "state": "DELIVRD",
        "err": "000",
        "due_ms": NOON_MS + 60_000,
        "copies": 1,
        "style": "both",
    }
    return SubmitRecord(**{**facts, **more})


def read(record: SubmitRecord, account: AccountSettings, index: int = 0) -> tuple[wire.Submit, dict[int, bytes]]:
    body = receipts.body_of(receipts.deliveries_of(record)[index], account)
    submit = wire.parse_submit(body)
    start = body.index(submit.payload) + len(submit.payload) if submit.payload else len(body)
    return submit, dict(wire.parse_tlvs(body, start))


def test_a_receipt_has_the_text_of_appendix_b_and_swapped_addresses() -> None:
    submit, tlvs = read(a_record(), an_account())
    assert submit.payload.decode() == (
        "id:59113978 sub:001 dlvrd:001 submit date:2311142213 done date:2311142214 "
        "stat:DELIVRD err:000 text:Your code is 1234 an"
    )
    assert (submit.source.number, submit.destination.number) == ("8613800138000", "Brand")
    assert submit.esm_class == 0x04
    assert tlvs[codes.TLV_RECEIPTED_MESSAGE_ID] == b"59113978\0"
    assert tlvs[codes.TLV_MESSAGE_STATE] == b"\x02"
    assert tlvs[codes.TLV_NETWORK_ERROR_CODE] == b"\x03\x00\x00"


def test_the_id_is_written_in_the_carriers_form() -> None:
    account = an_account(message_id={"response": "hex", "receipt": "decimal-padded"})
    submit, _ = read(a_record(), account)
    assert submit.payload.startswith(b"id:000059113978 ")
    assert receipts.written_id(0x38601FA, account.message_id.response) == "38601fa"


def test_a_vendor_token_is_kept_and_has_no_message_state() -> None:
    submit, tlvs = read(a_record(state="MK:0001", err="EC_5"), an_account())
    assert b"stat:MK:0001 err:EC_5 " in submit.payload
    assert codes.TLV_MESSAGE_STATE not in tlvs
    assert codes.TLV_NETWORK_ERROR_CODE not in tlvs


def test_style_text_has_no_tlvs_and_style_tlv_has_no_text() -> None:
    submit, tlvs = read(a_record(style="text"), an_account())
    assert (submit.payload[:3], tlvs) == (b"id:", {})
    submit, _ = read(a_record(style="tlv"), an_account())
    assert submit.payload == b""


def test_an_intermediate_comes_first_and_copies_have_their_own_keys() -> None:
    record = a_record(intermediate="ACCEPTD", copies=2)
    found = receipts.deliveries_of(record)
    assert [delivery.key for delivery in found] == [f"receipt/{record.number}/{n}" for n in range(3)]
    assert found[0].due_ms < found[1].due_ms
    submit, _ = read(record, an_account())
    assert submit.esm_class == 0x20
    assert b"stat:ACCEPTD" in submit.payload


@pytest.mark.parametrize(
    ("registered", "state", "copies"),
    [
        (0, "DELIVRD", 0),
        (1, "DELIVRD", 2),
        (1, "UNDELIV", 2),
        (2, "DELIVRD", 0),
        (2, "UNDELIV", 2),
        (1, "none", 0),
        (16, "DELIVRD", 0),
    ],
)
def test_a_receipt_comes_only_if_it_was_asked_for(registered: int, state: str, copies: int) -> None:
    assert receipts.copies_wanted(registered, state, 2) == copies


def test_each_part_of_an_mo_has_its_own_reference_which_repeats() -> None:
    record = MoRecord(
        at_ms=1,
        account="aurora",
        number=0xFFFF,
        source="8613800138000",
        destination="12345",
        data_coding=0,
        parts=(b"\x05\0\3\1\2\1a", b"\x05\0\3\1\2\2b"),
        due_ms=1,
    )
    bodies = [receipts.body_of(delivery, an_account()) for delivery in receipts.deliveries_of(record)]
    assert [body[-6:] for body in bodies] == [b"\x02\x04\x00\x02\xff\xff", b"\x02\x04\x00\x02\x00\x00"]
    assert bodies == [receipts.body_of(delivery, an_account()) for delivery in receipts.deliveries_of(record)]
    assert wire.parse_submit(bodies[0]).esm_class == 0x40


@pytest.mark.parametrize(
    ("number", "ton_npi"), [("+8613800138000", (1, 1)), ("12345", (3, 0)), ("Brand", (5, 0)), ("106900011", (1, 1))]
)
def test_the_type_of_number_follows_from_its_shape(number: str, ton_npi: tuple[int, int]) -> None:
    address = receipts.address_of(number)
    assert (address.ton, address.npi) == ton_npi
