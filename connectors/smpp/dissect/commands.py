"""The PDUs of SMPP 3.4 (and 5.0's broadcasts): their fields in order. Tables only.

Sources: SMPP 3.4 4.1 - 4.12, 5.1.2, 5.2 (sizes of C-octet strings count the NUL); SMPP 5.0 4.4, 4.7.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Shape = Literal["number", "text", "time", "message", "destinations", "unsuccessful"]
RESPONSE: Final = 0x80000000


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `size` is octets of a number, or the most that a text or time may have with its NUL."""

    name: str
    shape: Shape
    size: int = 1


@dataclass(frozen=True, slots=True)
class Command:
    """One PDU. One without fields is a header and nothing else."""

    name: str
    fields: tuple[Field, ...] = ()


def _octets(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, "number") for name in names)


def _text(name: str, size: int) -> Field:
    return Field(name, "text", size)


def _address(kind: str, number: str, size: int = 21) -> tuple[Field, ...]:
    return (*_octets(f"{kind}_ton", f"{kind}_npi"), _text(number, size))


def _times(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, "time", 17) for name in names)


_SERVICE_TYPE: Final = _text("service_type", 6)
_MESSAGE_ID: Final = _text("message_id", 65)
_PASSWORD: Final = _text("password", 9)
_SYSTEM_ID: Final = _text("system_id", 16)
_SOURCE: Final = _address("source_addr", "source_addr")
_DESTINATION: Final = _address("dest_addr", "destination_addr")
_BOTH_TIMES: Final = _times("schedule_delivery_time", "validity_period")
_MESSAGE: Final = Field("short_message", "message")  # sm_length and as many octets

_BIND: Final = (
    _SYSTEM_ID,
    _PASSWORD,
    _text("system_type", 13),
    *_octets("interface_version", "addr_ton", "addr_npi"),
    _text("address_range", 41),
)
_CONTENT: Final = (
    *_octets("esm_class", "protocol_id", "priority_flag"),
    *_BOTH_TIMES,
    *_octets("registered_delivery", "replace_if_present_flag", "data_coding", "sm_default_msg_id"),
    _MESSAGE,
)
_SM: Final = (_SERVICE_TYPE, *_SOURCE, *_DESTINATION, *_CONTENT)
_DATA_SM: Final = (
    _SERVICE_TYPE,
    *_address("source_addr", "source_addr", 65),
    *_address("dest_addr", "destination_addr", 65),
    *_octets("esm_class", "registered_delivery", "data_coding"),
)
_QUERY: Final = (_MESSAGE_ID, *_SOURCE)
_BROADCAST: Final = (
    _SERVICE_TYPE,
    *_SOURCE,
    _MESSAGE_ID,
    *_octets("priority_flag"),
    *_BOTH_TIMES,
    *_octets("replace_if_present_flag", "data_coding", "sm_default_msg_id"),
)

_REQUESTS: Final[Mapping[int, tuple[str, tuple[Field, ...], tuple[Field, ...]]]] = MappingProxyType(
    {  # id: name, fields of the request, fields of its response
        0x01: ("bind_receiver", _BIND, (_SYSTEM_ID,)),
        0x02: ("bind_transmitter", _BIND, (_SYSTEM_ID,)),
        0x03: (
            "query_sm",
            _QUERY,
            (_MESSAGE_ID, *_times("final_date"), *_octets("message_state", "error_code")),
        ),
        0x04: ("submit_sm", _SM, (_MESSAGE_ID,)),
        0x05: ("deliver_sm", _SM, (_MESSAGE_ID,)),
        0x06: ("unbind", (), ()),
        0x07: (
            "replace_sm",
            (_MESSAGE_ID, *_SOURCE, *_BOTH_TIMES, *_octets("registered_delivery", "sm_default_msg_id"), _MESSAGE),
            (),
        ),
        0x08: ("cancel_sm", (_SERVICE_TYPE, _MESSAGE_ID, *_SOURCE, *_DESTINATION), ()),
        0x09: ("bind_transceiver", _BIND, (_SYSTEM_ID,)),
        0x15: ("enquire_link", (), ()),
        0x21: (
            "submit_multi",
            (_SERVICE_TYPE, *_SOURCE, Field("dest_address", "destinations"), *_CONTENT),
            (_MESSAGE_ID, Field("unsuccess_sme", "unsuccessful")),
        ),
        0x103: ("data_sm", _DATA_SM, (_MESSAGE_ID,)),
        0x111: ("broadcast_sm", _BROADCAST, (_MESSAGE_ID,)),
        0x112: ("query_broadcast_sm", _QUERY, (_MESSAGE_ID,)),
        0x113: ("cancel_broadcast_sm", (_SERVICE_TYPE, _MESSAGE_ID, *_SOURCE), ()),
    }
)

COMMANDS: Final[Mapping[int, Command]] = MappingProxyType(
    {
        **{number: Command(name, asked) for number, (name, asked, _) in _REQUESTS.items()},
        **{number | RESPONSE: Command(f"{name}_resp", said) for number, (name, _, said) in _REQUESTS.items()},
        RESPONSE: Command("generic_nack"),
        0x0B: Command("outbind", (_SYSTEM_ID, _PASSWORD)),
        0x102: Command(
            "alert_notification",
            (*_address("source_addr", "source_addr", 65), *_address("esme_addr", "esme_addr", 65)),
        ),
    }
)
"""Each PDU by its command_id."""
