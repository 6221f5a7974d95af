"""Laws of recipients. Source: DOMAIN 4.1 - 4.5. Numbers are the sandbox's or from ranges kept for fiction."""

import phonenumbers
import pytest

from pipeline.domain.numbers import SANDBOX_NUMBER, InvalidNumber, parse_recipient


def test_the_sandbox_number_is_a_valid_recipient() -> None:
    recipient = parse_recipient(SANDBOX_NUMBER, None)
    assert recipient.e164 == "+18446040924"
    assert (recipient.region, recipient.country_code, recipient.number_type) == ("US", 1, "toll_free")
    assert recipient.prefix == "+1844604"


@pytest.mark.parametrize(
    ("raw", "region", "e164"),
    [
        ("8446040924", "US", "+18446040924"),
        ("8446040924", "us", "+18446040924"),
        ("(844) 604-0924", "US", "+18446040924"),
        (" +1 844.604.0924 ", None, "+18446040924"),
        ("＋１８４４６０４０９２４", None, "+18446040924"),
        ("\u202a+1844\u200b6040924\u202c", None, "+18446040924"),
        ("+1 844\u00a0604\u20110924", None, "+18446040924"),
        ("+18446040924", "CN", "+18446040924"),
        ("8613800138000", "CN", "+8613800138000"),
        ("13800138000", "CN", "+8613800138000"),
        ("+5215512345678", None, "+525512345678"),
        ("+393123456789", None, "+393123456789"),
    ],
)
def test_ways_to_write_a_number_meet_in_one(raw: str, region: str | None, e164: str) -> None:
    assert parse_recipient(raw, region).e164 == e164


@pytest.mark.parametrize("region", ["BS", "JM", "PR", "CA", "US", "CN", "AR", "MX", "BR", "CI", "IT", "IN", "TR"])
def test_a_mobile_number_is_of_its_own_region_and_reads_back(region: str) -> None:
    """That of +1 is told by the area code: not all of them are American (DOMAIN 4.4)."""
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    recipient = parse_recipient(e164, None)
    assert (recipient.region, recipient.e164) == (region, e164)
    assert parse_recipient(recipient.e164, "CN") == recipient


@pytest.mark.parametrize(
    ("raw", "region", "code"),
    [
        ("8446040924", None, "region-needed"),
        ("8446040924", "", "region-needed"),
        ("8446040924", "GB", "number-type-refused"),
        ("8446040924", "CN", "invalid-number"),
        ("13800138000", "US", "invalid-number"),
        ("08613800138000", "CN", "invalid-number"),
        ("+442079460000", None, "number-type-refused"),
        ("+861065551234", None, "number-type-refused"),
        ("+1", None, "invalid-number"),
        ("+", None, "invalid-number"),
        ("", None, "invalid-number"),
        ("", "US", "invalid-number"),
        ("\u200b", "US", "invalid-number"),
        ("+999123456789", None, "invalid-number"),
        ("+1844604092412345678", None, "invalid-number"),
        ("+1844FLOWERS", None, "invalid-number"),
        ("+18446040924 ext 5", None, "invalid-number"),
        ("+18446040924;ext=5", None, "invalid-number"),
        ("+18446040924+18446040924", None, "invalid-number"),
        ("tel:8446040924", "US", "invalid-number"),
        ("12345", "US", "invalid-number"),
        ("8446040924", "XX", "invalid-number"),
        ("8446040924", "8446040924", "invalid-number"),
        ("+" * 100, None, "invalid-number"),
        ("+1 844 604 0924\x00", None, "invalid-number"),
        ("\ud800", "US", "invalid-number"),
    ],
)
def test_what_cannot_be_written_to_is_refused_by_a_stable_code(raw: str, region: str | None, code: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        parse_recipient(raw, region)
    assert caught.value.code == code


@pytest.mark.parametrize("raw", ["8446040924", "+448446040924", "+1 (844) 604-09245", "+4420 7946 0000"])
def test_a_refusal_never_shows_the_number(raw: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        parse_recipient(raw, None)
    assert raw[-4:] not in caught.value.detail
    assert caught.value.detail in str(caught.value)
