"""Laws of the GSM 7-bit alphabet. Source: 3GPP TS 23.038 6.2.1; DOMAIN 1.1 - 1.3."""

import pytest
from smpplib import gsm as smpplib_gsm

from pipeline.domain import gsm7

ALL = gsm7.ALPHABET.replace("\x1b", "") + "".join(gsm7.EXTENSION)


def test_the_alphabet_has_127_characters_and_the_extension_ten() -> None:
    assert len(gsm7.ALPHABET) == 128
    assert len(set(gsm7.ALPHABET)) == 128
    assert len(gsm7.EXTENSION) == 10
    assert not set(gsm7.ALPHABET) & set(gsm7.EXTENSION)


@pytest.mark.parametrize(
    ("character", "octets"),
    [
        ("@", b"\x00"),
        ("$", b"\x02"),
        ("_", b"\x11"),
        ("€", b"\x1b\x65"),
        ("\f", b"\x1b\x0a"),
        ("à", b"\x7f"),
        ("Ç", b"\x09"),
    ],
)
def test_characters_stand_where_the_specification_puts_them(character: str, octets: bytes) -> None:
    assert gsm7.encode_unpacked(character) == octets


@pytest.mark.parametrize("character", list("çáíóúêâôãõœ`\t°²•–—…‘’“”¢αβΑΟΚ中😀\u00a0\x1b\x00"))
def test_characters_often_taken_for_gsm_are_foreign(character: str) -> None:
    assert gsm7.septets(f"ab{character}") is None
    assert gsm7.first_foreign(f"ab{character}") == 2
    with pytest.raises(UnicodeEncodeError):
        gsm7.encode_unpacked(character)


def test_every_character_comes_back() -> None:
    assert gsm7.first_foreign(ALL) is None
    assert gsm7.decode_unpacked(gsm7.encode_unpacked(ALL)) == ALL
    assert gsm7.septets(ALL) == 127 + 2 * 10 == len(gsm7.encode_unpacked(ALL))


def test_smpplib_encodes_the_same_wherever_it_knows_the_character() -> None:
    known = [character for character in ALL if character in smpplib_gsm.GSM_CHARACTER_TABLE]
    assert set(ALL) - set(known) == {"§", "\f"}  # its table has a backtick at 0x5F and no form feed
    assert [gsm7.encode_unpacked(character) for character in known] == [
        smpplib_gsm.gsm_encode(character) for character in known
    ]


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"a\x1b", "a "),
        (b"\x1b\x1b", " "),
        (b"\x1b\x1be", " e"),
        (b"\x1bA", "A"),
        (b"\x1b\x65", "€"),
        (b"\x80\xff", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_what_the_wire_should_not_hold_is_read_as_a_handset_would(octets: bytes, text: str) -> None:
    assert gsm7.decode_unpacked(octets) == text
