"""Laws of words and times. Source: SMPP 3.4 5.2, 7.1.1; 3GPP TS 23.038 4."""

import pytest

from connectors.smpp.dissect import words
from connectors.smpp.dissect.times import in_iso


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("esm_class", 0x00, "default mode"),
        ("esm_class", 0x03, "store and forward"),
        ("esm_class", 0x04, "default mode, delivery receipt"),
        ("esm_class", 0x44, "default mode, delivery receipt, user data header"),
        ("esm_class", 0x20, "default mode, intermediate notification"),
        ("esm_class", 0xC2, "transaction (forward), user data header, reply path"),
        ("registered_delivery", 0x11, "receipt on success and failure, intermediate notification"),
        ("registered_delivery", 0x00, "no receipt"),
        ("registered_delivery", 0x0E, "receipt on failure, delivery acknowledgement, manual acknowledgement"),
        ("data_coding", 0x00, "SMSC default alphabet"),
        ("data_coding", 0x08, "UCS-2"),
        ("data_coding", 0x0F, "reserved"),
        ("data_coding", 0x10, "GSM 7-bit, class 0"),
        ("data_coding", 0x18, "UCS-2, class 0"),
        ("data_coding", 0xF5, "octets, class 1"),
        ("data_coding", 0xF2, "GSM 7-bit, class 2"),
        ("data_coding", 0xC8, "GSM 7-bit, message waiting"),
        ("data_coding", 0x80, "reserved"),
        ("source_addr_ton", 5, "alphanumeric"),
        ("dest_addr_npi", 1, "ISDN (E.163/E.164)"),
        ("esme_addr_npi", 2, "reserved"),
        ("interface_version", 0x33, "3.3 or earlier"),
        ("interface_version", 0x34, "3.4"),
        ("priority_flag", 1, None),
    ],
)
def test_a_number_is_said_in_words(name: str, value: int, said: str | None) -> None:
    assert words.of(name, value) == said


def test_every_octet_has_words() -> None:
    for name in ("esm_class", "registered_delivery", "data_coding", "interface_version", "addr_ton", "addr_npi"):
        assert all(words.of(name, value) for value in range(256))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("261122120000000+", "2026-11-22T12:00:00+00:00"),
        ("261122120000032+", "2026-11-22T12:00:00+08:00"),
        ("150203040506708+", "2015-02-03T04:05:06.700000+02:00"),
        ("261122120000020-", "2026-11-22T12:00:00-05:00"),
        ("000000000500000R", "P0Y0M0DT0H5M0S"),
        ("010203040506000R", "P1Y2M3DT4H5M6S"),
        ("261122120000057+", None),  # no zone is 14 1/4 hours away
        ("260230120000000+", None),
        ("261122120000000", None),
        ("261122120000000r", None),
        ("261122120000000+ ", None),
        ("", None),
    ],
)
def test_a_time_is_said_in_iso_8601(written: str, said: str | None) -> None:
    assert in_iso(written) == said
