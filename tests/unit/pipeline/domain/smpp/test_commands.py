"""Laws of statuses by PDU, and of what helps. Source: DOMAIN 2.6, 2.7, 7.4."""

import pytest

from pipeline.domain.smpp.commands import COMMANDS, REMEDIES, UnknownCommand, classify_in, command_of, remedy_of
from pipeline.domain.smpp.statuses import StatusKind, StatusScope, parse_overrides

BINDS = ["bind_transceiver", "bind_transmitter", "bind_receiver"]


@pytest.mark.parametrize("bind", BINDS)
@pytest.mark.parametrize(
    ("value", "in_a_bind", "of_a_message"),
    [
        (0x00, StatusKind.OK, StatusKind.OK),
        (0x05, StatusKind.BIND_RETRY, StatusKind.BIND_RETRY),
        (0x08, StatusKind.BIND_RETRY, StatusKind.TEMPORARY),
        (0x0D, StatusKind.BIND_RETRY, StatusKind.BIND_RETRY),
        (0x58, StatusKind.BIND_RETRY, StatusKind.THROTTLED),
        (0x0E, StatusKind.BIND_FATAL, StatusKind.BIND_FATAL),
        (0x0F, StatusKind.BIND_FATAL, StatusKind.BIND_FATAL),
        (0x53, StatusKind.BIND_FATAL, StatusKind.BIND_FATAL),
        (0x04, StatusKind.BIND_RETRY, StatusKind.SESSION),
        (0x45, StatusKind.BIND_RETRY, StatusKind.PERMANENT),
        (0x400, StatusKind.BIND_RETRY, StatusKind.PERMANENT),
    ],
)
def test_a_status_means_another_thing_in_a_bind(
    bind: str, value: int, in_a_bind: StatusKind, of_a_message: StatusKind
) -> None:
    assert classify_in(bind, value).cls is in_a_bind
    assert classify_in("submit_sm", value).cls is of_a_message


def test_every_status_of_every_pdu_has_a_remedy() -> None:
    for command in COMMANDS:
        for value in [*range(0x520), 0xFFFFFFFF]:
            status = classify_in(command, value)
            assert (status.cls, status.scope) in REMEDIES
            assert (status.scope is StatusScope.NONE) == (status.cls is not StatusKind.PERMANENT)
            remedy_of(command, status)


@pytest.mark.parametrize(
    ("command", "value", "same", "other"),
    [
        ("submit_sm", 0x00, False, False),
        ("submit_sm", 0x58, True, True),
        ("submit_sm", 0x14, True, True),
        ("submit_sm", 0x08, True, True),
        ("submit_sm", 0x04, True, False),
        ("submit_sm", 0x01, False, False),
        ("submit_sm", 0x0A, False, True),
        ("submit_sm", 0x0B, False, False),
        ("submit_sm", 0x45, False, True),
        ("submit_sm", 0x401, False, True),
        ("bind_transceiver", 0x0E, False, True),
        ("bind_transceiver", 0x0D, True, True),
        ("data_sm", 0xFE, False, True),
    ],
)
def test_what_helps(command: str, value: int, same: bool, other: bool) -> None:
    remedy = remedy_of(command, classify_in(command, value))
    assert (remedy.same_route, remedy.other_route) == (same, other)


@pytest.mark.parametrize("command", ["query_sm", "cancel_sm", "replace_sm"])
def test_no_other_route_knows_of_a_message_that_is_asked_about_changed_or_cancelled(command: str) -> None:
    assert not any(remedy_of(command, classify_in(command, value)).other_route for value in range(0x500))
    assert remedy_of(command, classify_in(command, 0x58)).same_route


def test_a_generic_nack_is_never_a_yes() -> None:
    nack = classify_in("generic_nack", 0)
    assert (nack.name, nack.cls, nack.scope) == ("ESME_ROK", StatusKind.PERMANENT, StatusScope.AMBIGUOUS)
    patient = parse_overrides({"0xFF": "temporary"})
    assert classify_in("generic_nack", 0, patient).cls is StatusKind.TEMPORARY
    assert classify_in("generic_nack", 0x03).cls is StatusKind.PERMANENT


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("submit_sm", "submit_sm"),
        ("submit_sm_resp", "submit_sm"),
        ("SUBMIT_SM_RESP", "submit_sm"),
        ("Bind_Transceiver_Resp", "bind_transceiver"),
        ("generic_nack", "generic_nack"),
        ("enquire-link", "enquire_link"),
        ("SubmitSmResp", "submit_sm"),
        (" submit sm resp", "submit_sm"),
    ],
)
def test_a_pdu_is_named_with_or_without_resp_in_any_case(name: str, command: str) -> None:
    assert command_of(name) == command


@pytest.mark.parametrize("name", ["", "_resp", "submit", "generic_nack_resp_resp", "deliver_sms"])
def test_what_is_no_pdu_is_said_with_those_that_are(name: str) -> None:
    with pytest.raises(UnknownCommand, match="submit_sm"):
        command_of(name)
