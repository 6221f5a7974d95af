"""The HTTP front as genuine clients see it, and the same questions asked of the engine directly and over HTTP."""

import asyncio
import gzip
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import clickhouse_connect
import httpx
import lz4.frame
import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from analytics.asking import AskLimits
from analytics.client import QueryFailed, query
from analytics.front import Front, FrontOptions
from pipeline.events.records import MessageRouted, RouteCandidate, UsageRecorded
from tests.integration.analytics.engine_rig import Journal

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def url(engine_journal: Journal) -> Iterator[str]:
    """A front over the session's engine, in a thread with a loop of its own."""
    if engine_journal.data_dir is None:
        pytest.skip("the front is the embedded engine's; a server has its own")
    engine_journal.clear()
    money = {"charge_micros": 12_345, "currency": "USD", "occurred_at": 1_767_607_200_123_456}
    engine_journal.put("sms.usage", [UsageRecorded(message_id=f"m{n}", account_id="acme", **money) for n in range(10)])
    candidates = (RouteCandidate(carrier="north", is_eligible=True, score=7, reason="chosen"),)
    engine_journal.put("sms.routed.bulk", [MessageRouted(message_id="m0", candidates=candidates)])
    loop = asyncio.new_event_loop()
    options = FrontOptions(threads=2, limits=AskLimits(execution_s=2, result_octets=5_000_000))
    front = loop.run_until_complete(_front(engine_journal.data_dir, options))
    port = loop.run_until_complete(front.start())
    thread = threading.Thread(target=loop.run_forever, name="front")
    thread.start()
    yield f"http://127.0.0.1:{port}"
    asyncio.run_coroutine_threadsafe(front.stop(), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    engine_journal.clear()


async def _front(data_dir: Path, options: FrontOptions) -> Front:
    return Front(data_dir, options, lambda: {"is_well": True, "rows": 11})


def _port(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


@pytest.fixture(params=["engine", "http"])
def client(request: pytest.FixtureRequest, url: str, engine_journal: Journal) -> Iterator[Any]:
    """clickhouse-connect's client: over the engine in this process, and its own HTTP client over the front."""
    if request.param == "engine":
        found = clickhouse_connect.get_client(interface="chdb", path=str(engine_journal.data_dir), database="sluice")
    else:
        found = clickhouse_connect.get_client(host="127.0.0.1", port=_port(url))
    yield found
    found.close()


def test_a_query_gives_typed_rows(client: Any) -> None:
    result = client.query("SELECT message_id, charge, occurred_at FROM usage ORDER BY offset LIMIT 1")
    assert result.column_names == ("message_id", "charge", "occurred_at")
    (message_id, charge, occurred_at), *_ = result.result_rows
    assert (message_id, charge) == ("m0", Decimal("0.012345"))
    assert occurred_at.replace(tzinfo=UTC) == datetime(2026, 1, 5, 10, 0, 0, 123456, tzinfo=UTC)


def test_parameters_are_bound_by_the_server(client: Any) -> None:
    sql = (
        "SELECT {name:String} AS name, {ids:Array(UInt8)} AS ids, count() AS n FROM usage WHERE offset < {below:Int64}"
    )
    result = client.query(sql, parameters={"name": "it's\ta 'name'", "ids": [1, 2], "below": 3})
    assert result.result_rows == [("it's\ta 'name'", [1, 2], 3)]


def test_arrays_of_tuples_arrive_whole(client: Any) -> None:
    result = client.query("SELECT candidates FROM message_routed")
    assert result.result_rows == [([{"carrier": "north", "is_eligible": True, "score": 7, "reason": "chosen"}],)]


def test_no_rows_still_have_columns(client: Any) -> None:
    result = client.query("SELECT * FROM coverage WHERE topic = 'nowhere' LIMIT 0")
    assert result.column_names[:2] == ("topic", "partition")


def test_commands_answer_with_their_value(client: Any) -> None:
    assert client.command("SELECT count() FROM usage") == 10


def test_every_view_can_be_asked(client: Any) -> None:
    for view in ("messages", "timeline", "usage", "carrier_hourly", "suppressions", "audit", "coverage"):
        assert client.query(f"SELECT count() FROM {view}").result_rows[0][0] >= 0


def test_a_wrong_query_is_answered_with_clickhouses_code(client: Any) -> None:
    with pytest.raises(DatabaseError, match=r"(Code|code): 60"):
        client.query("SELECT * FROM nowhere")


def test_formats_come_as_asked(client: Any) -> None:
    assert client.raw_query("SELECT message_id FROM usage ORDER BY offset LIMIT 2", fmt="CSV") == b'"m0"\n"m1"\n'


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", False])
def test_the_genuine_client_reads_every_compression(url: str, compression: Any) -> None:
    with clickhouse_connect.get_client(host="127.0.0.1", port=_port(url), compress=compression) as client:
        assert len(client.query("SELECT number FROM numbers(100000)").result_rows) == 100_000


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_curl_works_by_url_and_by_body(url: str) -> None:
    def curl(*arguments: str) -> str:
        return subprocess.run(["curl", "-sS", *arguments], capture_output=True, text=True, check=True).stdout

    assert curl(f"{url}/ping") == "Ok.\n"
    assert curl("-G", url, "--data-urlencode", "query=SELECT 1") == "1\n"
    assert curl(url, "--data-binary", "SELECT count() FROM usage FORMAT TSV") == "10\n"
    assert curl("-G", url, "--data-urlencode", "query=SELECT {x:UInt8} + 1", "-d", "param_x=4") == "5\n"
    assert curl("--compressed", f"{url}/?enable_http_compression=1", "-d", "SELECT 7") == "7\n"


def test_format_json_is_clickhouses_json(url: str) -> None:
    answer = httpx.post(url, content="SELECT charge FROM usage LIMIT 1 FORMAT JSON")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["meta"] == [{"name": "charge", "type": "Decimal(38, 6)"}]
    assert answer.headers["x-clickhouse-format"] == "JSON"
    assert answer.headers["x-clickhouse-summary"].startswith('{"read_rows":"')


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("lz4", lz4.frame.compress)])
def test_a_compressed_body_is_read(url: str, encoding: str, compress: Any) -> None:
    answer = httpx.post(url, content=compress(b"SELECT 7"), headers={"Content-Encoding": encoding})
    assert answer.text == "7\n"


def test_a_body_that_is_not_as_it_says_is_refused(url: str) -> None:
    answer = httpx.post(url, content=b"SELECT 7", headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (400, "271")


WAYS_OUT = [
    "DROP TABLE usage_recorded",
    "INSERT INTO usage_recorded (message_id) VALUES ('x')",
    "INSERT INTO usage_recorded SELECT * FROM usage_recorded",
    "TRUNCATE TABLE usage_recorded",
    "SYSTEM FLUSH LOGS",
    "SET readonly = 0",
    "KILL QUERY WHERE 1",
    "SELECT 1 INTO OUTFILE '/tmp/never'",
    "SELECT 1 INTO /* a comment */ OUTFILE '/tmp/never'",
    "EXPLAIN AST SELECT 1 INTO OUTFILE '/tmp/never'",
    "SELECT file('/etc/hostname')",
    "SELECT FILE('/etc/hostname')",
    "SELECT (SELECT file('/etc/hostname'))",
    "WITH x AS (SELECT file('/etc/hostname') AS f) SELECT * FROM x",
    "SELECT * FROM file('/etc/hostname', 'LineAsString')",
    "SELECT 1 IN file('/etc/hostname')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM merge('sluice', '.*')",
    "SELECT * FROM remote('127.0.0.1:1', 'system', 'one')",
    "SELECT * FROM executable('id', 'TSV', 'a String')",
    "SELECT * FROM default.`/etc/hostname`",
    "SELECT * FROM view(SELECT file('/etc/hostname'))",
    "DESCRIBE file('/etc/hostname')",
    "EXPLAIN SELECT file('/etc/hostname')",
    "SELECT aiGenerate('x', 'y')",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 PARALLEL WITH SELECT 2",
    "SELECT 1 FORMAT JSON SETTINGS max_memory_usage = 0",
]


@pytest.mark.parametrize("sql", WAYS_OUT)
def test_every_way_out_is_refused(url: str, sql: str) -> None:
    answer = httpx.post(url, content=sql)
    assert answer.status_code == 403, answer.text
    assert answer.headers["x-clickhouse-exception-code"] == "164"
    assert answer.text.startswith("Code: 164.")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'INTO OUTFILE', `a b`.x FROM (SELECT 1 AS x) AS `a b` -- INTO OUTFILE",
        "SELECT format('{} {}', 'file', 'url')",
        "SHOW TABLES",
        "DESCRIBE messages",
        "SHOW CREATE TABLE usage",
        "EXPLAIN SELECT 1",
        "SELECT 1;",
        "(SELECT 1) UNION ALL SELECT 2",
        "SELECT name FROM system.tables WHERE database = 'sluice'",
    ],
)
def test_what_only_reads_is_answered(url: str, sql: str) -> None:
    answer = httpx.post(url, content=sql)
    assert answer.status_code == 200, answer.text


def test_a_parameter_cannot_name_what_a_query_may_not(url: str) -> None:
    sql = "SELECT * FROM {database:Identifier}.{table:Identifier}"
    answer = httpx.post(url, params={"param_database": "default", "param_table": "/etc/hostname"}, content=sql)
    assert answer.headers["x-clickhouse-exception-code"] == "164"


def test_two_statements_are_a_syntax_error(url: str) -> None:
    answer = httpx.post(url, content="SELECT 1; SELECT 2")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (400, "62")


def test_a_query_past_its_time_is_stopped(url: str) -> None:
    answer = httpx.post(url, content="SELECT count() FROM numbers(1000000000000)", timeout=20)
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (408, "159")


def test_more_queries_than_threads_are_told_to_come_back(url: str) -> None:
    async def ask_all() -> list[httpx.Response]:
        slow = "SELECT count() FROM numbers(1000000000000)"
        async with httpx.AsyncClient(timeout=20) as client:
            return list(await asyncio.gather(*(client.post(url, content=slow) for _ in range(4))))

    codes = sorted(answer.status_code for answer in asyncio.run(ask_all()))
    assert codes == [408, 408, 503, 503]


def test_a_request_may_lower_its_time_but_not_lift_it(url: str) -> None:
    slow = "SELECT count() FROM numbers(1000000000000)"
    for seconds in ("1", "1000", "0"):
        answer = httpx.post(url, params={"max_execution_time": seconds}, content=slow, timeout=20)
        assert answer.headers["x-clickhouse-exception-code"] == "159"


def test_a_result_past_its_size_is_refused(url: str) -> None:
    answer = httpx.post(url, content="SELECT repeat('x', 1000) FROM numbers(100000)")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (413, "396")


@pytest.mark.parametrize("setting", ["max_memory_usage", "format_template_row", "output_format_schema", "nonsense"])
def test_a_setting_that_is_not_accepted_is_named(url: str, setting: str) -> None:
    answer = httpx.post(url, params={setting: "0"}, content="SELECT 1")
    assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (404, "115")
    assert setting in answer.text


def test_settings_of_one_request_do_not_reach_the_next(url: str) -> None:
    once = httpx.post(
        url, params={"output_format_json_quote_64bit_integers": "1"}, content="SELECT 1::Int64 FORMAT JSON"
    )
    again = httpx.post(url, content="SELECT getSetting('output_format_json_quote_64bit_integers')")
    assert '"1"' in once.text
    assert again.text == "false\n"


def test_health_gives_the_sinks_facts(url: str) -> None:
    assert httpx.get(f"{url}/health").json() == {"is_well": True, "rows": 11}


def test_the_client_of_the_command_line_gives_text_or_clickhouses_words(url: str) -> None:
    assert query(url, "SELECT 1 AS one", "TabSeparatedWithNames") == "one\n1\n"
    with pytest.raises(QueryFailed, match="nowhere") as caught:
        query(url, "SELECT * FROM nowhere")
    assert caught.value.code == 60
    with pytest.raises(QueryFailed, match="is the sink running"):
        query("http://127.0.0.1:1", "SELECT 1")
