"""Laws of reply keywords. Source: DOMAIN 5.3, 5.4; for countries beyond it what `keywords` names beside each."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.replies.keywords import KeywordAction, match_keyword, normal_form

OUT, IN, HELP = KeywordAction.OPT_OUT, KeywordAction.OPT_IN, KeywordAction.HELP
EVERYWHERE = ("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT-OUT",
              "OPT OUT", "REMOVE", "TD")  # fmt: skip


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
        ("opt\u2212out", "US", "OPT-OUT"),
        ("stop 🛑❤️", "US", "STOP"),
        ("退订", "CN", "退订"),
        ("【退订】", "CN", "退订"),
        ("退訂", "TW", "退訂"),
        ("td", "CN", "TD"),
        ("ＴＤ", "CN", "TD"),
        ("Arrêt", "CA", "ARRET"),
        ("ARRE\u0302T", "FR", "ARRET"),
        ("arrêt", "US", "ARRET"),
        ("İptal", "TR", "IPTAL"),
        ("ıptal", "tr", "IPTAL"),
        ("ret", "TR", "RET"),
        ("Pare.", "PT", "PARE"),
        ("sair", "BR", "SAIR"),
        ("dur", "", "DUR"),
        ("baja", "ES", "BAJA"),
        ("Alto", "MX", "ALTO"),
        ("¡ALTO!", "US", "ALTO"),
        ("Stopp", "DE", "STOPP"),
        ("Sair", "PT", "SAIR"),
        ("停止", "JP", "停止"),
    ],
)
def test_a_whole_message_that_is_a_word_of_leaving_opts_out(text: str, country: str, keyword: str) -> None:
    match = match_keyword(text, country)
    assert match is not None
    assert (match.action, match.keyword) == (OUT, keyword)


@pytest.mark.parametrize("word", EVERYWHERE)
@pytest.mark.parametrize("country", ["", "US", "GB", "CN", "BR", "TR", "ZZ"])
def test_english_words_of_leaving_hold_in_every_country(word: str, country: str) -> None:
    for text in (word, word.lower(), word.title(), f"  {word}\n"):
        match = match_keyword(text, country)
        assert match is not None
        assert (match.action, match.keyword) == (OUT, word)


@pytest.mark.parametrize(
    "text",
    ["stop by tomorrow", "退订单", "T恤有货吗", "please stop texting me", "STOP 123456", "don't stop", "", "  ", "...",
     "STOPSTOP", "s t o p", "🛑", "159104", "YES", "T", "R", "N", "\ud800", "stop please", "stop it", "unstoppable",
     "我要退订", "help me", "start now", "information", "the end", "optout now", "取消"],
)  # fmt: skip
def test_anything_more_than_the_word_is_no_keyword(text: str) -> None:
    assert match_keyword(text) is None


@pytest.mark.parametrize("mark", [*string.punctuation, "“", "”", "。", "!", "…", "🛑", "❤️", "\u200d", "\ufe0f", "\t"])
def test_what_stands_around_a_keyword_does_not_count(mark: str) -> None:
    for text in (f"{mark}STOP", f"STOP{mark}", f"{mark}{mark} stop {mark}"):
        assert normal_form(text) == "stop"


@given(st.text(max_size=30))
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    once = normal_form(text)
    assert normal_form(once) == once


def test_start_opts_in_and_help_asks() -> None:
    def actions(words: str, country: str) -> list[KeywordAction | None]:
        return [match.action if (match := match_keyword(word, country)) else None for word in words.split()]

    assert actions("Start UNSTOP start!", "GB") == [IN, IN, IN]
    assert actions("help? Info", "GB") == [HELP, HELP]
    assert actions("aide contact", "FR") == [HELP, HELP]
    assert actions("AIDE nonarret", "CA") == [HELP, IN]
    assert actions("ajuda", "BR") == actions("yardım", "TR") == actions("ayuda", "MX") == [HELP]


def test_yes_opts_in_only_those_who_are_out() -> None:
    match = match_keyword("yes", is_opted_out=True)
    assert match is not None
    assert match.action is IN
    assert match_keyword("yes") is None


def test_a_letter_opts_out_only_where_it_was_advertised() -> None:
    for text in ("r", "Ｒ", "R。"):
        match = match_keyword(text, "CN", advertised={"R"})
        assert match is not None
        assert (match.action, match.keyword) == (OUT, "R")
    assert match_keyword("t", "CN", advertised={"R"}) is None
    assert match_keyword("r", "CN") is None
    assert match_keyword("q", "CN", advertised={"Q"}) is None


@pytest.mark.parametrize(
    ("text", "country"),
    [("dur", "DE"), ("pare", "US"), ("contact", "GB"), ("sair", "US"), ("iptal", "US"), ("ende", "US"), ("alto", "IT"),
     ("baja", "BR"), ("salir", "US"), ("aide", "US"), ("ayuda", "BR"), ("停止", "CN"), ("stopp", "US")],
)  # fmt: skip
def test_words_of_one_country_are_ordinary_answers_elsewhere(text: str, country: str) -> None:
    assert match_keyword(text, country) is None
