"""Laws of the hint who gave a Chinese number out. Source: DOMAIN 4.8 (MIIT's table to March 2023)."""

import pytest

from pipeline.domain.china_prefixes import PREFIXES, ChineseOperator, operator_hint


@pytest.mark.parametrize(
    ("prefix", "operator", "may_have_ported"),
    [
        ("1340", "china_mobile", True),
        ("1348", "china_mobile", True),
        ("1349", "satellite", False),
        ("138", "china_mobile", True),
        ("147", "china_mobile", True),
        ("145", "china_unicom", True),
        ("186", "china_unicom", True),
        ("133", "china_telecom", True),
        ("199", "china_telecom", True),
        ("192", "china_broadnet", True),
        ("1700", "china_telecom", False),
        ("1703", "china_mobile", False),
        ("1704", "china_unicom", False),
        ("1705", "china_mobile", False),
        ("1709", "china_unicom", False),
        ("171", "china_unicom", False),
        ("162", "china_telecom", False),
        ("165", "china_mobile", False),
        ("167", "china_unicom", False),
        ("17405", "china_telecom", False),
        ("17406", "satellite", False),
        ("1749", "satellite", False),
        ("1619", "satellite", False),
        ("149", "china_telecom", False),
    ],
)
def test_the_range_hints_at_the_operator_and_whether_the_number_can_move(
    prefix: str, operator: str, may_have_ported: bool
) -> None:
    hint = operator_hint("+86" + prefix.ljust(11, "0"))
    assert hint is not None
    assert (hint.operator, hint.may_have_ported) == (operator, may_have_ported)


@pytest.mark.parametrize(
    "e164",
    [
        "+8610065551234",
        "+8616012345678",
        "+8617481234567",
        "+861380013800",
        "+86138001380000",
        "+18446040924",
        "+86",
        "",
    ],
)
def test_there_is_no_hint_where_the_table_has_no_range(e164: str) -> None:
    assert operator_hint(e164) is None


def test_a_number_of_thirteen_digits_belongs_to_a_thing_and_cannot_move() -> None:
    hint = operator_hint("+861461234567890")
    assert hint is not None
    assert not hint.may_have_ported


def test_no_range_lies_within_another() -> None:
    assert not [(a, b) for a in PREFIXES for b in PREFIXES if a != b and a.startswith(b)]
    assert set(PREFIXES.values()) == set(ChineseOperator)
