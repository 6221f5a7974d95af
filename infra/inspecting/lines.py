"""JSON lines in, JSON lines out, in order: whole lines of what has come are answered at once, and written together."""

import os
from collections.abc import Callable

import msgspec

from infra.inspecting.kind import CannotAnswer, Kind, Problem, Profiles, Unanswered

CHUNK = 1 << 18
LONGEST_LINE = 16 << 20  # octets; a line without end would take all memory


class LineTooLong(ValueError):
    """A line that does not end; the message says how long it may be."""


def answer_lines(kind: Kind, profiles: Profiles, source: int, sink: Callable[[bytes], object]) -> int:
    """Answer each line that the file descriptor `source` brings, in order; how many had an error.

    Whoever writes a line and waits for its answer gets it: nothing is kept back for more to come. Empty lines are
    skipped. Raises LineTooLong.
    """
    answer = answerer(kind, profiles)
    errors = 0
    rest = b""
    while True:
        chunk = os.read(source, CHUNK)
        *lines, rest = (rest + chunk).split(b"\n") if chunk else (rest, b"")
        if len(rest) > LONGEST_LINE:
            raise LineTooLong(f"a line of more than {LONGEST_LINE} octets, expected a JSON object on each line")
        answers = [answer(line) for line in lines if line and not line.isspace()]
        errors += sum(is_error for _, is_error in answers)
        if answers:
            sink(b"".join(line for line, _ in answers))
        if not chunk:
            return errors


def answerer(kind: Kind, profiles: Profiles, *, strict: bool = True) -> Callable[[bytes], tuple[bytes, bool]]:
    """A function from one line to its answer as a line, and whether that is an error. Never raises.

    Not `strict`, a number may stand in quotes: what a person gave as an argument is a text.
    """
    decode = kind.decode or msgspec.json.Decoder(kind.question, strict=strict).decode
    encode = msgspec.json.Encoder().encode
    ask = kind.answer

    def answer(line: bytes) -> tuple[bytes, bool]:
        try:
            said = ask(decode(line), profiles)
            is_error = isinstance(getattr(said, "error", None), Problem)
        except CannotAnswer as no:
            said, is_error = Unanswered(error=Problem(code=no.code, detail=no.detail)), True
        except msgspec.ValidationError as error:
            said, is_error = Unanswered(error=Problem(code="invalid-field", detail=str(error))), True
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            said, is_error = Unanswered(error=Problem(code="invalid-json", detail=str(error))), True
        return encode(said) + b"\n", is_error

    return answer
