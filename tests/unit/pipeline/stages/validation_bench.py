"""Validation by hand, for its tests: one submission in, one answer out."""

import struct
from typing import Any

from pipeline.domain.rules import Rules
from pipeline.domain.sealing import unseal
from pipeline.events.records import MessageAccepted, MessageRejected, SealedContent
from pipeline.events.schema_store import default_store
from pipeline.stages.decision import Decision
from pipeline.stages.validation import Submission, decide
from tests.builders import (
    CLUSTER,
    CODEC,
    NOW,
    FakeKeyRing,
    a_rules,
)

SECRET = "Quokka 731904 marmalade"  # a text that may stand nowhere in the clear
SUBMIT_ID = default_store().newest("SubmitMessage").id


FRAME = struct.pack(">bI", 0, SUBMIT_ID)


def validate(submission: Submission, rules: Rules | None = None) -> Decision:
    return decide(submission, now=NOW, rules=rules or a_rules(), keys=FakeKeyRing(), cluster_id=CLUSTER, codec=CODEC)


def accepted(submission: Submission, rules: Rules | None = None) -> MessageAccepted:
    (emit,) = validate(submission, rules).events
    assert isinstance(emit.record, MessageAccepted), emit.record
    return emit.record


def rejected(submission: Submission, rules: Rules | None = None) -> MessageRejected:
    emit = validate(submission, rules).events[-1]
    assert isinstance(emit.record, MessageRejected), emit.record
    return emit.record


def content_of(record: MessageAccepted, owner: str = "acme") -> SealedContent:
    key = FakeKeyRing().data_key(owner, record.key_day)
    return CODEC.decode(unseal(key, record.sealed_content, record.message_id.encode()), SealedContent)


def with_fields(submission: Submission, **changes: Any) -> Submission:
    """A submission with fields replaced."""
    fields = {name: getattr(submission, name) for name in Submission.__slots__}
    return Submission(**(fields | changes))
