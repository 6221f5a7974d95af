"""The law of the wire: whatever a carrier's SMSC wants, its phone shows the text that was sent.

The simulator reads the octets with its own tables and parsers, so both would have to be wrong alike.
"""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.simulator import codes, wire
from connectors.simulator.alphabet import Coding
from connectors.simulator.handsets import Handsets
from connectors.simulator.parts import is_too_long, read_part
from connectors.simulator.records import SubmitRecord
from connectors.smpp.pdu import write_submit_sm
from connectors.smpp.submit import Unsendable, prepare
from pipeline.domain.abilities import abilities_of
from pipeline.domain.profiles import CarrierProfile
from pipeline.domain.text.segments import NO_RESERVE, Reserve, Segmentation, segment
from pipeline.events.records import DispatchMessage, SealedContent

NOW = 1_700_000_000_000_000
CHARSETS = {"gsm7": "gsm", "latin1": "latin1", "ascii": "ascii", "utf8": "utf8"}
UNKEPT = ("segments-differ", "encoding-not-carried")
TIES = st.sampled_from(["udh8", "udh16", "sar"])
HEADS = st.sampled_from(["udh8", "udh16"])
CODES = st.sampled_from([8, 0x18])
PROFILES = st.one_of(
    st.builds(CarrierProfile, concat=TIES, default_charset=st.sampled_from(list(CHARSETS)), ucs2_data_coding=CODES),
    st.builds(CarrierProfile, concat=TIES, is_packed=st.just(True)),
    st.builds(
        CarrierProfile,
        concat=HEADS,
        is_packed=st.booleans(),
        national=st.sampled_from([("TR",), ("ES",), ("PT",), ("TR", "PT"), ("tr", "es", "pt")]),
    ),
)
ALPHABETS = st.sampled_from(["ab @$_", "aé€[^{", "şğıİ aç€", "ãõêÓ a|", "áñ¿Ú€", "登录 🙂a", "👍🏽é\u0301x", "\n\fab€"])
TEXTS = st.one_of(
    ALPHABETS.flatmap(lambda letters: st.text(letters, max_size=500)),
    st.text(
        st.characters(
            exclude_categories=["Cs"], exclude_characters="\x1b\ufeff\ufffd"
        ),  # the last two look like faults
        max_size=200,
    ),
)
RESERVES = st.sampled_from([NO_RESERVE, Reserve(0, 5), Reserve(14, 0)])


def coding_of(profile: CarrierProfile) -> Coding:
    return Coding(CHARSETS.get(profile.default_charset, "gsm"), profile.is_packed, profile.ucs2_data_coding)  # type: ignore[arg-type]


def promised(text: str, profiles: list[CarrierProfile], reserve: Reserve) -> Segmentation:
    """As validation cuts it for all of these carriers."""
    able = abilities_of(profiles)
    return segment(text, force_ucs2=not able.carry(text), concat=able.concat, national=able.national, reserve=reserve)


def shown(text: str, promise: Segmentation, profile: CarrierProfile, reserve: Reserve) -> tuple[str, tuple[str, ...]]:
    """What the phone shows, and what the simulator found wrong."""
    dispatch = DispatchMessage(
        message_id="m",
        encoding=promise.encoding.value,
        segment_count=promise.count,
        parts=tuple(range(1, promise.count + 1)),
        concat_reference=255,
        expires_at=NOW + 60_000_000,
    )
    content = SealedContent(to="+905321234567", sender="ACME", text=text)
    message = prepare(dispatch, content, default_sender="", profile=profile, reserve=reserve)
    handsets = Handsets()
    for part in range(1, promise.count + 1):
        octets = bytearray(write_submit_sm(part, message.submit_sm(part, now=NOW)))
        (frame,) = wire.cut_frames(octets)
        assert frame.command == codes.SUBMIT_SM
        submit = wire.parse_submit(frame.body)
        read = read_part(submit.payload, submit.esm_class, submit.sar)
        assert not is_too_long(read, submit.data_coding, coding_of(profile))
        handsets.receive(_record(part, submit), coding_of(profile))
    (received,) = handsets.handset("905321234567").messages
    assert received.is_complete
    assert received.total == promise.count
    return received.reading()


def _record(number: int, submit: wire.Submit) -> SubmitRecord:
    fields: dict[str, Any] = {
        name: getattr(submit, name) for name in ("source", "destination", "esm_class", "data_coding")
    }
    return SubmitRecord(seq=number, at_ms=1, account="a", bind=1, payload=submit.payload, sar=submit.sar, **fields)


def as_packed(text: str, profile: CarrierProfile) -> str:
    """Packed, a carriage return at an octet's end is padding: texts without any are what this law is about."""
    return text.replace("\r", "\n") if profile.is_packed else text


@given(TEXTS, PROFILES, RESERVES)
@settings(max_examples=600, deadline=None)
@example("1234567", CarrierProfile(is_packed=True), NO_RESERVE)
@example("é" * 160, CarrierProfile(default_charset="utf8"), NO_RESERVE)
@example("é" * 200, CarrierProfile(default_charset="utf8", concat="udh16"), NO_RESERVE)
@example("ş ğ ı " * 50, CarrierProfile(national=("TR",), is_packed=True), NO_RESERVE)
def test_a_phone_shows_the_text_that_was_sent(text: str, profile: CarrierProfile, reserve: Reserve) -> None:
    text = as_packed(text, profile)
    assert shown(text, promised(text, [profile], reserve), profile, reserve) == (text, ())


@given(TEXTS, st.lists(PROFILES, min_size=2, max_size=4), RESERVES)
@settings(max_examples=300, deadline=None)
def test_every_carrier_keeps_what_was_promised_for_all(
    text: str, profiles: list[CarrierProfile], reserve: Reserve
) -> None:
    for profile in profiles:
        text = as_packed(text, profile)
    promise = promised(text, profiles, reserve)
    for profile in profiles:
        assert shown(text, promise, profile, reserve) == (text, ())


LATER = st.builds(
    CarrierProfile,
    concat=st.sampled_from(["udh8", "udh16", "sar", "payload", "pigeon"]),
    default_charset=st.sampled_from(["gsm7", "latin1", "runes"]),
    national=st.sampled_from([(), ("TR",), ("XX", "pt")]),
)


@given(TEXTS, st.lists(PROFILES, min_size=1, max_size=3), RESERVES, st.one_of(PROFILES, LATER), RESERVES)
@settings(max_examples=400, deadline=None)
def test_under_other_rules_a_promise_is_kept_or_refused_by_name(
    text: str, then: list[CarrierProfile], reserved: Reserve, now: CarrierProfile, reserve: Reserve
) -> None:
    text = as_packed(text, now)
    assert shown_or_refused(text, promised(text, then, reserved), now, reserve) in ((text, ()), *UNKEPT)


def shown_or_refused(text: str, promise: Segmentation, profile: CarrierProfile, reserve: Reserve) -> object:
    try:
        return shown(text, promise, profile, reserve)
    except Unsendable as no:
        return no.reason
