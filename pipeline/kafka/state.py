"""The state of one partition in memory: values by key, and which changed since the last checkpoint."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from pipeline.stages.decision import StateValue

OWN = "!"
"""First character of keys that are the shell's and no stage's."""

T = TypeVar("T", bound=msgspec.Struct)


class PartitionState:
    """Values of a stage, decoded. Implements `decision.StateView`; the fold alone writes."""

    def __init__(self, kinds: Mapping[str, type[StateValue]], stored: Mapping[str, bytes]) -> None:
        """`kinds` maps the prefix of a key (before '/') to its struct. Raises KeyError for a key of no kind."""
        self._decoders = {prefix: msgspec.msgpack.Decoder(kind) for prefix, kind in kinds.items()}
        self._values: dict[str, StateValue] = {
            key: self._decoders[key.partition("/")[0]].decode(value)
            for key, value in stored.items()
            if not key.startswith(OWN)
        }
        self._changed: set[str] = set()

    def get(self, key: str, kind: type[T]) -> T | None:
        value = self._values.get(key)
        if value is None or isinstance(value, kind):
            return value
        raise TypeError(f"state {key}: {type(value).__name__}, expected {kind.__name__}")

    def put(self, key: str, value: StateValue | None) -> None:
        """Change or forget a value. Raises KeyError for a key of no known kind (a bug)."""
        if key.partition("/")[0] not in self._decoders:
            raise KeyError(f"state key {key!r}, expected one of the kinds {sorted(self._decoders)}")
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value
        self._changed.add(key)

    def items(self) -> Iterator[tuple[str, StateValue]]:
        return iter(self._values.items())

    def __len__(self) -> int:
        return len(self._values)

    def changes(self) -> dict[str, bytes | None]:
        """What changed since `forget_changes`, encoded; None for a key that is gone."""
        encode = msgspec.msgpack.encode
        return {
            key: None if (value := self._values.get(key)) is None else encode(value) for key in sorted(self._changed)
        }

    def forget_changes(self) -> None:
        """They are durable now."""
        self._changed.clear()
