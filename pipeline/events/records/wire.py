"""The wire: leases to a carrier's connector and what became of each part; receipts, and replies of phones."""

from pipeline.events.records.kinds import Event


class DispatchMessage(Event, frozen=True, kw_only=True, gc=False):
    """A lease: this carrier's connector may send these parts before send_before."""

    attempt: int = 0
    release: int = 0
    carrier: str = ""
    message_class: str = ""
    lane: str = ""
    sender: str = ""
    country: str = ""
    encoding: str = ""
    segment_count: int = 0
    parts: tuple[int, ...] = ()
    concat_reference: int = 0
    expires_at: int = 0
    send_before: int = 0
    key_day: str = ""
    sealed_content: bytes = b""


class IntentRecorded(Event, frozen=True, kw_only=True, gc=False):
    """The connector is about to put one part on the wire. No durable intent, no PDU."""

    attempt: int = 0
    release: int = 0
    part: int = 0
    carrier: str = ""
    dispatch_offset: int = 0
    wire_try: int = 0


class SubmitSucceeded(Event, frozen=True, kw_only=True, gc=False):
    """The carrier took one part (positive submit_sm_resp)."""

    attempt: int = 0
    release: int = 0
    part: int = 0
    carrier: str = ""
    smsc_id: str = ""
    sent_at: int = 0


class SubmitFailed(Event, frozen=True, kw_only=True, gc=False):
    """The carrier refused one part."""

    attempt: int = 0
    release: int = 0
    part: int = 0
    carrier: str = ""
    command_status: int = 0
    status_name: str = ""
    failure_class: str = ""
    scope: str = ""
    sent_at: int = 0
    detail: str = ""


class SubmitOutcomeUnknown(Event, frozen=True, kw_only=True, gc=False):
    """A part may or may not have reached the carrier."""

    attempt: int = 0
    release: int = 0
    part: int = 0
    carrier: str = ""
    reason: str = ""


class DispatchRefused(Event, frozen=True, kw_only=True, gc=False):
    """The connector did not send: nothing of this release went on the wire (or no more of it will)."""

    attempt: int = 0
    release: int = 0
    carrier: str = ""
    parts: tuple[int, ...] = ()
    reason: str = ""
    detail: str = ""


class RecallRequested(Event, frozen=True, kw_only=True, gc=False):
    """Routing takes a dispatched message back."""

    attempt: int = 0
    reason: str = ""


class ReceiptReceived(Event, frozen=True, kw_only=True, gc=False):
    """A delivery receipt (DLR) came from a carrier."""

    carrier: str = ""
    smsc_id: str = ""
    state: str = ""
    stat: str = ""
    error_code: str = ""
    done_at: int = 0
    attempt: int = 0
    part: int = 0


class ReceiptIndexed(Event, frozen=True, kw_only=True, gc=False):
    """Which part an SMSC id names; value of sms.receipt-index.<carrier>, key '<carrier>/<smsc_id>'."""

    carrier: str = ""
    smsc_id: str = ""
    attempt: int = 0
    part: int = 0


class ReplyReceived(Event, frozen=True, kw_only=True, gc=False):
    """A message came from a phone (MO)."""

    carrier: str = ""
    destination: str = ""
    carrier_reference: str = ""
    action: str = ""
    keyword: str = ""
    country: str = ""
    encoding: str = ""
    segment_count: int = 0
    key_day: str = ""
    sealed_text: bytes = b""
    needs_review: bool = False


class ReplyForwarded(Event, frozen=True, kw_only=True, gc=False):
    """A phone answered an account."""

    carrier: str = ""
    destination: str = ""
    action: str = ""
    keyword: str = ""
    country: str = ""
    key_day: str = ""
    sealed_text: bytes = b""
