"""What a person writes (options, JSON lines, CSV) as SubmitMessage. Pure; every error names the line and the field."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, TextIO

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pipeline.domain.classes import Lane, MessageClass, lane_of
from pipeline.errors import ForTheUser
from pipeline.events.records import SubmitMessage

_MAPS = {"params": ("param.", "params."), "metadata": ("metadata.",)}
"""CSV columns such as param.code become entries of a map."""


class RowInvalid(ForTheUser, ValueError):
    """One row cannot be a message; the message says which line, field and value, and what was expected."""


def _micros(value: object) -> object:
    if not isinstance(value, str) or value.isdigit():
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("expected an ISO 8601 time with its offset, or UTC microseconds") from None
    if moment.tzinfo is None:
        raise ValueError("a time without an offset; expected such as 2026-12-01T09:00:00+08:00")
    return round(moment.timestamp() * 1_000_000)


def _class(value: str) -> str:
    if value not in tuple(MessageClass):
        raise ValueError(f"expected one of {', '.join(MessageClass)}")
    return value


def _unicode(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"character {error.start} is half a surrogate pair, or not UTF-8") from None
    return value


Text = Annotated[str, AfterValidator(_unicode)]
Int = Annotated[int, Field(ge=-(2**31), lt=2**31)]
Micros = Annotated[int, BeforeValidator(_micros), Field(ge=-(2**63), lt=2**63)]
"""Each as wide as the schema of SubmitMessage can hold it."""


class _Row(BaseModel):
    """The fields of SubmitMessage, with times as people write them."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[Text, Field(min_length=1)]
    default_region: Text | None = None
    sender: Text | None = None
    text: Text | None = None
    template_id: Text | None = None
    template_version: Int | None = None
    params: dict[Text, Text] = {}
    message_class: Annotated[str, AfterValidator(_class)]
    idempotency_key: Text | None = None
    reference: Text | None = None
    campaign_id: Text | None = None
    not_before: Micros | None = None
    valid_for_s: Int | None = None
    consent_ref: Text | None = None
    created_at: Micros | None = None
    metadata: dict[Text, Text] = {}


def message_of(fields: Mapping[str, Any], place: str = "") -> SubmitMessage:
    """One message. Raises RowInvalid for an unknown or missing field, or a value of another kind."""
    try:
        row = _Row.model_validate({name: value for name, value in fields.items() if value not in (None, "")})
    except ValidationError as error:
        said = "; ".join(_words(each) for each in error.errors(include_url=False))
        raise RowInvalid(f"{place}{said}") from error
    if (row.text is None) == (row.template_id is None):
        raise RowInvalid(f"{place}expected either text or template_id")
    return SubmitMessage(**row.model_dump())


def lane_of_message(message: SubmitMessage) -> Lane:
    """The lane that its class travels in."""
    return lane_of(MessageClass(message.message_class))


def rows_of_json(lines: TextIO, defaults: Mapping[str, Any]) -> Iterator[tuple[int, SubmitMessage | RowInvalid]]:
    """(line number from 1, message or what is wrong with it); empty lines are skipped."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        yield number, _json_row(number, line, defaults)


def rows_of_csv(lines: TextIO, defaults: Mapping[str, Any]) -> Iterator[tuple[int, SubmitMessage | RowInvalid]]:
    """As `rows_of_json`, of a CSV with a header; columns are fields, param.<name> and metadata.<name>.

    Raises RowInvalid if there is no header with a column `to`.
    """
    reader = csv.DictReader(lines, restkey="", restval=None)
    if "to" not in (reader.fieldnames or ()):
        count = len(reader.fieldnames or ())  # not what they are: without a header these are somebody's number and text
        raise RowInvalid(f"line 1: no column 'to' among {count}, expected a header with one")
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, RowInvalid(f"line {reader.line_num}: {error}")
            continue
        yield reader.line_num, _csv_row(reader.line_num, fields, defaults)


def _json_row(number: int, line: str, defaults: Mapping[str, Any]) -> SubmitMessage | RowInvalid:
    try:
        fields = json.loads(line)
    except ValueError as error:
        return RowInvalid(f"line {number}: not JSON: {error}")
    except RecursionError:
        return RowInvalid(f"line {number}: nested too deeply")
    if not isinstance(fields, dict):
        return RowInvalid(f"line {number}: {type(fields).__name__}, expected an object of fields")
    return _made({**defaults, **fields}, number)


def _csv_row(number: int, fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> SubmitMessage | RowInvalid:
    if "" in fields:
        return RowInvalid(f"line {number}: {len(fields[''])} values more than the header has columns")
    made: dict[str, Any] = dict(defaults)
    for column, value in fields.items():
        if value in (None, ""):
            continue
        into = next((name for name, heads in _MAPS.items() if column.startswith(heads)), None)
        if into is None:
            made[column] = value
        else:
            made[into] = {**made.get(into, {}), column.partition(".")[2]: value}
    return _made(made, number)


def _made(fields: Mapping[str, Any], number: int) -> SubmitMessage | RowInvalid:
    try:
        return message_of(fields, f"line {number}: ")
    except RowInvalid as error:
        return error


def _words(error: Any) -> str:
    name = ".".join(map(str, error["loc"])) or "the name of a field"
    if error["type"] == "missing":
        return f"{name} is missing"
    if error["type"] == "extra_forbidden":
        return f"{name} is no field of a message"
    said = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    is_personal = name.partition(".")[0] in ("to", "text", *_MAPS)  # a parameter may be a one-time code
    value = "" if is_personal else f"={str(error['input'])[:60]!r}"
    return f"{name}{value}: {said}"
