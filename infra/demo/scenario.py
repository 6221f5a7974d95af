"""The scenario file: its shape, and its rows filled in for one run (fresh numbers and keys)."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.config.located import RulesInvalid, read_located
from pipeline.domain.classes import MessageClass, lane_of

SCENARIO = Path(__file__).with_name("scenario.yaml")
Raw = Literal["text", "unknown-schema", "other-schema", "cut-off"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(_Model):
    """What a handset answers and what that means; `of`: the row whose message it is taken to answer."""

    text: str
    means: Literal["opt_out", "opt_in"]
    of: str = ""


class Expected(_Model):
    """What must come of a row; absent means any, but for `reason`, where absent means none."""

    status: Literal["delivered", "failed", "expired", "rejected"]
    reason: str = ""
    parts: int | None = None
    encoding: str | None = None
    error_code: str | None = None
    text: str | None = None
    held: bool = False
    same_as: str = ""


class Row(_Model):
    """One row as written."""

    row: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]+$")]
    shows: str
    account: str
    to: str = ""
    to_raw: str = ""
    is_national: bool = False
    submit: dict[str, Any] = {}
    created_s_ago: int | None = None
    text_repeated: int = 1
    lane: Literal["express", "bulk"] | None = None
    raw: Raw | None = None
    repeat_of: str = ""
    copies: Annotated[int, Field(ge=1, le=50)] = 1
    after: list[str] = []
    mood: dict[str, Any] = {}
    reply: Reply | None = None
    reply_first: Reply | None = None
    expect: Expected

    @model_validator(mode="after")
    def _has_one_recipient(self) -> "Row":
        if bool(self.to) + bool(self.to_raw) + bool(self.raw) != 1:
            raise ValueError("expected one of to, to_raw, raw")
        return self


class Scenario(_Model):
    """The whole file."""

    phones: dict[str, Annotated[str, Field(pattern=r"^\+[0-9]+#*$")]]
    rows: Annotated[list[Row], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_known(self) -> "Scenario":
        before: set[str] = set()
        for row in self.rows:
            for name in (*row.after, row.repeat_of, row.expect.same_as, row.reply_first.of if row.reply_first else ""):
                if name and name not in before:
                    raise ValueError(f"row {row.row}: {name!r} is no earlier row")
            if row.to and row.to not in self.phones:
                raise ValueError(f"row {row.row}: to={row.to!r} is no phone")
            if row.row in before:
                raise ValueError(f"row {row.row} stands twice")
            before.add(row.row)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One message of a row, ready to be sent: its topic's account and lane, its fields, the handset's number."""

    row: Row
    copy: int
    account: str
    lane: str
    number: str
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """cn-bank-code, or campaign 3 where there are several."""
        return self.row.row if self.row.copies == 1 else f"{self.row.row} {self.copy + 1}"

    @property
    def text(self) -> str:
        """What the handset must show if it is delivered."""
        return self.row.expect.text or str(self.fields.get("text", ""))


def load_scenario(path: Path) -> Scenario:
    """The scenario in a file. Raises RulesInvalid with file and line, or OSError."""
    located = read_located(path.read_text("utf-8"), str(path))
    try:
        return Scenario.model_validate(located.data)
    except ValidationError as error:
        found = [
            located.problem(tuple(each["loc"]), each["msg"].removeprefix("Value error, "))
            for each in error.errors(include_url=False)
        ]
        raise RulesInvalid(found) from error


def submissions(scenario: Scenario, run_id: str, now: datetime) -> tuple[Submission, ...]:
    """All messages of one run, in order; the same run id gives the same numbers and keys."""
    made: list[Submission] = []
    first_of: dict[str, Submission] = {}
    for row in scenario.rows:
        for copy in range(row.copies):
            submission = _submission(scenario, row, copy, run_id, now, first_of)
            first_of.setdefault(row.row, submission)
            made.append(submission)
    return tuple(made)


def number_for(pattern: str, run_id: str, phone: str, copy: int) -> str:
    """The number of a phone in one run: every # becomes a digit that the run, the phone and the copy decide."""
    digest = hashlib.sha256(f"{run_id}/{phone}/{copy}".encode()).digest()
    digits = iter(str(int.from_bytes(digest[:16])).zfill(40)[-20:])
    return "".join(next(digits) if character == "#" else character for character in pattern)


def _submission(
    scenario: Scenario, row: Row, copy: int, run_id: str, now: datetime, first_of: dict[str, Submission]
) -> Submission:
    if row.raw is not None:
        return Submission(row=row, copy=copy, account=row.account, lane=row.lane or "express", number="")
    number = number_for(scenario.phones[row.to], run_id, row.to, copy) if row.to else ""
    if row.repeat_of:
        fields = {**first_of[row.repeat_of].fields, **_filled(row, run_id)}
    else:
        given = number or row.to_raw
        fields = {"to": given[3:] if row.is_national else given, "reference": f"{run_id}-{row.row}-{copy + 1}"}
        fields |= {"params": {}, "metadata": {}, **_filled(row, run_id)}
        age_s = row.created_s_ago or 0
        fields["created_at"] = now.astimezone(UTC) - timedelta(seconds=age_s)
        if "text" in fields:
            fields["text"] = str(fields["text"]) * row.text_repeated
    lane = row.lane or _lane(str(fields["message_class"]))
    return Submission(row=row, copy=copy, account=row.account, lane=lane, number=number, fields=fields)


def _filled(row: Row, run_id: str) -> dict[str, Any]:
    return {
        name: value.replace("$run", run_id) if isinstance(value, str) else value for name, value in row.submit.items()
    }


def _lane(message_class: str) -> str:
    known = MessageClass.__members__.values()
    return lane_of(MessageClass(message_class)).value if message_class in {each.value for each in known} else "express"
