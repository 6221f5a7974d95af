"""Phone numbers: whom a message goes to, and whom it says it is from.

Parsing and validity are Google's metadata as packaged in `phonenumbers`; its version is part of a decision's
facts, so a replay under another one may differ and must say so. No error text holds a number in the clear.
Sources: ITU-T E.164; DOMAIN 2.18, 4.1 - 4.6.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from pipeline.domain.ids import mask_number, number_prefix
from pipeline.domain.senders import InvalidSender, SenderAddress, SenderKind, parse_sender

__all__ = [
    "SANDBOX_NUMBER",
    "InvalidNumber",
    "InvalidSender",
    "Recipient",
    "SenderAddress",
    "SenderKind",
    "parse_recipient",
    "parse_sender",
    "read_number",
]

SANDBOX_NUMBER: Final = "+18446040924"
"""The test number: always simulated, never sent to a real carrier, never billed (DOMAIN 4.2)."""

_LONGEST_INPUT = 64  # formatted numbers stay far below; more is an attack on the parser
_PUNCTUATION = frozenset(
    "+().-/[]\u2053\u2212\u30fc"
)  # what phonenumbers skips, less 'x' and '~': they begin extensions
_REFUSED_TYPES = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
_ACCEPTED_TYPES = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",  # the normal type in the US and Mexico
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal_number",
}
_SHORT = range(3, 9)  # digits of a short code (DOMAIN 4.5)
_REGION = re.compile(r"[A-Z]{2}")
_MEXICAN_TRUNK = re.compile(r"1([0-9]{10})")
_URI = re.compile(r"(?:tel|sms|smsto|callto|whatsapp|sip)\s*:|.*;\s*(?:ext|isub|phone-context)\s*=", re.IGNORECASE)
_EXTENSION = re.compile(r".*\d[\s,.)]*(?:e?xt(?:ensi[oó]n?|n)?|anexo|int|x|#|~|доб)\W*\d{1,9}\W*", re.IGNORECASE)
_BRACKETED_PLUS = re.compile(r"[(\[\s]+(?=\+)")


class InvalidNumber(ValueError):
    """No short message can go there: reject it with `code`, which is stable, and `detail`, for a person."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A number that may get a message. `prefix` is all of it that may be seen outside sealed fields."""

    e164: str
    """'+' and digits."""
    region: str
    """ISO 3166 alpha-2; '001' for numbers of no country, such as +800."""
    country_code: int
    number_type: str
    """mobile, fixed_line_or_mobile, toll_free, voip, personal_number; another only where `read_number` gave it."""
    prefix: str
    """`e164` without its last four digits."""


def parse_recipient(raw: str, default_region: str | None) -> Recipient:
    """Read what a producer wrote as a phone number that a message may go to.

    As `read_number`; a number of a type that gets no messages is refused besides. Raises InvalidNumber with the codes
    of `read_number` or 'number-type-refused'.
    """
    recipient, refusal = read_number(raw, default_region)
    if refusal is not None:
        raise refusal
    return recipient


def read_number(raw: str, default_region: str | None) -> tuple[Recipient, InvalidNumber | None]:
    """Read any assigned number, and say why no message may go there, if none may.

    A number without '+' is refused unless `default_region` (ISO 3166 alpha-2) says how to read it: no guess
    from the account; beside '+' it is not looked at. Blanks, hyphens, dots, slashes and brackets are ignored; an
    extension, letters (a word on the keypad) and a URI are refused, not cut off. Three to eight digits that are no
    number of that region are a short code: those send, and get nothing from us. Raises InvalidNumber with code
    'region-needed', 'invalid-region', 'short-code', 'number-is-uri', 'number-has-extension', 'number-has-letters' or
    'invalid-number'.
    """
    cleaned = _cleaned(raw)
    region = None if cleaned.startswith("+") else _default_region(default_region)
    is_short = not cleaned.startswith("+") and sum(map(str.isdecimal, cleaned)) in _SHORT
    if not cleaned.startswith("+") and region is None:
        if is_short:
            raise _short_code(raw)
        raise InvalidNumber("region-needed", f"{mask_number(raw)} has no '+' and no default_region was given")
    number = _parsed(cleaned, region, is_short=is_short)
    number_region = phonenumbers.region_code_for_number(number)
    if number_region is None or not phonenumbers.is_valid_number_for_region(number, number_region):
        if is_short:
            raise _short_code(raw)
        raise InvalidNumber("invalid-number", f"{mask_number(raw)} is no assigned number range")
    number_type = phonenumbers.number_type(number)
    name = _ACCEPTED_TYPES.get(number_type)
    refusal = None
    if name is None:
        name = _REFUSED_TYPES.get(number_type, "unknown")
        refusal = InvalidNumber("number-type-refused", f"{mask_number(raw)} is a {name} number")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    recipient = Recipient(
        e164=e164,
        region=number_region,
        country_code=number.country_code or 0,
        number_type=name,
        prefix=number_prefix(e164),
    )
    return recipient, refusal


def _short_code(raw: str) -> InvalidNumber:
    return InvalidNumber("short-code", f"{mask_number(raw)} is a short code, expected a whole number")


def _cleaned(raw: str) -> str:
    """Full-width forms folded, invisible characters dropped; refused if it is not written as one number."""
    if len(raw) > _LONGEST_INPUT:
        raise InvalidNumber("invalid-number", f"{len(raw)} characters, at most {_LONGEST_INPUT} expected")
    folded = unicodedata.normalize("NFKC", raw)
    cleaned = "".join(character for character in folded if unicodedata.category(character) != "Cf").strip()
    if not cleaned:
        raise InvalidNumber("invalid-number", "empty")
    if len(cleaned) > _LONGEST_INPUT:  # one character may unfold to eighteen
        raise InvalidNumber("invalid-number", f"{len(cleaned)} characters, at most {_LONGEST_INPUT} expected")
    cleaned = _BRACKETED_PLUS.sub("", cleaned, count=1) if cleaned[0] in "([" else cleaned
    if (
        "+" in cleaned[1:]
        or not any(map(str.isdecimal, cleaned))
        or not all(_is_of_a_number(character) for character in cleaned)
    ):
        raise _unreadable(cleaned)
    return cleaned


def _unreadable(cleaned: str) -> InvalidNumber:
    """What makes this no plain number; whoever wrote it takes that away, nothing is cut off for them."""
    if _URI.match(cleaned):
        return InvalidNumber("number-is-uri", "a URI, expected the number in it")
    if _EXTENSION.fullmatch(cleaned):
        return InvalidNumber("number-has-extension", "an extension, which no message reaches")
    if any(map(str.isalpha, cleaned)):
        return InvalidNumber("number-has-letters", f"{mask_number(cleaned)} holds letters, expected digits")
    return InvalidNumber("invalid-number", f"{mask_number(cleaned)} is not written as a number")


def _is_of_a_number(character: str) -> bool:
    return (
        character.isdecimal()
        or character in _PUNCTUATION
        or unicodedata.category(character) in ("Pd", "Zs")  # dashes and blanks of every width
    )


def _default_region(given: str | None) -> str | None:
    if not given:
        return None
    region = given.strip().upper()
    if not _REGION.fullmatch(region) or phonenumbers.country_code_for_region(region) == 0:
        raise InvalidNumber("invalid-region", "default_region is no ISO 3166 alpha-2 code of a numbering plan")
    return region


def _parsed(cleaned: str, region: str | None, *, is_short: bool) -> PhoneNumber:
    try:
        number = phonenumbers.parse(cleaned, region)
    except NumberParseException as error:
        if is_short:
            raise _short_code(cleaned) from None
        raise InvalidNumber("invalid-number", f"{mask_number(cleaned)}: {_reason(error)}") from None
    old_mexican = _MEXICAN_TRUNK.fullmatch(str(number.national_number)) if number.country_code == 52 else None
    if old_mexican is not None:  # "+52 1 ..." was the mobile form until 2019 (DOMAIN 4.4)
        return PhoneNumber(country_code=52, national_number=int(old_mexican[1]))
    return number


def _reason(error: NumberParseException) -> str:
    return {
        NumberParseException.INVALID_COUNTRY_CODE: "unknown country code",
        NumberParseException.NOT_A_NUMBER: "not a number",
        NumberParseException.TOO_SHORT_AFTER_IDD: "too short",
        NumberParseException.TOO_SHORT_NSN: "too short",
        NumberParseException.TOO_LONG: "too long",
    }.get(error.error_type, "unreadable")
