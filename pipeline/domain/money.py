"""Money as integers: micros, a millionth of a currency's unit. No float ever.

Decimals exist only at the edges: reading a price list, and writing an amount for a person. Sources: DESIGN
section 2; ISO 4217; DOMAIN 8.1, 8.7.
"""

import re
from decimal import Decimal
from typing import Final

MICROS: Final = 1_000_000

_DECIMAL = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?")
_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3}


def to_micros(decimal_str: str) -> int:
    """Read a decimal amount ("0.0079") exactly.

    Raises ValueError for anything but digits with one point, and for more than six decimals that are not
    zero: a price is never rounded on the way in.
    """
    if not _DECIMAL.fullmatch(decimal_str):
        raise ValueError(f"amount {decimal_str!r}, expected a plain decimal such as '0.0079'")
    micros = Decimal(decimal_str) * MICROS
    if micros != micros.to_integral_value():
        raise ValueError(f"amount {decimal_str!r} is finer than a millionth")
    return int(micros)


def format_micros(micros: int, currency: str) -> str:
    """Write an amount for a person, exactly: "0.0079 USD", "12.50 EUR", "3 JPY".

    At least as many decimals as the currency's minor unit has, and no needless zeros after them.
    """
    whole, fraction = divmod(abs(micros), MICROS)
    least = _MINOR_DIGITS.get(currency, 2)
    decimals = f"{fraction:06d}".rstrip("0").ljust(least, "0")
    sign = "-" if micros < 0 else ""
    return f"{sign}{whole}{'.' if decimals else ''}{decimals} {currency}"


def convert_micros(micros: int, rate_micros: int) -> int:
    """Convert an amount by a rate that is itself in micros (1.085 = 1_085_000), half-up to a whole micro.

    Half goes away from zero, so that a refund is the mirror of its charge (DOMAIN 8.7).
    """
    product = micros * rate_micros
    rounded = (abs(product) + MICROS // 2) // MICROS
    return rounded if product >= 0 else -rounded
