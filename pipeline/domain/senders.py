"""Sender addresses: the kinds of them and how SMPP writes each.

Whether a country or carrier allows a kind is policy and stands in the rules. Sources: SMPP 3.4 5.2.5, 5.2.6;
3GPP TS 23.040 9.1.2.5; DOMAIN 2.18, 4.6 and the CN row of section 5.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pipeline.domain.text import gsm7

LONGEST_ALPHANUMERIC: Final = 11  # septets: 10 octets of address value, packed (23.040 9.1.2.5)

_LONG_CODE = re.compile(r"\+([1-9][0-9]{6,14})|([1-9][0-9]{8,14})")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_CHINESE_PORT = re.compile(r"106[0-9]{5,17}")  # 106x access numbers; 20 digits fill an SMPP address
_LINE_CONTROLS = frozenset("\n\r\f")
_PHONE_LIKE = re.compile(
    r"\s*[(\[]?\+\s*[0-9].*"  # a plus and a digit, whatever follows
    r"|[\s().\[\]/_*#-]*(?:[0-9][\s().\[\]/_*#+-]*){3,}"  # digits and what stands between them, no letter
    r"|(?:[01][-. ]?)?\(?8(?:00|22|33|44|55|66|77|88)\)?[-. ][A-Za-z]{3,}"  # a word on the keypad of a free number
    r"|[01][-. ]?\(?8(?:00|22|33|44|55|66|77|88)\)?[-. ]?[A-Za-z]{3,}",
    re.DOTALL,
)
_LOOKS = str.maketrans("01|!¡i5$§34@7€£¥8ø¤", "olllllssseaatelyboo")
_CAPITALS = str.maketrans("ßΔΛΣΞΘΦΩΓΠΨ", "baaeeooorny")  # before casefold, which would make something else of them


class SenderKind(StrEnum):
    """What a handset shows: a name, a short code (of one country) or a whole number."""

    ALPHANUMERIC = "alphanumeric"
    SHORT_CODE = "short_code"
    LONG_CODE = "long_code"


class InvalidSender(ValueError):
    """No handset could show this sender: reject the message with `code` (stable) and `detail`.

    `reason` is the finer word: empty, not-gsm7, control-character, phone-like, no-letter, too-long, outer-blanks.
    """

    def __init__(self, code: str, detail: str, reason: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.reason = reason or code


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
    letter and without outer blanks, and does not look like a phone number: nobody could call it back. Its case is kept.
    Raises InvalidSender('invalid-sender', ...), whose `reason` is the finer word.
    """
    if _SHORT_CODE.fullmatch(sender) or _CHINESE_PORT.fullmatch(sender):
        return SenderAddress(kind=SenderKind.SHORT_CODE, ton=3, npi=0, address=sender)
    if _LONG_CODE.fullmatch(sender):
        return SenderAddress(kind=SenderKind.LONG_CODE, ton=1, npi=1, address=sender.removeprefix("+"))
    _check_name(sender)
    return SenderAddress(kind=SenderKind.ALPHANUMERIC, ton=5, npi=0, address=sender)


def spelled(sender: SenderAddress) -> str:
    """A sender as `parse_sender` reads it again alike: its address, a number behind '+' if it is like a short code."""
    if sender.kind is SenderKind.LONG_CODE and parse_sender(sender.address).kind is not SenderKind.LONG_CODE:
        return f"+{sender.address}"
    return sender.address


def bare(sender: str) -> str:
    """The address alone of a sender that is `spelled`: a number without '+'. No name begins with '+' and a digit."""
    return sender[1:] if sender.startswith("+") and sender[1:2].isdigit() else sender


def _check_name(sender: str) -> None:
    length = gsm7.septets(sender)
    if not sender:
        raise _unsound("empty", "neither a number, a short code nor a name with a letter")
    if length is None:
        raise _unsound("not-gsm7", "holds characters outside the printable GSM 7-bit alphabet")
    if _LINE_CONTROLS.intersection(sender):
        raise _unsound("control-character", "holds characters outside the printable GSM 7-bit alphabet")
    if _PHONE_LIKE.fullmatch(sender):
        raise _unsound("phone-like", "looks like a phone number and is none: expected '+' and 7-15 digits, or a name")
    if length > LONGEST_ALPHANUMERIC:
        raise _unsound("too-long", f"{length} septets, at most {LONGEST_ALPHANUMERIC} allowed")
    if sender != sender.strip():
        raise _unsound("outer-blanks", "begins or ends with a blank")
    if not any(character.isalpha() for character in sender):
        raise _unsound("no-letter", "neither a number, a short code nor a name with a letter")


def _unsound(reason: str, detail: str) -> InvalidSender:
    return InvalidSender("invalid-sender", detail, reason)


def skeleton(name: str) -> str:
    """What a reader in a hurry sees: two names with one skeleton look alike.

    Case, accents, blanks and punctuation gone; 0 is o; 1, i, | and ! are l; 5 and $ are s; rn is m, vv is w; and the
    Greek capitals of GSM-7 are the Latin letters that they resemble.
    """
    plain = name.translate(_CAPITALS)
    folded = unicodedata.normalize("NFKD", plain.casefold().translate(_LOOKS))
    letters = "".join(character for character in folded if character.isalnum()).translate(_LOOKS)
    return letters.replace("æ", "ae").replace("rn", "m").replace("vv", "w")
