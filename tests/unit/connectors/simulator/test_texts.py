"""Laws of the simulator's alphabets and of its parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.simulator import alphabet, parts

GSM_CHARACTERS = [c for c in map(chr, range(0x20AD)) if alphabet.gsm_octets(c) is not None]


def test_the_alphabet_has_127_characters_and_10_in_the_extension() -> None:
    lengths = [len(alphabet.gsm_octets(c) or b"") for c in GSM_CHARACTERS]
    assert (lengths.count(1), lengths.count(2)) == (127, 10)


@pytest.mark.parametrize(("character", "octets"), [("@", "00"), ("_", "11"), ("$", "02"), ("€", "1b65"), ("à", "7f")])
def test_known_characters_have_their_septets(character: str, octets: str) -> None:
    assert alphabet.gsm_octets(character) == bytes.fromhex(octets)


@pytest.mark.parametrize("character", ["ç", "`", "\t", "á", "“", "\x1b", "Α"])
def test_look_alikes_are_not_in_the_alphabet(character: str) -> None:
    assert alphabet.gsm_octets(character) is None


@given(st.text(GSM_CHARACTERS))
def test_gsm_text_reads_back(text: str) -> None:
    octets = alphabet.gsm_octets(text)
    assert octets is not None
    assert alphabet.read_text(octets, 0) == (text, ())


@given(st.text())
def test_ucs2_text_reads_back(text: str) -> None:
    reading = alphabet.read_text(text.encode("utf-16-be", "replace"), 8)
    assert reading.text == text.encode("utf-16-be", "replace").decode("utf-16-be")


@given(st.binary(), st.integers(0, 255))
def test_any_octets_read_without_an_exception(octets: bytes, data_coding: int) -> None:
    assert isinstance(alphabet.read_text(octets, data_coding).text, str)


@pytest.mark.parametrize(
    ("octets", "data_coding", "fault"),
    [
        (b"\x80", 0, "not GSM 7-bit"),
        (b"ab\x1b", 0, "a pair was cut"),
        (b"\x1bA", 0, "no such pair"),
        (b"\x00a\x00", 8, "even count"),
        (b"\xd8\x3d", 8, "unpaired surrogate"),
        (b"\xfe\xff\x00a", 8, "byte order mark"),
        (b"\x01", 4, "shown as hex"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(octets: bytes, data_coding: int, fault: str) -> None:
    assert fault in " ".join(alphabet.read_text(octets, data_coding).faults)


def test_the_default_alphabet_can_be_latin1() -> None:
    assert alphabet.read_text(b"\xe9@", 0, "latin1").text == "é@"


@pytest.mark.parametrize(
    ("text", "data_coding", "sizes"),
    [
        ("a" * 160, 0, [160]),
        ("a" * 161, 0, [153, 8]),
        ("a" * 152 + "€" + "b" * 152, 0, [152, 153, 1]),
        ("好" * 70, 8, [140]),
        ("好" * 66 + "😀" + "好" * 66, 8, [132, 134, 2]),
        ("", 0, [0]),
    ],
)
def test_a_reply_is_cut_without_cutting_a_pair(text: str, data_coding: int, sizes: list[int]) -> None:
    coding, cut = alphabet.split_text(text, "auto")
    assert (coding, [len(part) for part in cut]) == (data_coding, sizes)


def test_gsm7_on_demand_refuses_other_characters() -> None:
    with pytest.raises(ValueError, match="expected coding auto or ucs2"):
        alphabet.split_text("好", "gsm7")


@given(st.integers(0, 255), st.integers(1, 255), st.data())
def test_a_header_reads_back(reference: int, total: int, data: st.DataObject) -> None:
    sequence = data.draw(st.integers(1, total))
    part = parts.read_part(parts.concat_header(reference, total, sequence) + b"text", parts.UDHI, None)
    assert (part.reference, part.total, part.sequence, part.octets) == (reference, total, sequence, b"text")


def test_a_16_bit_reference_is_read_beside_other_elements() -> None:
    header = bytes.fromhex("0b 0504 0b84 23f0 0804 1234 02 01")
    part = parts.read_part(bytes((12,)) + header[1:7] + header[7:] + b"x", 0x44, None)
    assert (part.reference, part.total, part.sequence, part.octets) == (0x1234, 2, 1, b"x")


@pytest.mark.parametrize(
    "payload", [b"", b"\x09abc", parts.concat_header(1, 2, 3) + b"x", b"\x05\x00\x09\x01\x01\x01x"]
)
def test_a_broken_header_is_a_fault_and_not_an_exception(payload: bytes) -> None:
    part = parts.read_part(payload, parts.UDHI, None)
    assert (part.reference, part.total) == (None, 1)
    assert part.faults


@given(st.binary(max_size=200))
def test_any_header_is_read(payload: bytes) -> None:
    part = parts.read_part(payload, parts.UDHI, None)
    assert 1 <= part.sequence <= part.total


@pytest.mark.parametrize(
    ("header", "octets", "data_coding", "is_too_long"),
    [
        (b"", 160, 0, False),
        (b"", 161, 0, True),
        (parts.concat_header(1, 2, 1), 153, 0, False),
        (parts.concat_header(1, 2, 1), 154, 0, True),
        (bytes.fromhex("06080400010201"), 152, 0, False),
        (bytes.fromhex("06080400010201"), 153, 0, True),
        (b"", 140, 8, False),
        (parts.concat_header(1, 2, 1), 134, 8, False),
        (parts.concat_header(1, 2, 1), 136, 8, True),
    ],
)
def test_the_capacity_of_a_part_is_that_of_23_040(
    header: bytes, octets: int, data_coding: int, is_too_long: bool
) -> None:
    part = parts.read_part(header + b"x" * octets, parts.UDHI if header else 0, None)
    assert parts.is_too_long(part, data_coding) is is_too_long
