"""Laws of validation over any submission that a producer can write: one answer, nothing personal, nothing unbounded."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.events import topics
from pipeline.events.records import MessageAccepted, MessageRejected, SubmitMessage
from pipeline.stages.routing import Routing
from pipeline.stages.validation import decide
from tests.builders import CLUSTER, CN_NUMBER, CODEC, NOW, SECOND, US_NUMBER, FakeKeyRing, a_rules, a_submission
from tests.fold import Fold

SECRET = "wombat-93174"
LONGS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, -1, NOW, NOW - SECOND, NOW + 60 * SECOND, NOW * 1000])
)
INTS = st.one_of(st.integers(-(2**31), 2**31 - 1), st.sampled_from([0, 1, 2, 60, 300]))
NAMES = st.one_of(st.none(), st.text(max_size=12), st.just(SECRET))
SUBMISSIONS = st.builds(
    SubmitMessage,
    to=st.one_of(st.text(max_size=20), st.sampled_from([US_NUMBER, CN_NUMBER, "8446040924", SECRET])),
    default_region=st.one_of(st.none(), st.sampled_from(["US", "CN", "us", "", "XX", SECRET]), st.text(max_size=3)),
    sender=NAMES,
    text=st.one_of(st.none(), st.text(max_size=400), st.just(SECRET)),
    template_id=st.one_of(st.none(), st.just("code"), NAMES),
    template_version=st.none() | INTS,
    params=st.one_of(st.just({}), st.just({"code": SECRET}), st.dictionaries(st.text(max_size=5), st.just(SECRET))),
    message_class=st.one_of(st.sampled_from(["otp", "service", "marketing", SECRET]), st.text(max_size=8)),
    not_before=st.none() | LONGS,
    valid_for_s=st.none() | INTS,
    created_at=st.none() | LONGS,
    consent_ref=NAMES,
    metadata=st.dictionaries(st.text(max_size=5), st.just(SECRET), max_size=2),
)


@given(SUBMISSIONS, st.sampled_from(["express", "bulk"]))
@settings(max_examples=400, deadline=None)
def test_any_submission_has_one_answer_that_routing_can_take(submitted: SubmitMessage, lane: str) -> None:
    events = _decide(submitted, lane)
    (emit,) = events
    assert isinstance(emit.record, MessageAccepted | MessageRejected)
    assert (emit.topic, emit.key) == (topics.LIFECYCLE, emit.record.recipient_id)
    if isinstance(emit.record, MessageAccepted):
        assert 1 <= emit.record.segment_count <= 10
        assert NOW < emit.record.expires_at <= NOW + 72 * 3600 * SECOND
        assert 0 <= emit.record.not_before < emit.record.expires_at
    assert Fold(Routing()).give(emit.record)


@given(SUBMISSIONS, st.sampled_from(["express", "bulk"]))
@settings(max_examples=300, deadline=None)
def test_in_no_field_does_a_text_or_number_come_out_in_the_clear(submitted: SubmitMessage, lane: str) -> None:
    for emit in _decide(submitted, lane):
        written = emit.key.encode() + CODEC.encode(emit.record)
        assert submitted.sender == SECRET or SECRET.encode() not in written
        assert not any(number in written for number in (b"6040924", b"13800138000"))


@given(SUBMISSIONS)
@settings(max_examples=100, deadline=None)
def test_deciding_again_gives_the_same_bytes(submitted: SubmitMessage) -> None:
    once, again = ([CODEC.encode(emit.record) for emit in _decide(submitted, "express")] for _ in range(2))
    assert once == again


def _decide(submitted: SubmitMessage, lane: str) -> Any:
    submission = a_submission(submitted, lane=lane)
    keys = FakeKeyRing()
    return decide(submission, now=NOW, rules=a_rules(), keys=keys, cluster_id=CLUSTER, codec=CODEC).events
