"""What is said of a revision whose commit fails: nothing of it counts, or nobody knows."""

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from infra.config.publish import PublishFailed, _explained, _write
from pipeline.events.records import ControlRecorded


class Failing(Producer):
    """Takes records, and fails at the commit."""

    def __init__(self, error: KafkaError) -> None:
        super().__init__({"bootstrap.servers": "nowhere:1", "log_level": 0})
        self.error = error
        self.is_aborted = False

    def begin_transaction(self) -> None:
        pass

    def produce(self, *_: object, **__: object) -> None:
        pass

    def commit_transaction(self, *_: object) -> None:
        raise KafkaException(self.error)

    def abort_transaction(self, *_: object) -> None:
        self.is_aborted = True
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "no answer"))


@pytest.mark.parametrize(
    ("error", "is_aborted", "says"),
    [
        (
            KafkaError(KafkaError._TIMED_OUT, "no answer", False, True, False),
            False,
            "it is not known whether revision 7",
        ),
        (KafkaError(KafkaError._FATAL, "broken", True, False, False), False, "it is not known whether revision 7"),
        (KafkaError(KafkaError._MSG_TIMED_OUT, "late", False, False, True), True, "Kafka at nowhere:1: late"),
        (KafkaError(KafkaError._FENCED, "gone", True, False, False), False, "nothing was written"),
    ],
)
def test_a_commit_that_fails_says_whether_the_revision_may_count(
    error: KafkaError, is_aborted: bool, says: str
) -> None:
    producer = Failing(error)
    record = ControlRecorded(revision=7, kind="revision", id="7", body="{}", author="ann", reason="tests")
    with pytest.raises(PublishFailed, match=says), _explained({"bootstrap.servers": "nowhere:1"}):
        _write(producer, [record], "live")
    assert producer.is_aborted is is_aborted
