"""What may become of one submit_sm. Types, so that no policy reads strings."""

from dataclasses import dataclass

from pipeline.domain.smpp_status import StatusClass


@dataclass(frozen=True, slots=True)
class Accepted:
    """The SMSC took it under this id ('' if it gave none)."""

    smsc_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The SMSC answered no; it has not taken it."""

    command_status: int
    status: StatusClass


@dataclass(frozen=True, slots=True)
class Indeterminate:
    """The PDU went out and no answer came: taken or not, nobody knows. response-timeout or connection-lost."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing was written: the session was gone already. Sure to be safe to send elsewhere."""


Outcome = Accepted | Refused | Indeterminate | NotSent
