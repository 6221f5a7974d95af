"""All KINDs by name; a KIND's module is imported when it is asked for."""

from importlib import import_module

from infra.inspecting.kind import Kind

_MODULES = {
    "text": "infra.inspecting.text",
    "number": "infra.inspecting.number",
    "sender": "infra.inspecting.sender",
    "receipt": "infra.inspecting.receipt",
    "receipt-match": "infra.inspecting.receipt_match",
    "status": "infra.inspecting.status",
    "reply": "infra.inspecting.reply",
    "otp": "infra.inspecting.otp",
    "content": "infra.inspecting.content",
    "window": "infra.inspecting.window",
    "pdu": "infra.inspecting.pdus",
}
NAMES = tuple(_MODULES)


def kind_of(name: str) -> Kind:
    """The KIND of this name. Raises KeyError for one that is none of NAMES."""
    kind: Kind = import_module(_MODULES[name]).KIND
    return kind
