"""Laws of publishing rules: folding what was written gives back the rules, and the same rules are no change."""

import msgspec

from infra.config.changes import ALL_TABLES, changes_between, records_of
from infra.config.rules_file import parse_rules
from pipeline.domain.rules import Drain, Rules
from pipeline.events.records import ControlRecorded
from pipeline.stages.revisions import Revision, Revisions
from tests.unit.infra.test_rules_file import SMALL

NOTHING = Revision(number=0, effective_at=0, occurred_at=0, author="", reason="", changes=(), rules=Rules())


def fold(log: list[ControlRecorded]) -> Revision:
    """The last revision of a log."""
    revisions = Revisions()
    for offset, record in enumerate(log):
        revisions.take(offset, record)
    return revisions.all[-1]


def publish(before: Revision, rules: Rules, log: list[ControlRecorded]) -> Revision:
    changes = changes_between(before.rules, rules)
    number = before.number + 1
    log.extend(records_of(changes, revision=number, effective_at=7, now_us=1, author="a", reason="r"))
    return fold(log)


def unplaced(rules: Rules) -> Rules:
    return msgspec.structs.replace(rules, control_offset=-1)


def test_folding_what_was_published_gives_back_the_rules() -> None:
    wanted = parse_rules(SMALL, "r")
    published = publish(NOTHING, wanted, [])
    assert unplaced(published.rules) == wanted
    assert (published.number, published.effective_at, published.occurred_at) == (1, 7, 1)
    assert (published.author, published.reason) == ("a", "r")


def test_the_same_rules_are_no_change() -> None:
    wanted = parse_rules(SMALL, "r")
    published = publish(NOTHING, wanted, [])
    assert changes_between(published.rules, wanted) == ()


def test_only_what_differs_is_written() -> None:
    log: list[ControlRecorded] = []
    first = publish(NOTHING, parse_rules(SMALL, "r"), log)
    dearer = parse_rules(SMALL.replace('"0.0075"', '"0.0080"'), "r")
    assert [str(change) for change in changes_between(first.rules, dearer)] == ["tariff retail changed"]
    assert unplaced(publish(first, dearer, log).rules) == dearer


def test_what_is_gone_from_the_file_is_removed() -> None:
    log: list[ControlRecorded] = []
    first = publish(NOTHING, parse_rules(SMALL, "r"), log)
    fewer = parse_rules(SMALL[: SMALL.index("templates:")], "r")
    assert [str(change) for change in changes_between(first.rules, fewer)] == ["template acme/code/1 removed"]
    assert unplaced(publish(first, fewer, log).rules) == fewer


def test_a_set_of_changes_without_its_mark_does_not_count() -> None:
    log: list[ControlRecorded] = []
    first = publish(NOTHING, parse_rules(SMALL, "r"), log)
    torn = records_of(
        changes_between(first.rules, Rules()), revision=2, effective_at=2, now_us=2, author="a", reason="r"
    )[:-1]
    assert fold([*log, *torn]) == first


def test_the_offset_of_the_rules_is_that_of_their_mark() -> None:
    log: list[ControlRecorded] = []
    published = publish(NOTHING, parse_rules(SMALL, "r"), log)
    assert published.offset == len(log) - 1
    assert log[-1].kind == "revision"


def test_a_file_leaves_drains_alone() -> None:
    wanted = parse_rules(SMALL, "r")
    drained = msgspec.structs.replace(wanted, control_offset=1, drains={"blue": Drain(id="blue")})
    assert changes_between(drained, wanted) == ()
    assert [str(each) for each in changes_between(drained, wanted, ALL_TABLES)] == ["drain blue removed"]
