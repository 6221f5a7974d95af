"""What one answer says: the account's own input, the routes, what it waits for, what changes, what nobody knows."""

import msgspec
import pytest

from infra.preflight.deciding import Preflight
from infra.preflight.foreseen import Change, Foreseen, Hold
from infra.times import iso
from pipeline.domain.rules import Drain, SenderId, Template
from pipeline.events.records import SubmitMessage
from pipeline.stages.routing.choice import Load, choose
from tests.builders import (
    CN_NUMBER,
    NOW,
    SECOND,
    US_NUMBER,
    a_health,
    a_rules,
    a_submit_message,
    nobody_bound,
    with_account,
    with_carrier,
    with_prices,
)
from tests.unit.infra.preflight.bench import LATER, a_basis, a_revision

STEP = NOW + 30 * SECOND
OF_SENDERS = {"registration-needed", "needs-106-port", "alphanumeric-not-allowed"}


def foreseen(basis: object = None, account: str = "acme", **changes: object) -> Foreseen:
    return Preflight(basis or a_basis(), account, shows_codes=True).foresee(1, a_submit_message(**changes))  # type: ignore[arg-type]


def test_the_number_is_shown_in_full_as_it_would_be_sent() -> None:
    said = foreseen(to=" (844) 604-0924 ", default_region="us")
    assert (said.to, said.country, said.number_type) == (US_NUMBER, "US", "toll_free")


def test_a_rejected_message_still_says_whose_number_it_is() -> None:
    said = foreseen(sender="far too long a name")
    assert (said.outcome, said.stage, said.to, said.country) == ("rejected", "validation", US_NUMBER, "US")
    assert foreseen(to="+12").to is None


def test_a_template_is_shown_as_it_would_be_sent_with_its_version() -> None:
    said = foreseen(text=None, template_id="code", params={"code": "731904"}, to=CN_NUMBER)
    assert (said.text, said.template_version) == ("【蓝鲸科技】您的验证码是731904，5分钟内有效。", 2)
    assert (said.encoding, said.segment_count, said.units) == ("ucs2", 1, 26)


def test_units_are_of_the_whole_text() -> None:
    said = foreseen(text="€" * 100)
    assert (said.encoding, said.segment_count, said.units) == ("gsm7", 2, 200)


@pytest.mark.parametrize(
    ("sender", "account", "shown", "kind"),
    [
        ("+8613900139000", "acme", "8613900139000", "long_code"),
        (None, "acme", "ACME", "alphanumeric"),
        (None, "corner-shop", "10690000", "short_code"),
    ],
)
def test_the_sender_is_the_messages_the_accounts_or_the_carriers(
    sender: str | None, account: str, shown: str, kind: str
) -> None:
    said = foreseen(account=account, sender=sender)
    assert (said.sender, said.sender_kind) == (shown, kind)


def test_without_any_sender_the_carrier_puts_in_its_own() -> None:
    said = foreseen(a_basis(health=a_health("south")), account="corner-shop")
    assert (said.carrier, said.sender) == ("south", None)


def test_every_candidate_has_its_score_its_reason_and_its_cost() -> None:
    said = foreseen(a_basis(health=a_health("north", "south")), text="a" * 200)
    assert [(c.carrier, c.score, c.reason, c.cost_micros, c.cost_currency) for c in said.candidates] == [
        ("north", 6_000, "chosen", 3_000, "USD"),
        ("south", 8_800, "dearer", 4_000, "EUR"),
        ("west", -1, "unbound", 7_000, "USD"),
    ]
    assert (said.price_micros, said.total_price_micros, said.currency, said.tariff) == (
        10_000,
        20_000,
        "USD",
        "retail-usd",
    )
    assert (said.cost_micros, said.total_cost_micros, said.cost_tariff) == (3_000, 6_000, "north")


@pytest.mark.parametrize(("drained", "reason"), [(False, "no-carrier-bound"), (True, "carrier-drained")])
def test_a_held_message_says_for_what_and_whom_routing_considered(drained: bool, reason: str) -> None:
    names = ("north", "south", "west")
    rules = a_rules(drains={name: Drain(id=name) for name in names if drained})
    health = a_health() if drained else nobody_bound()
    basis = a_basis(a_revision(1, rules), health=health)
    said = foreseen(basis)
    load = Load(country="US", message_class="otp", segment_count=1, currency="USD", at=NOW, encoding="gsm7")
    considered = choose(basis.snapshot(NOW), load).candidates
    assert [(each.carrier, each.reason) for each in said.candidates] == [(c.carrier, c.reason) for c in considered]
    assert (said.outcome, said.statuses, said.holds) == ("accepted", ("accepted", "held"), (Hold(reason=reason),))
    assert (said.price_micros, said.carrier, said.cost_micros) == (10_000, None, None)
    assert "health" in said.unknown


def test_a_scheduled_message_is_routed_by_the_rules_and_prices_of_its_release() -> None:
    dearer = with_prices(a_rules(), "north", {"US": 3_000, "CN": 9_000}, (STEP, {"US": 9_000}))
    closed = msgspec.structs.replace(with_carrier(dearer, "south", classes=()), control_offset=30)
    basis = a_basis(a_revision(1, dearer), a_revision(2, closed, NOW + 45 * SECOND))
    said = foreseen(basis, not_before=LATER)
    assert said.statuses == ("accepted", "scheduled")
    assert said.holds == (Hold(reason="not-before", until=iso(LATER)),)
    assert [(each.carrier, each.reason) for each in said.candidates] == [
        ("west", "chosen"), ("north", "dearer"), ("south", "class-not-carried"),
    ]  # fmt: skip
    assert said.changes == (
        Change(at=iso(STEP), kind="cost", id="north", detail="0.003 USD -> 0.009 USD a part to US"),
        Change(at=iso(NOW + 45 * SECOND), kind="rules", id="2", detail="revision 2 by ana: why"),
    )


def test_a_carrier_that_comes_with_a_scheduled_revision_is_considered_at_the_release() -> None:
    before = a_rules()
    without_west = msgspec.structs.replace(before, carriers={k: v for k, v in before.carriers.items() if k != "west"})
    basis = a_basis(a_revision(1, without_west), a_revision(2, before, NOW + SECOND), health=a_health("west"))
    assert foreseen(basis).statuses == ("accepted", "held")
    assert foreseen(basis, not_before=LATER).carrier == "west"


def test_a_message_that_the_rules_of_its_release_refuse_is_foreseen_as_rejected() -> None:
    basis = a_basis(a_revision(1, a_rules()), a_revision(2, a_rules(routes={}), NOW + SECOND))
    said = foreseen(basis, not_before=LATER)
    assert (said.outcome, said.reason, said.stage) == ("rejected", "no-route", "routing")
    assert said.statuses == ("accepted", "scheduled", "rejected")
    assert said.price_micros is None


def test_a_price_that_changes_later_is_told_and_the_price_of_the_acceptance_holds() -> None:
    dated = with_prices(a_rules(), "retail-usd", {"US": 10_000}, (STEP, {"US": 12_000}), (STEP + 1, {"CN": 1}))
    said = foreseen(a_basis(a_revision(1, dated)))
    assert said.price_micros == 10_000
    assert [(each.kind, each.detail) for each in said.changes] == [
        ("price", "0.01 USD -> 0.012 USD a part to US"),
        ("price", "0.012 USD -> no price a part to US"),
    ]
    at_step = foreseen(a_basis(a_revision(1, dated), at=STEP))
    assert at_step.price_micros == 12_000


def test_a_key_that_stands_twice_is_found_and_other_rows_know_nothing_of_each_other() -> None:
    asked = Preflight(a_basis(), "acme")
    keyed, other = a_submit_message(idempotency_key="k"), a_submit_message(idempotency_key="k", text="other")
    rows = [keyed, keyed, other, a_submit_message(idempotency_key="k", to=CN_NUMBER), a_submit_message()]
    said = [asked.foresee(line, row) for line, row in enumerate(rows, start=1)]
    assert [each.reason for each in said] == ["", "duplicate-ignored", "idempotency-conflict", "", ""]
    assert [("idempotency" in each.unknown) for each in said] == [True, False, False, True, False]


def test_what_only_state_can_say_is_named_as_unknown() -> None:
    assert foreseen().unknown == ("suppression", "account-rate")
    assert foreseen(sender="far too long a name").unknown == ()


def test_an_account_without_a_topic_of_its_own_is_answered_and_warned_of() -> None:
    said = foreseen(account="corner-shop")
    assert said.outcome == "accepted"
    assert "account-behind-gateway" in [each.code for each in said.warnings]


@pytest.mark.parametrize("account", ["nobody", "No.Name", ""])
def test_an_account_that_no_rules_know_is_rejected_whatever_its_name(account: str) -> None:
    assert foreseen(account=account).reason == "unknown-account"


def test_the_keys_are_made_for_the_run_and_differ_from_run_to_run() -> None:
    from infra.preflight.keys import ThrowAwayKeys

    one, two = ThrowAwayKeys(), ThrowAwayKeys()
    assert one.data_key("acme", "2026-01-05") == one.data_key("acme", "2026-01-05")
    assert one.data_key("acme", "2026-01-05") != one.data_key("acme", "2026-01-06")
    assert one.data_key("acme", "2026-01-05") != two.data_key("acme", "2026-01-05")
    assert one.recipient_key() != two.recipient_key()


def test_a_template_version_that_is_named_is_the_one_rendered() -> None:
    rules = a_rules(
        templates={
            f"acme/hi/{version}": Template(
                id=f"acme/hi/{version}", account="acme", name="hi", version=version, text=text
            )
            for version, text in ((1, "one"), (2, "two"))
        }
    )
    row = SubmitMessage(to=US_NUMBER, template_id="hi", template_version=1, message_class="otp")
    said = Preflight(a_basis(a_revision(1, rules)), "acme").foresee(1, row)
    assert (said.text, said.template_version) == ("one", 1)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"text": "Your code is 159104"}, "Your code is ******"),
        ({"text": None, "template_id": "code", "template_version": 1, "params": {"code": "quokka"}}, "Code ******"),
        ({"text": "We open at 9 on Monday"}, "We open at 9 on Monday"),
    ],
)
def test_codes_are_masked_unless_they_are_asked_for(changes: dict[str, object], shown: str) -> None:
    row = a_submit_message(**changes)
    masked = Preflight(a_basis(), "acme").foresee(1, row)
    assert masked.text == shown
    assert masked.segment_count == Preflight(a_basis(), "acme", shows_codes=True).foresee(1, row).segment_count


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"message_class": "service", "text": "Your parcel is here"}, []),
        ({"message_class": "service"}, ["class-mismatch"]),
        ({"text": "50% off all shoes this week only"}, ["otp-has-marketing", "class-mismatch"]),
        ({"to": CN_NUMBER, "text": "您的验证码是159104"}, ["signature-missing"]),
        ({"to": CN_NUMBER, "text": "【蓝鲸科技】您的验证码是159104，5分钟内有效。"}, []),
        ({"message_class": "marketing", "text": "50% off all shoes"}, ["unsubscribe-missing"]),
    ],
)
def test_what_the_text_breaks_and_another_class_are_warnings_and_change_no_decision(
    changes: dict[str, object], codes: list[str]
) -> None:
    said = foreseen(**{"sender": "106900012345" if changes.get("to") == CN_NUMBER else None, **changes})
    assert said.outcome == "accepted"
    assert [each.code for each in said.warnings if each.code not in OF_SENDERS] == codes
    assert all(each.detail for each in said.warnings)
    assert not any("159104" in each.detail for each in said.warnings)


def test_a_text_whose_look_alikes_were_replaced_is_shown_as_it_goes_and_warned_of() -> None:
    smart = a_basis(a_revision(1, with_account(a_rules(), "acme", smart_encoding=True)))
    said = foreseen(smart, text="“Fine” — your code is 159104")
    assert (said.encoding, said.text) == ("gsm7", '"Fine" - your code is 159104')
    assert [each.code for each in said.warnings if each.code not in OF_SENDERS] == ["text-replaced"]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"sender": "ACME"}, ["alphanumeric-not-allowed"]),
        ({"sender": "35560"}, ["registration-needed"]),
        ({"sender": "35561"}, []),
        ({"sender": "ACME", "to": CN_NUMBER}, ["needs-106-port"]),
        ({"sender": "106900012345", "to": CN_NUMBER}, []),
        ({"sender": "ACME", "to": "+85251234567"}, []),
    ],
)
def test_a_sender_that_the_country_does_not_take_or_wants_to_know_is_a_warning(
    changes: dict[str, object], codes: list[str]
) -> None:
    registered = SenderId(id="acme/35561", account="acme", sender="35561", countries=("US",))
    basis = a_basis(a_revision(1, a_rules(senders={registered.id: registered})))
    said = foreseen(basis, **changes)
    assert said.outcome == "accepted"
    assert [each.code for each in said.warnings if each.code in OF_SENDERS] == codes
