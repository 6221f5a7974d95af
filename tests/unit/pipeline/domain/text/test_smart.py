"""Laws of smart encoding. Source: DOMAIN 1.15, 1.16."""

import pytest

from pipeline.domain.text import gsm7
from pipeline.domain.text.smart import PLAIN, smart


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Hi” – it’s…", '"Hi" - it\'s...'),
        ("«ok»\u00a01\u202f000\u2009€", '"ok" 1 000 €'),
        ("ＡＢＣ１２３！～", "ABC123!~"),
        ("code\u200b 4711\ufeff", "code 4711"),
        ("Cafe\u0301", "Café"),
        ("a\tb\u2028c", "a b\nc"),
        ("‚a‘ ‹b› −5 `c´", ",a' <b> -5 'c'"),
        ("2\u03a9 is not \u2126", "2Ω is not Ω"),
    ],
)
def test_look_alikes_are_written_plainly(text: str, plain: str) -> None:
    assert smart(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "“你好”。",  # of no use: stays whole
        "“ça va”",  # no accent is taken away
        "José – São",
        "1½ ÷ 2 ™",
        "‘x’ \x1b",
        "‘x’ \ud800",
        "\u200b",  # nothing would be left
        "plain @ text",
        "",
    ],
)
def test_a_text_that_would_not_get_there_stays_untouched(text: str) -> None:
    assert smart(text) == text


def test_every_look_alike_is_foreign_and_plain_in_gsm() -> None:
    for code, plain in PLAIN.items():
        assert gsm7.first_foreign(chr(code)) is not None
        assert smart(f"a{chr(code)}") in (f"a{plain}", f"a{plain}".replace("`", "'"))
        assert gsm7.first_foreign(plain) is None


def test_no_letter_is_changed_but_full_width_ascii() -> None:
    letters = {chr(code) for code in PLAIN if chr(code).isalpha() and not "\uff21" <= chr(code) <= "\uff5a"}
    assert letters <= set("ʹʺʻʼʽˆˈˊˋˮ")  # modifiers that look like quotes
