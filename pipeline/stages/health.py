"""Health: what the connectors say of their binds, folded into whole, numbered snapshots.

Pure: `hear` takes a fact in, `look` says what follows by now. The shell (pipeline/kafka/health_process.py) calls
`look` at most once a second, so that is how often a snapshot can change.
"""

from collections.abc import Mapping

import msgspec

from pipeline.events.records import CarrierBindChanged, CarrierHealth, HealthSnapshot

SILENT_AFTER_S = 8  # connectors speak every 2 s; three lost in a row and some delay
MICROS = 1_000_000

BOUND = "bound"
UNBOUND = "unbound"
SILENT = "silent"


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """The last word of one connector process on one carrier; `heard_at` is log time in UTC micros."""

    is_bound: bool
    bind_count: int
    heard_at: int
    detail: str


class HealthState(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known: what each process said last of each carrier, and what was last told to the world.

    `listening_since` (UTC micros): silence before it proves nothing, for nobody was listening.
    """

    number: int = 0
    told: Mapping[str, CarrierHealth] = msgspec.field(default_factory=dict)
    heard: Mapping[str, Mapping[str, Heard]] = msgspec.field(default_factory=dict)
    listening_since: int = 0
    caused_by: str = ""


def resumed(last: HealthSnapshot | None, *, listening_since: int) -> HealthState:
    """The state of a new process that goes on from the last snapshot, if there is one."""
    if last is None:
        return HealthState(listening_since=listening_since)
    told = {each.carrier: each for each in last.carriers}
    return HealthState(number=last.number, told=told, listening_since=listening_since, caused_by=last.caused_by)


def hear(state: HealthState, fact: CarrierBindChanged, *, caused_by: str, now: int) -> HealthState:
    """The state after a fact; `now` is its log time. A fact older than the process's last one changes nothing."""
    of_carrier = state.heard.get(fact.carrier, {})
    known = of_carrier.get(fact.process_id)
    if known is not None and now < known.heard_at:
        return state
    heard = Heard(is_bound=fact.is_bound, bind_count=fact.bind_count, heard_at=now, detail=fact.detail)
    processes = {**of_carrier, fact.process_id: heard}
    return msgspec.structs.replace(state, heard={**state.heard, fact.carrier: processes}, caused_by=caused_by)


def look(state: HealthState, *, now: int) -> tuple[HealthState, HealthSnapshot | None]:
    """What is the case by now: the next snapshot if it differs from the one last told, else None.

    A process that said nothing for SILENT_AFTER_S is forgotten; a carrier that all have forgotten is 'silent'.
    """
    heard = _without_silent(state, now)
    carriers = sorted({*state.told, *state.heard})
    seen = {carrier: _health(state, carrier, heard.get(carrier, {}), now) for carrier in carriers}
    state = msgspec.structs.replace(state, heard=heard)
    if seen == state.told:
        return state, None
    state = msgspec.structs.replace(state, told=seen, number=state.number + 1)
    snapshot = HealthSnapshot(
        number=state.number, occurred_at=now, caused_by=state.caused_by, carriers=tuple(seen.values())
    )
    return state, snapshot


def _without_silent(state: HealthState, now: int) -> dict[str, dict[str, Heard]]:
    oldest = now - SILENT_AFTER_S * MICROS
    kept = {
        carrier: {
            process: heard
            for process, heard in processes.items()
            if max(heard.heard_at, state.listening_since) > oldest
        }
        for carrier, processes in state.heard.items()
    }
    return {carrier: processes for carrier, processes in kept.items() if processes}


def _health(state: HealthState, carrier: str, processes: Mapping[str, Heard], now: int) -> CarrierHealth:
    told = state.told.get(carrier)
    if not processes and told is not None and state.listening_since > now - SILENT_AFTER_S * MICROS:
        return told  # told by a predecessor, and we have not listened long enough to know better
    bound = [heard for heard in processes.values() if heard.is_bound]
    if bound:
        reason = BOUND
    elif processes:
        newest = max(processes.values(), key=lambda heard: heard.heard_at)
        reason = newest.detail or UNBOUND
    else:
        reason = SILENT
    bind_count = sum(heard.bind_count for heard in bound)
    if told is not None and (told.is_bound, told.bind_count, told.reason) == (bool(bound), bind_count, reason):
        return told
    return CarrierHealth(carrier=carrier, is_bound=bool(bound), bind_count=bind_count, reason=reason, changed_at=now)
