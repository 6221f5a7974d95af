"""Laws of message texts and user data headers. Source: 3GPP TS 23.040 9.2.3.24; TS 23.038; DOMAIN 1.9 - 1.14."""

from typing import Any

import pytest

from connectors.smpp.dissect.cursor import Cursor
from connectors.smpp.dissect.message import Message, read_message


def read(octets: bytes, *, data_coding: int = 0, esm_class: int = 0) -> Message:
    cursor = Cursor(octets, 0, len(octets))
    message = read_message(cursor, octets, 0, esm_class=esm_class, data_coding=data_coding)
    assert cursor.fault is None
    return message


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [
        (0x00, b"\x00\x1b\x65\x1b\x3c", "@\u20ac["),
        (0x10, b"Hi \x1b\x65", "Hi \u20ac"),
        (0xF1, b"\x7f", "\u00e0"),
        (0xC8, b"\x02", "$"),
        (0x01, b"hi", "hi"),
        (0x03, b"Espa\xf1a", "Espa\u00f1a"),
        (0x06, b"\xb4\xd0", "\u0414\u0430"),
        (0x08, b"\xd8\x3d\xde\x00", "\U0001f600"),
        (0x18, b"\x00A", "A"),
        (0x08, b"\x00A\x00", "A\ufffd"),
        (0x02, b"\x01", None),
        (0x04, b"hi", None),
        (0xF5, b"hi", None),
        (0x24, b"hi", None),
        (0x00, b"", ""),
    ],
)
def test_a_text_is_read_where_data_coding_says_how(data_coding: int, octets: bytes, text: str | None) -> None:
    message = read(octets, data_coding=data_coding)
    assert (message.text, message.udh, message.hex) == (text, None, octets.hex())


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (b"\x00\x03\xd2\x02\x01", {"reference": 0xD2, "total": 2, "sequence": 1}),
        (b"\x08\x04\x04\xd2\x03\x02", {"reference": 0x04D2, "total": 3, "sequence": 2}),
        (b"\x04\x02\xf5\xe2", {"destination_port": 0xF5, "source_port": 0xE2}),
        (b"\x05\x04\x0b\x84\x23\xf0", {"destination_port": 2948, "source_port": 9200}),
        (b"\x24\x01\x01", {"language": 1}),
        (b"\x25\x01\x0d", {"language": 13}),
        (b"\x00\x02\x01\x01", None),
        (b"\x70\x01\xff", None),
        (b"\x70\x00", None),
    ],
)
def test_an_element_is_read_where_its_meaning_is_known(element: bytes, value: dict[str, Any] | None) -> None:
    message = read(bytes([len(element)]) + element + b"x", esm_class=0x40)
    assert message.udh is not None
    assert [(each.id, each.length, each.value) for each in message.udh] == [(element[0], element[1], value)]
    assert message.text == "x"


def test_elements_of_one_header_come_in_order() -> None:
    # WAP push, as seen on the wire: application ports, then concatenation
    message = read(bytes.fromhex("0b05040b8423f00003e10101") + b"\x01", esm_class=0x40, data_coding=0xF5)
    assert [each.id for each in message.udh or ()] == [0x05, 0x00]
    assert message.text is None


def test_national_shift_tables_of_the_header_read_the_text() -> None:
    single_turkish = b"\x03\x24\x01\x01"
    assert read(single_turkish + b"\x1bS", esm_class=0x40).text == "\u015e"
    locking_turkish = b"\x03\x25\x01\x01"
    assert read(locking_turkish + b"\x07", esm_class=0x40).text == "\u0131"


def test_a_language_that_there_is_not_leaves_the_text_unread() -> None:
    assert read(b"\x03\x24\x01\x7fhi", esm_class=0x40).text is None


def test_a_header_is_one_only_where_esm_class_says_so() -> None:
    assert read(b"\x03abc").udh is None
    assert read(b"", esm_class=0x40).udh is None
