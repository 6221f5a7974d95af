"""KIND receipt-match: whether a receipt's id names the message whose submit_sm_resp carried the other id."""

import msgspec

from infra.inspecting.kind import CannotAnswer, Kind, Profiles
from pipeline.domain.smpp.receipt_ids import MODES, STRING, is_same_id


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Two ids, and how they compare: a `mode` of `receipt_ids`; 'string' without one."""

    submit_sm_resp_id: str
    receipt_id: str
    mode: int | str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    match: bool


def answer(question: Question, profiles: Profiles) -> Answer:
    """Compare. Raises CannotAnswer('invalid-field') for a mode that is none."""
    mode = STRING if question.mode is None else str(question.mode)
    if mode not in MODES:
        raise CannotAnswer("invalid-field", f"mode={question.mode!r}, expected 0-3, 'string' or 'lenient'")
    return Answer(match=is_same_id(question.submit_sm_resp_id, question.receipt_id, mode))


KIND = Kind(
    name="receipt-match",
    about="Whether a receipt's id and a submit response's id are the same message.",
    question=Question,
    answer=answer,
    argument="receipt_id",
    example_in='{"submit_sm_resp_id":"0059113978","receipt_id":"38601fa","mode":2}',
    example_out='{"match":true}',
)
