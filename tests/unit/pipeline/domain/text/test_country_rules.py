"""Laws of what countries do to texts. Source: DOMAIN 1.17."""

import pytest

from pipeline.domain.text.country_rules import text_rule_of
from pipeline.domain.text.segments import NO_RESERVE, Reserve


@pytest.mark.parametrize(
    ("country", "force_ucs2", "reserve"),
    [
        ("CN", True, NO_RESERVE),
        ("cn", True, NO_RESERVE),
        ("TR", False, Reserve(suffix=5)),
        ("MY", False, Reserve(prefix=14)),
        ("DE", False, NO_RESERVE),
        ("", False, NO_RESERVE),
        (None, False, NO_RESERVE),
    ],
)
def test_a_country_has_its_rule(country: str | None, force_ucs2: bool, reserve: Reserve) -> None:
    rule = text_rule_of(country)
    assert (rule.force_ucs2, rule.reserve) == (force_ucs2, reserve)
