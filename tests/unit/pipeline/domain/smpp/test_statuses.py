"""Laws of SMPP statuses. Source: SMPP 3.4 5.1.3; SMPP 5.0 4.7.6; DOMAIN 2.7."""

import pytest
from smpplib import consts

from pipeline.domain.smpp.statuses import (
    MEANINGS,
    InvalidStatusOverride,
    StatusKind,
    StatusScope,
    classify,
    classify_bind,
    classify_link,
    parse_override,
    parse_overrides,
)

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


# The table of DOMAIN 2.6 and Kannel (gw/smsc/smsc_smpp.c): these four are temporary to it, all others rejected.
KANNEL_TEMPORARY = {0x08, 0x14, 0x58, 0x64}

# SMPP 5.0 4.7.6, as jsmpp and node-smpp name them too.
NAMES_OF_SMPP_5 = {
    0x100: "ESME_RSERTYPUNAUTH",
    0x101: "ESME_RPROHIBITED",
    0x102: "ESME_RSERTYPUNAVAIL",
    0x103: "ESME_RSERTYPDENIED",
    0x104: "ESME_RINVDCS",
    0x105: "ESME_RINVSRCADDRSUBUNIT",
    0x106: "ESME_RINVDSTADDRSUBUNIT",
    0x107: "ESME_RINVBCASTFREQINT",
    0x108: "ESME_RINVBCASTALIAS_NAME",
    0x109: "ESME_RINVBCASTAREAFMT",
    0x10A: "ESME_RINVNUMBCAST_AREAS",
    0x10B: "ESME_RINVBCASTCNTTYPE",
    0x10C: "ESME_RINVBCASTMSGCLASS",
    0x10D: "ESME_RBCASTFAIL",
    0x10E: "ESME_RBCASTQUERYFAIL",
    0x10F: "ESME_RBCASTCANCELFAIL",
    0x110: "ESME_RINVBCAST_REP",
    0x111: "ESME_RINVBCASTSRVGRP",
    0x112: "ESME_RINVBCASTCHANIND",
}
# Nothing is named between these values (SMPP 3.4 table 5-2 and SMPP 5.0 4.7.6 call them reserved).
RESERVED = [0x09, 0x10, 0x12, *range(0x16, 0x33), *range(0x35, 0x40), 0x41, 0x46, 0x47, *range(0x4A, 0x50), 0x52]
RESERVED += [0x56, 0x57, 0x59, 0x60, *range(0x68, 0xC0), *range(0xC5, 0xFE), *range(0x113, 0x400), 0x500, 0xFFFFFFFF]


def test_patience_is_asked_for_by_what_kannel_takes_as_temporary() -> None:
    patient = {value for value in range(0x100) if classify(value).cls in (StatusKind.THROTTLED, StatusKind.TEMPORARY)}
    assert patient == KANNEL_TEMPORARY


def test_smpp_5_adds_its_names() -> None:
    assert {value: classify(value).name for value in range(0x100, 0x113)} == NAMES_OF_SMPP_5


def test_reserved_and_vendor_values_are_permanent_ambiguous_and_named_by_their_number() -> None:
    for family, values in (("RESERVED", RESERVED), ("VENDOR", range(0x400, 0x500))):
        for value in values:
            read = classify(value)
            assert read.name == f"{family}_0x{value:08X}"
            assert (read.cls, read.scope) == (StatusKind.PERMANENT, StatusScope.AMBIGUOUS)


def test_a_link_has_no_message_that_could_be_at_fault() -> None:
    kinds = {value: classify_link(value).cls for value in range(0x600)}
    assert kinds[0] is StatusKind.OK
    assert {value for value, kind in kinds.items() if kind is StatusKind.THROTTLED} == {0x14, 0x58}
    assert {value for value, kind in kinds.items() if kind is StatusKind.TEMPORARY} == {0x08, 0x64, 0x102}
    assert set(kinds.values()) == {StatusKind.OK, StatusKind.THROTTLED, StatusKind.TEMPORARY, StatusKind.SESSION}


def test_a_carrier_s_own_meaning_counts_and_the_name_stays_the_specification_s() -> None:
    overrides = parse_overrides({"0x00000045": "permanent/destination", "0x0401": "throttled", "0x58": "temporary"})
    read = classify(0x45, overrides)
    assert (read.name, read.cls, read.scope) == ("ESME_RSUBMITFAIL", StatusKind.PERMANENT, StatusScope.DESTINATION)
    assert classify(0x401, overrides).cls is StatusKind.THROTTLED
    assert classify(0x58, overrides).cls is StatusKind.TEMPORARY
    assert classify(0x0B, overrides) == classify(0x0B)


@pytest.mark.parametrize(
    ("value", "meaning", "kind"),
    [
        (0x0E, "temporary", StatusKind.BIND_RETRY),
        (0x0E, "permanent/request", StatusKind.BIND_FATAL),
        (0x0D, "bind_fatal", StatusKind.BIND_FATAL),
        (0x0D, "throttled", StatusKind.BIND_RETRY),
        (0x45, "permanent", StatusKind.BIND_RETRY),
    ],
)
def test_an_override_speaks_of_binds_as_far_as_it_asks_for_patience_or_a_person(
    value: int, meaning: str, kind: StatusKind
) -> None:
    assert classify_bind(value, parse_overrides({f"0x{value:08x}": meaning})).cls is kind


@pytest.mark.parametrize("meaning", MEANINGS)
def test_every_meaning_that_is_offered_is_taken(meaning: str) -> None:
    value, (kind, scope) = parse_override("0x00000401", meaning)
    assert value == 0x401
    assert meaning in (kind.value, f"{kind.value}/{scope.value}")
    assert (scope is StatusScope.NONE) == (kind is not StatusKind.PERMANENT)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("69", "temporary"),
        ("0x", "temporary"),
        ("0x000000045", "temporary"),
        ("0x4G", "temporary"),
        ("0x0", "temporary"),
        ("0x45", "ok"),
        ("0x45", ""),
        ("0x45", "Temporary"),
        ("0x45", "temporary/sender"),
        ("0x45", "permanent/"),
        ("0x45", "permanent/carrier"),
    ],
)
def test_an_override_that_cannot_be_is_refused(status: str, meaning: str) -> None:
    with pytest.raises(InvalidStatusOverride, match="expected"):
        parse_override(status, meaning)


def test_a_status_is_overridden_once() -> None:
    with pytest.raises(InvalidStatusOverride, match="twice"):
        parse_overrides({"0x45": "temporary", "0x00000045": "permanent"})
