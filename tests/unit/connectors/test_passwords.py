"""Laws of reading a carrier's password."""

from pathlib import Path

import pytest

from connectors.passwords import SecretMissing, read_secret


def test_a_password_comes_from_a_file_below_the_home_or_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "aurora").write_text("hush\n")
    monkeypatch.setenv("AURORA_PASSWORD", "hush")
    assert read_secret("file:secrets/aurora", tmp_path) == read_secret("env:AURORA_PASSWORD", tmp_path) == "hush"


@pytest.mark.parametrize(
    "reference", ["", "file:", "file:secrets/none", "file:../outside", "env:NOT_SET_AT_ALL", "hush"]
)
def test_a_reference_that_leads_nowhere_or_outside_is_refused(reference: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "outside").write_text("hush")
    with pytest.raises(SecretMissing):
        read_secret(reference, home)
