"""Numbers of SMPP in words. Tables, and the few fields that are made of bits.

Sources: SMPP 3.4 5.2.4 - 5.2.6, 5.2.12, 5.2.17, 5.2.19, 5.2.28, 5.3.2; 3GPP TS 23.038 4; DOMAIN 2.8, 2.9.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

_TON: Final = {
    0: "unknown",
    1: "international",
    2: "national",
    3: "network specific",
    4: "subscriber number",
    5: "alphanumeric",
    6: "abbreviated",
}
_NPI: Final = {
    0: "unknown",
    1: "ISDN (E.163/E.164)",
    3: "data (X.121)",
    4: "telex (F.69)",
    6: "land mobile (E.212)",
    8: "national",
    9: "private",
    10: "ERMES",
    14: "internet (IP)",
    18: "WAP client id",
}
_MODES: Final = ("default mode", "datagram", "transaction (forward)", "store and forward")
_TYPES: Final = {
    0x04: "delivery receipt",
    0x08: "delivery acknowledgement",
    0x10: "manual acknowledgement",
    0x18: "conversation abort",
    0x20: "intermediate notification",
}
_RECEIPTS: Final = ("no receipt", "receipt on success and failure", "receipt on failure", "receipt on success")
_CODINGS: Final = {
    0: "SMSC default alphabet",
    1: "IA5 (ASCII)",
    2: "octets",
    3: "Latin-1",
    4: "octets",
    5: "JIS",
    6: "Cyrillic (ISO 8859-5)",
    7: "Hebrew (ISO 8859-8)",
    8: "UCS-2",
    9: "pictogram",
    10: "ISO-2022-JP",
    13: "extended Kanji JIS",
    14: "KS C 5601",
}
_GSM_ALPHABETS: Final = ("GSM 7-bit", "octets", "UCS-2", "reserved")
_STATES: Final = {
    0: "SCHEDULED",
    1: "ENROUTE",
    2: "DELIVERED",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIVERABLE",
    6: "ACCEPTED",
    7: "UNKNOWN",
    8: "REJECTED",
    9: "SKIPPED",
}
_NETWORKS: Final = {
    0: "unknown",
    1: "GSM",
    2: "ANSI-136/TDMA",
    3: "IS-95/CDMA",
    4: "PDC",
    5: "PHS",
    6: "iDEN",
    7: "AMPS",
    8: "paging network",
}
_TABLES: Final[Mapping[str, Mapping[int, str]]] = MappingProxyType(
    {
        **dict.fromkeys(("addr_ton", "source_addr_ton", "dest_addr_ton", "esme_addr_ton"), _TON),
        **dict.fromkeys(("addr_npi", "source_addr_npi", "dest_addr_npi", "esme_addr_npi"), _NPI),
        "message_state": _STATES,
        **dict.fromkeys(("dest_network_type", "source_network_type"), _NETWORKS),
        "ms_availability_status": {0: "available", 1: "denied", 2: "unavailable"},
        "delivery_failure_reason": {
            0: "destination unavailable",
            1: "destination address invalid",
            2: "permanent network error",
            3: "temporary network error",
        },
        "payload_type": {0: "default", 1: "WCMP"},
        "privacy_indicator": {0: "not restricted", 1: "restricted", 2: "confidential", 3: "secret"},
        "more_messages_to_send": {0: "no", 1: "yes"},
        "dpf_result": {0: "not set", 1: "set"},
        "set_dpf": {0: "not requested", 1: "requested"},
        "language_indicator": {0: "unspecified", 1: "English", 2: "French", 3: "Spanish", 4: "German", 5: "Portuguese"},
    }
)


def of(name: str, value: int) -> str | None:
    """What this value of this field says; None where the number says it all, 'reserved' where nothing is meant."""
    spelled = _SPELLED.get(name)
    if spelled is not None:
        return spelled(value)
    table = _TABLES.get(name)
    return None if table is None else table.get(value, "reserved")


def _esm_class(value: int) -> str:
    said = [_MODES[value & 0x03]]
    kind = value & 0x3C
    if kind:
        said.append(_TYPES.get(kind, "reserved type"))
    if value & 0x40:
        said.append("user data header")
    if value & 0x80:
        said.append("reply path")
    return ", ".join(said)


def _registered_delivery(value: int) -> str:
    said = [_RECEIPTS[value & 0x03]]
    if value & 0x04:
        said.append("delivery acknowledgement")
    if value & 0x08:
        said.append("manual acknowledgement")
    if value & 0x10:
        said.append("intermediate notification")
    return ", ".join(said)


def _data_coding(value: int) -> str:
    if value <= 0x0F:
        return _CODINGS.get(value, "reserved")
    if value < 0x40:
        said = _GSM_ALPHABETS[value >> 2 & 0x03] + (f", class {value & 0x03}" if value & 0x10 else "")
        return said + (", compressed" if value & 0x20 else "")
    if 0xC0 <= value < 0xF0:
        return f"{'UCS-2' if value >= 0xE0 else 'GSM 7-bit'}, message waiting"
    if value >= 0xF0:
        return f"{_GSM_ALPHABETS[value >> 2 & 0x01]}, class {value & 0x03}"
    return "reserved"


def _version(value: int) -> str:
    return "3.3 or earlier" if value <= 0x33 else f"{value >> 4}.{value & 0x0F}"


_SPELLED: Final[Mapping[str, Callable[[int], str]]] = MappingProxyType(
    {
        "esm_class": _esm_class,
        "registered_delivery": _registered_delivery,
        "data_coding": _data_coding,
        "interface_version": _version,
        "sc_interface_version": _version,
    }
)
