"""Laws of encoding and segmentation. Source: 3GPP TS 23.040 9.2.3.24.1; DOMAIN 1.4 - 1.8, 1.17, 10."""

import pytest

from pipeline.domain.text.graphemes import clusters
from pipeline.domain.text.segments import (
    Concat,
    Encoding,
    Reserve,
    ShiftTables,
    TextTooLong,
    UnencodableText,
    capacity,
    concat_udh8,
    encode_part,
    segment,
    udh,
)

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


@pytest.mark.parametrize(
    ("encoding", "tables", "single", "udh8", "udh16"),
    [
        (Encoding.GSM7, ShiftTables(), 160, 153, 152),
        (Encoding.UCS2, ShiftTables(), 70, 67, 66),
        (Encoding.GSM7_NLI, ShiftTables(single=1), 155, 149, 148),
        (Encoding.GSM7_NLI, ShiftTables(locking=1), 155, 149, 148),
        (Encoding.GSM7_NLI, ShiftTables(locking=1, single=1), 152, 146, 145),
    ],
)
def test_a_part_holds_what_its_header_leaves(
    encoding: Encoding, tables: ShiftTables, single: int, udh8: int, udh16: int
) -> None:
    assert capacity(encoding, tables) == single
    assert capacity(encoding, tables, Concat.UDH8) == udh8
    assert capacity(encoding, tables, Concat.UDH16) == udh16
    assert capacity(encoding, tables, Concat.SAR) == capacity(encoding, tables, Concat.PAYLOAD) == udh8


def test_escapes_and_emoji_at_a_boundary_cost_a_part() -> None:
    cut = segment("a" * 152 + "€" + "b" * 152)
    assert (cut.units, cut.part_units) == (306, (152, 153, 1))
    cut = segment("中" * 66 + "😀" + "文" * 66)
    assert (cut.units, cut.part_units) == (134, (66, 67, 1))


def test_carriage_return_and_line_feed_may_be_separated() -> None:
    assert segment("a" * 152 + "\r\n" + "b" * 10).texts == ("a" * 152 + "\r", "\n" + "b" * 10)
    assert segment("中" * 66 + "\r\n" + "b" * 10).texts == ("中" * 66 + "\r", "\n" + "b" * 10)


def test_one_foreign_character_moves_all_parts() -> None:
    cut = segment("a" * 160 + "ç")
    assert (cut.encoding, cut.part_units) == (Encoding.UCS2, (67, 67, 27))


def test_sixteen_bit_references_leave_one_unit_less() -> None:
    assert segment("a" * 304, concat=Concat.UDH16).count == 2
    assert segment("a" * 305, concat=Concat.UDH16).count == 3
    assert segment("中" * 132, concat=Concat.UDH16).count == 2
    assert segment("中" * 133, concat=Concat.UDH16).count == 3
    assert segment("a" * 160, concat=Concat.UDH16).count == 1


def test_national_tables_are_used_only_where_the_default_alphabet_does_not_do() -> None:
    turkish = [ShiftTables(single=1)]
    assert segment("code", national=turkish).encoding is Encoding.GSM7
    cut = segment("şifre", national=turkish)
    assert (cut.encoding, cut.units, cut.tables) == (Encoding.GSM7_NLI, 6, ShiftTables(single=1))
    assert encode_part("şifre", cut.encoding, cut.tables) == b"\x1bsifre"
    assert segment("şифр", national=turkish).encoding is Encoding.UCS2
    assert segment("şifre", national=turkish, force_ucs2=True).encoding is Encoding.UCS2


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("ş", ShiftTables(locking=1)),  # one part, one septet, three octets of header: locking
        ("ş" * 80, ShiftTables(locking=1)),
        ("aş", ShiftTables(locking=1)),
        ("aşΔ", ShiftTables(locking=1)),
        ("è" + "ş", ShiftTables(single=1)),  # the locking table has no e with grave
    ],
)
def test_of_the_tables_that_do_the_cheapest_are_taken(text: str, tables: ShiftTables) -> None:
    every = [ShiftTables(locking=1, single=1), ShiftTables(single=1), ShiftTables(locking=1)]
    assert segment(text, national=every).tables == tables


@pytest.mark.parametrize(
    ("tables", "single", "concatenated"), [(ShiftTables(0, 1), 155, 149), (ShiftTables(1, 1), 152, 146)]
)
def test_a_language_header_shortens_every_part(tables: ShiftTables, single: int, concatenated: int) -> None:
    head = "şı"  # 4 septets behind the escape, 2 by the locking table
    used = 2 if tables.locking else 4
    assert segment(head + "a" * (single - used), national=[tables]).count == 1
    cut = segment(head + "a" * (single - used + 1), national=[tables])
    assert cut.part_units[0] == concatenated


def test_an_escape_pair_of_a_national_table_is_never_cut() -> None:
    cut = segment("a" * 148 + "ş" + "b" * 20, national=[ShiftTables(single=1)])
    assert cut.part_units == (148, 22)


def test_a_letter_and_its_sign_stay_together_in_national_tables() -> None:
    hindi = ShiftTables(6, 6)
    cut = segment("न" * 145 + "मि" + "न" * 10, national=[hindi])
    assert (cut.encoding, cut.part_units) == (Encoding.GSM7_NLI, (145, 12))
    assert segment("क" + "ि" * 200, national=[hindi]).part_units == (146, 55)


def test_what_an_operator_adds_must_fit_the_first_and_the_last_part() -> None:
    suffix, prefix = Reserve(suffix=5), Reserve(prefix=14)
    assert segment("a" * 155, reserve=suffix).count == 1
    assert segment("a" * 156, reserve=suffix).part_units == (153, 3)
    assert segment("a" * 301, reserve=suffix).part_units == (153, 148)
    assert segment("a" * 146, reserve=prefix).count == 1
    assert segment("a" * 147, reserve=prefix).part_units == (139, 8)
    assert segment("中" * 60, reserve=prefix).part_units == (53, 7)


def test_the_last_piece_goes_on_where_only_what_is_added_does_not_fit() -> None:
    suffix = Reserve(suffix=5)
    assert segment("a" * 306, reserve=suffix).part_units == (153, 152, 1)
    assert segment("a" * 304 + "€", reserve=suffix).part_units == (153, 151, 2)
    assert segment("中" * 132 + "😀", reserve=suffix).part_units == (67, 65, 2)


@pytest.mark.parametrize(("prefix", "suffix"), [(-1, 0), (0, -1), (40, 20)])
def test_a_reserve_must_leave_room_for_a_text(prefix: int, suffix: int) -> None:
    with pytest.raises(ValueError, match="reserve"):
        Reserve(prefix, suffix)


@pytest.mark.parametrize(
    ("concat", "tables", "total", "header"),
    [
        (Concat.UDH8, ShiftTables(), 1, ""),
        (Concat.UDH8, ShiftTables(), 3, "050003a70302"),
        (Concat.UDH16, ShiftTables(), 3, "06080400a70302"),
        (Concat.SAR, ShiftTables(), 3, ""),
        (Concat.PAYLOAD, ShiftTables(), 3, ""),
        (Concat.UDH8, ShiftTables(1, 1), 1, "06250101240101"),
        (Concat.UDH8, ShiftTables(0, 2), 3, "080003a70302240102"),
        (Concat.UDH16, ShiftTables(13, 13), 3, "0c080400a7030225010d24010d"),
        (Concat.SAR, ShiftTables(1, 0), 3, "03250101"),
    ],
)
def test_a_header_ties_the_parts_and_names_the_tables(
    concat: Concat, tables: ShiftTables, total: int, header: str
) -> None:
    assert udh(concat, tables, 0xA7, total, min(total, 2)).hex() == header


def test_a_sixteen_bit_reference_stands_high_octet_first() -> None:
    assert udh(Concat.UDH16, ShiftTables(), 0xBEEF, 2, 1) == b"\x06\x08\x04\xbe\xef\x02\x01"


@pytest.mark.parametrize("concat", list(Concat))
@pytest.mark.parametrize(("reference", "total", "sequence"), [(65536, 2, 1), (-1, 2, 1), (0, 2, 3), (0, 256, 1)])
def test_no_header_of_any_sort_for_a_part_that_cannot_be(
    concat: Concat, reference: int, total: int, sequence: int
) -> None:
    with pytest.raises(ValueError, match="no such part"):
        udh(concat, ShiftTables(), reference, total, sequence)
