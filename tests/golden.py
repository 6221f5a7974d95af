"""The golden octets: the example of every version of every record as a Kafka value, made once and kept for ever.

`python -m tests.golden` makes those that are missing. It never overwrites: what is in somebody's log does not change
either.
"""

import io
import struct
import sys
from pathlib import Path

import fastavro

from pipeline.events.schema_store import SCHEMAS, SchemaEntry, default_store
from tests import examples

FOLDER = SCHEMAS / "golden"


def path_of(entry: SchemaEntry, folder: Path = FOLDER) -> Path:
    """The golden file of a version."""
    return folder / f"{entry.record}.v{entry.version}.bin"


def written(entry: SchemaEntry) -> bytes:
    """The example as a writer of that version frames it."""
    buffer = io.BytesIO(struct.pack(">bI", 0, entry.id))
    buffer.seek(0, io.SEEK_END)
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(entry.json), examples.fields_of(entry))
    return buffer.getvalue()


def make_missing(folder: Path = FOLDER) -> list[Path]:
    """Write the golden files that do not exist yet; returns them."""
    made = []
    for entry in default_store().entries():
        path = path_of(entry, folder)
        if path.exists():
            continue
        with path.open("xb") as file:  # refuses what another has made meanwhile
            file.write(written(entry))
        made.append(path)
    return made


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    found = make_missing()
    sys.stdout.write("".join(f"made {path}\n" for path in found) or "Every version has its golden file.\n")
