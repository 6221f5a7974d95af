"""The same tables, inserts and views on a real ClickHouse server, in a container."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from analytics.ddl import raw_tables
from analytics.engine import Engine, open_server
from analytics.gate import check_gate
from analytics.migrator import migrate
from analytics.sink.fold import Holding, PartitionFold
from analytics.sink.records import Partition, Row, Taken
from analytics.sink.resume import resume_holdings
from analytics.sink.writer import Writer
from pipeline.events.codec import Codec
from pipeline.events.headers import headers_of
from pipeline.events.records import UsageRecorded
from tests.containers import a_clickhouse

pytestmark = [pytest.mark.integration, pytest.mark.docker]

CODEC = Codec()
TABLES = raw_tables(CODEC.store)
USAGE = Partition("sms.usage", 0)


@pytest.fixture(scope="module")
def server() -> Iterator[Engine]:
    """A migrated server."""
    with a_clickhouse() as dsn:
        engine = open_server(dsn)
        migrate(engine)
        yield engine
        engine.close()


def test_a_server_holds_and_answers_as_the_embedded_engine_does(server: Engine) -> None:
    check_gate(server, TABLES)
    fold = PartitionFold(
        USAGE, Holding(), store=CODEC.store, records=frozenset({"UsageRecorded"}), epoch="live", explain=lambda *_: ""
    )
    rows = []
    for offset in range(10):
        value = CODEC.encode(UsageRecorded(message_id=f"m{offset}", charge_micros=12_345, currency="USD"))
        taken = Taken(USAGE, offset, 1, value, headers_of(None, "live"))
        rows += [each for each in fold.take(taken) if isinstance(each, Row)]
    assert Writer(server, CODEC.store, TABLES).write_rows(rows, {USAGE: (0, 9)}) == []
    assert server.rows("SELECT sum(charge) FROM sluice.usage") == [(Decimal("0.12345"),)]
    assert server.rows("SELECT rows, gaps, doubles FROM sluice.coverage") == [(10, 0, 0)]
    assert resume_holdings(server, TABLES)[USAGE].offsets == frozenset(range(10))
