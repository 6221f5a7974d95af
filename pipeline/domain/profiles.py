"""What is peculiar to one carrier's SMSC: how it wants texts written, and how its receipts and statuses are read.

A profile is data of the rules; the specification's behaviour is the default of every field. The modules that use a
field say what its values mean. Sources: DOMAIN 1.11 - 1.14, 2.6, 2.7, 3.4 - 3.6, 3.9, 3.11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec


class CarrierProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One carrier's ways. Read by the rooms `text` (how texts are written) and `smpp` (receipts, ids, statuses)."""

    concat: str = "udh8"
    """How parts are tied: 'udh8', 'udh16' or 'sar' (TLVs)."""
    default_charset: str = "gsm7"
    """What data_coding 0 means there: 'gsm7', 'latin1', 'ascii' or 'utf8'."""
    is_packed: bool = False
    """GSM-7 septets packed, eight in seven octets; only where the carrier says so."""
    ucs2_data_coding: int = 8
    national: tuple[str, ...] = ()
    """Languages (ISO 3166 or ISO 639 names of `national`) whose shift tables its handsets are sure to have."""
    receipt_ids: str = "string"
    """How ids of receipts and responses compare: '0'-'3' (Kannel's msg-id-type), 'string' or 'lenient'.

    Bit 0 of the number says that responses are hex, bit 1 that receipts are: see `receipt_ids`.
    """
    receipt_zone: str = "UTC"
    """IANA time zone of dates without an offset."""
    plain_receipts: bool = False
    """Receipts come with esm_class 0 too. Dangerous: a subscriber can then forge one."""
    receipt_states: dict[str, str] = msgspec.field(default_factory=dict)
    """State class by `stat:` token in capitals, or by its beginning where the name ends in '*'. The longest wins.

    Names of the specification are meant in the message_state TLV, too: see `receipt_states.state_of`.
    """
    statuses: dict[str, str] = msgspec.field(default_factory=dict)
    """Class, or class/scope, by command_status as '0x...' in hex, for what this carrier means."""


_CHINA_STATES: Final = {
    "MA:*": "failed",  # between gateway and SMSC; of aggregators also black lists and contents
    "MB:*": "failed",  # the SMSC's error answers, MB:1042 and others
    "MC:*": "failed",  # no answer from the SMSC
    "MI:*": "failed",  # the SMSC's reasons: phone off, no such number, suspended
    "MK:*": "failed",
    "MN:*": "failed",
    "IA:*": "failed",  # between gateways
    "IB:*": "failed",
    "IC:*": "failed",
    "ID:*": "rejected",  # the gateway itself
    "CA:*": "failed",  # between gateway and the prepaid platform (SCP)
    "CB:*": "rejected",  # the prepaid platform: no money, no such user, not subscribed
    "DA:*": "failed",  # between gateway and the service platform (DSMP)
    "DB:*": "rejected",  # the service platform: not allowed, black list, limits
    "MBBLACK": "rejected",
    "HD:*": "rejected",  # aggregators: black lists, too many codes to one number
    "CJ:*": "rejected",  # aggregators: key words, content
    "NOSEND": "rejected",  # aggregators: no signature
    "HIGRISK": "rejected",  # aggregators: black list
}
"""What gateways of CMPP, SGIP and SMGP write behind SMPP: DOMAIN 3.11; the operators' table of codes by class
(renrendoc.com/paper/187811735.html), anxin163.com/news_view.asp?id=78, feige.cn/dev/dev8.html; MC, MI, MK, MN, IA, IB
and IC by common knowledge, all of them for lack of delivery. A gateway may mean else: its own profile says so."""

BUILT_IN: Final[Mapping[str, CarrierProfile]] = MappingProxyType(
    {
        "standard": CarrierProfile(),
        "latin1": CarrierProfile(default_charset="latin1"),
        "kannel-hex-receipts": CarrierProfile(receipt_ids="2"),
        "china-gateway": CarrierProfile(receipt_zone="Asia/Shanghai", receipt_states=_CHINA_STATES),
    }
)
"""Ways that are common enough to have a name; a carrier of the rules may start `like` one of them."""
