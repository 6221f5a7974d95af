"""What the simulator is told: settings read from YAML, checked by pydantic.

Called by `__main__`, the `sluice` command and tests. A wrong value is named with its path.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from connectors.simulator import codes
from connectors.simulator.alphabet import UCS2, Coding, DefaultCharset
from connectors.simulator.errors import SimulatorError
from connectors.simulator.moods import Mood, Script, Status, inherit

Pattern = Annotated[str, Field(pattern=r"^\+?[0-9*?]{1,24}$")]
Port = Annotated[int, Field(ge=0, le=65535)]
IdFormat = Literal["decimal", "decimal-padded", "hex", "hex-upper", "hex-padded"]

_SHAPES = {"tuple_type": "a list", "model_type": "a mapping", "dict_type": "a mapping"}  # pydantic's words are Python's


class SettingsError(SimulatorError):
    """The settings cannot be used; correct what the message names."""

    def __init__(self, what: str, value: object, expected: str) -> None:
        super().__init__(f"{what}={value!r}: expected {expected}")
        self.what, self.value, self.expected = what, value, expected


class MessageIds(Script):
    """How message ids are written in submit_sm_resp and in receipts, and the first one."""

    response: IdFormat = "decimal"
    receipt: IdFormat = "decimal"
    first: Annotated[int, Field(ge=1, lt=2**48)] = 1_000_000_001


class NumberMood(Script):
    """A mood for the destinations that match; what it does not write is the account's."""

    match: Pattern
    mood: dict[str, Any]


class ReplyRule(Script):
    """A handset that answers a message by itself."""

    handset: Pattern = "*"
    sender: str = "*"
    contains: str = ""
    reply: Annotated[str, Field(min_length=1)]
    after_ms: Annotated[int, Field(ge=0)] = 0
    once: bool = False
    to: Annotated[str, Field(min_length=1, max_length=20)] | None = None


class AccountSettings(Script):
    """One carrier account."""

    system_id: Annotated[str, Field(pattern=r"^[!-~]{1,15}$")]
    password: Annotated[str, Field(pattern=r"^[ -~]{0,8}$")]
    max_binds: Annotated[int, Field(ge=1)] = 4
    bind_status: Status = codes.OK
    window: Annotated[int, Field(ge=1)] = 10
    dc0_charset: DefaultCharset = "gsm"
    dc0_packed: bool = False
    ucs2_data_coding: Annotated[int, Field(ge=1, le=255)] = UCS2
    message_id: MessageIds = MessageIds()
    mood: Mood = Mood()
    numbers: tuple[NumberMood, ...] = ()
    replies: tuple[ReplyRule, ...] = ()

    @property
    def coding(self) -> Coding:
        """How texts are written to this account."""
        return Coding(self.dc0_charset, self.dc0_packed, self.ucs2_data_coding)

    @model_validator(mode="after")
    def _overrides_are_moods(self) -> AccountSettings:
        for override in self.numbers:
            try:
                inherit(self.mood, override.mood)
            except ValidationError as error:
                raise ValueError(str(first_problem(error, f"numbers[{override.match}].mood"))) from error
        return self


class Settings(Script):
    """The whole simulator."""

    host: str = "127.0.0.1"
    smpp_port: Port = 2775
    control_port: Port = 0
    free_port_if_busy: bool = False
    journal: Path | None = None
    fsync: bool = False
    seed: int = 1
    keep: Annotated[int, Field(ge=0)] = 200_000
    enquire_link_s: Annotated[float, Field(ge=0)] = 30.0
    response_timeout_s: Annotated[float, Field(gt=0)] = 10.0
    bind_timeout_s: Annotated[float, Field(gt=0)] = 10.0
    deliver_window: Annotated[int, Field(ge=1)] = 10
    redeliver_after_ms: Annotated[int, Field(ge=0)] = 1000
    accounts: Annotated[tuple[AccountSettings, ...], Field(min_length=1)]

    @field_validator("accounts")
    @classmethod
    def _accounts_are_unique(cls, accounts: tuple[AccountSettings, ...]) -> tuple[AccountSettings, ...]:
        names = [account.system_id for account in accounts]
        if len(set(names)) < len(names):
            raise ValueError("expected every system_id once")
        return accounts


def parse_settings(given: object) -> Settings:
    """Check settings given as plain data. Raises SettingsError for the first thing that is wrong."""
    if not isinstance(given, dict):
        raise SettingsError("settings", given, "a mapping with at least `accounts`")
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        raise first_problem(error) from error


def load_settings(path: Path) -> Settings:
    """Read settings from a YAML file. Raises SettingsError, which names the file and the line."""
    try:
        text = path.read_text("utf-8")
        given = yaml.safe_load(text)
    except OSError as error:
        raise SettingsError("settings file", str(path), f"a readable file ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError("settings file", str(path), f"YAML in UTF-8 ({error})") from error
    try:
        return parse_settings(given)
    except SettingsError as error:
        place = f"{path}:{_line_of(text, error.what)}: {error.what}"
        raise SettingsError(place, error.value, error.expected) from error


def _line_of(text: str, what: str) -> int:
    """The line of a value named as `accounts.0.window`, or of the nearest thing around it that is written there."""
    node = yaml.compose(text, yaml.SafeLoader)
    line = 1
    for step in what.split("."):
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
            found = (node.value[int(step)],) * 2
        else:
            found = None
        if found is None:
            break
        key, node = found
        line = key.start_mark.line + 1
    return line


def first_problem(error: ValidationError, root: str = "") -> SettingsError:
    """The first problem pydantic found, as what, value, expected."""
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in ((root,) if root else ()) + problem["loc"]) or "settings"
    value = problem["input"]
    if where.endswith("password"):
        value = "***"
    elif isinstance(value, dict) or (isinstance(value, list | tuple) and any(isinstance(v, dict) for v in value)):
        value = "…"  # may hold passwords
    if problem["type"] == "missing":
        return SettingsError(where, None, "a value, it is required")
    if problem["type"] == "extra_forbidden":
        return SettingsError(where, value, "no such key; see README.md for the keys")
    said = re.sub(r"^(Value error, |.*? should (be |have )?)", "", problem["msg"])
    said = _SHAPES.get(problem["type"], said)
    return SettingsError(where, value, said.removeprefix("expected "))


def matcher(pattern: str) -> re.Pattern[str]:
    """A pattern with * and ? as a regular expression over a whole number without its +."""
    pieces = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern.lstrip("+"))
    return re.compile("".join(pieces), re.DOTALL)
