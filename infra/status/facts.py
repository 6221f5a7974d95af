"""What `sluice status` knows, as plain values. Ages and times in seconds, sizes in octets."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFact:
    """One process that is expected or found. `pid` 0: it does not run; then `detail` says what is known of why.

    `phase` is the supervisor's word (`infra/supervisor/policy.py`), '' if none supervises. `cpu_percent` is of one
    core, with all its child processes, None where it cannot be measured.
    """

    name: str
    pid: int = 0
    age_s: float = 0.0
    is_ready: bool = False
    phase: str = ""
    restarts: int = 0
    cpu_percent: float | None = None
    rss_octets: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LagFact:
    """How far one reader is behind: `lag` records, the oldest of them `behind_s` old; `per_s` as measured just now."""

    reader: str
    lag: int
    behind_s: float = 0.0
    per_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BindFact:
    """One carrier of the rules, as the newest snapshot of sms.health has it. `age_s`: since it last changed."""

    carrier: str
    is_bound: bool
    bind_count: int = 0
    age_s: float = 0.0
    reason: str = ""
    is_drained: bool = False
    drained_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesFact:
    """The revision in force (0: none) and those whose time is to come, as (number, UTC micros)."""

    revision: int
    author: str = ""
    reason: str = ""
    scheduled: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFact:
    """The newest error that a process has logged."""

    process: str
    age_s: float
    level: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFact:
    """What the home takes, and what is left on its volume."""

    kafka_octets: int
    clickhouse_octets: int
    free_octets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of it. `lags`, `binds` and `rules` are None where Kafka could not say; `kafka` is then the reason.

    `orphans`: names of processes whose supervisor was killed; nobody starts them again if they end.
    """

    home: str
    supervisor_pid: int = 0
    orphans: tuple[str, ...] = ()
    processes: tuple[ProcessFact, ...] = ()
    kafka: str = ""
    lags: tuple[LagFact, ...] | None = None
    binds: tuple[BindFact, ...] | None = None
    rules: RulesFact | None = None
    errors: tuple[ErrorFact, ...] = ()
    disk: DiskFact = field(default_factory=lambda: DiskFact(kafka_octets=0, clickhouse_octets=0, free_octets=0))
