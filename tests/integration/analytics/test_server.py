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

pytestmark = [pytest.mark.integration, pytest.mark.docker]

IMAGE = "clickhouse/clickhouse-server:latest"
CODEC = Codec()
TABLES = raw_tables(CODEC.store)
USAGE = Partition("sms.usage", 0)


@pytest.fixture(scope="module")
def server() -> Iterator[Engine]:
    """A migrated server."""
    docker = pytest.importorskip("docker", reason="no container engine: python docker client is not installed")
    try:
        docker.from_env().ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no container engine: {error}")
    from testcontainers.clickhouse import ClickHouseContainer

    with ClickHouseContainer(IMAGE, username="sluice", password="sluice", dbname="default") as container:
        host, port = container.get_container_host_ip(), container.get_exposed_port(8123)
        engine = open_server(f"http://sluice:sluice@{host}:{port}/default")
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
