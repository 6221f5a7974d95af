"""What a country's operators do to every text: the alphabet they force, the characters they add. Data.

The live policy may name more countries for UCS-2 (`ucs2_countries` of the rules). Korea's EUC-KR without concatenation
is not here: we do not carry it. Source: DOMAIN 1.17.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from pipeline.domain.text.segments import NO_RESERVE, Reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """How texts to one country are written."""

    force_ucs2: bool = False
    reserve: Reserve = NO_RESERVE


RULES: Final[Mapping[str, TextRule]] = MappingProxyType(
    {
        "CN": TextRule(force_ucs2=True),  # plain ASCII counts 70/67 too
        "TR": TextRule(reserve=Reserve(prefix=0, suffix=5)),  # a blank and the operator's code, B0xx
        "MY": TextRule(reserve=Reserve(prefix=14, suffix=0)),  # 'RM0.00 ' and a code before the text
    }
)

_FREE = TextRule()


def text_rule_of(country: str | None) -> TextRule:
    """The rule of an ISO 3166 country, in any case of letters; none is the rule of most."""
    return RULES.get(country.strip().upper(), _FREE) if country else _FREE
