"""What data_coding 0 means to a carrier that does not take it for the GSM alphabet.

Such a carrier's SMSC turns the octets into GSM-7 on the air: a text goes this way only if both carry it, and its
septets are what is counted. Anything else goes as UCS-2. Source: DOMAIN 1.13.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.domain.text import gsm7

GSM7: Final = "gsm7"
_CODECS: Final[Mapping[str, str]] = MappingProxyType({"latin1": "latin-1", "ascii": "ascii", "utf8": "utf-8"})
NAMES: Final = (GSM7, *_CODECS)


def carries(charset: str, text: str) -> bool:
    """Whether data_coding 0 of this charset carries the text. Raises ValueError for a charset none of NAMES."""
    return first_foreign(charset, text) is None


def first_foreign(charset: str, text: str) -> int | None:
    """Index of the first character that the charset lacks, or None. Raises ValueError for a charset none of NAMES."""
    if charset == GSM7:
        return gsm7.first_foreign(text)
    try:
        text.encode(_codec(charset))
    except UnicodeEncodeError as error:
        return error.start
    return None


def encode_default(charset: str, text: str) -> bytes:
    """The octets of short_message under data_coding 0; GSM-7 unpacked. Raises UnicodeEncodeError, ValueError."""
    return gsm7.encode_unpacked(text) if charset == GSM7 else text.encode(_codec(charset))


def _codec(charset: str) -> str:
    codec = _CODECS.get(charset)
    if codec is None:
        raise ValueError(f"charset={charset!r}, expected one of {', '.join(NAMES)}")
    return codec
