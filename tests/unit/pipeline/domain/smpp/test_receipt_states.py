"""Laws of what the states of receipts mean. Sources: SMPP 3.4 5.2.28, SMPP 5.0 4.7.15; DOMAIN 3.5, 3.11."""

import pytest

from pipeline.domain.profiles import BUILT_IN
from pipeline.domain.smpp.receipt_states import ReceiptState, state_of

CHINA = BUILT_IN["china-gateway"].receipt_states


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        ("DELIVRD", "delivered"),
        ("delivrd", "delivered"),
        ("DELIVERED", "delivered"),
        ("UNDELIV", "failed"),
        ("UNDELIVERABLE", "failed"),
        ("FAILED", "failed"),
        ("EXPIRED", "expired"),
        ("REJECTD", "rejected"),
        ("REJECTED", "rejected"),
        ("SKIPPED", "rejected"),
        ("DELETED", "deleted"),
        ("ACCEPTD", "intermediate"),
        ("ACCEPTED", "intermediate"),
        ("ENROUTE", "intermediate"),
        ("SCHEDLD", "intermediate"),
        ("BUFFRED", "intermediate"),
        ("BUFFERD", "intermediate"),
        ("BUFFERED", "intermediate"),
        ("ACKED", "intermediate"),
        ("UNKNOWN", "unknown"),
        ("DELIVRDX", "unknown"),
        ("MK:0001", "unknown"),
        ("", "unknown"),
    ],
)
def test_states_are_read_by_name_and_what_is_no_name_is_neither_delivered_nor_failed(stat: str, state: str) -> None:
    assert state_of(None, stat) == state


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (0, "intermediate"),
        (1, "intermediate"),
        (2, "delivered"),
        (3, "expired"),
        (4, "deleted"),
        (5, "failed"),
        (6, "intermediate"),
        (7, "unknown"),
        (8, "rejected"),
        (9, "rejected"),
        (10, "expired"),
        (255, "expired"),
        (-1, "expired"),
        (1 << 70, "expired"),
        (None, "expired"),
    ],
)
def test_a_number_wins_over_the_text_and_one_that_nobody_names_leaves_it_to_the_text(
    number: int | None, state: str
) -> None:
    assert state_of(number, "EXPIRED") == state


@pytest.mark.parametrize(
    ("number", "stat", "state"),
    [
        (None, "ACCEPTD", "delivered"),
        (None, "acceptd", "delivered"),
        (6, "", "delivered"),
        (6, "ACCEPTD", "delivered"),
        (5, "ACCEPTD", "failed"),  # the TLV wins over the text, and says nothing that the profile speaks of
        (5, "X:77", "expired"),  # the carrier's own code says more than UNDELIVERABLE
        (5, "X:7", "rejected"),
        (5, "Y", "failed"),
        (None, "X:8", "rejected"),
        (None, "X", "unknown"),
        (None, "DELIVRD", "delivered"),
    ],
)
def test_a_profile_names_states_whole_or_by_their_longest_beginning_in_text_and_tlv(
    number: int | None, stat: str, state: str
) -> None:
    profile = {"ACCEPTD": "delivered", "X:*": "rejected", "X:77*": "expired"}
    assert state_of(number, stat, profile) == state


def test_a_name_itself_is_surer_than_any_beginning_and_a_star_alone_is_for_all_others() -> None:
    profile = {"*": "failed", "MK:0001": "rejected", "MK:00*": "expired"}
    assert [state_of(None, each, profile) for each in ("MK:0001", "MK:0002", "NEW")] == [
        "rejected",
        "expired",
        "failed",
    ]


def test_a_word_that_is_no_state_means_unknown() -> None:
    assert state_of(None, "X", {"X": "lost"}) is ReceiptState.UNKNOWN


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        ("DELIVRD", "delivered"),
        ("EXPIRED", "expired"),
        ("MK:0001", "failed"),
        ("MI:0013", "failed"),
        ("MB:1042", "failed"),
        ("MA:0022", "failed"),
        ("CB:0007", "rejected"),
        ("DB:0141", "rejected"),
        ("MBBLACK", "rejected"),
        ("ID:0076", "rejected"),
        ("ZZ:0001", "unknown"),
    ],
)
def test_the_codes_of_chinese_gateways_have_a_profile(stat: str, state: str) -> None:
    assert state_of(None, stat, CHINA) == state


def test_every_built_in_profile_names_real_states_in_capitals() -> None:
    for profile in BUILT_IN.values():
        for name, word in profile.receipt_states.items():
            assert name == name.upper()
            assert word in list(ReceiptState)
