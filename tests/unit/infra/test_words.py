"""Laws of saying what changes: each change in words, with whom it touches, from when on."""

import msgspec
import pytest

from infra.config.plan import history_rows, plan_of
from infra.config.rules_file import load_rules
from infra.config.words import sentences
from pipeline.domain.rules import Account, Carrier, Rules, Tariff, TariffStep
from pipeline.stages.revisions import Revision
from tests.unit.infra.test_rules_file import SANDBOX, SMPP

BOOK = msgspec.structs.replace(load_rules(SANDBOX, SMPP), control_offset=9)
NOW = 1_793_000_000_000_000
DECEMBER = 1_796_083_200_000_000
RETAIL = BOOK.tariffs["retail-usd"]
TODAY = RETAIL.steps[0].micros


def stepped(*steps: TariffStep, currency: str = "USD") -> Rules:
    tariff = Tariff(id="retail-usd", currency=currency, steps=steps)
    return msgspec.structs.replace(BOOK, tariffs={**BOOK.tariffs, "retail-usd": tariff})


def said(before: Rules, after: Rules) -> list[str]:
    return [str(each) for each in sentences(before, after, NOW)]


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (stepped(TariffStep(micros={**TODAY, "CN": 35_000})), "CN 0.032 -> 0.035"),
        (
            stepped(TariffStep(micros=TODAY), TariffStep(since=DECEMBER, micros={**TODAY, "CN": 35_000})),
            "CN 0.032 -> 0.035 from 2026-12-01 00:00 UTC",
        ),
        (
            stepped(TariffStep(micros={**TODAY, "CN": 1}), TariffStep(since=DECEMBER, micros=TODAY)),
            "CN 0.032 -> 0.000001 until 2026-12-01 00:00 UTC",
        ),
        (stepped(TariffStep(micros={**TODAY, "*": 71_000})), "others 0.07 -> 0.071"),
        (stepped(TariffStep(micros={key: each for key, each in TODAY.items() if key != "CN"})), "CN 0.032 -> 0.07"),
        (
            stepped(TariffStep(micros={key: each for key, each in TODAY.items() if key != "*"})),
            "others 0.07 -> no price",
        ),
        (
            stepped(TariffStep(micros={"CN": 1}), TariffStep(since=NOW - 1, micros=TODAY)),
            "past prices only; nothing costs anything else from now on",
        ),
    ],
)
def test_a_price_is_said_before_and_after_and_from_when_on(after: Rules, words: str) -> None:
    assert said(BOOK, after) == [f"tariff retail-usd: {words}; touches account acme-bank"]


def test_a_change_of_currency_is_said() -> None:
    assert "currency USD -> EUR" in said(BOOK, stepped(TariffStep(micros=TODAY), currency="EUR"))[0]


def test_a_new_account_names_the_topics_that_it_gets() -> None:
    account = Account(id="new-shop", tariff="retail-usd")
    after = msgspec.structs.replace(BOOK, accounts={**BOOK.accounts, account.id: account})
    assert said(BOOK, after) == [
        "account new-shop added: tariff retail-usd, 100 messages a second; topics sms.submitted.new-shop.express, "
        "sms.submitted.new-shop.bulk, sms.status.new-shop will be made"
    ]
    (removed,) = said(after, BOOK)
    assert removed.startswith("account new-shop removed: ")
    assert "its topics stay" in removed


def test_a_carrier_that_goes_names_the_routes_that_lose_it() -> None:
    fewer = {name: each for name, each in BOOK.carriers.items() if name != "blue-tel"}
    (removed,) = sentences(BOOK, msgspec.structs.replace(BOOK, carriers=fewer), NOW)
    assert removed.text.startswith(
        "removed: routes world go without it; its topics stay (sms.dispatch.blue-tel.express"
    )
    assert removed.touches == ("route world",)


def test_a_changed_field_is_said_before_and_after() -> None:
    carrier: Carrier = msgspec.structs.replace(BOOK.carriers["blue-tel"], window=20, classes=("otp",))
    after = msgspec.structs.replace(BOOK, carriers={**BOOK.carriers, "blue-tel": carrier})
    (text,) = said(BOOK, after)
    assert "window 10 -> 20" in text
    assert "-> (otp)" in text
    policy = msgspec.structs.replace(BOOK.policy, rates_micros={"EUR": 1_100_000}, max_parts=4)
    (text,) = said(BOOK, msgspec.structs.replace(BOOK, policy=policy))
    assert text.startswith("policy default: exchange_rates (CNY 0.139, EUR 1.085) -> (EUR 1.10); max_parts 10 -> 4")
    assert text.endswith("touches all accounts")


def a_revision(number: int, effective_at: int, rules: Rules) -> Revision:
    return Revision(
        number=number, effective_at=effective_at, occurred_at=NOW - 5, author="ann", reason="why",
        changes=(("policy", "default"),), rules=msgspec.structs.replace(rules, control_offset=number),
    )  # fmt: skip


def test_a_plan_names_the_scheduled_revisions_that_would_fall_away() -> None:
    dearer = stepped(TariffStep(micros={**TODAY, "CN": 35_000}))
    revisions = [a_revision(1, NOW - 9, BOOK), a_revision(2, DECEMBER, dearer)]
    plan = plan_of(revisions, BOOK, now=NOW, when=NOW)
    assert (plan.newest, plan.is_needed, plan.sentences) == (2, True, ())
    assert [each.number for each in plan.superseded] == [2]
    after = plan_of(revisions, BOOK, now=NOW, when=DECEMBER + 1)
    assert after.superseded == ()
    assert "CN 0.035 -> 0.032" in str(after.sentences[0])
    same = plan_of(revisions, dearer, now=NOW, when=DECEMBER + 1)
    assert (same.is_needed, same.superseded) == (False, ())


def test_the_history_says_what_is_in_force() -> None:
    revisions = [a_revision(1, NOW - 9, BOOK), a_revision(2, NOW - 8, BOOK), a_revision(3, DECEMBER, BOOK)]
    rows = history_rows(revisions, NOW)
    assert [(row["revision"], row["state"], row["changes"]) for row in rows] == [
        (3, "scheduled", 1),
        (2, "in force", 1),
        (1, "past", 1),
    ]
    assert rows[0]["effective_at"] == "2026-12-01T00:00:00Z"
