"""All that we take from Faust by private or undocumented name. Pinned to faust-streaming 0.15.3.

* `Stream.channel.queue`, `Channel.__anext__`, `App.flow_control.is_active`, `App.consumer_generation_id`, `Message.
  generation_id`: to yield all that is queued as one list (a stock stream makes a dozen calls an event, FINDINGS
  section 1), leaving out what was fetched before the last rebalance, as the stock stream does. The list is not
  acknowledged: the agent does that after its checkpoint. `Service.maybe_start` and `service_reset` as stock.
* `App(Stream=...)`: the setting that puts it in.
* `Conductor._update_indices`, `Topic.topics`, `Consumer.stop_flow` and `App.flow_control.suspend`: to change what a
  running app reads (`resubscribe`). Its own way waits 45 s, and ending the app to make a new one stops reading three
  times as long.
* `App._fetcher` and friends are *not* touched: the stock drain is used; a lighter one can be put in as a transport.

Settings that matter: `table_standby_replicas=0` (with it and no tables the assignor is plain round robin; Faust's
own gave 1000/0/0 partitions to three workers), `stream_wait_empty=False` (we wait by checkpoints, not by acks).
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import faust
from faust.streams import Stream

from pipeline.agents.credentials import credentials_of
from pipeline.kafka.client import BOOTSTRAP, Client
from pipeline.kafka.ports import InputRecord

BUFFER = 65_536  # removes stalls of a second (FINDINGS section 1)
HEARTBEATS_PER_SESSION = 3


class BatchStream(Stream):  # type: ignore[misc]
    """A stream of lists of events: whatever is queued, never empty, never acknowledged by itself."""

    def __aiter__(self) -> AsyncIterator[list[Any]]:
        return self._batches()

    async def _batches(self) -> AsyncIterator[list[Any]]:
        is_ours = await self.maybe_start()
        app, queue = self.app, self.channel.queue
        try:
            while not self.should_stop:
                try:
                    events = [await self.channel.__anext__()]
                except StopAsyncIteration:  # how Faust ends a channel
                    return
                while not queue.empty():
                    events.append(queue.get_nowait())
                generation = app.consumer_generation_id
                current = [event for event in events if event.message.generation_id == generation]
                if current and app.flow_control.is_active():
                    yield current
        finally:
            self._channel_stop_iteration(self.channel)
            if is_ours:
                await self.stop()
                self.service_reset()


def make_app(name: str, *, client: Client, home: Path, session_timeout_s: float, commit_interval_s: float) -> faust.App:
    """A Faust app for one stage: consumer only, no web server, no tables, no topics of its own.

    Raises ClientUnknown for a setting of `client` that Faust's transport cannot be given.
    """
    datadir = home / "faust" / name
    datadir.parent.mkdir(parents=True, exist_ok=True)  # Faust makes only the last folder
    return faust.App(
        name,
        broker=";".join(f"kafka://{server}" for server in str(client[BOOTSTRAP]).split(",")),
        broker_credentials=credentials_of(client),
        datadir=str(datadir),
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        broker_session_timeout=session_timeout_s,
        broker_heartbeat_interval=session_timeout_s / HEARTBEATS_PER_SESSION,
        broker_rebalance_timeout=session_timeout_s,
        broker_commit_interval=commit_interval_s,
        consumer_auto_offset_reset="earliest",
        stream_buffer_maxsize=BUFFER,
        stream_wait_empty=False,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        Stream=BatchStream,
    )


def raw_topic(app: faust.App, *names: str) -> Any:
    """These topics as one channel of octets: decode errors inside Faust would kill the agent."""
    return app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")


def record_of(event: Any) -> InputRecord:
    """The raw record of a Faust event."""
    message = event.message
    return InputRecord(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp_ms=round(message.timestamp * 1000),
        value=message.value,
        headers=message.headers or (),
        key=message.key,
    )


async def resubscribe(app: faust.App, names: Sequence[str]) -> None:
    """Have a running app of one channel read these topics from now on: one rebalance, without leaving the group.

    Returns once the consumer knows them; the app tells of its partitions when the rebalance is over. Nothing may be
    acknowledged meanwhile: what is acknowledged before is committed here, since the old positions are forgotten.
    """
    if not await app.consumer.commit():  # one was under way, maybe begun before the last acknowledgement
        await app.consumer.commit()
    # As Faust does at a revocation, which it does not notice here, since subscribing ends the assignment first: else it
    # may ask for the end of a partition that is no longer assigned, and crash. The next assignment starts both again.
    app.consumer.stop_flow()
    app.flow_control.suspend()
    for channel in app.topics:
        channel.topics = list(names)
    await app.consumer.subscribe(await app.topics._update_indices())


async def seek_back(app: faust.App, event: Any, offset: int) -> None:
    """Have the partition of an event read again from `offset`."""
    await app.consumer.seek(event.message.tp, offset)


async def crash_of(app: faust.App) -> BaseException:
    """Return why an app crashed, once it does; never if it is stopped in peace."""
    while not app.crashed:
        await asyncio.sleep(0.5)
    return app.crash_reason or RuntimeError(f"Faust app {app.conf.id} crashed")
