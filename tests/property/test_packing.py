"""Laws of packed septets for any."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.text.packing import pack, packed_length, unpack

septets = st.lists(st.integers(0, 0x7F), max_size=200).map(bytes)


@settings(max_examples=300, deadline=None)
@given(septets, st.integers(0, 6))
def test_what_is_packed_comes_back(unpacked: bytes, fill: int) -> None:
    packed = pack(unpacked, fill)
    assert len(packed) == packed_length(len(unpacked), fill)
    assert unpack(packed, len(unpacked), fill) == unpacked


@settings(max_examples=200, deadline=None)
@given(septets, st.integers(0, 6))
def test_it_is_the_bits_one_after_the_other(unpacked: bytes, fill: int) -> None:
    bits = "".join(f"{septet:07b}"[::-1] for septet in unpacked)
    padded = ("0" * fill + bits).ljust(packed_length(len(unpacked), fill) * 8, "0")
    assert pack(unpacked, fill) == bytes(int(padded[at : at + 8][::-1], 2) for at in range(0, len(padded), 8))
