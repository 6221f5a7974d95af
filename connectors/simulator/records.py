"""What the journal holds: one record for each fact that must survive kill -9.

Pure: shapes and their JSON lines. Times are epoch milliseconds, UTC. Texts and numbers are in the clear, since
the simulator's phones are invented; the file is readable by its owner only. Short keys keep lines short.
"""

from __future__ import annotations

import msgspec

from connectors.simulator.wire import Address

Sar = tuple[int, int, int]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="t"):
    """What all records share: the moment it was written."""

    at_ms: int


class SubmitRecord(Record, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="submit"):
    """A submit_sm and how it was answered, with the fate that was chosen for it."""

    seq: int  # counts all submits of the simulator, from 1
    account: str
    bind: int
    status: int = 0
    number: int = 0  # the message id as a number, counted per account; 0 = refused
    source: Address
    destination: Address
    esm_class: int = 0
    data_coding: int = 0
    registered_delivery: int = 0
    payload: bytes = b""
    sar: Sar | None = None
    state: str = ""
    err: str = ""
    due_ms: int = 0  # when the final receipt is due
    copies: int = 0  # how often the final receipt is sent; 0 = none was asked for or none comes
    intermediate: str = ""
    style: str = ""
    counted: tuple[str, ...] = ()


class CountRecord(Record, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="count"):
    """Counters raised without a taken submit (a connection closed on an unheard one)."""

    account: str
    counted: tuple[str, ...]


class ConfirmRecord(Record, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="confirm"):
    """A deliver_sm that its bind answered with OK."""

    account: str
    key: str


class MoRecord(Record, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="mo"):
    """A message from a handset, already cut into parts (each with its header)."""

    account: str
    number: int  # user_message_reference of the first part, counted per account
    source: str
    destination: str
    data_coding: int
    parts: tuple[bytes, ...]
    due_ms: int
    rule: int = -1  # the reply rule that wrote it; -1 = commanded


class MoodRecord(Record, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag="mood"):
    """A mood that was set (or, with body null, dropped) through the control API. match '' = the account's."""

    account: str
    match: str = ""
    body: msgspec.Raw = msgspec.Raw(b"null")


AnyRecord = SubmitRecord | CountRecord | ConfirmRecord | MoRecord | MoodRecord

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)


def encode_line(record: AnyRecord) -> bytes:
    """One record as one line of JSON with its newline."""
    return _encoder.encode(record) + b"\n"


def decode_line(line: bytes) -> AnyRecord:
    """Read one line. Raises ValueError (msgspec's subclass) if it is not a record."""
    return _decoder.decode(line)
