"""The client file: what it says, and where it is wrong."""

from pathlib import Path

import pytest

from infra.access.client_file import ClientFileInvalid, client_file_text, find_client_file, read_client_file

WHOLE = {
    "bootstrap.servers": "kafka:9093",
    "security.protocol": "SASL_SSL",
    "sasl.mechanism": "SCRAM-SHA-512",
    "sasl.username": "account.acme",
    "sasl.password": "a=b#c",
}


def _written(folder: Path, text: str) -> Path:
    file = folder / "client.properties"
    file.write_text(text)
    return file


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert read_client_file(_written(tmp_path, client_file_text(WHOLE))) == WHOLE


def test_blank_lines_and_remarks_say_nothing(tmp_path: Path) -> None:
    assert read_client_file(_written(tmp_path, "\n# a remark\n  security.protocol = SSL \n")) == {
        "security.protocol": "SSL"
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("security.protocol=SSL\nsasl.user=me\n", 2, "setting 'sasl.user', expected one of"),
        ("security.protocol\n", 1, "expected name=value"),
        ("security.protocol=TLS\n", 1, "security.protocol='TLS', expected one of PLAINTEXT, SSL"),
        ("sasl.mechanism=GSSAPI\n", 1, "sasl.mechanism='GSSAPI', expected one of PLAIN, SCRAM-SHA-256"),
        ("#\nssl.ca.location=gone.pem\n", 2, "ssl.ca.location='gone.pem': there is no such file"),
        ("security.protocol=SSL\nsecurity.protocol=SSL\n", 2, "said twice"),
        ("sasl.password=env:NOT_SET\n", 1, "NOT_SET is not set"),
        ("sasl.password=file:gone\n", 1, "No such file"),
    ],
)
def test_an_unsound_line_is_named(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = _written(tmp_path, text)
    with pytest.raises(ClientFileInvalid) as failure:
        read_client_file(file, {})
    assert str(failure.value).startswith(f"{file}:{line}: ")
    assert words in str(failure.value)


@pytest.mark.parametrize("lacking", ["sasl.mechanism", "sasl.username", "sasl.password", "security.protocol"])
def test_half_a_login_is_refused(tmp_path: Path, lacking: str) -> None:
    text = client_file_text({name: value for name, value in WHOLE.items() if name != lacking})
    with pytest.raises(ClientFileInvalid, match=lacking):
        read_client_file(_written(tmp_path, text))


def test_secrets_may_be_elsewhere_and_files_stand_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    (tmp_path / "word").write_text("from the file\n")
    named = {**WHOLE, "ssl.ca.location": "ca.pem", "sasl.password": "env:WORD"}
    assert read_client_file(_written(tmp_path, client_file_text(named)), {"WORD": "said"}) == {
        **named, "ssl.ca.location": str(tmp_path / "ca.pem"), "sasl.password": "said",
    }  # fmt: skip
    named["sasl.password"] = "file:word"
    assert read_client_file(_written(tmp_path, client_file_text(named)))["sasl.password"] == "from the file"


def test_a_named_file_goes_before_a_parts_own_and_that_before_the_homes(tmp_path: Path) -> None:
    assert find_client_file(tmp_path, "sluice.sink", {}) is None
    homes = tmp_path / "kafka-client.properties"
    homes.touch()
    own = tmp_path / "clients" / "sluice.sink.properties"
    assert find_client_file(tmp_path, "sluice.sink", {}) == homes
    own.parent.mkdir()
    own.touch()
    assert find_client_file(tmp_path, "sluice.sink", {}) == own
    assert find_client_file(tmp_path, "", {}) == homes
    assert find_client_file(tmp_path, "sluice.sink", {"SLUICE_KAFKA_CONFIG": "/etc/x"}) == Path("/etc/x")
