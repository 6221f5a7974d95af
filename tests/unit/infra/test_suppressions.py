"""What may stand in a list of suppressions."""

import io

import pytest

from infra.suppressions import Suppression, SuppressionInvalid, is_recipient_id, read_csv

ID = "1.4407fca05ebde858ee334071748f059c"
DEFAULTS = Suppression(recipient="", reason="import", detail="ticket 12")


def test_rows_take_what_they_do_not_say_from_the_defaults() -> None:
    found = read_csv(io.StringIO(f"recipient,account,includes_otp\n{ID},acme,yes\n+16465550123,,\n"), DEFAULTS)

    assert found == [
        Suppression(recipient=ID, account="acme", reason="import", includes_otp=True, detail="ticket 12"),
        Suppression(recipient="+16465550123", reason="import", detail="ticket 12"),
    ]


@pytest.mark.parametrize("column", ["recipient", "number", "recipient_id"])
def test_the_recipient_may_stand_in_any_of_three_columns(column: str) -> None:
    assert read_csv(io.StringIO(f"{column}\n{ID}\n"), DEFAULTS)[0].recipient == ID


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("phone\n+1\n", "expected one of recipient"),
        ("recipient,reason\n+16465550123,because\n", "line 2: reason='because', expected one of opt-out"),
        ("recipient,includes_otp\n+16465550123,maybe\n", "line 2: includes_otp='maybe'"),
        ("recipient,account\n+16465550123,NO GOOD\n", "line 2: account='NO GOOD'"),
        ("recipient,account\n,acme\n", "line 2: no recipient"),
        ("recipient,sender\n+16465550123,a sender that is too long\n", "line 2: sender="),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_the_file_counts(text: str, said: str) -> None:
    with pytest.raises(SuppressionInvalid) as refused:
        read_csv(io.StringIO(text), DEFAULTS)

    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["+16465550123", "1.44", f"x{ID}", ID.upper(), ID.replace(".", "")])
def test_only_a_recipient_id_is_one(text: str) -> None:
    assert is_recipient_id(ID)
    assert not is_recipient_id(text)
