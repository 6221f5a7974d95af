"""Which mood holds for which destination of one carrier account, now.

State without I/O. Exact numbers beat patterns, more literal characters beat fewer, the earlier written beats
the later. Called by `account` (lookups) and `control` (changes).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.simulator.moods import Mood, inherit
from connectors.simulator.settings import AccountSettings, matcher

_CACHED_NUMBERS = 50_000


class Named(NamedTuple):
    """A mood and the name its counters go by: the pattern, or '' for the account's own."""

    name: str
    mood: Mood


class MoodBook:
    """The moods of one account, as written in the settings and as changed since."""

    def __init__(self, settings: AccountSettings) -> None:
        self._settings = settings
        self._written = settings.mood
        self._overrides: dict[str, Mapping[str, Any]] = {}
        for override in settings.numbers:
            self._overrides[override.match.lstrip("+")] = override.mood
        self._rebuild()

    def mood_for(self, number: str) -> Named:
        """The mood for a destination."""
        if not self._patterns and not self._exact:
            return self._own
        found = self._cache.get(number)
        if found is None:
            if len(self._cache) >= _CACHED_NUMBERS:
                self._cache.clear()
            found = self._cache[number] = self._search(number.lstrip("+"))
        return found

    def set(self, match: str, body: Mapping[str, Any]) -> None:
        """Set the account's mood (match '') or an override. Raises pydantic.ValidationError and changes nothing."""
        if match:
            inherit(self._written, body)
            self._overrides[match.lstrip("+")] = body
        else:
            mood = Mood.model_validate(body)
            for override in self._overrides.values():
                inherit(mood, override)
            self._written = mood
        self._rebuild()

    def drop(self, match: str) -> bool:
        """Drop an override, or go back to the account's mood of the settings file. False if there is none."""
        if not match:
            self._written = self._settings.mood
        elif self._overrides.pop(match.lstrip("+"), None) is None:
            return False
        self._rebuild()
        return True

    def as_data(self) -> dict[str, Any]:
        """All moods as JSON-ready data, complete with what is inherited."""
        overrides = [*self._exact.values(), *(named for _, named in self._patterns)]
        return {
            "mood": self._own.mood.model_dump(mode="json"),
            "numbers": [{"match": o.name, "mood": o.mood.model_dump(mode="json")} for o in overrides],
        }

    def _search(self, digits: str) -> Named:
        exact = self._exact.get(digits)
        if exact is not None:
            return exact
        for pattern, named in self._patterns:
            if pattern.fullmatch(digits):
                return named
        return self._own

    def _rebuild(self) -> None:
        self._own = Named("", self._written)
        self._exact: dict[str, Named] = {}
        self._patterns: list[tuple[re.Pattern[str], Named]] = []
        self._cache: dict[str, Named] = {}
        most_literal_first = sorted(self._overrides, key=lambda match: -len(match.replace("*", "").replace("?", "")))
        for match in most_literal_first:
            named = Named(match, inherit(self._written, self._overrides[match]))
            if match.isdigit():
                self._exact[match] = named
            else:
                self._patterns.append((matcher(match), named))
