"""Laws of clusters. Source: UAX 29, of whose break tests the samples are; DOMAIN 1.6 - 1.8."""

import pytest

from pipeline.domain.text.graphemes import clusters, is_plain


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0301",
        "👨‍👩‍👧‍👦",
        "👍🏽",
        "1️⃣",
        "🇨🇳",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "\u1100\u1161\u11a8",  # a Hangul syllable as jamo
        "\uac00\u11a8",
        "नि",
        "க்",
        "क्ष",  # a conjunct
        "\u0600\u0661",  # a prepended number sign
    ],
)
def test_what_reads_as_one_is_one(cluster: str) -> None:
    assert clusters(f"中{cluster}文") == ["中", cluster, "文"]
    assert not is_plain(cluster)


@pytest.mark.parametrize("text", ["ab", "\r\n", "🇨🇳🇺🇸", "가나", "👍👍", "日本"])
def test_what_reads_as_two_is_two(text: str) -> None:
    assert len(clusters(text)) == 2


def test_an_empty_text_has_none() -> None:
    assert clusters("") == []
    assert is_plain("")
