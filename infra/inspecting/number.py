"""`sluice inspect number`: whom a message would go to, by the same reading as validation's."""

import msgspec

from infra.inspecting.kind import Kind, Problem, Profiles
from pipeline.domain.china_prefixes import operator_hint
from pipeline.domain.numbers import SANDBOX_NUMBER, InvalidNumber, read_number


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A number as somebody wrote it; `default_region` (ISO 3166 alpha-2) reads one without '+'."""

    raw: str
    default_region: str | None = None


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """Which Chinese operator gave the number out, and whether another may serve it now."""

    operator: str
    may_have_ported: bool


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`type` is phonenumbers' word in lower case.

    A number whose type gets no messages has all of it and `error`, which is left out where there is none.
    """

    e164: str | None = None
    region: str | None = None
    type: str | None = None
    error: Problem | msgspec.UnsetType = msgspec.UNSET
    sandbox: bool = False
    operator_hint: Hint | None = None


def answer(question: Question, _: Profiles) -> Answer:
    """The number in E.164 with region and type, or the reason why no message goes there."""
    try:
        number, refusal = read_number(question.raw, question.default_region)
    except InvalidNumber as no:
        return Answer(error=_problem(no))
    hint = operator_hint(number.e164) if number.country_code == 86 else None
    return Answer(
        e164=number.e164,
        region=number.region,
        type=number.number_type,
        error=msgspec.UNSET if refusal is None else _problem(refusal),
        sandbox=number.e164 == SANDBOX_NUMBER,
        operator_hint=None if hint is None else Hint(operator=hint.operator, may_have_ported=hint.may_have_ported),
    )


def _problem(no: InvalidNumber) -> Problem:
    return Problem(code=no.code, detail=no.detail)


KIND = Kind(
    name="number",
    about="A phone number in E.164, its region and type; or why no message goes there.",
    question=Question,
    answer=answer,
    argument="raw",
    example_in='{"raw":"(844) 604-0924","default_region":"US"}',
    example_out=('{"e164":"+18446040924","region":"US","type":"toll_free","sandbox":true,"operator_hint":null}'),
)
