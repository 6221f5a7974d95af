"""Log files as they grow: whole lines, each once. Who replaces a file by a new one makes a new `LogTail` of it."""

from pathlib import Path

CHUNK = 1 << 20


class LogTail:
    """One log file, by path."""

    def __init__(self, path: Path, *, from_end: bool = False) -> None:
        self._path = path
        self._position = path.stat().st_size if from_end and path.exists() else 0
        self._rest = b""

    def lines(self) -> list[str]:
        """The whole lines that came since this was asked last; an unfinished one waits for its end."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                content = file.read(CHUNK)
        except FileNotFoundError:
            return []
        self._position += len(content)
        *whole, self._rest = (self._rest + content).split(b"\n")
        return [line.decode("utf-8", "replace") for line in whole if line.strip()]
