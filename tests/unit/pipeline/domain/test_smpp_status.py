"""Laws of SMPP statuses. Source: SMPP 3.4 5.1.3; DOMAIN 2.7."""

import pytest
from smpplib import consts

from pipeline.domain.smpp_status import StatusKind, StatusScope, classify, classify_bind

CLASSES = {
    (StatusKind.OK, StatusScope.NONE): [0x00],
    (StatusKind.THROTTLED, StatusScope.NONE): [0x58, 0x14],
    (StatusKind.TEMPORARY, StatusScope.NONE): [0x08, 0x64],
    (StatusKind.SESSION, StatusScope.NONE): [0x04],
    (StatusKind.BIND_FATAL, StatusScope.NONE): [0x0E, 0x0F, 0x53],
    (StatusKind.BIND_RETRY, StatusScope.NONE): [0x05, 0x0D],
    (StatusKind.PERMANENT, StatusScope.REQUEST): [
        *(0x01, 0x06, 0x07, 0x42, 0x43, 0x61, 0x62, 0x63, 0x54, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4)
    ],
    (StatusKind.PERMANENT, StatusScope.SENDER): [0x0A, 0x48, 0x49],
    (StatusKind.PERMANENT, StatusScope.DESTINATION): [0x0B, 0x50, 0x51],
    (StatusKind.PERMANENT, StatusScope.AMBIGUOUS): [0x45, 0xFE, 0xFF, 0x400, 0x4FF, 0x09, 0xDEADBEEF, -1],
}


@pytest.mark.parametrize(
    ("value", "kind", "scope"), [(value, *cls) for cls, values in CLASSES.items() for value in values]
)
def test_each_status_asks_for_its_remedy(value: int, kind: StatusKind, scope: StatusScope) -> None:
    assert (classify(value).cls, classify(value).scope) == (kind, scope)


def test_names_agree_with_smpplib_wherever_it_has_one() -> None:
    named = {name: value for name, value in vars(consts).items() if name.startswith("SMPP_ESME_R")}
    assert len(named) > 40
    assert {value: classify(value).name for value in named.values()} == {
        value: name.removeprefix("SMPP_") for name, value in named.items()
    }


def test_a_status_without_a_name_is_named_by_its_number() -> None:
    assert classify(0x400).name == "VENDOR_0x00000400"
    assert classify(0x4FF).name == "VENDOR_0x000004FF"
    assert classify(0x500).name == "RESERVED_0x00000500"
    assert classify(-1).name == "RESERVED_0xFFFFFFFF"


@pytest.mark.parametrize("value", [0x05, 0x08, 0x0D, 0x58, 0x14, 0x64, 0x400, 0xFF])
def test_a_bind_refused_for_no_fault_of_the_credentials_is_tried_again(value: int) -> None:
    assert classify_bind(value).cls is StatusKind.BIND_RETRY


def test_a_bind_refused_for_its_credentials_is_not_tried_again() -> None:
    assert {classify_bind(value).cls for value in (0x0E, 0x0F, 0x53)} == {StatusKind.BIND_FATAL}
    assert classify_bind(0).cls is StatusKind.OK
