"""Laws of packed septets. Source: 3GPP TS 23.038 6.1.2.1.1; TS 23.040 9.2.3.24; DOMAIN 1.12."""

import pytest

from pipeline.domain.text.packing import fill_bits, pack, pack_behind, packed_length, unpack


@pytest.mark.parametrize(
    ("septets", "packed"),
    [
        (b"", ""),
        (b"1", "31"),
        (b"12", "3119"),
        (b"1234567", "31d98c56b3dd00"),
        (b"12345678", "31d98c56b3dd70"),
        (b"hellohello", "e8329bfd4697d9ec37"),
        (b"\x1b\x65", "9b32"),
        (b"\x00" * 8, "00" * 7),
        (b"\x7f" * 160, "ff" * 140),
    ],
)
def test_eight_septets_take_seven_octets_low_bits_first(septets: bytes, packed: str) -> None:
    assert pack(septets).hex() == packed
    assert unpack(bytes.fromhex(packed), len(septets)) == septets


@pytest.mark.parametrize(("header", "fill"), [(0, 0), (6, 1), (7, 0), (4, 3), (9, 5), (12, 2)])
def test_the_text_behind_a_header_starts_on_a_septet_boundary(header: int, fill: int) -> None:
    assert fill_bits(header) == fill
    assert (header * 8 + fill) % 7 == 0


def test_one_fill_bit_follows_a_header_of_six_octets() -> None:
    assert pack(b"A", 1).hex() == "82"
    assert pack(b"\x7f" * 153, 1)[-1] == 0xFF
    assert len(pack(b"a" * 153, 1)) == packed_length(153, 1) == 134


@pytest.mark.parametrize(
    ("septets", "header", "packed"),
    [
        (b"1234567", 0, "31d98c56b3dd1a"),  # the eighth septet is a carriage return
        (b"12345678", 0, "31d98c56b3dd70"),
        (b"A", 6, "82"),
        (b"12345678", 6, pack(b"12345678\r", 1).hex()),
        (b"a" * 153, 6, pack(b"a" * 153, 1).hex()),
    ],
)
def test_behind_a_header_no_septet_is_left_over_that_would_read_as_at(septets: bytes, header: int, packed: str) -> None:
    assert pack_behind(septets, header).hex() == packed


@pytest.mark.parametrize("fill", [-1, 7])
def test_a_whole_septet_is_no_fill(fill: int) -> None:
    with pytest.raises(ValueError, match="fill_bits"):
        pack(b"a", fill)
    with pytest.raises(ValueError, match="fill_bits"):
        unpack(b"a", 1, fill)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="no septet"):
        pack(b"\x80")
    with pytest.raises(ValueError, match="do not hold"):
        unpack(b"\x31", 2)
    with pytest.raises(ValueError, match="do not hold"):
        unpack(b"\x31", -1)
