"""Laws of the end offsets that the watchdog judges by."""

from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any, cast

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from pipeline.kafka.watchdog import Place, Standing
from pipeline.kafka.watching import _ends

STANDINGS = [Standing(place=Place("validation-express", topic, 0), position=0) for topic in ("kept", "other")]


def ends(answers: dict[str, int | BaseException]) -> dict[tuple[str, int], int] | None:
    """What comes of these answers by topic."""

    def list_offsets(wanted: dict[TopicPartition, Any], **_: Any) -> dict[TopicPartition, Future[Any]]:
        return {place: answered(answers[place.topic]) for place in wanted}

    return _ends(cast(AdminClient, SimpleNamespace(list_offsets=list_offsets)), STANDINGS)


def answered(answer: int | BaseException) -> Future[Any]:
    future: Future[Any] = Future()
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(SimpleNamespace(offset=answer))
    return future


def test_a_topic_that_was_deleted_does_not_blind_the_watchdog_to_the_others() -> None:
    assert ends({"kept": 7, "other": KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART))}) == {("kept", 0): 7}


def test_one_partition_without_an_answer_means_that_kafka_is_away() -> None:
    assert ends({"kept": 7, "other": KafkaException(KafkaError(KafkaError._TIMED_OUT))}) is None
    assert ends({"kept": TimeoutError(), "other": 7}) is None
