"""Laws of encoding and segmentation. Source: 3GPP TS 23.040 9.2.3.24.1; DOMAIN 1.4 - 1.8, 1.17, 10."""

import pytest

from pipeline.domain.graphemes import clusters
from pipeline.domain.segments import Encoding, TextTooLong, UnencodableText, concat_udh8, encode_part, segment

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇨🇳"
THUMB = "👍🏽"
KEYCAP = "1️⃣"

ONE_TIME_PASSWORDS = [
    "【云杉银行】您的登录验证码是159104，有效期为5分钟，请立即验证。",
    "【Kumo】277425短信登录验证码,5分钟内有效,请勿泄露。",
    "【远山租车】验证码5246,感谢您询价,如非本人操作请忽略。",
    "【智慧青河】您的验证码是 422325。如非本人操作,请忽略本短信。",
]


@pytest.mark.parametrize("text", ONE_TIME_PASSWORDS)
def test_a_chinese_one_time_password_is_one_part_of_ucs2(text: str) -> None:
    cut = segment(text)
    assert (cut.encoding, cut.count, cut.units) == (Encoding.UCS2, 1, len(text))


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", Encoding.GSM7, 0, 1),
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("€" * 80, Encoding.GSM7, 160, 1),
        ("€" * 81, Encoding.GSM7, 162, 2),
        ("a\r\n", Encoding.GSM7, 3, 1),
        ("中" * 70, Encoding.UCS2, 70, 1),
        ("中" * 71, Encoding.UCS2, 71, 2),
        ("中" * 134, Encoding.UCS2, 134, 2),
        ("中" * 135, Encoding.UCS2, 135, 3),
        ("a" * 69 + "ç", Encoding.UCS2, 70, 1),
        ("Cafe\u0301", Encoding.UCS2, 5, 1),
        ("😀" * 35, Encoding.UCS2, 70, 1),
        (FAMILY, Encoding.UCS2, 11, 1),
        (FLAG, Encoding.UCS2, 4, 1),
        (THUMB, Encoding.UCS2, 4, 1),
        (KEYCAP, Encoding.UCS2, 3, 1),
    ],
)
def test_lengths_count_septets_or_code_units(text: str, encoding: Encoding, units: int, count: int) -> None:
    cut = segment(text)
    assert (cut.encoding, cut.units, cut.count) == (encoding, units, count)


def test_an_escape_pair_is_never_cut_even_if_that_costs_a_part() -> None:
    assert segment("a" * 152 + "€" + "b" * 152).texts == ("a" * 152, "€" + "b" * 151, "b")


def test_a_surrogate_pair_is_never_cut_even_if_that_costs_a_part() -> None:
    assert segment("中" * 66 + "😀" + "文" * 66).texts == ("中" * 66, "😀" + "文" * 65, "文")


@pytest.mark.parametrize("cluster", [FAMILY, FLAG, THUMB, KEYCAP, "e\u0301", "🏴\U000e0067\U000e0062\U000e007f"])
def test_what_reads_as_one_character_stays_in_one_part(cluster: str) -> None:
    cut = segment("中" * 66 + cluster + "文" * 40)
    assert cut.texts[0] == "中" * 66
    assert cut.texts[1].startswith(cluster)


def test_a_cluster_longer_than_a_part_is_cut_between_code_points() -> None:
    cut = segment("中" + "a" + "\u0301" * 100)
    assert cut.count == 2
    assert len(cut.texts[0]) == 67


def test_flags_in_a_row_are_pairs() -> None:
    assert list(clusters("🇨🇳🇺🇸🇫")) == ["🇨🇳", "🇺🇸", "🇫"]
    assert list(clusters("")) == []


def test_china_counts_plain_ascii_as_ucs2() -> None:
    assert segment("a" * 70, force_ucs2=True).count == 1
    cut = segment("a" * 71, force_ucs2=True)
    assert (cut.encoding, [len(text) for text in cut.texts]) == (Encoding.UCS2, [67, 4])


def test_a_text_that_needs_more_parts_than_allowed_is_refused_with_both_counts() -> None:
    with pytest.raises(TextTooLong) as caught:
        segment("a" * 154 * 3, max_parts=3)
    assert (caught.value.parts, caught.value.max_parts) == (4, 3)
    assert segment("a" * 153 * 255).count == 255
    with pytest.raises(TextTooLong):
        segment("a" * 153 * 255 + "a")


@pytest.mark.parametrize("max_parts", [0, 256])
def test_the_cap_on_parts_is_one_octet(max_parts: int) -> None:
    with pytest.raises(ValueError, match="max_parts"):
        segment("a", max_parts=max_parts)


@pytest.mark.parametrize("force_ucs2", [True, False])
@pytest.mark.parametrize(("text", "index"), [("ab\x1be", 2), ("中\ud83d", 1), ("\ude00", 0)])
def test_what_no_message_can_carry_is_refused_with_its_place(text: str, index: int, force_ucs2: bool) -> None:
    with pytest.raises(UnencodableText) as caught:
        segment(text, force_ucs2=force_ucs2)
    assert caught.value.index == index


def test_parts_are_written_as_unpacked_septets_or_utf16_without_a_mark() -> None:
    assert encode_part("@€", Encoding.GSM7) == b"\x00\x1b\x65"
    assert encode_part("中😀", Encoding.UCS2) == b"\x4e\x2d\xd8\x3d\xde\x00"


def test_the_concatenation_header_is_six_octets() -> None:
    assert concat_udh8(0xA7, 3, 2) == b"\x05\x00\x03\xa7\x03\x02"


@pytest.mark.parametrize(
    ("reference", "total", "sequence"), [(256, 2, 1), (-1, 2, 1), (0, 2, 3), (0, 2, 0), (0, 256, 1)]
)
def test_no_header_for_a_part_that_cannot_be(reference: int, total: int, sequence: int) -> None:
    with pytest.raises(ValueError, match="no such part"):
        concat_udh8(reference, total, sequence)
