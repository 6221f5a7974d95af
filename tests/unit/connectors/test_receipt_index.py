"""Laws of the receipt index: whatever notation a receipt writes, its part is found, and never another one."""

import pytest

from connectors.receipt_index import ReceiptIndex
from pipeline.events.records import ReceiptIndexed, ReceiptReceived


def an_index(mode: str, *ids: str, limit: int = 10) -> ReceiptIndex:
    index = ReceiptIndex(limit, mode)
    for smsc_id in ids:
        index.add(ReceiptIndexed(message_id=f"m-{smsc_id}", recipient_id="r", smsc_id=smsc_id, attempt=1, part=1))
    return index


def found(index: ReceiptIndex, smsc_id: str, text_id: str = "") -> tuple[str, str]:
    filled = index.fill_in(ReceiptReceived(smsc_id=smsc_id), text_id)
    return filled.message_id, filled.smsc_id


@pytest.mark.parametrize(
    ("mode", "response", "receipt"),
    [
        ("string", "0059113978", "0059113978"),
        ("0", "0059113978", "59113978"),
        ("1", "38601FA", "0059113978"),
        ("2", "0059113978", "38601fa"),
        ("3", "038601fa", "38601FA"),
        ("lenient", "0059113978", "38601fa"),
        ("lenient", "38601fa", "59113978"),
        ("lenient", "SAR-1eed-2", "SAR-1EED-2"),
    ],
)
def test_a_receipt_finds_its_part_and_takes_the_id_of_the_response(mode: str, response: str, receipt: str) -> None:
    assert found(an_index(mode, "1", response, "2"), receipt) == (f"m-{response}", response)


def test_what_nobody_indexed_keeps_its_own_id() -> None:
    for mode in ("string", "0", "2", "lenient"):
        assert found(an_index(mode, "1"), "77") == ("", "77")
        assert found(an_index(mode, "1"), "") == ("", "")


def test_the_id_in_the_text_is_asked_where_the_tlv_writes_one_that_is_not_known() -> None:
    assert found(an_index("string", "0059113978"), "38601fa", "0059113978") == ("m-0059113978", "0059113978")
    assert found(an_index("string", "38601fa", "0059113978"), "38601fa", "0059113978") == ("m-38601fa", "38601fa")


def test_a_profile_of_hex_does_not_take_the_digits_of_another_id_for_its_own() -> None:
    index = an_index("2", "10", "16")
    assert found(index, "10") == ("m-16", "16")
    assert found(index, "16") == ("", "16")


def test_the_lenient_mode_takes_the_id_as_written_first_and_never_guesses_between_two() -> None:
    assert found(an_index("lenient", "10", "16"), "10") == ("m-10", "10")
    assert found(an_index("lenient", "16"), "10") == ("m-16", "16")
    assert found(an_index("lenient", "16", "A"), "10") == ("", "10")


@pytest.mark.parametrize("mode", ["string", "0", "2", "lenient"])
def test_the_oldest_go_with_all_their_keys(mode: str) -> None:
    index = an_index(mode, *map(str, range(100, 160)), limit=5)
    assert len(index) == 5
    assert len(index._by_key) <= 15
    assert found(index, "100" if mode != "2" else "64") == ("", "100" if mode != "2" else "64")
    assert found(index, "159" if mode != "2" else "9f")[0] == "m-159"


def test_an_id_that_comes_again_in_another_notation_names_the_later_part_until_that_goes() -> None:
    index = an_index("0", "7", "007", limit=2)
    assert found(index, "7") == ("m-007", "007")
    index.add(ReceiptIndexed(message_id="m-8", smsc_id="8"))
    assert found(index, "7") == ("m-007", "007")
    index.add(ReceiptIndexed(message_id="m-9", smsc_id="9"))
    assert found(index, "7") == ("", "7")
