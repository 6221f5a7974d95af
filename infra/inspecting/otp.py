"""KIND otp: the signature, the code and its validity that a text holds."""

import msgspec

from infra.inspecting.kind import Kind, Profiles
from pipeline.domain.content.classification import looks
from pipeline.domain.content.codes import read_codes
from pipeline.domain.content.signatures import read_signature


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A text."""

    text: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """`signature` without brackets; `signature_position` 'start', 'end' or 'none'; `otp` as it is typed in."""

    signature: str | None
    signature_position: str
    otp: str | None
    validity_minutes: int | float | None
    looks_like: str
    reasons: tuple[str, ...]


def answer(question: Question, profiles: Profiles) -> Answer:
    """What the text says. Never raises."""
    signed, said = read_signature(question.text), read_codes(question.text)
    seen = looks(question.text, said)
    return Answer(
        signature=signed.signature,
        signature_position=signed.position.value,
        otp=said.code,
        validity_minutes=said.validity_minutes,
        looks_like=seen.kind.value,
        reasons=seen.reasons,
    )


KIND = Kind(
    name="otp",
    about="The signature of a Chinese text; of any the one-time code, how long it is good, what the text looks like.",
    question=Question,
    answer=answer,
    argument="text",
    example_in='{"text":"【云杉银行】您的登录验证码是159104，有效期为5分钟，请立即验证。"}',
    example_out='{"signature":"云杉银行","signature_position":"start","otp":"159104","validity_minutes":5,'
    '"looks_like":"otp","reasons":["code","code-word"]}',
)
