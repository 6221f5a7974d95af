"""Laws of sealing. Source: RFC 5297."""

import pytest

from pipeline.domain.sealing import SealBroken, seal, unseal

KEY = bytes(range(64))


@pytest.mark.parametrize("plaintext", [b"", b"x", "您的验证码是 422325".encode(), b"\0" * 5000])
def test_what_was_sealed_opens_again(plaintext: bytes) -> None:
    sealed = seal(KEY, plaintext, b"message-1")
    assert unseal(KEY, sealed, b"message-1") == plaintext
    assert len(sealed) == len(plaintext) + 16


def test_sealing_twice_gives_the_same_bytes_but_not_for_another_message() -> None:
    assert seal(KEY, b"text", b"1") == seal(KEY, b"text", b"1") != seal(KEY, b"text", b"2")


def test_the_blob_of_an_earlier_release_still_opens() -> None:
    assert seal(KEY, b"text", b"1").hex() == "f91403065a9d00734e5ce375d34a2b5929c7abef"


@pytest.mark.parametrize("length", [0, 1, 15, 16])
def test_a_blob_cut_short_is_broken(length: int) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, seal(KEY, b"text", b"1")[:length], b"1")


def test_another_key_another_message_or_one_changed_bit_breaks_the_seal() -> None:
    sealed = seal(KEY, b"text", b"1")
    for key, blob, associated in [
        (bytes(64), sealed, b"1"),
        (KEY, sealed, b"2"),
        *((KEY, sealed[:i] + bytes([sealed[i] ^ 1]) + sealed[i + 1 :], b"1") for i in range(len(sealed))),
    ]:
        with pytest.raises(SealBroken):
            unseal(key, blob, associated)


@pytest.mark.parametrize("length", [0, 32, 48, 63, 65])
def test_a_key_is_64_octets(length: int) -> None:
    with pytest.raises(ValueError, match="expected 64"):
        seal(bytes(length), b"text", b"1")
