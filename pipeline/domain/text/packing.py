"""Eight septets in seven octets, for carriers that take their GSM-7 packed; on the air it is always so.

Source: 3GPP TS 23.038 6.1.2.1.1; DOMAIN 1.12.
"""

SEPTET_BITS = 7
LONGEST_FILL = 6  # more would be a whole septet


def fill_bits(header_octets: int) -> int:
    """Bits between a header of so many octets and the first septet, so that the text starts on a septet boundary."""
    return -header_octets * 8 % SEPTET_BITS


def packed_length(count: int, fill: int = 0) -> int:
    """Octets that `count` septets take behind `fill` bits."""
    return (count * SEPTET_BITS + fill + 7) // 8


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Pack one septet an octet, low bits first, behind `fill_bits` zero bits (0..6). Raises ValueError for bit 8."""
    _require_fill(fill_bits)
    if not septets.isascii():
        raise ValueError("an octet above 0x7F is no septet")
    bits = int.from_bytes(septets, "little")
    eights = -(-len(septets) // 8)
    bits = _squeeze(bits, eights, 8)  # 2 x 7 bits in each 16
    bits = _squeeze(bits, eights, 16)  # 4 x 7 in each 32
    bits = _squeeze(bits, eights, 32)  # 8 x 7 in each 64: the last octet of eight is empty
    octets = bytearray(bits.to_bytes(eights * 8, "little"))
    del octets[7::8]
    length = packed_length(len(septets), fill_bits)
    if not fill_bits:
        return bytes(octets[:length])
    return (int.from_bytes(octets, "little") << fill_bits).to_bytes(len(octets) + 1, "little")[:length]


def pack_behind(septets: bytes, header_octets: int) -> bytes:
    """Pack as a part stands behind its header of so many octets: fill bits first, and no septet left over at the end.

    Seven bits that are left over become a carriage return, since noughts would be read as '@' by whoever knows octets
    alone. Source: 3GPP TS 23.038 6.1.2.3.1.
    """
    fill = fill_bits(header_octets)
    is_septet_left = packed_length(len(septets) + 1, fill) == packed_length(len(septets), fill)
    return pack(septets + b"\r" if is_septet_left else septets, fill)


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """The first `count` septets behind `fill_bits` bits, one an octet. Raises ValueError if there are not so many."""
    _require_fill(fill_bits)
    if count < 0 or packed_length(count, fill_bits) > len(octets):
        raise ValueError(f"{len(octets)} octets do not hold {count} septets behind {fill_bits} bits")
    bits = int.from_bytes(octets, "little") >> fill_bits
    return bytes((bits >> (SEPTET_BITS * place)) & 0x7F for place in range(count))


def _require_fill(fill_bits: int) -> None:
    if not 0 <= fill_bits <= LONGEST_FILL:
        raise ValueError(f"fill_bits={fill_bits}, expected 0..{LONGEST_FILL}")


def _squeeze(bits: int, eights: int, lane: int) -> int:
    """Move the upper of two neighbours down to the lower: each fills 7/8 of its lane, `lane` bits wide."""
    filled = lane * SEPTET_BITS // 8
    pair = (1 << filled) - 1
    low = int.from_bytes(pair.to_bytes(lane // 4, "little") * (eights * 64 // (2 * lane)), "little")
    return (bits & low) | ((bits >> (lane - filled)) & (low << filled))
