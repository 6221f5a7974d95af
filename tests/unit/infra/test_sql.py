"""Questions to a server: where they go, and what is said of an address that is none."""

from pathlib import Path

import httpx
import pytest

from infra import sql


def test_the_database_in_the_address_is_asked_by_name_and_not_as_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[httpx.URL] = []

    def post(url: str, *, params: dict[str, str], **_: object) -> httpx.Response:
        asked.append(httpx.URL(url, params=params))
        return httpx.Response(200, text='{"n": 1}\n')

    monkeypatch.setattr(httpx, "post", post)
    for address in ("http://u:p@h:8123/mine", "http://u:p@h:8123"):
        monkeypatch.setenv(sql.SERVER, address)
        assert sql.ask(tmp_path, "SELECT 1") == [{"n": 1}]
    assert [(url.path, url.params["database"]) for url in asked] == [("/", "mine"), ("/", "sluice")]
    assert {url.userinfo for url in asked} == {b"u:p"}


@pytest.mark.parametrize("address", ["http://u:se/cret@h:8123/", "http://[h"])
def test_an_address_that_is_none_is_told_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(sql.SERVER, address)
    with pytest.raises(
        sql.SqlFailed, match=f"^{sql.SERVER} is no URL, expected http://user:password@host:port/database$"
    ):
        sql.ask(tmp_path, "SELECT 1")
