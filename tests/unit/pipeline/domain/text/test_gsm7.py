"""Laws of the GSM 7-bit alphabet. Source: 3GPP TS 23.038 6.2.1; DOMAIN 1.1 - 1.3."""

from collections.abc import Callable

import gsm0338
import pytest
import smsutil
from smpplib import gsm as smpplib_gsm

from pipeline.domain.text import gsm7

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


def _octets(encode: Callable[[str], bytes], character: str) -> bytes | None:
    try:
        return encode(character)
    except UnicodeError:
        return None


def _disagreements(encode: Callable[[str], bytes]) -> dict[str, tuple[bytes | None, bytes | None]]:
    found = {}
    for character in map(chr, range(0x10000)):
        ours, theirs = _octets(gsm7.encode_unpacked, character), _octets(encode, character)
        if ours != theirs:
            found[character] = (ours, theirs)
    return found


def test_smpplib_agrees_on_all_of_the_bmp_but_four_characters() -> None:
    assert _disagreements(smpplib_gsm.gsm_encode) == {
        "§": (b"\x5f", None),  # its table has a backtick at 0x5F
        "`": (None, b"\x5f"),
        "\f": (b"\x1b\x0a", None),  # and no form feed
        "\x1b": (None, b"\x1b"),  # and takes the escape for a character
    }


def test_gsm0338_agrees_on_all_of_the_bmp_but_the_escape() -> None:
    codec = gsm0338.Codec()
    assert _disagreements(lambda character: codec.encode(character)[0]) == {"\x1b": (None, b"\x1b")}


def test_smsutil_agrees_on_what_is_gsm_but_for_the_escape() -> None:
    whole = [chr(code) for code in range(0x10000) if not 0xD800 <= code <= 0xDFFF]
    assert [each for each in whole if smsutil.is_valid_gsm(each) != (gsm7.first_foreign(each) is None)] == ["\x1b"]


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
