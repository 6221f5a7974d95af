"""Identifiers: how a message, a recipient, an account and a carrier are named.

No phone number is ever a Kafka key or a log field: recipients are named by a keyed hash, and only the number
without its last four digits travels in the clear. Source: DESIGN section 2; DOMAIN 6.1, 9.7.
"""

import hashlib
import hmac
import re
import unicodedata
from typing import NewType

MessageId = NewType("MessageId", str)
RecipientId = NewType("RecipientId", str)
AccountId = NewType("AccountId", str)
CarrierId = NewType("CarrierId", str)

_ID_HEX = 32  # 16 octets: no two of 2^48 messages meet by chance (p < 2^-32)
_HIDDEN_DIGITS = 4  # the subscriber part that fraud rules and logs may not see (DOMAIN 6.1)
_SHORTEST_MASKABLE = 8  # with fewer digits the four that stay would say too much
_LONGEST_NUMBER = 15  # ITU-T E.164: more digits are no phone number, so none of them is shown
_MASK = "*" * _HIDDEN_DIGITS
_UNPARSABLE = b"unparsable\n"  # an E.164 number begins with '+', so the two kinds of input never meet
_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}")
_E164 = re.compile(r"\+[0-9]+")


def message_id(cluster_id: str, topic: str, partition: int, offset: int) -> MessageId:
    """Name a submission by where it stands in the log: 32 lower-case hex characters.

    A producer can compute it from its delivery report: the first 16 octets of SHA-256 over the UTF-8 of the
    four values in this order, joined by newlines. Source: DESIGN section 2.
    """
    coordinates = f"{cluster_id}\n{topic}\n{partition}\n{offset}"
    return MessageId(hashlib.sha256(coordinates.encode()).hexdigest()[:_ID_HEX])


def recipient_id(key: bytes, generation: int, e164: str) -> RecipientId:
    """Name a recipient by a keyed hash of its number: `<key generation>.<32 hex characters>`.

    The same number under the same key generation is always the same recipient. `e164` is '+' and digits, as
    `numbers.parse_recipient` gives it; anything else raises ValueError (use `unparsable_recipient_id`).
    """
    if not _E164.fullmatch(e164):
        raise ValueError(f"recipient_id: {mask_number(e164)} is not '+' and digits")
    return _keyed(key, generation, e164.encode())


def unparsable_recipient_id(key: bytes, generation: int, raw: str) -> RecipientId:
    """Name what was given in place of a number, so that its rejection too has a recipient to be kept under.

    Never equal to the id of a real number: the hashed input carries a prefix that no E.164 number has.
    """
    return _keyed(key, generation, _UNPARSABLE + raw.encode("utf-8", "surrogatepass"))


def number_prefix(e164: str) -> str:
    """The number without its last four digits: what fraud rules, events and analytics may see (DOMAIN 6.1)."""
    return e164[:-_HIDDEN_DIGITS]


def mask_number(raw: str) -> str:
    """What a log or an error may show of a number: its prefix, with the last four digits as asterisks.

    Takes any text. Only decimal digits and a leading '+' survive; with fewer than 8 or more than 15 digits
    nothing does.
    """
    digits = "".join(str(unicodedata.decimal(character)) for character in raw if character.isdecimal())
    if not _SHORTEST_MASKABLE <= len(digits) <= _LONGEST_NUMBER:
        return _MASK
    plus = "+" if unicodedata.normalize("NFKC", raw).lstrip().startswith("+") else ""
    return plus + digits[:-_HIDDEN_DIGITS] + _MASK


def is_name(candidate: str) -> bool:
    """Whether this may name an account or a carrier: it becomes a piece of a Kafka topic name and of an ACL."""
    return _NAME.fullmatch(candidate) is not None


def _keyed(key: bytes, generation: int, identity: bytes) -> RecipientId:
    return RecipientId(f"{generation}.{hmac.digest(key, identity, 'sha256').hex()[:_ID_HEX]}")
