"""What a person writes becomes a message, or is refused with its line, field and value."""

import io

import pytest

from infra.submitting.rows import RowInvalid, lane_of_message, message_of, rows_of_csv, rows_of_json
from pipeline.events.records import SubmitMessage

ONE = {"to": "+16465550123", "text": "hello", "message_class": "otp"}


def test_a_message_holds_what_was_given() -> None:
    made = message_of({**ONE, "not_before": "2026-12-01T09:00:00+08:00", "valid_for_s": "300"})

    assert made == SubmitMessage(**ONE, not_before=1_796_086_800_000_000, valid_for_s=300)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": ""}, "to is missing"),
        ({"message_class": "spam"}, "message_class='spam': expected one of otp"),
        ({"text": ""}, "either text or template_id"),
        ({"template_id": "login"}, "either text or template_id"),
        ({"colour": "red"}, "colour is no field of a message"),
        ({"valid_for_s": "soon"}, "valid_for_s='soon'"),
        ({"not_before": "2026-12-01T09:00:00"}, "without an offset"),
        ({"not_before": "tomorrow"}, "ISO 8601"),
        ({"not_before": 2**63}, "not_before='9223372036854775808': should be less than"),
        ({"valid_for_s": 2**31}, "less than 2147483648"),
        ({"text": "half a \ud83d pair"}, "text: character 7 is half a surrogate pair"),
        ({"metadata": {"shop": "\udc00"}}, "metadata.shop: character 0 is half a surrogate pair"),
        ({"colour\udc00": "red"}, "the name of a field='colour\\udc00'"),
    ],
)
def test_what_is_no_message_is_refused_by_field(fields: dict[str, object], said: str) -> None:
    with pytest.raises(RowInvalid, match="line 7: ") as refused:
        message_of({**ONE, **fields}, "line 7: ")

    assert said in str(refused.value)
    assert "+16465550123" not in str(refused.value)


def test_json_lines_keep_their_numbers_and_the_bad_ones_are_named() -> None:
    lines = io.StringIO('{"to": "+1", "text": "a", "message_class": "otp"}\n\nnot json\n[1]\n')

    found = list(rows_of_json(lines, {}))

    assert [number for number, _ in found] == [1, 3, 4]
    assert isinstance(found[0][1], SubmitMessage)
    assert "line 3: not JSON" in str(found[1][1])
    assert "line 4: list, expected an object" in str(found[2][1])


def test_a_csv_takes_defaults_and_maps() -> None:
    lines = io.StringIO('to,param.code,metadata.shop,reference\n+1,117,paris,r1\n+2,118,,"a ""quoted"", one"\n')

    found = [row for _, row in rows_of_csv(lines, {"template_id": "login", "message_class": "otp"})]

    assert found == [
        SubmitMessage(to="+1", template_id="login", message_class="otp", params={"code": "117"},
                      metadata={"shop": "paris"}, reference="r1"),
        SubmitMessage(to="+2", template_id="login", message_class="otp", params={"code": "118"},
                      reference='a "quoted", one'),
    ]  # fmt: skip


def test_a_csv_without_recipients_is_refused() -> None:
    with pytest.raises(RowInvalid, match="column 'to'"):
        list(rows_of_csv(io.StringIO("phone,text\n+1,a\n"), {}))


def test_a_csv_row_with_too_many_values_is_refused() -> None:
    (_, row), = rows_of_csv(io.StringIO("to,text\n+1,a,b\n"), {"message_class": "otp"})  # fmt: skip

    assert "line 2: 1 values more" in str(row)


@pytest.mark.parametrize(("message_class", "lane"), [("otp", "express"), ("service", "express"), ("marketing", "bulk")])
def test_the_lane_follows_from_the_class(message_class: str, lane: str) -> None:
    assert lane_of_message(message_of({**ONE, "message_class": message_class})).value == lane
