"""The one choice that a whole run may make: which servers the integration tests talk to."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--containers",
        action="store_true",
        help="integration tests use Kafka, ClickHouse and the registry in containers instead of the embedded ones",
    )
