"""Which KEK wraps, and which one opens: `SLUICE_KEK` chooses the first, each wrapped key names the second."""

from pathlib import Path
from urllib.parse import parse_qs

from pipeline.keys.aws_kms import KIND as AWS
from pipeline.keys.aws_kms import AwsKms
from pipeline.keys.envelope import Envelope, unpack
from pipeline.keys.errors import KekInvalid, KeyMissing
from pipeline.keys.kek import FileKek, Kek, KekFiles

SETTING = "SLUICE_KEK"
_EXPECTED = f"expected file:PATH or {AWS}:KEY[?region=REGION&endpoint=URL]"


class KekRing:
    """The KEKs of a folder of keys. `setting` '' is the file `kek` in it."""

    def __init__(self, folder: Path, setting: str) -> None:
        kind, _, rest = (setting or f"file:{folder / 'kek'}").partition(":")
        place, _, query = rest.partition("?") if kind == AWS else (rest, "", "")
        options = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        if kind not in ("file", AWS) or not place or options.keys() - {"region", "endpoint"}:
            raise KekInvalid(f"{SETTING}={setting!r}, {_EXPECTED}")
        self._endpoint = options.get("endpoint", "")
        self._aws = AwsKms(place, **options) if kind == AWS else None
        self.files = KekFiles(Path(place).expanduser().absolute()) if kind == "file" else None
        """The KEK files that wrap, None if a KMS does."""
        self._searched = {each.path: each for each in (self.files, KekFiles(folder / "kek")) if each}
        self._known: dict[str, Kek] = {}

    def newest(self) -> Kek | None:
        """The KEK that wraps now; None if it is a file and none was made yet."""
        if self._aws is not None:
            return self._aws
        assert self.files is not None
        return next(iter(self.files.all()), None)

    def open(self, blob: bytes, name: str) -> tuple[str, bytes]:
        """(id of the KEK that opens it, the key) of a key file. Raises KeyMissing, KekUnavailable."""
        try:
            envelope = unpack(blob)
        except ValueError as error:
            raise KeyMissing(f"key {name} is damaged: {error}") from error
        if not envelope.kek_id:
            return self._open_bare(envelope, name)
        return envelope.kek_id, self._named(envelope.kek_id, name).unwrap(envelope.wrapped, name)

    def _named(self, kek_id: str, name: str) -> Kek:
        if kek_id not in self._known:
            kind, _, place = kek_id.partition(":")
            if kind == AWS:
                self._known[kek_id] = AwsKms(place, endpoint=self._endpoint)
            self._known |= {kek.id: kek for kek in self._all_files()}
        if kek_id not in self._known:
            places = ", ".join(map(str, self._searched))
            raise KeyMissing(f"key {name} is wrapped by key-encryption key {kek_id}, which is not at {places}")
        return self._known[kek_id]

    def _open_bare(self, envelope: Envelope, name: str) -> tuple[str, bytes]:
        for kek in self._all_files():
            try:
                return kek.id, kek.unwrap(envelope.wrapped, name)
            except KeyMissing:
                continue
        places = ", ".join(map(str, self._searched))
        raise KeyMissing(f"key {name} is not wrapped by a key-encryption key at {places}, or was altered")

    def _all_files(self) -> list[FileKek]:
        return [kek for files in self._searched.values() for kek in files.all()]
