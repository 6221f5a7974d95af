"""SMPP octets taken apart: every field of every PDU by its name, or what is wrong at which octet.

For people who hold a capture, not for the live session, whose few fields `connectors.smpp.pdu` reads: two readings of
one specification, which a property test holds together. The specification is data here (`commands`, `tags`, `words`);
`pdus` walks it. Pure: octets in, facts out.
"""

from connectors.smpp.dissect.pdus import Pdu, dissect

__all__ = ["Pdu", "dissect"]
