"""Where a text is cut so that each part fits: greedy, between pieces that must or should stay whole.

Knows no headers and no alphabets' names: `segments` brings the capacity and what a piece costs. Source: DOMAIN 1.7.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from pipeline.domain.text.graphemes import clusters

Cut = tuple[tuple[str, ...], tuple[int, ...]]
"""The parts' texts and their units."""

_ESCAPE = "\x1b"
_BMP_END = "\uffff"  # what lies above is a surrogate pair


def utf16_length(piece: str) -> int:
    """UTF-16 code units of a text without lone surrogates."""
    if len(piece) == 1:
        return 1 if piece <= _BMP_END else 2
    return len(piece) + sum(character > _BMP_END for character in piece)


def cut_even(text: str, written: str, capacity: int, prefix: int, suffix: int) -> Cut:
    """Cut where every character may stand first in a part.

    `written` is the text as it is counted: one character a unit, but two where ESC stands before it. `prefix` and
    `suffix` are units that the first and the last part must have room for beside the text.
    """
    texts: list[str] = []
    units: list[int] = []
    start, place, room = 0, 0, capacity - prefix
    end = len(written)
    while end - start + suffix > room:
        stop = min(start + room, end - 1)  # what is left may fit without the suffix: then its last piece goes on
        if written[stop - 1] == _ESCAPE:
            stop -= 1
        characters = stop - start - written.count(_ESCAPE, start, stop)
        texts.append(text[place : place + characters])
        units.append(stop - start)
        start, place, room = stop, place + characters, capacity
    return (*texts, text[place:]), (*units, end - start)


def cut_clusters(text: str, length: Callable[[str], int], capacity: int, prefix: int, suffix: int) -> Cut:
    """Cut between grapheme clusters; one that alone would not fit its part is cut between code points."""
    texts: list[str] = []
    units: list[int] = []
    part: list[str] = []
    used, reserved = 0, prefix
    pieces = _fitting(clusters(text), length, capacity, prefix, suffix)
    for piece, size, is_last in _sized(pieces, length):
        if used + reserved + size + (suffix if is_last else 0) > capacity and part:
            texts.append("".join(part))
            units.append(used)
            part, used, reserved = [], 0, 0
        part.append(piece)
        used += size
    return (*texts, "".join(part)), (*units, used)


def _fitting(
    pieces: Sequence[str], length: Callable[[str], int], capacity: int, prefix: int, suffix: int
) -> Iterator[str]:
    last = len(pieces) - 1
    for index, piece in enumerate(pieces):
        reserved = (prefix if index == 0 else 0) + (suffix if index == last else 0)
        if length(piece) + reserved <= capacity:
            yield piece
        else:
            yield from piece


def _sized(pieces: Iterable[str], length: Callable[[str], int]) -> Iterator[tuple[str, int, bool]]:
    """Each piece with its length and whether it is the last."""
    held: str | None = None
    for piece in pieces:
        if held is not None:
            yield held, length(held), False
        held = piece
    if held is not None:
        yield held, length(held), True
