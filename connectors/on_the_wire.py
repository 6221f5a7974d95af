"""Which submits are out and not answered, in the order in which they went: so long an id may still be on its way.

The sender counts them out and in; the inbound side asks whether a receipt may still be ahead of its response.
"""

from collections.abc import Callable


class OnTheWire:
    """Submits of one carrier account, numbered from 0 as they go out. `on_answer` is called after each answer."""

    def __init__(self) -> None:
        self.on_answer: Callable[[], None] = lambda: None
        self._next = 0
        self._out: dict[int, None] = {}  # in order; an insertion-ordered set

    @property
    def count(self) -> int:
        """How many have gone out, ever: the number of the next."""
        return self._next

    def go_out(self) -> int:
        """The number of a submit that goes out now."""
        self._next += 1
        self._out[self._next - 1] = None
        return self._next - 1

    def answered(self, number: int) -> None:
        """Its answer came, or none will. To be told after what it says is known, as its id to the receipt index."""
        del self._out[number]
        self.on_answer()

    def has_answered(self, count: int) -> bool:
        """Whether all of the first `count` submits are answered."""
        return next(iter(self._out), self._next) >= count
