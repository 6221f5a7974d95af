"""Laws of sender addresses. Source: DOMAIN 2.18, 4.6."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.numbers import InvalidSender, SenderKind, parse_sender
from pipeline.domain.senders import bare, skeleton, spelled


@pytest.mark.parametrize(
    ("sender", "kind", "ton", "npi", "address"),
    [
        ("+18446040924", SenderKind.LONG_CODE, 1, 1, "18446040924"),
        ("18446040924", SenderKind.LONG_CODE, 1, 1, "18446040924"),
        ("+2901234", SenderKind.LONG_CODE, 1, 1, "2901234"),
        ("123", SenderKind.SHORT_CODE, 3, 0, "123"),
        ("12345678", SenderKind.SHORT_CODE, 3, 0, "12345678"),
        ("10690001234", SenderKind.SHORT_CODE, 3, 0, "10690001234"),
        ("10690001234567890123", SenderKind.SHORT_CODE, 3, 0, "10690001234567890123"),
        ("Kumo", SenderKind.ALPHANUMERIC, 5, 0, "Kumo"),
        ("AB CD 12345", SenderKind.ALPHANUMERIC, 5, 0, "AB CD 12345"),
        ("Ünal", SenderKind.ALPHANUMERIC, 5, 0, "Ünal"),
    ],
)
def test_a_sender_is_written_as_its_kind(sender: str, kind: SenderKind, ton: int, npi: int, address: str) -> None:
    read = parse_sender(sender)
    assert (read.kind, read.ton, read.npi, read.address) == (kind, ton, npi, address)


@pytest.mark.parametrize(
    "sender",
    ["", "12", "+123", "+0123456789", "1" * 16, "106" + "1" * 18, "ABCDEFGHIJKL", "ABCDEFGHIJ€", "Café ça", "云杉",
     " Kumo", "Kumo ", "Ku\nmo", "Ku\x1bmo", "1-800-555", "12345\n", "+18446040924\n", "١٢٣٤٥"],
)  # fmt: skip
def test_what_no_handset_could_show_is_refused(sender: str) -> None:
    with pytest.raises(InvalidSender) as caught:
        parse_sender(sender)
    assert caught.value.code == "invalid-sender"


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        ("", "empty"),
        ("云杉", "not-gsm7"),
        ("Café ça", "not-gsm7"),
        ("Kumo\x1b", "not-gsm7"),
        ("Ku\nmo", "control-character"),
        ("ABCDEFGHIJKL", "too-long"),
        ("ABCDEFGHIJ€", "too-long"),
        (" Kumo", "outer-blanks"),
        ("Kumo ", "outer-blanks"),
        ("12", "no-letter"),
        ("...", "no-letter"),
        ("€€€€€", "no-letter"),
        ("0800 123", "phone-like"),
        ("+12", "phone-like"),
        ("1" * 16, "phone-like"),
        ("#123#", "phone-like"),
        ("(+44) 79", "phone-like"),
        ("+1-800-FLOWERS", "phone-like"),
        ("1-800-CALL", "phone-like"),
        ("1800CALLME", "phone-like"),
        ("+1Kumo", "phone-like"),
    ],
)
def test_the_finer_word_says_what_is_wrong_with_a_sender(sender: str, reason: str) -> None:
    with pytest.raises(InvalidSender) as caught:
        parse_sender(sender)
    assert (caught.value.code, caught.value.reason) == ("invalid-sender", reason)


@pytest.mark.parametrize(
    "sender", ["1234567890A", "365Bank", "24seven", "800Flowers", "7-Eleven", "A-123-456", "€€€€€A", "kUMO", "O2"]
)
def test_digits_beside_letters_make_no_phone_number(sender: str) -> None:
    assert parse_sender(sender).address == sender


@given(st.from_regex(r"\+?(?:106)?[0-9]{3,15}|[A-Za-z +]{1,11}", fullmatch=True))
def test_a_sender_is_read_again_as_it_was_spelled(sender: str) -> None:
    try:
        read = parse_sender(sender)
    except InvalidSender:
        return
    assert parse_sender(spelled(read)) == read
    assert bare(spelled(read)) == read.address


@pytest.mark.parametrize(
    ("sender", "written"),
    [
        ("+1234567", "+1234567"),
        ("+12345678", "+12345678"),
        ("+10690001234", "+10690001234"),
        ("+123456789", "123456789"),
        ("1234567", "1234567"),
        ("10690001234", "10690001234"),
        ("+ACME", "+ACME"),
    ],
)
def test_a_number_keeps_its_plus_where_it_would_else_be_a_short_code(sender: str, written: str) -> None:
    assert spelled(parse_sender(sender)) == written


PROTECTED = ("PayPal", "Amazon", "Microsoft", "ACME", "Omega Bank")


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("PayPa1", "PayPal"),
        ("PAYPAL", "PayPal"),
        ("Pay-Pal", "PayPal"),
        ("PayPàl", "PayPal"),
        ("PΛYPΛL", "PayPal"),
        ("Arnazon", "Amazon"),
        ("M1cro$0ft", "Microsoft"),
        ("M|cr0soft", "Microsoft"),
        ("ΛCME", "ACME"),
        ("0MEGA 8ANK", "Omega Bank"),
        ("OMEGABANK", "Omega Bank"),
        ("PayPal", "PayPal"),
        ("Kumo", None),
        ("...", None),
    ],
)
def test_a_look_alike_has_the_skeleton_of_the_name_that_it_imitates_and_others_have_none(
    sender: str, name: str | None
) -> None:
    found = [each for each in PROTECTED if skeleton(each) == skeleton(sender)]
    assert found == ([] if name is None else [name])


def test_a_skeleton_has_no_skeleton_but_itself() -> None:
    for name in (*PROTECTED, "Ünal Tæk", "vvrnvv", "$5ß8"):
        assert skeleton(skeleton(name)) == skeleton(name)
