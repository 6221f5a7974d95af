"""`sluice inspect reply`: what a text from a phone asks for, as the connectors and routing read it."""

import msgspec

from infra.inspecting.kind import Kind, Profiles
from pipeline.domain.replies.advertised import advertised_words
from pipeline.domain.replies.keywords import LETTERS, match_keyword, normal_form
from pipeline.domain.replies.wishes import find_wish


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """`country` is ISO 3166-1 alpha-2 in any case, unknown where absent, null or ''.

    `last_mt_unsubscribe` is how the last message said that one may leave: the letter ("R"), those words of it
    ("拒收请回复R"), the whole message, a list of such, or true: one of the usual letters,
    nobody knows which.
    """

    text: str
    country: str | None = None
    last_mt_unsubscribe: str | list[str] | bool | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`needs_review` only where `action` is 'none'; `rule` is what flagged it."""

    action: str
    needs_review: bool
    keyword: str | None
    rule: str | None


def answer(question: Question, _: Profiles) -> Answer:
    """The keyword that the text is, else whether a person should read it."""
    advertised = _advertised(question.last_mt_unsubscribe)
    match = match_keyword(question.text, question.country or "", advertised=advertised)
    if match is not None:
        return Answer(action=match.action.value, needs_review=False, keyword=match.keyword, rule=None)
    rule = "advertised-word" if normal_form(question.text).upper() in advertised else find_wish(question.text)
    return Answer(action="none", needs_review=rule is not None, keyword=None, rule=rule)


def _advertised(last: str | list[str] | bool | None) -> frozenset[str]:
    if isinstance(last, bool):
        return LETTERS if last else frozenset()
    return frozenset[str]().union(*map(advertised_words, [last] if isinstance(last, str) else last or []))


KIND = Kind(
    name="reply",
    about="what a text from a phone asks for: opt-out, opt-in, help, or a wish for a person to read",
    question=Question,
    answer=answer,
    argument="text",
    example_in='{"text":"please stop texting me","country":"US","last_mt_unsubscribe":null}',
    example_out='{"action":"none","needs_review":true,"keyword":null,"rule":"stop-contact"}',
)
