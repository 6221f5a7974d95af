"""Is it well? Pure: `verdict(facts)` is what is not, most important first; nothing if all is."""

from collections.abc import Iterator

from infra.status.facts import Facts, LagFact, ProcessFact

PATIENCE_S = 15.0
"""How old the oldest record that a reader has not taken may be: more than a worker's session (10 s) after its death."""
BULK_PATIENCE_S = 300.0
SINK_PATIENCE_S = 60.0
LEAST_FREE_OCTETS = 1 << 30


def verdict(facts: Facts) -> list[str]:
    """Problems in words. Old errors in logs and restarts are shown, and are none by themselves."""
    if not any(each.pid for each in facts.processes):
        return [f"nothing runs under {facts.home}; start it: sluice up"]
    return [*_processes(facts), *_kafka(facts), *_binds(facts), *_lags(facts), *_disk(facts)]


def patience_s(reader: str) -> float:
    """How long a record may wait for this reader before that is a problem."""
    if reader == "sink":
        return SINK_PATIENCE_S
    return BULK_PATIENCE_S if reader.endswith("bulk") else PATIENCE_S


def _processes(facts: Facts) -> Iterator[str]:
    if facts.orphans:
        yield f"the `sluice up` of {len(facts.orphans)} processes was killed; a new one takes them over: sluice up"
    for each in facts.processes:
        if not each.pid:
            yield _missing(each)
        elif not each.is_ready:
            yield f"{each.name} is starting, for {each.age_s:.0f} s"


def _missing(process: ProcessFact) -> str:
    after = f", after {process.restarts} restarts" if process.restarts else ""
    why = f" ({process.detail})" if process.detail else ""
    return f"{process.name} does not run{why}{after}"


def _kafka(facts: Facts) -> Iterator[str]:
    if facts.kafka:
        yield facts.kafka
    if facts.rules is not None and not facts.rules.revision:
        yield "no rules are in force; publish some: sluice config apply FILE --reason WHY"


def _binds(facts: Facts) -> Iterator[str]:
    for each in facts.binds or ():
        if not each.is_bound and not each.is_drained:
            why = f": {each.reason}" if each.reason else ""
            yield f"carrier {each.carrier} is not bound{why}"


def _lags(facts: Facts) -> Iterator[str]:
    for each in facts.lags or ():
        if each.behind_s > patience_s(each.reader):
            yield _behind(each)


def _behind(lag: LagFact) -> str:
    return f"{lag.reader} is {lag.lag} records and {lag.behind_s:.0f} s behind"


def _disk(facts: Facts) -> Iterator[str]:
    if facts.disk.free_octets < LEAST_FREE_OCTETS:
        yield f"{facts.disk.free_octets / 1e6:.0f} MB are left on the volume of {facts.home}"
