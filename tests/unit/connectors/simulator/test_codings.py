"""Laws of what data_coding 0 may be at an account: other charsets, packed septets, national tables by the header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.simulator import alphabet, national, parts
from connectors.simulator.alphabet import Coding
from connectors.simulator.settings import SettingsError, parse_settings

PACKED = Coding(is_packed=True)
HEADER = parts.concat_header(1, 2, 1)
NATIONAL = bytes.fromhex("03 24 01 01")  # single shift, Turkish
BOTH = bytes.fromhex("06 24 01 03 25 01 03")  # single and locking shift, Portuguese


def read(payload: bytes, coding: Coding = alphabet.USUAL, *, is_headed: bool = False) -> alphabet.Reading:
    part = parts.read_part(payload, parts.UDHI if is_headed else 0, None)
    return parts.reading_of(part, 0, coding)


@pytest.mark.parametrize(
    ("charset", "octets", "text", "fault"),
    [
        ("latin1", b"\xe9@", "é@", ""),
        ("ascii", b"$_@", "$_@", ""),
        ("ascii", b"a\xe9", "a\ufffd", "octet 0xE9 at 1 is not ascii"),
        ("utf8", "é€Ω登".encode(), "é€Ω登", ""),
        ("utf8", b"\xc3", "\ufffd", "octet 0xC3 at 0 is not utf8"),
    ],
)
def test_data_coding_0_is_what_the_account_says(
    charset: alphabet.DefaultCharset, octets: bytes, text: str, fault: str
) -> None:
    assert read(octets, Coding(charset)) == (text, (fault,) if fault else ())


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("e8329bfd06", "hello"),  # the example of every description of 23.038 6.1.2.1
        ("31d98c56b3dd70", "12345678"),
        ("31d98c56b3dd1a", "1234567"),  # a carriage return fills the last octet
        ("31d98c56b3dd00", "1234567@"),
        ("", ""),
    ],
)
def test_packed_septets_are_unpacked(octets: str, text: str) -> None:
    assert read(bytes.fromhex(octets), PACKED) == (text, ())


def test_packed_septets_begin_on_a_septet_behind_a_header() -> None:
    # "hello" behind six octets: one fill bit
    assert read(HEADER + bytes.fromhex("d06536fb0d"), PACKED, is_headed=True).text == "hello"


@given(st.binary(max_size=140), st.integers(0, 6))
def test_any_octets_unpack_into_as_many_septets_as_they_hold(octets: bytes, fill_bits: int) -> None:
    count = max(0, len(octets) * 8 - fill_bits) // 7
    assert len(alphabet.unpack(octets, fill_bits)) in (count, count - 1)


def test_another_data_coding_may_mean_utf16() -> None:
    part = parts.read_part("登录".encode("utf-16-be"), 0, None)
    assert parts.reading_of(part, 0x18, Coding(ucs2=0x18)) == ("登录", ())
    assert parts.reading_of(part, 8, Coding(ucs2=0x18)) == ("登录", ())


def test_a_single_shift_table_stands_in_for_the_extension() -> None:
    assert read(NATIONAL + b"\x1b\x53i\x1b\x65", is_headed=True) == ("Şi€", ())


def test_a_locking_shift_table_stands_in_for_the_alphabet() -> None:
    assert read(BOTH + b"\x0e\x60\x1b\x41", is_headed=True) == ("Á~À", ())


def test_a_table_that_no_handset_has_is_a_fault() -> None:
    reading = read(bytes.fromhex("03 25 01 06") + b"a", is_headed=True)
    assert reading == ("a", ("no locking shift table of language 6 here",))


@pytest.mark.parametrize("language", national.LOCKING)
def test_a_locking_table_has_128_places_and_no_character_twice(language: int) -> None:
    table = national.LOCKING[language]
    assert len(table) == len(set(table)) == 128
    assert table[0x1B] == "\x1b"
    assert table[0x0A] + table[0x0D] == "\n\r"


@pytest.mark.parametrize("language", national.SINGLE)
def test_a_single_table_keeps_the_default_extension(language: int) -> None:
    table = national.SINGLE[language]
    assert len(set(table.values())) == len(table)
    assert table | national.DEFAULT_SINGLE == table


@pytest.mark.parametrize(
    ("coding", "header", "octets", "is_too_long"),
    [
        (Coding("latin1"), b"", b"\xe9" * 160, False),
        (Coding("latin1"), HEADER, b"\xe9" * 154, True),
        (Coding("latin1"), b"", b"[" * 81, True),  # two septets each
        (Coding("utf8"), b"", "é".encode() * 160, False),
        (Coding("utf8"), b"", "登".encode() * 71, True),
        (PACKED, b"", b"x" * 140, False),
        (PACKED, HEADER, b"x" * 134, False),
        (PACKED, HEADER, b"x" * 135, True),
        (alphabet.USUAL, NATIONAL, b"x" * 155, False),
        (alphabet.USUAL, NATIONAL, b"x" * 156, True),
        (alphabet.USUAL, BOTH, b"x" * 153, True),
    ],
)
def test_a_part_is_as_long_as_the_network_carries(
    coding: Coding, header: bytes, octets: bytes, is_too_long: bool
) -> None:
    part = parts.read_part(header + octets, parts.UDHI if header else 0, None)
    assert parts.is_too_long(part, 0, coding) is is_too_long


def test_settings_say_the_coding_and_what_they_may_be() -> None:
    account = {"system_id": "a", "password": "b"}
    given = {"dc0_charset": "gsm", "dc0_packed": True, "ucs2_data_coding": 0x18}
    assert parse_settings({"accounts": [account | given]}).accounts[0].coding == Coding("gsm", True, 0x18)
    assert parse_settings({"accounts": [account]}).accounts[0].coding == alphabet.USUAL
    with pytest.raises(SettingsError, match="dc0_charset='koi8'"):
        parse_settings({"accounts": [account | {"dc0_charset": "koi8"}]})
