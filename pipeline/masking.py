"""What a log may not hold: phone numbers and texts. Pure.

Whatever looks like a number in any text of an event loses its last four digits; keys that name a text are dropped. Ids,
coordinates, times and offsets keep their digits: they are told apart by their form. In doubt a value is masked.
"""

import re
from collections.abc import Mapping
from typing import Any

from pipeline.domain.ids import mask_number

TEXTS = frozenset(
    {
        "text", "short_message", "message_payload", "message_text", "params", "content", "body", "payload", "password",
        "secret", "sealed", "sealed_value", "sealed_content",
    }
)  # fmt: skip
"""Keys that may hold what a person wrote, or what opens it: dropped whole, wherever they stand."""

NUMBERS = frozenset(
    {
        "to", "from_", "phone", "msisdn", "e164", "recipient", "sender", "source_addr", "destination_addr", "address_of"
    }
)  # fmt: skip
"""Keys whose digits are a phone number even as an int."""

_KEPT = (
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",  # a time
    r"[A-Za-z][\w.-]*/\d+/\d+(?:/\d+)?",  # coordinates: topic/partition/offset/ordinal
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",  # a UUID
    r"(?<!\w)\d+\.[0-9a-f]{32}(?!\w)",  # a recipient id
    r"(?<![\w+])(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})(?!\w)",  # message id, span id, hash
    r"(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?",  # an address
    r"\b(?:offsets?|applied|expected|octets|bytes|pid|due|now)(?:\s+(?:to|before|after|from))?[^\w+]{1,3}\d+",
    r"(?<![\w.+])\d+\.\d+(?![\w.])",  # a decimal
)
_NUMBER = (
    r"\+[ ]?[1-9](?:[ ().\-]{0,2}\d){6,14}",  # E.164, also as people write it
    r"(?<!\w)00[1-9]\d{6,14}(?!\w)",
    r"(?<!\w)\(?0\d{1,5}\)?[ /\-]\d{2,5}(?:[ \-]?\d{2,5}){1,3}(?!\w)",  # national, in groups
    r"(?<!\w)\d{8,15}(?!\w)",
)
_EITHER = re.compile(f"(?P<kept>{'|'.join(_KEPT)})|(?P<number>{'|'.join(_NUMBER)})")
_FOUR_DIGITS = re.compile(r"\d{4}")


def masked(text: str) -> str:
    """The text with every phone number masked."""
    if not _FOUR_DIGITS.search(text) and sum(map(str.isdigit, text)) < 7:  # most of what is logged
        return text
    return _EITHER.sub(_replacement, text)


def masked_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """A log event without texts and numbers, at any depth."""
    return {key: _masked_value(key, value) for key, value in event.items() if key not in TEXTS}


def _replacement(found: re.Match[str]) -> str:
    kept = found["kept"]
    return kept if kept is not None else mask_number(found["number"])


def _masked_value(key: str, value: Any) -> Any:
    match value:
        case str():
            return mask_number(value) if key in NUMBERS and any(map(str.isdigit, value)) else masked(value)
        case bool():
            return value
        case int():
            return mask_number(str(value)) if key in NUMBERS else value
        case bytes():
            return f"{len(value)} octets"
        case Mapping():
            return masked_event(value)
        case list() | tuple() | set() | frozenset():
            return [_masked_value(key, each) for each in value]
        case BaseException():
            return masked(f"{type(value).__name__}: {value}")
        case None | float():
            return value
        case _:
            return masked(str(value))
