"""Laws of seeing workers take up a revision: each thing is told once, and what is missing is told at the end."""

from infra.config.taking_up import Expected, expected_of
from pipeline.domain.rules import Account, Carrier, Rules
from pipeline.events.records import AccountServed, CarrierHealth, HealthSnapshot


def test_an_account_is_live_when_a_worker_says_so_and_the_pause_of_others_is_told() -> None:
    expected = Expected(["new-shop"], [])
    served = AccountServed(account_id="new-shop", lane="express", pause_us=300_000)
    assert list(expected.hear(served, 1_900_000)) == [
        "account new-shop is live on express after 1.9 s; others waited 0.3 s for it"
    ]
    assert list(expected.hear(served, 2_000_000)) == []
    assert list(expected.hear(AccountServed(account_id="acme", lane="bulk"), 1)) == []
    assert list(expected.missed(15)) == ["account new-shop is not yet live on bulk: no worker said so within 15 s"]


def test_a_carrier_is_told_once_it_is_bound() -> None:
    expected = Expected([], ["blue"])
    for is_bound, words in ((False, []), (True, ["carrier blue is bound after 2.0 s"]), (True, [])):
        snapshot = HealthSnapshot(carriers=(CarrierHealth(carrier="blue", is_bound=is_bound),))
        assert list(expected.hear(snapshot, 2_000_000)) == words
    assert not expected


def test_only_what_is_new_is_waited_for() -> None:
    def rules(*accounts: Account) -> Rules:
        carriers = [Carrier(id="blue", tariff="t", address="a:1"), Carrier(id="off", tariff="t")]
        return Rules(
            accounts={each.id: each for each in accounts}, carriers={each.id: each for each in carriers if accounts[1:]}
        )

    old, new = Account(id="old", tariff="t"), Account(id="new", tariff="t")
    behind, back = Account(id="behind", tariff="t", is_direct=False), Account(id="back", tariff="t")
    expected = expected_of(rules(old), rules(old, new, behind, back), ["sms.status.new"])
    assert expected.accounts == {("new", "express"), ("new", "bulk")}
    assert expected.carriers == {"blue"}
