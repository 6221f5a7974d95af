"""Laws of health: a snapshot only when something changed, silence means unbound, numbers never go back."""

import pytest

from pipeline.events.records import CarrierBindChanged, HealthSnapshot
from pipeline.stages.health import SILENT_AFTER_S, HealthState, hear, look, resumed

S = 1_000_000


def a_fact(*, carrier: str = "blue", process: str = "p1", binds: int = 1, detail: str = "") -> CarrierBindChanged:
    return CarrierBindChanged(carrier=carrier, process_id=process, is_bound=binds > 0, bind_count=binds, detail=detail)


def after(*facts: tuple[int, CarrierBindChanged], state: HealthState | None = None) -> HealthState:
    """The state once facts were heard and told, each at its second."""
    state = state or resumed(None, listening_since=0)
    for second, fact in facts:
        state = hear(state, fact, caused_by=f"facts/0/{second}", now=second * S)
        state, _ = look(state, now=second * S)
    return state


def looked(state: HealthState, second: int) -> HealthSnapshot | None:
    return look(state, now=second * S)[1]


def test_a_first_bind_makes_the_first_snapshot() -> None:
    state = hear(resumed(None, listening_since=0), a_fact(binds=2), caused_by="facts/0/7", now=1 * S)
    snapshot = looked(state, 1)
    assert snapshot is not None
    assert (snapshot.number, snapshot.caused_by) == (1, "facts/0/7")
    (blue,) = snapshot.carriers
    assert (blue.carrier, blue.is_bound, blue.bind_count, blue.reason, blue.changed_at) == (
        "blue",
        True,
        2,
        "bound",
        1 * S,
    )


def test_a_repeated_fact_makes_no_snapshot() -> None:
    state = after((1, a_fact()))
    assert looked(hear(state, a_fact(), caused_by="", now=3 * S), 3) is None


def test_without_facts_there_is_no_snapshot() -> None:
    assert looked(resumed(None, listening_since=0), 1000) is None


def test_a_carrier_that_falls_silent_is_unbound() -> None:
    state = after((1, a_fact()))
    assert looked(state, SILENT_AFTER_S) is None
    snapshot = looked(state, 1 + SILENT_AFTER_S)
    assert snapshot is not None
    assert (snapshot.carriers[0].is_bound, snapshot.carriers[0].reason) == (False, "silent")


def test_silence_is_told_once() -> None:
    state, first = look(after((1, a_fact())), now=20 * S)
    assert first is not None
    assert looked(state, 30) is None


def test_a_silent_carrier_that_speaks_again_is_bound() -> None:
    state, _ = look(after((1, a_fact())), now=20 * S)
    snapshot = looked(hear(state, a_fact(), caused_by="", now=21 * S), 21)
    assert snapshot is not None
    assert snapshot.carriers[0].is_bound
    assert snapshot.number == 3


def test_an_unbound_carrier_says_why() -> None:
    state = hear(after((1, a_fact())), a_fact(binds=0, detail="RBINDFAIL"), caused_by="", now=2 * S)
    snapshot = looked(state, 2)
    assert snapshot is not None
    assert (snapshot.carriers[0].is_bound, snapshot.carriers[0].reason) == (False, "RBINDFAIL")


def test_a_carrier_is_bound_while_any_process_is() -> None:
    state = after((1, a_fact(process="old")), (2, a_fact(process="new")))
    assert looked(hear(state, a_fact(process="old", binds=0), caused_by="", now=3 * S), 3) is not None  # fewer binds
    state = after((1, a_fact(process="old", binds=0)), (2, a_fact(process="new")))
    assert state.told["blue"].is_bound


def test_a_snapshot_holds_all_carriers_in_order_of_name() -> None:
    state = after((1, a_fact(carrier="zeta")), (1, a_fact(carrier="alpha")))
    assert list(state.told) == ["alpha", "zeta"]


def test_what_did_not_change_keeps_its_time_of_change() -> None:
    state = after((1, a_fact(carrier="alpha")), (2, a_fact(carrier="zeta")))
    assert state.told["alpha"].changed_at == 1 * S


def test_a_successor_goes_on_with_the_numbers() -> None:
    last = look(hear(resumed(None, listening_since=0), a_fact(), caused_by="", now=S), now=S)[1]
    state = resumed(last, listening_since=100 * S)
    assert looked(hear(state, a_fact(), caused_by="", now=101 * S), 101) is None
    snapshot = looked(hear(state, a_fact(binds=0), caused_by="", now=101 * S), 101)
    assert snapshot is not None
    assert snapshot.number == 2


@pytest.mark.parametrize(("seconds_listened", "is_bound"), [(1, True), (SILENT_AFTER_S + 1, False)])
def test_a_successor_believes_its_predecessor_until_it_has_listened_long_enough(
    seconds_listened: int, is_bound: bool
) -> None:
    last = look(hear(resumed(None, listening_since=0), a_fact(), caused_by="", now=S), now=S)[1]
    state, _ = look(resumed(last, listening_since=100 * S), now=(100 + seconds_listened) * S)
    assert state.told["blue"].is_bound is is_bound


def test_a_late_fact_of_a_process_does_not_undo_its_newer_one() -> None:
    state = after((5, a_fact()))
    assert hear(state, a_fact(binds=0), caused_by="", now=4 * S) == state
