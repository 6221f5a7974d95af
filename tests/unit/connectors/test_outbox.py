"""Laws of the connector's outbox that need no broker."""

import asyncio
from typing import Any

from confluent_kafka import KafkaException

from connectors.outbox import Outbox
from pipeline.events.codec import Codec


class BrokenProducer:
    """A producer that has failed for good: librdkafka says so by raising in poll."""

    def __init__(self, _config: dict[str, Any]) -> None: ...

    def poll(self, _timeout_s: float) -> int:
        raise KafkaException("fatal: the idempotent producer cannot go on")

    def flush(self, _timeout_s: float) -> int:
        return 0


async def test_a_producer_that_fails_for_good_is_told_and_does_not_end_in_silence() -> None:
    loop = asyncio.get_running_loop()
    failed: asyncio.Future[BaseException] = loop.create_future()
    outbox = Outbox({}, Codec(), "live", loop=loop, on_fatal=failed.set_result, make_producer=BrokenProducer)
    assert isinstance(await asyncio.wait_for(failed, 5), KafkaException)
    await outbox.close(1)
