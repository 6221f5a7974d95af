"""A copy of the `schemas/` folder that goes on as a reviewed change would make it: for tests that plant faults."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from infra.schemas.history import fingerprint
from pipeline.events.schema_store import SCHEMAS, SchemaStore


def a_copy(folder: Path) -> Path:
    """A copy of the schemas under a folder."""
    return Path(shutil.copytree(SCHEMAS, folder / "schemas"))


def a_new_version(copy: Path, record: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Publish the next version of a record: the old text to history, a new id, the right fingerprint."""
    store = SchemaStore(copy)
    newest = store.newest(record)
    shutil.copy(copy / f"{record}.avsc", copy / "history" / f"{record}.v{newest.version}.avsc")
    schema = newest.json
    change(schema)
    text = json.dumps(schema)
    (copy / f"{record}.avsc").write_text(text)
    ids = yaml.safe_load((copy / "ids.yaml").read_text())
    ids[record].append(
        {
            "version": newest.version + 1,
            "id": max(entry.id for entry in store.entries()) + 1,
            "fingerprint": fingerprint(text),
        }
    )
    (copy / "ids.yaml").write_text(yaml.safe_dump(ids, sort_keys=False))


def field_of(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """A field of a schema, to be changed in place."""
    found: dict[str, Any] = next(field for field in schema["fields"] if field["name"] == name)
    return found
