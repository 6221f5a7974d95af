"""Laws of the national language tables. Source: 3GPP TS 23.038 A.2, A.3; DOMAIN 1.14.

The sums are of tables that were compared, cell by cell, with three others (README: agreement).
"""

import zlib
from collections.abc import Mapping

import pytest

from pipeline.domain.text import gsm7
from pipeline.domain.text.national import (
    DEFAULT_TABLES,
    ShiftTables,
    UnknownLanguage,
    alphabet_of,
    candidates,
    identifier_of,
)
from pipeline.domain.text.national_tables import LOCKING, SINGLE

LOCKING_SUMS = {
    1: "a32b5a66", 3: "d809807f", 4: "1ee228c9", 5: "ee24ebee", 6: "f52196f6", 7: "9d18442a", 8: "ddea2579",
    9: "9a241c4b", 10: "b1af659b", 11: "15d2b16e", 12: "73548195", 13: "7ce8df97",
}  # fmt: skip
SINGLE_SUMS = {
    1: "a85d79d3", 2: "63bd74ac", 3: "a2ddbd8a", 4: "5b6ee793", 5: "c42abd2c", 6: "8f9ea3d0", 7: "aaf97d60",
    8: "1e1fc52a", 9: "0b2ffefc", 10: "533bc68b", 11: "9ec8bce0", 12: "631987d3", 13: "954da54e",
}  # fmt: skip
LANGUAGES = ["tr", "es", "pt", "bn", "gu", "hi", "kn", "ml", "or", "pa", "ta", "te", "ur"]
PAIRS = [ShiftTables(locking, single) for locking in (0, *LOCKING) for single in (0, *SINGLE)]


def sums(tables: Mapping[int, str]) -> dict[int, str]:
    return {identifier: f"{zlib.crc32(' '.join(table.split()).encode()):08x}" for identifier, table in tables.items()}


def test_thirteen_languages_have_tables_and_only_spanish_no_locking_one() -> None:
    assert sums(LOCKING) == LOCKING_SUMS
    assert sums(SINGLE) == SINGLE_SUMS
    assert {len(table.split()) for table in LOCKING.values()} == {128}


@pytest.mark.parametrize(
    ("tables", "text", "octets"),
    [
        (ShiftTables(0, 1), "ĞğİışŞç€", "1b471b671b491b691b731b531b631b65"),
        (ShiftTables(1, 0), "ĞğİışŞç€", "0b0c40071d1c6004"),
        (ShiftTables(0, 2), "çÁÍÓÚáíóú€", "1b091b411b491b4f1b551b611b691b6f1b751b65"),
        (ShiftTables(0, 3), "êçÔôÁáÂãõ", "1b051b091b0b1b0c1b0e1b0f1b611b7b1b7c"),
        (ShiftTables(3, 0), "êúíóçÔôÁá^\\€|~`∞ªº", "04060708090b0c0e0f1617181a607d151224"),
        (ShiftTables(3, 3), "ΦΓΩΠΨΣΘ", "1b121b131b151b161b171b181b19"),
        (ShiftTables(4, 4), "বাংলা ০৯", "4050014650201b191b23"),
        (ShiftTables(5, 5), "ગુજરાતી ૯", "17531d44502752201b25"),
        (ShiftTables(6, 6), "हिन्दी।", "4d512f5f2b521b19"),
        (ShiftTables(7, 7), "ಕನ್ನಡಪ೯", "152f5f2f243d1b25"),
        (ShiftTables(8, 8), "മലയാളംൿ", "4246435047011b34"),
        (ShiftTables(9, 9), "ଓଡିଆ୯", "132451041b25"),
        (ShiftTables(10, 10), "ਪੰਜਾਬੀ੯", "3d7b1d5040521b25"),
        (ShiftTables(11, 11), "தமிழ்௮௯", "274251485f1b241b25"),
        (ShiftTables(12, 12), "తెలుగు౬౯", "2758465317531b221b25"),
        (ShiftTables(13, 13), "اردو۔۹", "00251a531b3f1b25"),
    ],
)
def test_characters_stand_where_the_specification_puts_them(tables: ShiftTables, text: str, octets: str) -> None:
    assert alphabet_of(tables).encode(text).hex() == octets
    assert alphabet_of(tables).decode(bytes.fromhex(octets)) == text


@pytest.mark.parametrize("identifier", [identifier for identifier in LOCKING if identifier > 3])
def test_the_indic_tables_have_a_comma_where_one_copy_has_an_apostrophe(identifier: int) -> None:
    assert alphabet_of(ShiftTables(locking=identifier)).encode("().,") == b"\x29\x28\x2e\x2c"


def test_every_character_of_every_pair_of_tables_comes_back() -> None:
    for tables in PAIRS:
        alphabet = alphabet_of(tables)
        text = "".join(sorted(alphabet.characters))
        octets = alphabet.encode(text)
        assert alphabet.decode(octets) == text
        assert alphabet.septets(text) == len(octets)


def test_unassigned_cells_and_controls_are_no_characters() -> None:
    for tables in PAIRS:
        characters = alphabet_of(tables).characters
        assert not characters & {"\x1b", gsm7.REPLACEMENT, "\x00", ""}
        assert {character for character in characters if character < " "} == {"\n", "\r", "\f"}
    bengali = alphabet_of(ShiftTables(locking=4))
    assert bengali.decode(b"\x0c\x11") == gsm7.REPLACEMENT * 2  # unassigned
    assert alphabet_of(ShiftTables(4, 4)).decode(b"\x1b\x61") == "a"  # unassigned after ESC: as without it


def test_without_tables_it_is_the_default_alphabet() -> None:
    assert alphabet_of(DEFAULT_TABLES) is gsm7.DEFAULT
    assert DEFAULT_TABLES.elements == b""


def test_each_table_has_its_element_of_three_octets() -> None:
    assert ShiftTables(13, 4).elements == b"\x25\x01\x0d\x24\x01\x04"


@pytest.mark.parametrize(("locking", "single"), [(2, 0), (14, 0), (-1, 0), (0, 14), (0, -1)])
def test_no_tables_that_do_not_exist(locking: int, single: int) -> None:
    with pytest.raises(UnknownLanguage, match="expected 0"):
        ShiftTables(locking, single)


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        *((name, place) for place, name in enumerate(LANGUAGES, start=1)),
        ("TR", 1), ("ES", 2), ("MX", 2), ("PT", 3), ("BR", 3), ("BD", 4), ("PK", 13), ("13", 13), ("0", 0), (" hi ", 6),
        ("Turkish", 1), ("kannada", 7), ("URDU", 13),
    ],
)  # fmt: skip
def test_a_language_is_known_by_its_code_its_country_or_its_number(name: str, identifier: int) -> None:
    assert identifier_of(name) == identifier


@pytest.mark.parametrize("name", ["", "IN", "xx", "14", "-1", "turkce", "١"])
def test_a_name_that_means_no_one_language_is_refused(name: str) -> None:
    with pytest.raises(UnknownLanguage):
        identifier_of(name)


def test_handsets_with_a_language_read_its_tables_in_every_way() -> None:
    assert candidates(()) == ()
    assert candidates(("tr",)) == (ShiftTables(0, 1), ShiftTables(1, 0), ShiftTables(1, 1))
    assert candidates(("es", "TR", "tr")) == (ShiftTables(0, 2), *candidates(("tr",)))
