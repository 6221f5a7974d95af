"""The platform: rules and health, who is served, who may not be written to, what could not be read, who looked."""

from pipeline.events.records.kinds import Event, Record


class SnapshotAdopted(Event, frozen=True, kw_only=True, gc=False):
    """The owner of a partition uses these rules and this health from this record on."""

    control_offset: int = 0
    health_offset: int = 0
    stage: str = ""


class ControlRecorded(Record, frozen=True, kw_only=True, gc=False):
    """One change of the rules, or (kind revision) the mark that ends a set of changes.

    Only revisions may be adopted.
    """

    kind: str = ""
    id: str = ""
    revision: int = 0
    effective_at: int = 0
    occurred_at: int = 0
    author: str = ""
    reason: str = ""
    is_deleted: bool = False
    body: str = ""


class CarrierHealth(Record, frozen=True, kw_only=True, gc=False):
    """Health of one carrier account."""

    carrier: str = ""
    is_bound: bool = False
    bind_count: int = 0
    reason: str = ""
    changed_at: int = 0


class HealthSnapshot(Record, frozen=True, kw_only=True, gc=False):
    """The whole health of all carriers, numbered."""

    number: int = 0
    occurred_at: int = 0
    caused_by: str = ""
    carriers: tuple[CarrierHealth, ...] = ()


class CarrierBindChanged(Record, frozen=True, kw_only=True, gc=False):
    """A connector says how its binds stand: at each change, and every few seconds."""

    carrier: str = ""
    process_id: str = ""
    is_bound: bool = False
    bind_count: int = 0
    occurred_at: int = 0
    detail: str = ""


class AccountServed(Event, frozen=True, kw_only=True, gc=False):
    """A validation worker began to read a topic of an account that nobody had read before."""

    lane: str = ""
    topic: str = ""
    control_offset: int = 0
    pause_us: int = 0


class AccountOpened(Event, frozen=True, kw_only=True, gc=False):
    """What an account is told when what it submits on a topic is read from now on."""

    lane: str = ""
    topic: str = ""
    control_offset: int = 0


class SuppressionChanged(Event, frozen=True, kw_only=True, gc=False):
    """An operator's command: this phone is to be written to no more (or again); account_id '*' = all accounts."""

    sender: str = ""
    is_suppressed: bool = False
    includes_otp: bool = False
    reason: str = ""
    author: str = ""
    detail: str = ""


class SuppressionRecorded(Event, frozen=True, kw_only=True, gc=False):
    """Routing suppressed a phone for an account and sender, or lifted that; the newest holds."""

    sender: str = ""
    is_suppressed: bool = False
    includes_otp: bool = False
    reason: str = ""
    origin: str = ""
    author: str = ""
    detail: str = ""


class RecordQuarantined(Event, frozen=True, kw_only=True, gc=False):
    """A reader could not read a record; it is kept here and nobody stops."""

    reader: str = ""
    source_topic: str = ""
    source_partition: int = 0
    source_offset: int = 0
    source_timestamp: int = 0
    reason: str = ""
    detail: str = ""
    value_size: int = 0
    value_sha256: str = ""
    key_day: str = ""
    sealed_value: bytes = b""


class AuditRecorded(Record, frozen=True, kw_only=True, gc=False):
    """Somebody looked at, or changed, what not everybody may."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    is_allowed: bool = False
    reason: str = ""
    detail: str = ""
    account_id: str = ""
    message_id: str = ""
    occurred_at: int = 0
