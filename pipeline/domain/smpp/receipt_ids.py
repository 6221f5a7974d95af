"""When the id of a receipt and the id of a submit response name the same message.

Carriers write the same number in hex here and in decimal there, pad it, or change the case of its letters. Which,
is the `receipt_ids` of a carrier's profile, after Kannel's msg-id-type: bit 0 says that responses are hex, bit 1 that
receipts are. An id is text: what is no number stays so. Sources: Kannel's user guide, msg-id-type, and its
gw/smsc/smsc_smpp.c; DOMAIN 3.3, 3.6, 3.7.
"""

import re
from typing import Final, Literal

STRING: Final = "string"
LENIENT: Final = "lenient"
MODES: Final = frozenset({STRING, LENIENT, "0", "1", "2", "3"})

Side = Literal["response", "receipt"]

_HEX_BIT: Final[dict[Side, int]] = {"response": 1, "receipt": 2}
_LONGEST: Final = 64  # SMPP 3.4 5.2.23: 65 octets with the NUL; what is longer is nobody's id and never a number
_AROUND: Final = " \t\r\n\0"
_DECIMAL = re.compile(r"[0-9]{1,64}")
_HEX = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{1,64})")


Key = str | int | tuple[str, int]
"""Text as text, numbers as numbers, so that one never equals the other; the pairs are of the lenient mode."""


def canonical_id(smsc_id: str, mode: str, side: Side) -> Key:
    """The key under which an id of this side is the same as one of the other; for every mode but 'lenient'.

    In a numeric mode blanks and NUL around an id do not count, a decimal id that is not all digits is read as hex, as
    Kannel does, and what is no number in hex either (a UUID) is compared as text, in which case says nothing, as in
    hex it does not. Never raises.
    """
    if mode == STRING or len(smsc_id) > _LONGEST:
        return smsc_id
    bare = smsc_id.strip(_AROUND)
    if not int(mode) & _HEX_BIT[side] and _DECIMAL.fullmatch(bare):
        return int(bare)
    number = _from_hex(bare)
    return bare.lower() if number is None else number


def keys_of(smsc_id: str, mode: str, side: Side) -> tuple[Key, ...]:
    """All keys of an id, the surest first: two ids match if they share one. One key unless the mode is 'lenient'.

    Lenient: the same without blanks and NUL around it, case and leading zeros; or one side's hex is the other's
    decimal. An empty id has none: it names nothing.
    """
    if mode == STRING:
        return (smsc_id,) if smsc_id else ()
    bare = smsc_id.strip(_AROUND)
    if not bare:
        return ()
    if mode != LENIENT:
        return (canonical_id(smsc_id, mode, side),)
    if len(bare) > _LONGEST:
        return (bare.lower(),)
    keys: list[Key] = [_folded(bare)]
    hex_meets, decimal_meets = ("hex", "decimal") if side == "response" else ("decimal", "hex")
    as_hex = _from_hex(bare)
    if as_hex is not None:
        keys.append((hex_meets, as_hex))
    if _DECIMAL.fullmatch(bare):
        keys.append((decimal_meets, int(bare)))
    return tuple(keys)


def is_same_id(response_id: str, receipt_id: str, mode: str) -> bool:
    """Whether a receipt's id names the message whose response carried the other. Never raises for one of MODES."""
    known = keys_of(response_id, mode, "response")
    return any(key in known for key in keys_of(receipt_id, mode, "receipt"))


def _from_hex(smsc_id: str) -> int | None:
    digits = _HEX.fullmatch(smsc_id)
    return None if digits is None else int(digits[1], 16)


def _folded(bare: str) -> str:
    digits = _HEX.fullmatch(bare)
    return (bare if digits is None else digits[1]).lower().lstrip("0") or "0"
