"""The shell around the policy: what ends a supervisor, and what does not."""

import errno
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.supervisor import shell
from infra.supervisor.record import Kept, read_record, write_record
from infra.supervisor.screen import Screen


def test_a_disk_that_is_full_is_told_once_and_ends_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = shell.Supervisor(tmp_path, "", (), lambda: "published", Screen(tmp_path, as_json=False))

    def full(_home: Path, _members: Mapping[str, Kept]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shell, "write_record", full)
    supervisor._write_down()
    supervisor._write_down()
    assert capsys.readouterr().out.count("could not be written down: [Errno 28] No space left") == 1
    monkeypatch.setattr(shell, "write_record", write_record)
    supervisor._write_down()
    record = read_record(tmp_path)
    assert record is not None
    assert list(record.members) == ["rules"]
