"""Numbers of SMPP 3.4 and their names, as the simulator reads the specification.

Tables only. Used by the wire, the moods and the control API. Source: SMPP 3.4 Issue 1.2, 5.1.2 (commands),
5.1.3 (statuses), 5.2.28 (message states), 5.3.2 (tags).
"""

from __future__ import annotations

BIND_RECEIVER = 0x01
BIND_TRANSMITTER = 0x02
SUBMIT_SM = 0x04
DELIVER_SM = 0x05
UNBIND = 0x06
BIND_TRANSCEIVER = 0x09
ENQUIRE_LINK = 0x15
GENERIC_NACK = 0x80000000
RESPONSE = 0x80000000  # set in the command id of every response

BIND_MODES = {BIND_RECEIVER: "rx", BIND_TRANSMITTER: "tx", BIND_TRANSCEIVER: "trx"}

STATUS_NUMBERS: dict[str, int] = {
    "ESME_ROK": 0x00,
    "ESME_RINVMSGLEN": 0x01,
    "ESME_RINVCMDLEN": 0x02,
    "ESME_RINVCMDID": 0x03,
    "ESME_RINVBNDSTS": 0x04,
    "ESME_RALYBND": 0x05,
    "ESME_RINVPRTFLG": 0x06,
    "ESME_RINVREGDLVFLG": 0x07,
    "ESME_RSYSERR": 0x08,
    "ESME_RINVSRCADR": 0x0A,
    "ESME_RINVDSTADR": 0x0B,
    "ESME_RINVMSGID": 0x0C,
    "ESME_RBINDFAIL": 0x0D,
    "ESME_RINVPASWD": 0x0E,
    "ESME_RINVSYSID": 0x0F,
    "ESME_RCANCELFAIL": 0x11,
    "ESME_RREPLACEFAIL": 0x13,
    "ESME_RMSGQFUL": 0x14,
    "ESME_RINVSERTYP": 0x15,
    "ESME_RINVNUMDESTS": 0x33,
    "ESME_RINVDLNAME": 0x34,
    "ESME_RINVDESTFLAG": 0x40,
    "ESME_RINVSUBREP": 0x42,
    "ESME_RINVESMCLASS": 0x43,
    "ESME_RCNTSUBDL": 0x44,
    "ESME_RSUBMITFAIL": 0x45,
    "ESME_RINVSRCTON": 0x48,
    "ESME_RINVSRCNPI": 0x49,
    "ESME_RINVDSTTON": 0x50,
    "ESME_RINVDSTNPI": 0x51,
    "ESME_RINVSYSTYP": 0x53,
    "ESME_RINVREPFLAG": 0x54,
    "ESME_RINVNUMMSGS": 0x55,
    "ESME_RTHROTTLED": 0x58,
    "ESME_RINVSCHED": 0x61,
    "ESME_RINVEXPIRY": 0x62,
    "ESME_RINVDFTMSGID": 0x63,
    "ESME_RX_T_APPN": 0x64,
    "ESME_RX_P_APPN": 0x65,
    "ESME_RX_R_APPN": 0x66,
    "ESME_RQUERYFAIL": 0x67,
    "ESME_RINVOPTPARSTREAM": 0xC0,
    "ESME_ROPTPARNOTALLWD": 0xC1,
    "ESME_RINVPARLEN": 0xC2,
    "ESME_RMISSINGOPTPARAM": 0xC3,
    "ESME_RINVOPTPARAMVAL": 0xC4,
    "ESME_RDELIVERYFAILURE": 0xFE,
    "ESME_RUNKNOWNERR": 0xFF,
}
STATUS_NAMES: dict[int, str] = {number: name for name, number in STATUS_NUMBERS.items()}

OK = 0x00
RINVMSGLEN = 0x01
RINVCMDLEN = 0x02
RINVCMDID = 0x03
RINVBNDSTS = 0x04
RALYBND = 0x05
RSYSERR = 0x08
RINVSRCADR = 0x0A
RINVDSTADR = 0x0B
RINVPASWD = 0x0E
RINVSYSID = 0x0F
RINVSERTYP = 0x15
RINVSYSTYP = 0x53
RTHROTTLED = 0x58
RINVSCHED = 0x61
RINVEXPIRY = 0x62
RINVOPTPARSTREAM = 0xC0
ROPTPARNOTALLWD = 0xC1
RINVPARLEN = 0xC2

TLV_RECEIPTED_MESSAGE_ID = 0x001E
TLV_USER_MESSAGE_REFERENCE = 0x0204
TLV_SAR_REFERENCE = 0x020C
TLV_SAR_TOTAL = 0x020E
TLV_SAR_SEQUENCE = 0x020F
TLV_INTERFACE_VERSION = 0x0210
TLV_NETWORK_ERROR_CODE = 0x0423
TLV_MESSAGE_PAYLOAD = 0x0424
TLV_MESSAGE_STATE = 0x0427

# The token of a receipt's stat: field and the number of the message_state TLV.
MESSAGE_STATES: dict[str, int] = {
    "ENROUTE": 1,
    "DELIVRD": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "ACCEPTD": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
}
# States that leave the text (or possibly the text) on the handset; a vendor token (MK:0001) is a failure.
REACHING_STATES = frozenset({"DELIVRD", "ACCEPTD", "ENROUTE", "UNKNOWN", "none"})


def status_name(number: int) -> str:
    """The ESME_ name of a status, or its number in hex where the specification has no name."""
    return STATUS_NAMES.get(number) or f"0x{number:08X}"


def status_number(given: object) -> int:
    """Read a status written as a name (with or without ESME_) or as a number.

    Raises ValueError saying what is expected.
    """
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= 0xFFFFFFFF:
        return given
    if isinstance(given, str):
        name = given.strip().upper()
        found = STATUS_NUMBERS.get(name, STATUS_NUMBERS.get("ESME_" + name))
        if found is not None:
            return found
        try:
            return status_number(int(name, 0))
        except ValueError:
            pass
    raise ValueError("expected a name such as RTHROTTLED or a number 0..0xFFFFFFFF")
