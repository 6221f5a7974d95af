"""Laws of ids. Sources: Kannel's user guide, msg-id-type, and gw/smsc/smsc_smpp.c; DOMAIN 3.3, 3.6."""

import pytest

from pipeline.domain.smpp.receipt_ids import LENIENT, MODES, STRING, canonical_id, is_same_id, keys_of

ALL = sorted(MODES)


@pytest.mark.parametrize(
    ("response", "receipt", "modes"),
    [
        ("0059113978", "38601fa", {"0", "2", LENIENT}),  # one real PDU has both; not all digits is hex, says Kannel
        ("38601fa", "0059113978", {"0", "1", LENIENT}),
        ("59113978", "0059113978", {"0", "3", LENIENT}),
        ("0059113978", "0059113978", {"0", "3", LENIENT, STRING}),
        ("10", "16", {"1", LENIENT}),
        ("16", "10", {"2", LENIENT}),
        ("10", "10", {"0", "3", LENIENT, STRING}),
        ("33E95179", "870928761", {"0", "1", LENIENT}),  # jsmpp issue 56: its id is hex, its receipts are decimal
        ("10C8F40D", "281605133", {"0", "1", LENIENT}),  # jasmin issue 535
        ("04062581461644996000141", "4062581461644996000141", {"0", "3", LENIENT}),  # jasmin issue 424
        (
            "SAR-2347039245475-1eedf843-2-1",
            "SAR-2347039245475-1EEDF843-2-1",
            {"0", "1", "2", "3", LENIENT},
        ),  # jasmin issue 418
        ("abcdef", "ABCDEF", {"0", "1", "2", "3", LENIENT}),
        ("0xFF", "ff", {"0", "1", "2", "3", LENIENT}),
        ("255", "0xFF", {"0", "2", LENIENT}),
        ("550e8400-e29b-41d4-a716-446655440000",) * 2 + ({"0", "1", "2", "3", STRING, LENIENT},),
        ("abc-1", "ABC-1", {"0", "1", "2", "3", LENIENT}),  # case says nothing in hex, so in no numeric mode
        ("abc-1", "0abc-1", {LENIENT}),
        ("7", "8", set()),
        ("7 ", "7", {"0", "1", "2", "3", LENIENT}),
        ("7", " 7\0", {"0", "1", "2", "3", LENIENT}),
        ("0", "000", {"0", "1", "2", "3", LENIENT}),
        ("", "", set()),
        ("", "0", set()),
        (" ", "\0", set()),
    ],
)
def test_ids_match_in_these_modes_and_in_no_other(response: str, receipt: str, modes: set[str]) -> None:
    assert {mode for mode in ALL if is_same_id(response, receipt, mode)} == modes


def test_digits_that_are_not_ascii_are_no_digits() -> None:
    for mode in ALL:
        assert not is_same_id("٧", "7", mode)
        assert not is_same_id("²", "2", mode)
    assert canonical_id("٧", "0", "response") == "٧"


def test_large_ids_are_told_apart_where_kannel_s_64_bits_end() -> None:
    assert not is_same_id("9" * 30, "9" * 29 + "8", "0")
    assert is_same_id("0" + "9" * 30, "9" * 30, "0")
    assert is_same_id(str(int("f" * 40, 16)), "f" * 40, "2")


def test_what_is_longer_than_an_id_can_be_is_text_and_costs_nothing() -> None:
    for mode in ALL:
        assert is_same_id("9" * 1_000_000, "9" * 1_000_000, mode)
        assert not is_same_id("9" * 1_000_000, "8" * 1_000_000, mode)
    assert canonical_id("0" * 65, "0", "receipt") == "0" * 65
    assert canonical_id("0" * 64, "0", "receipt") == 0


@pytest.mark.parametrize("mode", sorted(MODES - {LENIENT}))
def test_outside_the_lenient_mode_one_key_says_it_all(mode: str) -> None:
    for response, receipt in (("0059113978", "38601fa"), ("a", "A"), ("7", "07"), ("x", "x")):
        same = canonical_id(response, mode, "response") == canonical_id(receipt, mode, "receipt")
        assert same is is_same_id(response, receipt, mode)
        assert keys_of(response, mode, "response") == (canonical_id(response, mode, "response"),)
