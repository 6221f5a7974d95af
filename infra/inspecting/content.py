"""KIND content: what a text of a class may not say in a country, or leaves out."""

import msgspec

from infra.inspecting.kind import Kind, Profiles
from pipeline.domain.classes import MessageClass
from pipeline.domain.content.checks import violations


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A text, its class, the recipient's country (ISO 3166 alpha-2), and hosts that links may name."""

    text: str
    message_class: MessageClass
    country: str | None = None
    filed_hosts: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Codes of `pipeline.domain.content.checks.CHECKS`, in its order."""

    violations: tuple[str, ...]


def answer(question: Question, profiles: Profiles) -> Answer:
    """What is to be mended. Never raises."""
    hosts = frozenset(each.lower() for each in question.filed_hosts)
    found = violations(question.text, question.message_class, question.country or "", filed_hosts=hosts)
    return Answer(violations=found)


KIND = Kind(
    name="content",
    about="What is wrong with a text of this class in this country; its codes are listed in pipeline/domain/README.md.",
    question=Question,
    answer=answer,
    argument="text",
    example_in='{"text":"您的验证码是159104，退订回T","message_class":"otp","country":"CN"}',
    example_out='{"violations":["signature-missing","otp-has-unsubscribe"]}',
)
