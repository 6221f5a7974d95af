"""Laws of what data_coding 0 may mean. Source: DOMAIN 1.13."""

import pytest

from pipeline.domain.text.charsets import NAMES, carries, encode_default, first_foreign


@pytest.mark.parametrize(
    ("charset", "text", "is_carried"),
    [
        ("gsm7", "@€é", True),
        ("gsm7", "ç", False),
        ("latin1", "@éç", True),
        ("latin1", "€", False),
        ("latin1", "Δ", False),
        ("ascii", "abc@", True),
        ("ascii", "é", False),
        ("utf8", "é€Δ中", True),
        ("utf8", "\ud800", False),
    ],
)
def test_a_charset_carries_what_it_has(charset: str, text: str, is_carried: bool) -> None:
    assert carries(charset, text) is is_carried
    assert (first_foreign(charset, f"a{text}") is None) is is_carried


@pytest.mark.parametrize(("charset", "octets"), [("gsm7", b"\x00\x05"), ("latin1", b"@\xe9"), ("utf8", b"@\xc3\xa9")])
def test_a_text_is_written_in_the_charset(charset: str, octets: bytes) -> None:
    assert encode_default(charset, "@é") == octets


def test_no_other_charset_is_guessed() -> None:
    with pytest.raises(ValueError, match="expected one of gsm7, latin1, ascii, utf8"):
        carries("utf-16", "a")
    with pytest.raises(UnicodeEncodeError):
        encode_default("ascii", "é")
    assert len(NAMES) == 4
