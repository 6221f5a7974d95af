"""`sluice message show --reveal`: never silently not done, and never told before it is true."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from infra.commands import messages
from infra.errors import UserError
from infra.reading import revealing
from infra.reading.life import Life
from infra.reading.question import Found
from infra.reveal import RevealRefused


def test_revealing_is_refused_in_words_where_several_messages_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = dict.fromkeys(("account_id", "reference", "status", "message_class", "country"), "")
    found = tuple(Found(message_id=letter * 32, received_at=0, **facts) for letter in "ab")
    monkeypatch.setattr(messages, "_from_sql", lambda *_: (found, None))
    asked: dict[str, Any] = {"reference": "order-7", "home": tmp_path}
    messages.show(**asked)
    with pytest.raises(UserError, match=r"nothing was revealed, .*: name it by its id"):
        messages.show(**asked, is_revealed=True, reason="a complaint")
    assert capsys.readouterr().out.count("b" * 32) == 2


@pytest.mark.parametrize(
    ("says", "is_refused", "is_told"),
    [([{"event": "accepted", "to": "+1"}], False, True), ([{"event": "accepted", "note": "gone"}], False, False),
     ([], True, False)],
)  # fmt: skip
def test_what_is_revealed_is_told_so_only_after_its_audit(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    says: list[dict[str, str]],
    is_refused: bool,
    is_told: bool,
) -> None:
    def reveal(*_: object, has_codes: bool) -> Iterator[dict[str, str]]:
        yield from says
        if is_refused:
            raise RevealRefused("the audit came first, and says no")

    monkeypatch.setattr(revealing, "reveal", reveal)
    monkeypatch.setattr(messages, "client_of", lambda *_: {})
    life = Life(message_id="a" * 32, steps=())
    try:
        messages._show_revealed(Path(), None, life, "why", has_codes=False, as_json=False)
    except RevealRefused:
        assert is_refused
    assert ("Revealed, as sms.audit now says" in capsys.readouterr().out) is is_told


def test_codes_are_only_shown_with_what_is_revealed(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match="--codes goes with --reveal"):
        messages.show(message_id="a" * 32, has_codes=True, home=tmp_path)
