"""KIND receipt: what one deliver_sm says of a message sent before, read as the connector of a carrier reads it."""

from typing import Annotated

import msgspec

from infra.inspecting.kind import CannotAnswer, Kind, Profiles, profile_of
from pipeline.domain.smpp.receipts import is_receipt, looks_like_receipt, parse_receipt


class Octets(msgspec.Struct, frozen=True, kw_only=True):
    """A short_message that is no text in JSON: its octets in hex."""

    hex: str


class Tlvs(msgspec.Struct, frozen=True, kw_only=True):
    """The TLVs of a receipt; network_error_code in hex."""

    receipted_message_id: str | None = None
    message_state: int | None = None
    network_error_code: str | None = None


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A deliver_sm. Without `esm_class` it is a receipt; `carrier` names a profile; octets may stand in hex."""

    esm_class: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0x04
    short_message: str | Octets | None = None
    short_message_hex: str | None = None
    tlv: Tlvs | None = None
    carrier: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What it says; all null but `is_receipt` where it is none: the text is a subscriber's then."""

    is_receipt: bool
    id: str | None = None
    sub: int | None = None
    dlvrd: int | None = None
    submit_date: str | None = None
    done_date: str | None = None
    stat: str | None = None
    err: str | None = None
    text: str | None = None
    state_class: str | None = None
    text_id: str | None = None
    network_type: int | None = None


_NO_TLVS = Tlvs()
_NO_RECEIPT = Answer(is_receipt=False)


def answer(question: Question, profiles: Profiles) -> Answer:
    """Read it. Raises CannotAnswer: unknown-carrier; invalid-field for what is not hex."""
    profile = profile_of(question.carrier, profiles)
    tlv = question.tlv or _NO_TLVS
    esm_class = question.esm_class
    error_code = tlv.network_error_code
    octets = None if error_code is None else _octets("tlv.network_error_code", error_code)
    short_message = _short_message(question)
    if not is_receipt(esm_class) and not profile.plain_receipts:
        return _NO_RECEIPT
    receipt = parse_receipt(
        short_message,
        receipted_message_id=tlv.receipted_message_id,
        message_state=tlv.message_state,
        network_error_code=octets,
        esm_class=esm_class,
        states=profile.receipt_states,
    )
    if not is_receipt(esm_class) and not looks_like_receipt(esm_class, receipt, tlv.message_state):
        return _NO_RECEIPT
    return Answer(
        is_receipt=True,
        id=receipt.smsc_id or None,
        sub=receipt.sub,
        dlvrd=receipt.dlvrd,
        submit_date=None if receipt.submit_date is None else receipt.submit_date.isoformat(),
        done_date=None if receipt.done_date is None else receipt.done_date.isoformat(),
        stat=receipt.stat or None,
        err=receipt.err or None,
        text=receipt.text,
        state_class=receipt.state.value,
        text_id=receipt.text_id or None,
        network_type=receipt.network_type,
    )


def _short_message(question: Question) -> bytes | str:
    if question.short_message_hex is not None:
        return _octets("short_message_hex", question.short_message_hex)
    given = question.short_message
    if isinstance(given, Octets):
        return _octets("short_message.hex", given.hex)
    return given or ""


def _octets(name: str, written: str) -> bytes:
    digits = written.strip()
    try:
        return bytes.fromhex(digits[2:] if digits[:2] in ("0x", "0X") else digits)
    except ValueError:
        raise CannotAnswer("invalid-field", f"{name}={written[:80]!r}, expected octets in hex") from None


KIND = Kind(
    name="receipt",
    about="What a delivery receipt says: id, dates, state.",
    question=Question,
    answer=answer,
    argument="short_message",
    example_in=(
        '{"esm_class":4,"short_message":"id:0059113978 sub:001 dlvrd:001 submit date:1002101730 '
        'done date:1002101731 stat:DELIVRD err:000 text:hello",'
        '"tlv":{"receipted_message_id":"38601fa","message_state":2,"network_error_code":"030000"}}'
    ),
    example_out=(
        '{"is_receipt":true,"id":"38601fa","sub":1,"dlvrd":1,"submit_date":"2010-02-10T17:30:00",'
        '"done_date":"2010-02-10T17:31:00","stat":"DELIVRD","err":"000","text":"hello","state_class":"delivered",'
        '"text_id":"0059113978","network_type":3}'
    ),
)
