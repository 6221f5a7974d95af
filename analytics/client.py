"""A query over ClickHouse's HTTP interface, for `sluice query` and scripts: our front or a real server."""

import httpx


class QueryFailed(Exception):
    """The server refused; the message is ClickHouse's own, `code` its number (0 if it never answered)."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


def query(url: str, sql: str, fmt: str = "PrettyCompact", *, timeout_s: float = 60.0) -> str:
    """The answer of a query as text in a ClickHouse format; a FORMAT in the query itself wins.

    `url` is http://host:port. Raises QueryFailed.
    """
    try:
        response = httpx.post(url, params={"default_format": fmt}, content=sql.encode(), timeout=timeout_s)
    except httpx.HTTPError as error:
        raise QueryFailed(f"no answer from {url}: {error}; is the sink running?") from error
    if response.status_code != 200:
        raise QueryFailed(response.text.strip(), int(response.headers.get("X-ClickHouse-Exception-Code", 0)))
    return response.text
