"""Laws of segmentation for any text."""

import pytest
import smsutil
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.domain.text import gsm7
from pipeline.domain.text.graphemes import clusters, is_plain
from pipeline.domain.text.national import alphabet_of
from pipeline.domain.text.national_tables import LOCKING, SINGLE
from pipeline.domain.text.segments import (
    Concat,
    Encoding,
    Reserve,
    Segmentation,
    ShiftTables,
    TextTooLong,
    capacity,
    encode_part,
    segment,
    udh,
)

CAPACITY = {(Encoding.GSM7, 1): 160, (Encoding.GSM7, 2): 153, (Encoding.UCS2, 1): 70, (Encoding.UCS2, 2): 67}
PIECES = ["a", "€", "[", "中", "😀", "👨‍👩‍👧‍👦", "🇨🇳", "👍🏽", "1️⃣", "e\u0301", "\u200d", "\u0301", "🇫", "\r\n"]

gsm_texts = st.text(alphabet=gsm7.ALPHABET.replace("\x1b", "") + "".join(gsm7.EXTENSION) + "€€€€€€€€", max_size=700)
any_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x1b"), max_size=300)
emoji_texts = st.lists(st.sampled_from(PIECES), max_size=120).map("".join)
near_the_edge = st.tuples(st.sampled_from(["a", "中"]), st.integers(60, 160), emoji_texts).map(
    lambda t: t[0] * t[1] + t[2]
)
texts = st.one_of(gsm_texts, any_texts, emoji_texts, near_the_edge)


def units(text: str, encoding: Encoding) -> int:
    octets = encode_part(text, encoding)
    return len(octets) if encoding is Encoding.GSM7 else len(octets) // 2


@settings(max_examples=300, deadline=None)
@given(texts, st.booleans())
def test_joined_parts_are_the_text_and_each_fits(text: str, force_ucs2: bool) -> None:
    cut = segment(text, force_ucs2=force_ucs2)
    assert "".join(cut.texts) == text
    capacity = CAPACITY[cut.encoding, min(cut.count, 2)]
    assert all(units(part, cut.encoding) <= capacity for part in cut.texts)
    assert sum(units(part, cut.encoding) for part in cut.texts) == cut.units
    assert cut.count == 1 or all(cut.texts)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_the_cheaper_encoding_is_used_exactly_if_it_loses_nothing(text: str) -> None:
    assert (segment(text).encoding is Encoding.GSM7) == (gsm7.first_foreign(text) is None)
    assert segment(text, force_ucs2=True).encoding is Encoding.UCS2


@settings(max_examples=200, deadline=None)
@given(texts, st.booleans())
def test_each_part_is_read_alone(text: str, force_ucs2: bool) -> None:
    cut = segment(text, force_ucs2=force_ucs2)
    for part in cut.texts:
        octets = encode_part(part, cut.encoding)
        read = gsm7.decode_unpacked(octets) if cut.encoding is Encoding.GSM7 else octets.decode("utf-16-be")
        assert read == part


@settings(max_examples=200, deadline=None)
@given(emoji_texts)
def test_no_cluster_that_fits_a_part_is_cut(text: str) -> None:
    assume(all(units(cluster, Encoding.UCS2) <= 67 for cluster in clusters(text)))
    ends = {0}
    for cluster in clusters(text):
        ends.add(max(ends) + len(cluster))
    position = 0
    for part in segment(text, force_ucs2=True).texts:
        position += len(part)
        assert position in ends


@settings(max_examples=200, deadline=None)
@given(texts)
def test_parts_are_as_full_as_they_can_be(text: str) -> None:
    cut = segment(text)
    capacity = CAPACITY[cut.encoding, 2]
    for part, following in zip(cut.texts, cut.texts[1:], strict=False):
        first = clusters(following)[0] if cut.encoding is Encoding.UCS2 else following[0]
        assert units(part + first, cut.encoding) > capacity


@settings(max_examples=200, deadline=None)
@given(any_texts | emoji_texts)
def test_joined_clusters_are_the_text(text: str) -> None:
    pieces = list(clusters(text))
    assert "".join(pieces) == text
    assert all(pieces)


@settings(max_examples=100, deadline=None)
@given(texts, st.integers(1, 4))
def test_a_cap_refuses_exactly_what_needs_more(text: str, max_parts: int) -> None:
    count = segment(text).count
    if count <= max_parts:
        assert segment(text, max_parts=max_parts).count == count
    else:
        with pytest.raises(TextTooLong) as caught:
            segment(text, max_parts=max_parts)
        assert caught.value.parts == count


def test_every_character_taken_for_plain_stands_alone_in_one_unit() -> None:
    plain = [character for character in map(chr, range(0x10000)) if is_plain(character)]
    assert len(plain) > 30_000
    assert list(clusters("".join(plain))) == plain
    assert all(units(character, Encoding.UCS2) == 1 for character in plain)


pairs = st.builds(ShiftTables, st.sampled_from([0, *LOCKING]), st.sampled_from([0, *SINGLE])).filter(
    lambda tables: tables != ShiftTables()
)


@st.composite
def national_texts(draw: st.DrawFn) -> tuple[str, ShiftTables]:
    """A text of one pair's characters, with the pair."""
    tables = draw(pairs)
    characters = sorted(alphabet_of(tables).characters)
    return draw(st.text(alphabet=characters, max_size=400)), tables


concats = st.sampled_from(Concat)
reserves = st.builds(Reserve, st.integers(0, 25), st.integers(0, 25))


def sizes(cut: Segmentation) -> list[int]:
    octets = [len(encode_part(part, cut.encoding, cut.tables)) for part in cut.texts]
    return [size // 2 for size in octets] if cut.encoding is Encoding.UCS2 else octets


def require_sound(text: str, cut: Segmentation, concat: Concat, reserve: Reserve) -> None:
    assert "".join(cut.texts) == text
    assert list(cut.part_units) == sizes(cut)
    assert sum(cut.part_units) == cut.units
    room = capacity(cut.encoding, cut.tables, None if cut.count == 1 else concat)
    on_air = list(cut.part_units)
    on_air[0] += reserve.prefix
    on_air[-1] += reserve.suffix
    assert all(size <= room for size in on_air)
    assert cut.count == 1 or all(cut.texts)


@settings(max_examples=300, deadline=None)
@given(texts, concats, reserves, st.booleans())
def test_parts_with_what_is_added_fit_however_they_are_tied(
    text: str, concat: Concat, reserve: Reserve, force_ucs2: bool
) -> None:
    cut = segment(text, concat=concat, reserve=reserve, force_ucs2=force_ucs2)
    require_sound(text, cut, concat, reserve)
    assert cut.count >= segment(text, force_ucs2=force_ucs2).count


@settings(max_examples=200, deadline=None)
@given(national_texts(), concats, reserves)
def test_parts_in_national_tables_fit_and_are_read_alone(
    case: tuple[str, ShiftTables], concat: Concat, reserve: Reserve
) -> None:
    text, tables = case
    cut = segment(text, concat=concat, reserve=reserve, national=[tables])
    require_sound(text, cut, concat, reserve)
    assert cut.encoding is (Encoding.GSM7 if gsm7.first_foreign(text) is None else Encoding.GSM7_NLI)
    alphabet = alphabet_of(cut.tables)
    assert [alphabet.decode(encode_part(part, cut.encoding, cut.tables)) for part in cut.texts] == list(cut.texts)


@settings(max_examples=200, deadline=None)
@given(national_texts(), concats)
def test_no_cluster_that_fits_is_cut_in_national_tables(case: tuple[str, ShiftTables], concat: Concat) -> None:
    text, tables = case
    cut = segment(text, concat=concat, national=[tables])
    alphabet = alphabet_of(cut.tables)
    assume(all(alphabet.length(cluster) <= 140 for cluster in clusters(text)))
    ends = {0}
    for cluster in clusters(text):
        ends.add(max(ends) + len(cluster))
    place = 0
    for part in cut.texts:
        place += len(part)
        assert place in ends


@settings(max_examples=100, deadline=None)
@given(national_texts(), st.lists(pairs, max_size=4), concats)
def test_of_the_tables_that_do_none_would_cost_less(
    case: tuple[str, ShiftTables], others: list[ShiftTables], concat: Concat
) -> None:
    text, tables = case
    taken = segment(text, concat=concat, national=[*others, tables])
    for pair in (tables, *others):
        alone = segment(text, concat=concat, national=[pair])
        if alone.encoding is Encoding.GSM7_NLI:
            cost = (alone.count, alone.units, len(alone.tables.elements))
            assert (taken.count, taken.units, len(taken.tables.elements)) <= cost


@settings(max_examples=100, deadline=None)
@given(concats, pairs | st.just(ShiftTables()), st.integers(0, 255), st.integers(1, 255))
def test_header_and_fullest_part_fill_a_message(
    concat: Concat, tables: ShiftTables, reference: int, total: int
) -> None:
    header = udh(concat, tables, reference, total, total)
    assert not header or header[0] == len(header) - 1
    encoding = Encoding.GSM7_NLI if tables.elements else Encoding.GSM7
    on_air = len(header) + (6 if concat in (Concat.SAR, Concat.PAYLOAD) and total > 1 else 0)
    if on_air > len(header) > 0:
        on_air -= 1  # the SMSC's element joins the header that is there
    bits = on_air * 8 + capacity(encoding, tables, None if total == 1 else concat) * 7
    assert 1120 - 7 < bits <= 1120


@settings(max_examples=200, deadline=None)
@given(gsm_texts | st.text(alphabet="中文验证码", max_size=300) | st.text(alphabet="中文😀", max_size=300))
def test_smsutil_cuts_at_the_same_places_where_no_cluster_is_longer(text: str) -> None:
    assert [part.content for part in smsutil.split(text).parts] == list(segment(text).texts)
