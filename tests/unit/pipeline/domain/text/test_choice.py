"""Laws of the reason of an encoding. Source: DOMAIN 1.4, 1.13 - 1.17."""

import pytest

from pipeline.domain.text.choice import Because, choose
from pipeline.domain.text.country_rules import text_rule_of
from pipeline.domain.text.national import candidates
from pipeline.domain.text.segments import Concat, Encoding, ShiftTables, TextTooLong, UnencodableText

FREE = text_rule_of(None)


def test_what_gsm_carries_was_forced_by_nothing() -> None:
    choice = choose("code 4711 €", FREE)
    assert (choice.because, choice.forced_by, choice.extra_parts) == (Because.GSM7, (), 0)


def test_every_occurrence_of_what_forced_is_named_in_code_points() -> None:
    choice = choose("ça 😀 ça", FREE)
    assert (choice.because, choice.forced_by) == (Because.CHARACTERS, [0, 3, 5])


@pytest.mark.parametrize(("length", "extra"), [(69, 0), (70, 1), (133, 1), (134, 2), (159, 2), (160, 1), (305, 3)])
def test_the_cost_is_in_parts_more_than_with_one_septet_each(length: int, extra: int) -> None:
    assert choose("a" * length + "ç", FREE).extra_parts == extra


def test_a_country_forces_whatever_the_characters_and_these_cost_nothing_more() -> None:
    choice = choose("码 4711" * 20, text_rule_of("CN"))
    assert (choice.because, choice.forced_by, choice.extra_parts) == (Because.COUNTRY, list(range(0, 120, 6)), 0)
    choice = choose("a", text_rule_of("CN"))
    assert (choice.cut.encoding, choice.because, choice.forced_by) == (Encoding.UCS2, Because.COUNTRY, [])


def test_a_carriers_charset_forces_what_gsm_would_carry() -> None:
    choice = choose("Δ @ €", FREE, charset="latin1")
    assert (choice.because, choice.forced_by, choice.cut.encoding) == (Because.CARRIER, [0, 4], Encoding.UCS2)
    assert choose("é @", FREE, charset="latin1").because is Because.GSM7
    assert choose("ç", FREE, charset="latin1").because is Because.CHARACTERS  # on the air it would be no GSM-7
    assert choose("a" * 70 + "€", FREE, charset="latin1").extra_parts == 1


def test_tables_need_the_gsm_alphabet_at_the_carrier() -> None:
    assert choose("ş", FREE, national=candidates(("tr",))).because is Because.NATIONAL
    assert choose("ş", FREE, national=candidates(("tr",)), charset="utf8").because is Because.CHARACTERS


def test_with_one_pair_of_tables_what_these_lack_forced() -> None:
    assert choose("şΔè中", FREE, national=[ShiftTables(1, 1)]).forced_by == [2, 3]
    assert choose("şΔè中", FREE, national=[ShiftTables(0, 1)]).forced_by == [3]


def test_with_more_tables_what_all_lack_forced_or_else_what_gsm_lacks() -> None:
    both = candidates(("tr", "hi"))
    assert choose("şि中", FREE, national=both).forced_by == [2]
    assert choose("şि", FREE, national=both).forced_by == [0, 1]


def test_what_cannot_be_sent_is_refused() -> None:
    with pytest.raises(UnencodableText):
        choose("a\x1b", FREE)
    with pytest.raises(TextTooLong):
        choose("a" * 152 * 255 + "a", FREE, concat=Concat.UDH16)
    with pytest.raises(ValueError, match="charset"):
        choose("a", FREE, charset="ebcdic")
