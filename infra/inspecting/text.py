"""KIND text: how a text is encoded and cut into parts, and why so. Source: DOMAIN 1; `pipeline.domain.text.choice`."""

import json
from functools import partial

import msgspec

from infra.inspecting.kind import CannotAnswer, Kind, Profiles, profile_of
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.text import charsets
from pipeline.domain.text.choice import TextChoice, choose
from pipeline.domain.text.country_rules import text_rule_of
from pipeline.domain.text.national import (
    DEFAULT_TABLES,
    ShiftTables,
    UnknownLanguage,
    candidates,
    identifier_of,
)
from pipeline.domain.text.packing import pack, pack_behind
from pipeline.domain.text.segments import (
    Concat,
    Encoding,
    Segmentation,
    TextTooLong,
    UnencodableText,
    encode_part,
    udh,
)
from pipeline.domain.text.smart import smart

_NAMES = {Encoding.GSM7: "GSM7", Encoding.UCS2: "UCS2", Encoding.GSM7_NLI: "GSM7-NLI"}


class TextQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A text, and where it goes."""

    text: str
    concat: Concat | None = None
    country: str | None = None
    carrier: str | None = None
    smart: bool | None = None
    national: tuple[int | str | None, int | str | None] | None = None


class Forcing(msgspec.Struct, frozen=True):
    """One character of a UCS-2 text that GSM-7 (the given tables, the carrier) lacks; `index` in code points."""

    char: str
    index: int


class TextAnswer(msgspec.Struct, frozen=True):
    """The issue's fields, then ours: why, what it cost, the first part's header and its octets for this carrier."""

    encoding: str
    units: int
    segments: int
    segment_units: tuple[int, ...]
    segment_texts: tuple[str, ...]
    text_out: str
    forced_by: list[Forcing]
    packed_hex: str
    unpacked_hex: str
    because: str
    extra_segments: int
    udh_hex: str
    smart_applied: bool
    sent_hex: str


_decode = msgspec.json.Decoder(TextQuestion).decode


def decode(line: bytes) -> TextQuestion:
    """Read a question. A lone surrogate is a fault of the text: raises CannotAnswer('unencodable-text')."""
    try:
        return _decode(line)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        _require_whole_characters(line)
        raise


def _require_whole_characters(line: bytes) -> None:
    """msgspec's decoder stops at a lone surrogate with words that mislead; the standard library's reads it."""
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        return
    text = read.get("text") if isinstance(read, dict) else None
    try:
        str(text).encode()
    except UnicodeEncodeError as error:
        raise CannotAnswer("unencodable-text", f"unpaired surrogate at character {error.start}") from None


def answer(question: TextQuestion, profiles: Profiles) -> TextAnswer:
    """Raises CannotAnswer: unencodable-text, text-too-long, unknown-carrier, invalid-field."""
    profile = profile_of(question.carrier, profiles)
    rule = text_rule_of(question.country)
    concat = question.concat or _concat_of(profile)
    ask = partial(
        choose, rule=rule, concat=concat, national=_national_of(question, profile), charset=profile.default_charset
    )
    text = smart(question.text) if question.smart and not rule.force_ucs2 else question.text
    try:
        choice = ask(text)
        if text != question.text and choice.cut.encoding is Encoding.UCS2:  # the carrier lacks what GSM-7 has: no use
            text, choice = question.text, ask(question.text)
    except UnencodableText as error:
        raise CannotAnswer("unencodable-text", str(error)) from None
    except TextTooLong as error:
        raise CannotAnswer("text-too-long", str(error)) from None
    return _said(text, choice, concat, profile, is_smart=text != question.text)


def _concat_of(profile: CarrierProfile) -> Concat:
    try:
        return Concat(profile.concat)
    except ValueError:
        raise CannotAnswer(
            "invalid-field", f"the carrier's concat={profile.concat!r}, expected one of {', '.join(Concat)}"
        ) from None


def _national_of(question: TextQuestion, profile: CarrierProfile) -> tuple[ShiftTables, ...]:
    """The one pair that was asked for, or the carrier's candidates."""
    if question.national is None and not profile.national:
        return ()
    try:
        if question.national is None:
            return candidates(profile.national)
        locking, single = question.national
        tables = ShiftTables(_table_of(locking), _table_of(single))
    except UnknownLanguage as error:
        raise CannotAnswer("invalid-field", f"national: {error}") from None
    return () if tables == DEFAULT_TABLES else (tables,)


def _table_of(named: int | str | None) -> int:
    if named is None:
        return 0
    return identifier_of(named) if isinstance(named, str) else named


def _said(text: str, choice: TextChoice, concat: Concat, profile: CarrierProfile, *, is_smart: bool) -> TextAnswer:
    cut = choice.cut
    octets = encode_part(cut.texts[0], cut.encoding, cut.tables)
    unpacked = octets.hex()
    packed = unpacked if cut.encoding is Encoding.UCS2 else pack(octets).hex()
    header = udh(concat, cut.tables, 0, len(cut.texts), 1)
    return TextAnswer(
        _NAMES[cut.encoding],
        cut.units,
        len(cut.texts),
        cut.part_units,
        cut.texts,
        text,
        [Forcing(text[index], index) for index in choice.forced_by],
        packed,
        unpacked,
        choice.because,
        choice.extra_parts,
        header.hex(),
        is_smart,
        _sent(cut, octets, len(header), profile).hex(),
    )


def _sent(cut: Segmentation, octets: bytes, header_octets: int, profile: CarrierProfile) -> bytes:
    """What stands behind the header of part 1 for this carrier: packed or in another charset only if it says so."""
    if cut.encoding is Encoding.UCS2:
        return octets
    if profile.default_charset != charsets.GSM7:
        return charsets.encode_default(profile.default_charset, cut.texts[0])
    return pack_behind(octets, header_octets) if profile.is_packed else octets


KIND = Kind(
    name="text",
    about="How a text is encoded, cut into parts and counted, and which characters decided it.",
    question=TextQuestion,
    answer=answer,
    argument="text",
    example_in='{"text":"Your code: 4711 ✓","concat":"udh8"}',
    example_out=(
        '{"encoding":"UCS2","units":17,"segments":1,"segment_units":[17],"segment_texts":["Your code: 4711 ✓"],'
        '"text_out":"Your code: 4711 ✓","forced_by":[{"char":"✓","index":16}],'
        '"packed_hex":"0059006f0075007200200063006f00640065003a0020003400370031003100202713",'
        '"unpacked_hex":"0059006f0075007200200063006f00640065003a0020003400370031003100202713",'
        '"because":"characters","extra_segments":0,"udh_hex":"","smart_applied":false,'
        '"sent_hex":"0059006f0075007200200063006f00640065003a0020003400370031003100202713"}'
    ),
    decode=decode,
)
