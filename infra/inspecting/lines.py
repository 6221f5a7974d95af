"""JSON lines in, JSON lines out, in order: whole lines of what has come are answered at once, and written together."""

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator

import msgspec

from infra.inspecting.kind import CannotAnswer, Kind, Problem, Profiles, Unanswered

CHUNK = 1 << 18
LONGEST_LINE = 16 << 20  # octets; a line without end would take all memory


def answer_lines(kind: Kind, profiles: Profiles, source: int, sink: Callable[[bytes], object]) -> int:
    """Answer each line that the file descriptor `source` brings, in order; how many had an error.

    Whoever writes a line and waits for its answer gets it: nothing is kept back for more to come. Empty lines are
    skipped, and a byte order mark before the first. A line that is too long is told so once, and dropped up to its end.
    """
    answer = answerer(kind, profiles)
    errors = 0
    for lines in _lines(source):
        answers = [answer(line) for line in lines if line and not line.isspace()]
        errors += sum(is_error for _, is_error in answers)
        if answers:
            sink(b"".join(line for line, _ in answers))
    return errors


def _lines(source: int) -> Iterator[list[bytes]]:
    """Whole lines as they come, those of one reading together; of one that is too long its beginning."""
    rest, is_first, is_dropping = b"", True, False
    while chunk := os.read(source, CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        if is_first and (lines or len(rest) >= len(BOM_UTF8)):
            lines, rest = _without_mark(lines, rest)
            is_first = False
        if is_dropping and lines:
            lines, is_dropping = lines[1:], False
        if is_dropping:
            rest = b""
        elif len(rest) > LONGEST_LINE:
            lines.append(rest)
            rest, is_dropping = b"", True
        yield lines
    yield [rest]


def _without_mark(lines: list[bytes], rest: bytes) -> tuple[list[bytes], bytes]:
    if not lines:
        return lines, rest.removeprefix(BOM_UTF8)
    return [lines[0].removeprefix(BOM_UTF8), *lines[1:]], rest


def answerer(kind: Kind, profiles: Profiles, *, strict: bool = True) -> Callable[[bytes], tuple[bytes, bool]]:
    """A function from one line to its answer as a line, and whether that is an error. Never raises.

    Not `strict`, a number may stand in quotes: what a person gave as an argument is a text.
    """
    decode = kind.decode or msgspec.json.Decoder(kind.question, strict=strict).decode
    encode = msgspec.json.Encoder().encode
    ask = kind.answer

    def answer(line: bytes) -> tuple[bytes, bool]:
        try:
            if len(line) > LONGEST_LINE:
                raise CannotAnswer(
                    "line-too-long", f"more than {LONGEST_LINE} octets, expected a JSON object on each line"
                )
            said = ask(decode(line), profiles)
            is_error = isinstance(getattr(said, "error", None), Problem)
        except CannotAnswer as no:
            said, is_error = Unanswered(error=Problem(code=no.code, detail=no.detail)), True
        except msgspec.ValidationError as error:
            said, is_error = Unanswered(error=Problem(code="invalid-field", detail=str(error))), True
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            said, is_error = Unanswered(error=Problem(code="invalid-json", detail=str(error))), True
        except RecursionError:
            said, is_error = Unanswered(error=Problem(code="invalid-json", detail="nested too deeply")), True
        return encode(said) + b"\n", is_error

    return answer
