"""Laws of protected names: who registered one may show it, nobody may show what looks like it."""

from typing import Any

import msgspec
import pytest

from pipeline.domain.rules import Policy, Rules, SenderId
from tests.builders import a_rules, a_submission
from tests.unit.pipeline.stages.validation_bench import accepted, rejected

POLICY = Policy(rates_micros={"EUR": 1_100_000}, protected_names=("PayBank", "Teahouse"))


def registered(*senders: str, **fields: Any) -> Rules:
    """The rules with these senders registered by acme."""
    table = {f"acme/{each}": SenderId(id=f"acme/{each}", account="acme", sender=each, **fields) for each in senders}
    return msgspec.structs.replace(a_rules(policy=POLICY), senders=table)


@pytest.mark.parametrize("sender", ["PayBank", "PAYBANK", "Pay Bank", "P4yB4nk", "PayBänk"])
def test_a_protected_name_and_what_looks_like_it_are_refused(sender: str) -> None:
    answer = rejected(a_submission(sender=sender), registered())
    assert answer.reason == "sender-protected"
    assert "account acme" in answer.detail


@pytest.mark.parametrize("sender", ["ACME", "Bank", "10690001", "+447700900123"])
def test_other_senders_are_free(sender: str) -> None:
    assert accepted(a_submission(sender=sender), registered())


def test_who_registered_it_may_show_it_in_that_writing_alone() -> None:
    rules = registered("PayBank")
    assert accepted(a_submission(sender="PayBank"), rules).sender == "PayBank"
    assert rejected(a_submission(sender="PAYBANK"), rules).reason == "sender-protected"
    assert accepted(a_submission(sender="PAYBANK"), registered("PayBank", "PAYBANK")).sender == "PAYBANK"


def test_a_registration_holds_where_and_for_what_it_says() -> None:
    rules = registered("PayBank", countries=("CN",))
    assert rejected(a_submission(sender="PayBank"), rules).reason == "sender-protected"
    assert accepted(a_submission(sender="PayBank", to="+8613800138000"), rules)


def test_another_accounts_registration_helps_nobody_else() -> None:
    rules = registered("PayBank")
    other = a_submission(sender="PayBank", account="teahouse", to="+8613800138000")
    assert rejected(other, rules).reason == "sender-protected"


def test_without_protected_names_every_sender_is_free() -> None:
    assert accepted(a_submission(sender="PayBank"))


def test_a_default_sender_is_looked_at_too() -> None:
    policy = msgspec.structs.replace(POLICY, protected_names=("Acme",))
    assert rejected(a_submission(), a_rules(policy=policy)).reason == "sender-protected"
