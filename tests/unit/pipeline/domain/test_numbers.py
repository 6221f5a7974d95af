"""Laws of recipients. Source: DOMAIN 4.1 - 4.5. Numbers are the sandbox's, examples or from ranges kept for fiction."""

import phonenumbers
import pytest

from pipeline.domain.numbers import SANDBOX_NUMBER, InvalidNumber, parse_recipient, read_number


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
        ("+52 1 55 1234 5678", "US", "+525512345678"),
        ("15512345678", "MX", "+525512345678"),
        ("+393123456789", None, "+393123456789"),
        ("3123456789", "IT", "+393123456789"),
        ("+5491123456789", None, "+5491123456789"),
        ("011 15 2345-6789", "AR", "+5491123456789"),
        ("+225 07 01 23 45 67", None, "+2250701234567"),
        ("+55 11 91234-5678", None, "+5511912345678"),
        ("0044 7911 123456", "FR", "+447911123456"),
        ("011 44 7911 123456", "US", "+447911123456"),
        ("+44 (0) 7911 123456", None, "+447911123456"),
        ("(+44) 7911 123456", None, "+447911123456"),
        ("+1\u2212844\u30fc604[0924]", None, "+18446040924"),
        ("+٩٦٦٥٠١٢٣٤٥٦٧", None, "+966501234567"),
        ("91234567", "SG", "+6591234567"),
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
        ("-", None, "invalid-number"),
        ("", None, "invalid-number"),
        ("", "US", "invalid-number"),
        ("\u200b", "US", "invalid-number"),
        ("+999123456789", None, "invalid-number"),
        ("+1844604092412345678", None, "invalid-number"),
        ("+1844FLOWERS", None, "number-has-letters"),
        ("1-844-FLOWERS", "US", "number-has-letters"),
        ("+18446040924 ext 5", None, "number-has-extension"),
        ("+1 844 604 0924 x5", None, "number-has-extension"),
        ("+18446040924#5", None, "number-has-extension"),
        ("[844] 604~0924", "US", "number-has-extension"),
        ("+18446040924;ext=5", None, "number-is-uri"),
        ("tel:+18446040924", None, "number-is-uri"),
        ("SMS: 8446040924", "US", "number-is-uri"),
        ("+18446040924,5", None, "invalid-number"),
        ("++18446040924", None, "invalid-number"),
        ("+22507123456", None, "invalid-number"),
        ("+551181234567", None, "invalid-number"),
        ("+18446040924+18446040924", None, "invalid-number"),
        ("12345", "US", "short-code"),
        ("12345", None, "short-code"),
        ("911", "US", "short-code"),
        ("555-0100", "US", "short-code"),
        ("91234567", None, "short-code"),
        ("12", "US", "invalid-number"),
        ("12", None, "region-needed"),
        ("+12345", None, "invalid-number"),
        ("8446040924", "XX", "invalid-region"),
        ("8446040924", "001", "invalid-region"),
        ("8446040924", "8446040924", "invalid-region"),
        ("\ufdfa" * 64, "US", "invalid-number"),
        ("+" * 100, None, "invalid-number"),
        ("+1 844 604 0924\x00", None, "invalid-number"),
        ("\ud800", "US", "invalid-number"),
    ],
)
def test_what_cannot_be_written_to_is_refused_by_a_stable_code(raw: str, region: str | None, code: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        parse_recipient(raw, region)
    assert caught.value.code == code


@pytest.mark.parametrize("number_type", ["FIXED_LINE", "PREMIUM_RATE", "SHARED_COST", "UAN", "PAGER", "VOICEMAIL"])
def test_a_type_that_gets_no_messages_is_read_and_refused_in_every_region(number_type: str) -> None:
    found = 0
    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.example_number_for_type(region, getattr(phonenumbers.PhoneNumberType, number_type))
        if example is None or phonenumbers.number_type(example) != getattr(phonenumbers.PhoneNumberType, number_type):
            continue
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        number, refusal = read_number(e164, None)
        assert (number.e164, number.number_type) == (e164, number_type.lower())
        assert refusal is not None
        assert refusal.code == "number-type-refused"
        found += 1
    assert found > 0


BORROWED = {
    "AX": "FI", "BL": "GP", "CC": "AU", "CX": "AU", "EH": "MA", "IM": "GB", "MF": "GP", "SJ": "NO", "VA": "IT",
}  # fmt: skip
"""Regions whose mobile example lies in the plan of another: number and price are that one's (the README's table)."""


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_the_mobile_example_of_every_region_may_get_a_message(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        assert region == "TA"
        return
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    recipient = parse_recipient(e164, None)
    assert (recipient.e164, recipient.region) == (e164, BORROWED.get(region, region))
    assert recipient.number_type in ("mobile", "fixed_line_or_mobile")
    assert parse_recipient(national, region) == recipient


@pytest.mark.parametrize(
    ("e164", "region"),
    [("+18005550100", "US"), ("+15005550006", "US"), ("+16005550100", "CA"), ("+80012345678", "001")],
)
def test_a_number_of_no_area_is_of_the_region_that_phonenumbers_gives(e164: str, region: str) -> None:
    assert parse_recipient(e164, None).region == region


@pytest.mark.parametrize(
    "raw", ["8446040924", "+448446040924", "+1 (844) 604-09245", "+4420 7946 0000", "tel:8446040924"]
)
def test_a_refusal_never_shows_the_number(raw: str) -> None:
    with pytest.raises(InvalidNumber) as caught:
        parse_recipient(raw, None)
    assert raw[-4:] not in caught.value.detail
    assert caught.value.detail in str(caught.value)
