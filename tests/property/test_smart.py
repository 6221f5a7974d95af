"""Laws of smart encoding for any text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.text import gsm7
from pipeline.domain.text.segments import segment
from pipeline.domain.text.smart import PLAIN, smart

GSM = gsm7.ALPHABET.replace("\x1b", "") + "".join(gsm7.EXTENSION)
texts = st.one_of(
    st.text(max_size=100),
    st.text(alphabet=GSM + "".join(map(chr, PLAIN)), max_size=200),
    st.text(alphabet=GSM + "\u0300\u0301\u0308\u030a\u0303“”\u00a0", max_size=200),
)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_twice_is_once_and_what_changes_is_gsm(text: str) -> None:
    plain = smart(text)
    assert smart(plain) == plain
    if plain != text:
        assert gsm7.first_foreign(text) is not None
        assert gsm7.first_foreign(plain) is None


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=GSM + "".join(map(chr, PLAIN)), max_size=200))
def test_it_never_costs_a_part(text: str) -> None:
    assert segment(smart(text)).count <= segment(text).count
