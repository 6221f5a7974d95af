"""Sender addresses: the kinds of them and how SMPP writes each.

Whether a country or carrier allows a kind is policy and stands in the rules. Sources: SMPP 3.4 5.2.5, 5.2.6;
3GPP TS 23.040 9.1.2.5; DOMAIN 2.18, 4.6 and the CN row of section 5.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipeline.domain import gsm7

LONGEST_ALPHANUMERIC: Final = 11  # septets: 10 octets of address value, packed (23.040 9.1.2.5)

_LONG_CODE = re.compile(r"\+([1-9][0-9]{6,14})|([1-9][0-9]{8,14})")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_CHINESE_PORT = re.compile(r"106[0-9]{5,17}")  # 106x access numbers; 20 digits fill an SMPP address
_LINE_CONTROLS = frozenset("\n\r\f")


class SenderKind(StrEnum):
    """What a handset shows: a name, a short code (of one country) or a whole number."""

    ALPHANUMERIC = "alphanumeric"
    SHORT_CODE = "short_code"
    LONG_CODE = "long_code"


class InvalidSender(ValueError):
    """No handset could show this sender: reject the message with `code` (stable) and `detail`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderAddress:
    """A sender as SMPP's source address: type of number, numbering plan and the address without '+'."""

    kind: SenderKind
    ton: int
    npi: int
    address: str


def parse_sender(sender: str) -> SenderAddress:
    """Read a sender. '+' and 7-15 digits, or 9-15 digits, is a number; 3-8 digits a short code; else a name.

    DOMAIN 2.18 reads 7 and 8 digits both ways; without '+' they are a short code here, since hardly any
    whole international number is that short. China's access numbers (106 and up to 17 digits more, no prefix
    of any country) are short codes of any length. A name is at most 11 septets of GSM-7, printable, with a
    letter and without outer blanks. Raises InvalidSender('invalid-sender', ...).
    """
    if _SHORT_CODE.fullmatch(sender) or _CHINESE_PORT.fullmatch(sender):
        return SenderAddress(kind=SenderKind.SHORT_CODE, ton=3, npi=0, address=sender)
    if _LONG_CODE.fullmatch(sender):
        return SenderAddress(kind=SenderKind.LONG_CODE, ton=1, npi=1, address=sender.removeprefix("+"))
    _check_name(sender)
    return SenderAddress(kind=SenderKind.ALPHANUMERIC, ton=5, npi=0, address=sender)


def _check_name(sender: str) -> None:
    length = gsm7.septets(sender)
    if length is None or _LINE_CONTROLS.intersection(sender):
        raise InvalidSender("invalid-sender", "holds characters outside the printable GSM 7-bit alphabet")
    if not any(character.isalpha() for character in sender):
        raise InvalidSender("invalid-sender", "neither a number, a short code nor a name with a letter")
    if length > LONGEST_ALPHANUMERIC:
        raise InvalidSender("invalid-sender", f"{length} septets, at most {LONGEST_ALPHANUMERIC} allowed")
    if sender != sender.strip():
        raise InvalidSender("invalid-sender", "begins or ends with a blank")
