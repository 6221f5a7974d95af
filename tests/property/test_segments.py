"""Laws of segmentation for any text."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.domain import gsm7
from pipeline.domain.graphemes import clusters, is_plain
from pipeline.domain.segments import Encoding, TextTooLong, encode_part, segment

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
