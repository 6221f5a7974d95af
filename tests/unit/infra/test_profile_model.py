"""Laws of a carrier's profile in a rules file: checked like the rest, with its line; `like` begins from a built-in."""

import msgspec
import pytest

from infra.config.rules_file import parse_rules
from infra.config.rules_text import rules_text
from infra.config.words import sentences
from pipeline.domain.profiles import BUILT_IN, CarrierProfile
from pipeline.domain.rules import Carrier, Rules, apply_control
from tests.unit.infra.test_rules_file import SMALL, problems

WITH_PROFILE = SMALL.replace("file:secrets/blue\n", "file:secrets/blue\n    profile: {%s}\n")
LINE = 18


def profile(said: str) -> CarrierProfile:
    return parse_rules(WITH_PROFILE % said, "rules.yaml").carriers["blue"].profile


def test_without_a_word_it_is_the_specification() -> None:
    assert parse_rules(SMALL, "rules.yaml").carriers["blue"].profile == CarrierProfile()
    assert profile("") == CarrierProfile()


def test_what_is_said_stands_over_what_it_is_like() -> None:
    assert profile("like: kannel-hex-receipts") == BUILT_IN["kannel-hex-receipts"]
    assert profile("like: latin1, concat: udh16") == CarrierProfile(default_charset="latin1", concat="udh16")
    assert profile("like: latin1, default_charset: gsm7") == CarrierProfile()


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_profile_survives_being_written(name: str) -> None:
    rules = parse_rules(WITH_PROFILE % f"like: {name}", "rules.yaml")
    assert rules.carriers["blue"].profile == BUILT_IN[name]
    assert parse_rules(rules_text(rules), "shown.yaml") == rules


def test_every_field_can_be_said() -> None:
    said = (
        "concat: udh16, is_packed: true, ucs2_data_coding: 24, national: [tr, PT, TR], receipt_ids: 2, "
        "receipt_zone: Asia/Shanghai, plain_receipts: true, receipt_states: {ACKED: delivered, 'REJ*': rejected}, "
        "statuses: {'0x0400': throttled, '0x0000045A': permanent/destination}, default_charset: gsm7"
    )
    assert profile(said) == CarrierProfile(
        concat="udh16",
        is_packed=True,
        ucs2_data_coding=24,
        national=("tr", "PT"),
        receipt_ids="2",
        receipt_zone="Asia/Shanghai",
        plain_receipts=True,
        receipt_states={"ACKED": "delivered", "REJ*": "rejected"},
        statuses={"0x0400": "throttled", "0x0000045A": "permanent/destination"},
    )


@pytest.mark.parametrize(
    ("said", "where", "says"),
    [
        ("like: latin2", "profile.like", "expected one of standard, latin1, kannel-hex-receipts"),
        ("concat: payload", "profile.concat", "'udh8', 'udh16' or 'sar'"),
        ("concat: udh32", "profile.concat", "'udh8', 'udh16' or 'sar'"),
        ("default_charset: koi8", "profile.default_charset", "'latin1', 'ascii' or 'utf8'"),
        ("ucs2_data_coding: 0", "profile.ucs2_data_coding", "greater than or equal to 1"),
        ("national: [DE]", "profile.national.0", "no national language table for 'DE'"),
        ("national: ['0']", "profile.national.0", "default alphabet"),
        ("receipt_ids: 4", "profile.receipt_ids", "'3', 'string' or 'lenient'"),
        ("receipt_zone: Mars/Olympus", "profile.receipt_zone", "IANA name such as Asia/Shanghai"),
        ("receipt_zone: localtime", "profile.receipt_zone", "IANA name such as Asia/Shanghai"),
        ("receipt_states: {delivrd: delivered}", "profile.receipt_states.delivrd", "token in capitals"),
        ("receipt_states: {'*A': delivered}", "profile.receipt_states", "token in capitals"),
        ("receipt_states: {DELIVRD: done}", "profile.receipt_states.DELIVRD", "expected one of delivered, failed"),
        ("statuses: {0x0400: throttled}", "profile.statuses.1024", "in quotes, of four or more hex digits"),
        ("statuses: {'0x400': throttled}", "profile.statuses.0x400", "four or more hex digits"),
        ("statuses: {'0x0400': bind_fatal}", "profile.statuses.0x0400", "expected one of throttled, temporary"),
        ("statuses: {'0x0400': ok}", "profile.statuses.0x0400", "expected one of throttled, temporary"),
        ("statuses: {'0x0000': temporary}", "profile", "expected another than ESME_ROK"),
        ("statuses: {'0x0045': temporary, '0x00000045': permanent}", "profile", "expected each status once"),
        ("statuses: {'0x0400': permanent/nobody}", "profile.statuses.0x0400", "permanent/sender"),
        ("statuses: {'0x0400': throttled/sender}", "profile.statuses.0x0400", "only permanent has a scope"),
        ("like: latin1, national: [TR]", "profile", "national is of septets, expected default_charset gsm7"),
        ("default_charset: utf8, is_packed: true", "profile", "is_packed is of septets"),
        ("concat: sar, national: [TR]", "profile", "expected concat udh8 or udh16"),
        ("colour: blue", "profile.colour", "not known here"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(said: str, where: str, says: str) -> None:
    (problem,) = problems(WITH_PROFILE % said)
    assert problem.startswith(f"rules.yaml:{LINE}: carriers.blue.{where}")
    assert says in problem


@pytest.mark.parametrize(
    ("policy", "where", "says"),
    [
        ("reserved_units: {TR: {suffix: 51}}", "policy.reserved_units.TR.suffix", "less than or equal to 50"),
        ("reserved_units: {TR: {prefix: 30, suffix: 21}}", "policy.reserved_units.TR", "expected 0..50 units together"),
        ("reserved_units: {UK: {prefix: 1}}", "policy.reserved_units.UK", "ISO 3166-1"),
        ("reserved_units: {'*': {prefix: 1}}", "policy.reserved_units.*", "expected one country"),
        ("ucs2_countries: ['*']", "policy.ucs2_countries.0", "expected one country"),
        ("protected_names: ['far too long a name']", "policy.protected_names.0", "septets, at most 11"),
    ],
)
def test_what_the_policy_says_of_texts_and_names_is_checked(policy: str, where: str, says: str) -> None:
    (problem,) = problems(f"{SMALL}policy: {{{policy}}}\n")
    assert problem.startswith(f"rules.yaml:22: {where}")
    assert says in problem


def test_what_operators_add_and_protected_names_are_said_in_words() -> None:
    before = parse_rules(SMALL, "a")
    after = parse_rules(f"{SMALL}policy: {{reserved_units: {{TR: {{suffix: 8}}}}, protected_names: [ACME]}}\n", "b")
    before = msgspec.structs.replace(before, control_offset=1)
    (said,) = [str(each) for each in sentences(before, after, 0)]
    assert said.startswith(
        "policy default: reserved_units () -> (TR 0 before and 8 after); protected_names () -> (ACME)"
    )


def test_a_change_of_a_profile_is_said_in_words() -> None:
    before, after = parse_rules(SMALL, "a"), parse_rules(WITH_PROFILE % "concat: sar, is_packed: true", "b")
    (said,) = [str(each) for each in sentences(before, after, 0) if each.kind == "carrier"]
    assert said == ("carrier blue: profile.concat 'udh8' -> 'sar'; profile.is_packed no -> yes; touches route all")


def test_a_new_carrier_says_what_is_peculiar_to_it() -> None:
    after = parse_rules(WITH_PROFILE % "national: [TR]", "b")
    said = [str(each) for each in sentences(Rules(), after, 0) if each.kind == "carrier"]
    assert "127.0.0.1:2775; profile.national () -> (TR); topics" in said[0]


def test_a_carrier_written_before_there_were_profiles_is_as_the_specification_has_it() -> None:
    body = msgspec.to_builtins(Carrier(id="blue", tariff="blue"))
    del body["profile"]
    rules = apply_control(Rules(), "carrier", "blue", msgspec.json.encode(body).decode(), is_deleted=False)
    assert rules.carriers["blue"] == Carrier(id="blue", tariff="blue")


def test_a_field_of_a_later_build_breaks_no_reader() -> None:
    body = msgspec.to_builtins(Carrier(id="blue", tariff="blue")) | {"profile": {"concat": "sar", "later": 1}}
    rules = apply_control(Rules(), "carrier", "blue", msgspec.json.encode(body).decode(), is_deleted=False)
    assert rules.carriers["blue"].profile == CarrierProfile(concat="sar")
