"""Laws of the diagnosis: it names the octet at which what is wrong begins, and sound octets have nothing wrong."""

import pytest

from infra.demo.poison import poison
from infra.reading.coordinates import CoordinatesInvalid, parse_coordinates
from infra.reading.diagnosis import diagnose, hex_lines
from infra.reading.times import TimeInvalid, since_ms
from pipeline.events.codec import Codec
from pipeline.events.records import HealthSnapshot, SubmitMessage

CODEC = Codec()
SOUND = CODEC.encode(SubmitMessage(to="+8613800138000", text="hello", message_class="otp"))


def octet_of(value: bytes) -> int | None:
    found = diagnose(value, CODEC, SubmitMessage)
    assert found is not None
    return found.octet


def test_sound_octets_have_nothing_wrong() -> None:
    assert diagnose(SOUND, CODEC, SubmitMessage) is None


def test_what_is_no_frame_is_wrong_from_the_start_or_where_it_ends() -> None:
    assert octet_of(poison("text")) == 0
    assert octet_of(b"") == 0
    assert octet_of(b"\x00\x00") == 2


def test_a_schema_that_is_unknown_or_another_is_wrong_at_its_id() -> None:
    assert octet_of(poison("unknown-schema")) == 1
    assert octet_of(CODEC.encode(HealthSnapshot(number=1))) == 1


@pytest.mark.parametrize("end", range(6, len(SOUND)))
def test_a_record_cut_off_anywhere_names_the_field_that_lacks_octets(end: int) -> None:
    found = diagnose(SOUND[:end], CODEC, SubmitMessage)
    assert found is not None
    assert found.octet is not None
    assert 5 <= found.octet <= end
    assert "field '" in found.words


def test_octets_left_over_begin_where_the_record_ends() -> None:
    assert octet_of(SOUND + b"!!") == len(SOUND)


def test_a_number_that_says_a_length_below_zero_is_named_with_its_field() -> None:
    found = diagnose(SOUND[:5] + b"\x01" + SOUND[6:], CODEC, SubmitMessage)
    assert found is not None
    assert (found.octet, "field 'to'" in found.words) == (5, True)


def test_the_dump_marks_the_octet() -> None:
    lines = list(hex_lines(bytes(range(20)), 18))
    assert lines[1].startswith("000010  10 11 12 13")
    assert lines[2] == f"{'':8}{'   ' * 2}^^ octet 18"


@pytest.mark.parametrize("wrong", ["", "sms.usage", "sms.usage/0", "sms.usage/0/x", "/0/1", "sms.usage/-1/2"])
def test_what_are_no_coordinates_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(CoordinatesInvalid, match="expected <topic>/<partition>/<offset>"):
        parse_coordinates(wrong)


def test_times_are_ago_or_iso_and_utc_unless_they_say_so() -> None:
    assert since_ms("10m", now_ms=1_000_000) == 400_000
    assert since_ms("1970-01-01T00:01", now_ms=0) == 60_000
    assert since_ms("1970-01-01T01:01+01:00", now_ms=0) == 60_000
    with pytest.raises(TimeInvalid, match="expected how long ago"):
        since_ms("soon", now_ms=0)
