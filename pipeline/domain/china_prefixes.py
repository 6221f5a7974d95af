"""Which operator first gave out a Chinese mobile number: a hint, since numbers move between operators.

Portability is nationwide since 27 November 2019, so a route is never chosen by this alone. What cannot move are numbers
of resellers, satellites and things. Not every range here gets messages: `numbers` refuses what `phonenumbers` does not
know (146, 148, 149, 1619 and the 13 digits of things, at the time of writing).
Sources: MIIT's table of ranges as of March 2023 (zh.wikisource), DOMAIN 4.8; the operators' portability terms of
14 November 2019 for what cannot move (satellite 1349 174, resale 162 165 167 170 171, things 140-144 146 148 149).
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

COUNTRY_CODE: Final = "+86"
_LENGTH = 11  # digits after the country code
_LENGTH_OF_THINGS = 13


class ChineseOperator(StrEnum):
    """The four operators, and the satellite ranges, which stand apart."""

    MOBILE = "china_mobile"
    UNICOM = "china_unicom"
    TELECOM = "china_telecom"
    BROADNET = "china_broadnet"
    SATELLITE = "satellite"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorHint:
    """Who gave the number out; if it `may_have_ported`, another operator may serve it today."""

    operator: ChineseOperator
    may_have_ported: bool


_RANGES: Final = {
    ChineseOperator.MOBILE: (
        "1340 1341 1342 1343 1344 1345 1346 1347 1348 135 136 137 138 139 147 148 150 151 152 157 158 159 165 "
        "1703 1705 1706 172 178 182 183 184 187 188 195 197 198"
    ),
    ChineseOperator.UNICOM: "130 131 132 145 146 155 156 166 167 1704 1707 1708 1709 171 175 176 185 186 196",
    ChineseOperator.TELECOM: (
        "133 149 153 162 1700 1701 1702 173 17400 17401 17402 17403 17404 17405 177 180 181 189 190 191 193 199"
    ),
    ChineseOperator.BROADNET: "192",
    ChineseOperator.SATELLITE: "1349 17406 17407 17408 17409 1749 1619",
}
PREFIXES: Final = MappingProxyType(
    {prefix: operator for operator, prefixes in _RANGES.items() for prefix in prefixes.split()}
)
"""Operator by the first three to five digits after +86; no prefix is the beginning of another."""

_CANNOT_PORT = ("162", "165", "167", "170", "171", "174", "1349", "1619", "146", "148", "149")


def operator_hint(e164: str) -> OperatorHint | None:
    """Who gave out this number ('+86' and 11 or 13 digits); None if it is of no known Chinese mobile range.

    Numbers of 13 digits belong to things and cannot move, whatever their range.
    """
    if not e164.startswith(COUNTRY_CODE):
        return None
    digits = e164[len(COUNTRY_CODE) :]
    if len(digits) not in (_LENGTH, _LENGTH_OF_THINGS) or not digits.isascii() or not digits.isdecimal():
        return None
    for length in (3, 4, 5):
        operator = PREFIXES.get(digits[:length])
        if operator is not None:
            is_fixed = digits.startswith(_CANNOT_PORT) or len(digits) == _LENGTH_OF_THINGS
            return OperatorHint(operator=operator, may_have_ported=not is_fixed)
    return None
