"""Laws of reply keywords. Source: DOMAIN 5.3, 5.4."""

import pytest

from pipeline.domain.keywords import KeywordAction, match_keyword


@pytest.mark.parametrize(
    ("text", "country", "keyword"),
    [
        ("STOP", "US", "STOP"),
        (" stop. ", "US", "STOP"),
        ("“Stop!”", "", "STOP"),
        ("ＳＴＯＰ", "US", "STOP"),
        ("S\u200bTOP\ufeff", "US", "STOP"),
        ("Stop\u00a0 \nAll", "US", "STOP ALL"),
        ("opt\u2010out", "US", "OPT-OUT"),
        ("退订", "CN", "退订"),
        ("【退订】", "CN", "退订"),
        ("td", "CN", "TD"),
        ("Arrêt", "CA", "ARRET"),
        ("ARRE\u0302T", "FR", "ARRET"),
        ("İptal", "TR", "IPTAL"),
        ("ıptal", "tr", "IPTAL"),
        ("sair", "BR", "SAIR"),
        ("dur", "", "DUR"),
    ],
)
def test_a_whole_message_that_is_a_word_of_leaving_opts_out(text: str, country: str, keyword: str) -> None:
    match = match_keyword(text, country)
    assert match is not None
    assert (match.action, match.keyword) == (KeywordAction.OPT_OUT, keyword)


@pytest.mark.parametrize(
    "text",
    ["stop by tomorrow", "退订单", "T恤有货吗", "please stop texting me", "STOP 123456", "don't stop", "", "  ", "...",
     "STOPSTOP", "s t o p", "🛑", "159104", "YES", "T", "R", "N", "\ud800"],
)  # fmt: skip
def test_anything_more_than_the_word_is_no_keyword(text: str) -> None:
    assert match_keyword(text) is None


def test_start_opts_in_and_help_asks() -> None:
    assert [match.action for word in ("Start", "UNSTOP") if (match := match_keyword(word))] == ["opt_in", "opt_in"]
    assert [match.action for word in ("help?", "Info") if (match := match_keyword(word))] == ["help", "help"]


def test_yes_opts_in_only_those_who_are_out() -> None:
    match = match_keyword("yes", is_opted_out=True)
    assert match is not None
    assert match.action is KeywordAction.OPT_IN
    assert match_keyword("yes") is None


def test_a_letter_opts_out_only_where_it_was_advertised() -> None:
    match = match_keyword("r", "CN", advertised={"R"})
    assert match is not None
    assert match.action is KeywordAction.OPT_OUT
    assert match_keyword("t", "CN", advertised={"R"}) is None


@pytest.mark.parametrize(("text", "country"), [("dur", "DE"), ("pare", "US"), ("contact", "GB")])
def test_words_of_one_country_are_ordinary_answers_elsewhere(text: str, country: str) -> None:
    assert match_keyword(text, country) is None
