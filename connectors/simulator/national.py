"""National shift tables that the handsets know: Turkish, Spanish, Portuguese.

Pure, the simulator's own copy: a second reading of the specification beside the pipeline's. A table that is not here
is a fault of the message, and its text is read with the default tables, as an older phone does.
Source: 3GPP TS 23.038 6.2.1.2.4, A.2.1 - A.2.3 (single shift), A.3.1, A.3.3 (locking shift).
"""

from __future__ import annotations

from typing import NamedTuple

TURKISH, SPANISH, PORTUGUESE = 1, 2, 3

DEFAULT_SINGLE = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ACUTE = {0x41: "Á", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú", 0x61: "á", 0x69: "í", 0x6F: "ó", 0x75: "ú"}
_GREEK = {0x12: "Φ", 0x13: "Γ", 0x15: "Ω", 0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ"}
_TILDE_AND_HAT = {0x5B: "Ã", 0x5C: "Õ", 0x61: "Â", 0x7B: "ã", 0x7C: "õ", 0x7F: "â"}
_BELOW_BLANK = {0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á", 0x1F: "Ê"}

SINGLE: dict[int, dict[int, str]] = {
    TURKISH: DEFAULT_SINGLE | {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"},
    SPANISH: DEFAULT_SINGLE | _ACUTE | {0x09: "ç"},
    PORTUGUESE: DEFAULT_SINGLE | _GREEK | _BELOW_BLANK | _ACUTE | {0x41: "À"} | _TILDE_AND_HAT,
}

_DIGITS_AND_SIGNS = "0123456789:;<=>?"
LOCKING: dict[int, str] = {
    TURKISH: (
        "@£$¥€éùıòÇ\nĞğ\rÅå"
        "Δ_ΦΓΛΩΠΨΣΘΞ\x1bŞşßÉ"
        " !\"#¤%&'()*+,-./" + _DIGITS_AND_SIGNS + "İABCDEFGHIJKLMNO"
        "PQRSTUVWXYZÄÖÑÜ§"
        "çabcdefghijklmno"
        "pqrstuvwxyzäöñüà"
    ),
    PORTUGUESE: (
        "@£$¥êéúíóç\nÔô\rÁá"
        "Δ_ªÇÀ∞^\\€Ó|\x1bÂâÊÉ"
        " !\"#º%&'()*+,-./" + _DIGITS_AND_SIGNS + "ÍABCDEFGHIJKLMNO"
        "PQRSTUVWXYZÃÕÚÜ§"
        "~abcdefghijklmno"
        "pqrstuvwxyzãõ`üà"
    ),
}


class Shifts(NamedTuple):
    """The tables that a header asks for, by language; 0 is the default one."""

    locking: int = 0
    single: int = 0

    def faults(self) -> tuple[str, ...]:
        """What these handsets have no table of."""
        unknown = []
        if self.locking and self.locking not in LOCKING:
            unknown.append(f"no locking shift table of language {self.locking} here")
        if self.single and self.single not in SINGLE:
            unknown.append(f"no single shift table of language {self.single} here")
        return tuple(unknown)


NO_SHIFTS = Shifts()
