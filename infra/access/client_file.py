"""The file that says how a client reaches Kafka and who it is: librdkafka's `name=value` lines, as for `kcat -F`.

    bootstrap.servers=127.0.0.1:9092
    security.protocol=SASL_SSL
    sasl.mechanism=SCRAM-SHA-512
    sasl.username=account.acme-bank
    sasl.password=env:ACME_PASSWORD
    ssl.ca.location=/etc/sluice/authority.pem

Named by SLUICE_KAFKA_CONFIG; else `clients/<principal>.properties` in the home, for a part that has a principal of its
own; else `kafka-client.properties` there. Beyond librdkafka a secret may be `env:NAME` or `file:PATH` (from the file's
own folder); kcat does not know these two.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from pipeline.errors import ForTheUser
from pipeline.kafka.client import MECHANISMS, PROTOCOLS, SETTINGS

VARIABLE = "SLUICE_KAFKA_CONFIG"
FILE_NAME = "kafka-client.properties"
FOLDER = "clients"
_SECRETS = ("sasl.password", "ssl.key.password")
_ONE_OF: Mapping[str, tuple[str, ...]] = {
    "security.protocol": PROTOCOLS,
    "sasl.mechanism": MECHANISMS,
    "sasl.mechanisms": MECHANISMS,
    "ssl.endpoint.identification.algorithm": ("https", "none"),
    "enable.ssl.certificate.verification": ("true", "false"),
}


class ClientFileInvalid(ForTheUser, ValueError):
    """The file says what no client can be given; the message is `file:line: what, which value, what is expected`."""


def find_client_file(home: Path, principal: str = "", environ: Mapping[str, str] = os.environ) -> Path | None:
    """The file to read, as told above; None where there is none: Kafka is plain then."""
    if environ.get(VARIABLE):
        return Path(environ[VARIABLE]).expanduser().absolute()
    places = [file_of(home, principal)] if principal else []
    return next((file for file in (*places, home / FILE_NAME) if file.exists()), None)


def file_of(home: Path, principal: str) -> Path:
    """Where the file of a principal stands in a home."""
    return home / FOLDER / f"{principal}.properties"


def read_client_file(file: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The settings of a file, secrets put in. Raises ClientFileInvalid, OSError naming the file."""
    settings: dict[str, str] = {}
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        where = f"{file}:{number}"
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign:
            raise ClientFileInvalid(f"{where}: no '=' in this line, expected name=value")  # it may hold a password
        if name not in SETTINGS:
            raise ClientFileInvalid(f"{where}: setting {name!r}, expected one of {', '.join(sorted(SETTINGS))}")
        if name in settings:
            raise ClientFileInvalid(f"{where}: {name} is said twice")
        if name in _ONE_OF and value not in _ONE_OF[name]:
            raise ClientFileInvalid(f"{where}: {name}={value!r}, expected one of {', '.join(_ONE_OF[name])}")
        settings[name] = _secret(where, name, value, file.parent, environ) if name in _SECRETS else value
        if name.startswith("ssl.") and name.endswith(".location") and not (file.parent / value).is_file():
            raise ClientFileInvalid(f"{where}: {name}={value!r}: there is no such file")
        if name.endswith(".location"):
            settings[name] = str(file.parent / value)
    _check_whole(file, settings)
    return settings


def client_file_text(settings: Mapping[str, str | int | bool]) -> str:
    """The text of such a file."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _secret(where: str, name: str, value: str, folder: Path, environ: Mapping[str, str]) -> str:
    kind, sign, place = value.partition(":")
    if sign and kind == "env":
        if not environ.get(place):
            raise ClientFileInvalid(f"{where}: {name}={value}: {place} is not set in the environment")
        return environ[place]
    if sign and kind == "file":
        try:
            return (folder / place).read_text("utf-8").strip()
        except OSError as error:
            raise ClientFileInvalid(f"{where}: {name}={value}: {error.strerror}") from error
    return value


def _check_whole(file: Path, settings: Mapping[str, str]) -> None:
    protocol = settings.get("security.protocol", "PLAINTEXT")
    has_sasl = any(name.startswith("sasl.") for name in settings)
    if has_sasl and not protocol.startswith("SASL"):
        raise ClientFileInvalid(
            f"{file}: security.protocol={protocol} with sasl settings, expected SASL_SSL or SASL_PLAINTEXT"
        )
    if not protocol.startswith("SASL"):
        return
    lacking = [name for name in ("sasl.username", "sasl.password") if not settings.get(name)]
    if not (settings.get("sasl.mechanism") or settings.get("sasl.mechanisms")):
        lacking.insert(0, "sasl.mechanism")
    if lacking:
        raise ClientFileInvalid(f"{file}: {lacking[0]} is missing, expected with security.protocol={protocol}")
