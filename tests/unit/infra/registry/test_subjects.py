"""Which subjects there are follows from the catalogue of topics alone."""

import pytest

from infra.registry.subjects import Subjects
from pipeline.events.schema_store import default_store


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return Subjects(default_store())


@pytest.mark.parametrize(
    ("subject", "record"),
    [
        ("sms.submitted.acme-shop.express-value", "SubmitMessage"),
        ("sms.submitted.gateway.bulk-value", "SubmitMessage"),
        ("sms.lifecycle-sluice.MessageAccepted", "MessageAccepted"),
        ("sms.dispatch.carrier-a.express-sluice.DispatchMessage", "DispatchMessage"),
        ("sluice.UsageRecorded", "UsageRecorded"),
    ],
)
def test_a_subject_of_the_catalogue_has_its_record(subjects: Subjects, subject: str, record: str) -> None:
    assert {entry.record for entry in subjects.versions(subject)} == {record}


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "orders-value",
        "sms.submitted.acme.express-key",
        "sms.submitted.Acme.express-value",
        "sms.submitted.acme.slow-value",
        "sms.submitted.acme.eu.express-value",
        "sms.lifecycle-value",
        "sms.lifecycle-sluice.UsageRecorded",
        "smsXlifecycle-sluice.MessageAccepted",
        "sluice.Unknown",
    ],
)
def test_anything_else_has_none(subjects: Subjects, subject: str) -> None:
    assert subjects.versions(subject) == ()


def test_every_record_is_listed_by_its_name_and_all_that_is_listed_exists(subjects: Subjects) -> None:
    listed = subjects.listed()
    assert {f"sluice.{record}" for record in default_store().records()} <= set(listed)
    assert all(subjects.versions(subject) for subject in listed)
    assert subjects.listed("sms.usage") == ["sms.usage-sluice.UsageRecorded"]
