"""Laws of identifiers: computable by anyone who may, reversible by nobody, never two for one."""

import hashlib

import pytest

from pipeline.domain.ids import is_name, mask_number, message_id, number_prefix, recipient_id, unparsable_recipient_id

KEY = b"k" * 32


def test_a_message_id_is_what_a_producer_computes_from_its_delivery_report() -> None:
    digest = hashlib.sha256(b"cluster-1\nsms.submitted.shop.express\n3\n42").hexdigest()
    assert message_id("cluster-1", "sms.submitted.shop.express", 3, 42) == digest[:32]


def test_message_ids_of_an_earlier_release_stay_as_they_were() -> None:
    assert message_id("c", "t", 0, 0) == "b0b9d372b27ceb245ddda3a531aacc96"


def test_a_recipient_id_names_its_key_generation_and_hides_the_number() -> None:
    named = recipient_id(KEY, 7, "+18446040924")
    generation, digest = named.split(".")
    assert generation == "7"
    assert len(digest) == 32
    assert "8446040924" not in named


def test_a_recipient_id_depends_on_key_and_number_alone() -> None:
    assert recipient_id(KEY, 1, "+18446040924") == recipient_id(KEY, 1, "+18446040924")
    assert recipient_id(KEY, 1, "+18446040924") != recipient_id(KEY, 1, "+18446040925")
    assert recipient_id(KEY, 1, "+18446040924") != recipient_id(b"x" * 32, 1, "+18446040924")


def test_an_unparsable_recipient_never_meets_a_real_one() -> None:
    assert unparsable_recipient_id(KEY, 1, "+18446040924") != recipient_id(KEY, 1, "+18446040924")
    assert unparsable_recipient_id(KEY, 1, "\ud800 not a number").startswith("1.")


@pytest.mark.parametrize("given", ["", "+", "18446040924", "+1844x", "unparsable\n+1", "+1\n"])
def test_only_an_e164_number_gets_the_id_of_a_number(given: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        recipient_id(KEY, 1, given)


def test_the_prefix_is_the_number_without_its_last_four_digits() -> None:
    assert number_prefix("+18446040924") == "+1844604"


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("+18446040924", "+1844604****"),
        ("(844) 604-0924", "844604****"),
        ("＋８６１３８００１３８０００", "+861380013****"),
        ("1234567", "****"),
        ("", "****"),
        ("4111 1111 1111 1111", "****"),
        ("please call", "****"),
    ],
)
def test_a_masked_number_shows_its_prefix_or_nothing(raw: str, masked: str) -> None:
    assert mask_number(raw) == masked


@pytest.mark.parametrize("name", ["shop", "a1", "bank-of-x", "a" * 31])
def test_names_fit_a_topic_and_an_acl(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize("name", ["", "a", "A1", "1a", "a.b", "a_b", "a" * 32, "shop\n", "ärzte", "-ab"])
def test_other_names_are_refused(name: str) -> None:
    assert not is_name(name)
