"""What a connector process is told from outside."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.kafka.client import Client, client_config


class ConnectorSettings(BaseModel):
    """Where Kafka and the home are, and how patient to be. Times in seconds unless named otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bootstrap: str
    kafka: dict[str, str | int | bool] = Field(default_factory=dict)
    """More settings of the Kafka clients (TLS, SASL), in librdkafka's words."""
    home: Path
    """Holds keys/ and secrets/."""
    epoch: str = "live"
    session_timeout_ms: int = Field(default=10_000, ge=1_000)
    """After this long without a sign of the active connector a standby takes over."""
    intent_max_age_s: float = 2.0
    """An intent older than this is not sent; a new owner waits as long before it reads intents."""
    buffer_records: int = Field(default=1_000, ge=1)
    """Dispatch records held in memory per lane."""
    commit_every_s: float = 1.0
    bind_facts_every_s: float = 2.0
    sweep_every_s: float = 0.5
    """How often waiting records are looked over for leases that ended and recalls."""
    durable_within_s: float = 5.0
    """A deliver_sm that is not stored by then is answered with a temporary error."""
    reply_patience_s: float = 5.0
    """How long the parts of a reply wait for the rest."""
    stop_timeout_s: float = 10.0
    poison_limit: int = 100
    """Unreadable records in a row after which the connector stops rather than drain the topic."""
    index_limit: int = 500_000
    """SMSC ids kept in memory, the newest."""
    backoff_base_s: float = 0.5
    backoff_cap_s: float = 30.0
    bind_fatal_pause_s: float = 300.0
    seed: int | None = None
    """Of the backoff's chance; None = from the system."""

    @property
    def client(self) -> Client:
        """What every Kafka client is made with."""
        return client_config(self.bootstrap, self.kafka)
