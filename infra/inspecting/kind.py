"""What a KIND of `sluice inspect` is: its question, its answer, one example."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from pipeline.domain.profiles import CarrierProfile

Profiles = Mapping[str, CarrierProfile]
"""Carrier profiles by name: those of the rules file that was given, beside the built-in ones."""


class CannotAnswer(Exception):
    """This question has no answer: `code` is stable, `detail` says what, which value, what was expected."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why there is no answer."""

    code: str
    detail: str


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """The line for a question without an answer."""

    error: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One KIND. `answer(question, profiles)` returns a msgspec Struct; it raises CannotAnswer and nothing else.

    `question` is the msgspec type that a line is decoded to, unknown fields ignored; `argument` is its field that the
    one text fills which a person gives as an argument. `example_in` and `example_out` stand in --help and the README,
    and a test holds them to be true. `decode` reads a line that need not be JSON; it raises as msgspec does;
    `for_people` changes what is printed of the answer to an argument.
    """

    name: str
    about: str
    question: Any
    answer: Callable[[Any, Profiles], msgspec.Struct]
    argument: str
    example_in: str
    example_out: str
    decode: Callable[[bytes], Any] | None = None
    for_people: Callable[[dict[str, Any]], dict[str, Any]] | None = None


def profile_of(name: str | None, profiles: Profiles) -> CarrierProfile:
    """The profile of the carrier named in a question; the specification's where none is named.

    Raises CannotAnswer('unknown-carrier').
    """
    if not name:
        return STANDARD
    found = profiles.get(name)
    if found is None:
        known = ", ".join(sorted(profiles)) or "none"
        raise CannotAnswer("unknown-carrier", f"carrier={name!r}, expected one of: {known}")
    return found


STANDARD = CarrierProfile()
