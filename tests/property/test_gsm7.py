"""Laws of the GSM 7-bit codec for any text and any octets."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.text import gsm7

GSM_CHARACTERS = gsm7.ALPHABET.replace("\x1b", "") + "".join(gsm7.EXTENSION)
gsm_texts = st.text(alphabet=GSM_CHARACTERS, max_size=400)


@settings(max_examples=150, deadline=None)
@given(gsm_texts)
def test_what_is_encoded_comes_back_and_its_length_is_its_septets(text: str) -> None:
    octets = gsm7.encode_unpacked(text)
    assert gsm7.decode_unpacked(octets) == text
    assert gsm7.septets(text) == len(octets)
    assert all(octet < 0x80 for octet in octets)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=100))
def test_a_text_has_a_length_exactly_if_nothing_in_it_is_foreign(text: str) -> None:
    foreign = gsm7.first_foreign(text)
    assert (gsm7.septets(text) is None) == (foreign is not None)
    if foreign is not None:
        assert gsm7.first_foreign(text[:foreign]) is None
        assert text[foreign] not in GSM_CHARACTERS


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_octets_are_read(octets: bytes) -> None:
    assert len(gsm7.decode_unpacked(octets)) <= len(octets)
