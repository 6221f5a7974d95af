"""Laws of a settings file: what is wrong in it is named with the file, the line, the value and what is expected."""

from pathlib import Path

import pytest

from connectors.simulator import SettingsError, load_settings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("seed: 1\naccounts:\n  aurora: {}\n", ":2: accounts='…': expected a list"),
        ("seed: 1\naccounts:\n  - aurora\n", ":3: accounts.0='aurora': expected a mapping"),
        ("accounts:\n  - system_id: a\n    password: p\n    window: 0\n", ":4: accounts.0.window=0: expected"),
        ("accounts:\n  - system_id: a\n", ":2: accounts.0.password=None: expected a value, it is required"),
        ("accounts:\n  - system_id: a\n    password: much-too-long\n", ":3: accounts.0.password='***': expected"),
        ("seed: 1\nacounts: []\n", ":1: accounts=None: expected a value, it is required"),
        ("accounts: [{system_id: a, password: p}]\nsead: 1\n", ":2: sead=1: expected no such key"),
        ("- a\n", ":1: settings=['a']: expected a mapping"),
        ("", ":1: settings=None: expected a mapping"),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert str(caught.value).startswith(f"{file}{says}")
