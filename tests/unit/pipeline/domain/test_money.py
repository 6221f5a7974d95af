"""Laws of money: exact on the way in, exact on the way out, rounded once in between."""

import pytest

from pipeline.domain.money import convert_micros, format_micros, to_micros


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("0.0079", 7_900),
        ("12.5", 12_500_000),
        ("0", 0),
        ("-1.000001", -1_000_001),
        ("0.10000000", 100_000),
        ("007", 7_000_000),
    ],
)
def test_an_amount_is_read_exactly(written: str, micros: int) -> None:
    assert to_micros(written) == micros


@pytest.mark.parametrize(
    "written", ["", "1e3", "NaN", "Infinity", "1,5", ".5", "5.", "+1", " 1", "1_000", "0.0000001", "١", "1\n"]
)
def test_what_is_no_plain_amount_or_too_fine_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        to_micros(written)


@pytest.mark.parametrize(
    ("micros", "currency", "written"),
    [
        (7_900, "USD", "0.0079 USD"),
        (12_500_000, "EUR", "12.50 EUR"),
        (0, "CNY", "0.00 CNY"),
        (-1, "USD", "-0.000001 USD"),
        (3_000_000, "JPY", "3 JPY"),
        (3_500_000, "JPY", "3.5 JPY"),
        (1_200_000, "KWD", "1.200 KWD"),
    ],
)
def test_an_amount_is_written_exactly_and_without_needless_zeros(micros: int, currency: str, written: str) -> None:
    assert format_micros(micros, currency) == written


@pytest.mark.parametrize(
    ("micros", "rate", "converted"),
    [
        (7_900, 1_085_000, 8_572),
        (1, 500_000, 1),
        (1, 499_999, 0),
        (-1, 500_000, -1),
        (3, 500_000, 2),
        (10**15, 2_000_000, 2 * 10**15),
    ],
)
def test_conversion_rounds_half_up_and_a_refund_mirrors_its_charge(micros: int, rate: int, converted: int) -> None:
    assert convert_micros(micros, rate) == converted
    assert convert_micros(-micros, rate) == -converted
