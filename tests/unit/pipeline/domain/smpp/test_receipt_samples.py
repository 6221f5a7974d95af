"""Receipts that carriers and gateways have written, and what they say: facts from public sources, each named.

Where a source's own reader says otherwise, the README of `pipeline` has a table that says why.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.domain.smpp.receipts import parse_receipt

SAMPLES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("receipt_samples.yaml").read_text("utf-8"))
NAMES = [f"{number}-{each['source'][:40]}" for number, each in enumerate(SAMPLES)]
_NOTHING = dict.fromkeys(("id", "sub", "dlvrd", "submit", "done", "stat", "err", "text"))


def written(sample: dict[str, Any]) -> str | bytes:
    return bytes.fromhex(sample["octets"]) if "octets" in sample else str(sample["written"])


def read(short_message: str | bytes) -> dict[str, Any]:
    receipt = parse_receipt(short_message, receipted_message_id=None, message_state=None, network_error_code=None)
    return {
        "id": receipt.smsc_id or None,
        "sub": receipt.sub,
        "dlvrd": receipt.dlvrd,
        "submit": receipt.submit_date and receipt.submit_date.isoformat(),
        "done": receipt.done_date and receipt.done_date.isoformat(),
        "stat": receipt.stat or None,
        "err": receipt.err or None,
        "text": receipt.text,
        "state": receipt.state.value,
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_what_the_field_has_written_is_read(sample: dict[str, Any]) -> None:
    assert read(written(sample)) == {**_NOTHING, **sample["says"]}


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_octets_and_their_text_are_the_same_receipt_in_every_encoding(sample: dict[str, Any]) -> None:
    given = written(sample)
    text = given if isinstance(given, str) else given.decode("latin-1")
    for encoding in ("utf-8", "utf-16-be", "utf-16-le", "utf-16"):
        assert read(text.encode(encoding)) == read(text)


def test_there_are_samples_of_many_sources() -> None:
    assert len(SAMPLES) > 50
    assert len({each["source"] for each in SAMPLES}) == len(SAMPLES)
