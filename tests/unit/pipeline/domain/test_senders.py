"""Laws of sender addresses. Source: DOMAIN 2.18, 4.6."""

import pytest

from pipeline.domain.numbers import InvalidSender, SenderKind, parse_sender


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
