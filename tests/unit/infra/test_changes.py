"""Laws of publishing rules: folding what was written gives back the rules, and the same rules are no change."""

import msgspec

from infra.config.changes import NOTHING_PUBLISHED, Published, changes_between, fold, records_of
from infra.config.rules_file import parse_rules
from pipeline.domain.rules import Rules
from pipeline.events.records import ControlRecorded
from tests.unit.infra.test_rules_file import SMALL


def publish(before: Published, rules: Rules, log: list[ControlRecorded]) -> Published:
    changes = changes_between(before.rules, rules)
    log.extend(records_of(changes, revision=before.revision + 1, now_us=1, author="a", reason="r"))
    return fold(enumerate(log))


def unplaced(rules: Rules) -> Rules:
    return msgspec.structs.replace(rules, control_offset=-1)


def test_folding_what_was_published_gives_back_the_rules() -> None:
    wanted = parse_rules(SMALL, "r")
    published = publish(NOTHING_PUBLISHED, wanted, [])
    assert unplaced(published.rules) == wanted
    assert published.revision == 1


def test_the_same_rules_are_no_change() -> None:
    wanted = parse_rules(SMALL, "r")
    published = publish(NOTHING_PUBLISHED, wanted, [])
    assert changes_between(published.rules, wanted) == ()


def test_only_what_differs_is_written() -> None:
    log: list[ControlRecorded] = []
    first = publish(NOTHING_PUBLISHED, parse_rules(SMALL, "r"), log)
    dearer = parse_rules(SMALL.replace('"0.0075"', '"0.0080"'), "r")
    assert [str(change) for change in changes_between(first.rules, dearer)] == ["tariff retail changed"]
    assert unplaced(publish(first, dearer, log).rules) == dearer


def test_what_is_gone_from_the_file_is_removed() -> None:
    log: list[ControlRecorded] = []
    first = publish(NOTHING_PUBLISHED, parse_rules(SMALL, "r"), log)
    fewer = parse_rules(SMALL[: SMALL.index("templates:")], "r")
    assert [str(change) for change in changes_between(first.rules, fewer)] == ["template acme/code/1 removed"]
    assert unplaced(publish(first, fewer, log).rules) == fewer


def test_a_set_of_changes_without_its_mark_does_not_count() -> None:
    log: list[ControlRecorded] = []
    first = publish(NOTHING_PUBLISHED, parse_rules(SMALL, "r"), log)
    torn = records_of(changes_between(first.rules, Rules()), revision=2, now_us=2, author="a", reason="r")[:-1]
    assert fold(enumerate([*log, *torn])) == first


def test_the_offset_of_the_rules_is_that_of_their_mark() -> None:
    log: list[ControlRecorded] = []
    published = publish(NOTHING_PUBLISHED, parse_rules(SMALL, "r"), log)
    assert published.control_offset == len(log) - 1 == published.rules.control_offset
    assert log[-1].kind == "revision"
