"""Cloud resources of instances."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.records import people, resources, runs
from gaia.records.model import ANY, Subject
from gaia.records.resources import Found

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Transaction
    from gaia.records.model import Request, Run

ALL = frozenset({(ANY, ANY)})
LATER = T0 + timedelta(minutes=5)
STACK = "acme-use1-dev"
BUCKET = Found("aws_s3_bucket.this", "aws_s3_bucket", "photos-1", "arn:aws:s3:::photos-1")
LOCK = Found("aws_s3_bucket_versioning.this", "aws_s3_bucket_versioning", "photos-1", None)


@pytest.fixture
def run(tx: Transaction, make_request: Callable[..., Request]) -> Run:
    """A run that makes things."""
    return runs.add(tx, make_request(tx), "apply", (), at=T0)


def test_what_the_state_has_is_recorded_once(tx: Transaction, run: Run) -> None:
    """Recording again changes nothing; rows know place, request and run."""
    first = resources.record(tx, run, STACK, "bucket", [LOCK, BUCKET], at=T0)
    assert resources.record(tx, run, STACK, "bucket", [BUCKET, LOCK], at=LATER) == first
    assert [each.address for each in first] == ["aws_s3_bucket.this", "aws_s3_bucket_versioning.this"]
    assert (first[0].tenant, first[0].stage, first[0].request, first[0].run) == ("acme", "dev", run.request, run.id)
    assert first[0].created_at == T0
    assert resources.of_instance(tx, "repo-1", STACK, "bucket") == first
    assert resources.of_instance(tx, "repo-1", STACK, "key") == ()


def test_what_was_applied_without_a_request_knows_person_and_commit(tx: Transaction, run: Run) -> None:
    """What a request made before stays that request's."""
    resources.record(tx, run, STACK, "bucket", [BUCKET], at=T0)
    ada = people.add_person(tx, "ada-admin", at=T0)
    subject = Subject(f"{STACK}/bucket", run.repository, run.tenant, run.stage)
    direct = runs.add(tx, subject, "operation", (), at=T0, person=ada.id, commit="c" * 40)
    old, new = resources.record(tx, direct, STACK, "bucket", [BUCKET, LOCK], at=LATER)
    assert (old.request, old.run, old.person, old.commit) == (run.request, run.id, None, None)
    assert (new.request, new.run, new.person, new.commit) == (None, direct.id, ada.id, "c" * 40)
    assert (new.tenant, new.stage, new.created_at) == ("acme", "dev", LATER)


def test_what_left_the_state_is_destroyed_and_remembered(tx: Transaction, run: Run) -> None:
    """A retirement empties the instance; the rows say when."""
    resources.record(tx, run, STACK, "bucket", [BUCKET, LOCK], at=T0)
    resources.record(tx, run, STACK, "key", [replace(BUCKET, cloud_id="other", arn=None)], at=T0)
    assert resources.record(tx, run, STACK, "bucket", [], at=LATER) == ()
    assert [each.component for each in resources.of_request(tx, run.subject)] == ["key"]
    gone = [each for each in resources.of_request(tx, run.subject, destroyed=True) if each.component == "bucket"]
    assert [each.destroyed_at for each in gone] == [LATER, LATER]


def test_a_replaced_resource_is_a_new_row(tx: Transaction, run: Run) -> None:
    """Another cloud id under the address; a changed ARN alone is the same resource."""
    resources.record(tx, run, STACK, "bucket", [BUCKET], at=T0)
    resources.record(tx, run, STACK, "bucket", [replace(BUCKET, arn="arn:new")], at=LATER)
    resources.record(tx, run, STACK, "bucket", [replace(BUCKET, cloud_id="photos-2", arn="arn:2")], at=LATER)
    rows = resources.of_request(tx, run.subject, destroyed=True)
    assert [(each.cloud_id, each.arn, each.created_at, each.destroyed_at) for each in rows] == [
        ("photos-1", "arn:new", T0, LATER),
        ("photos-2", "arn:2", LATER, None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:s3:::photos-1",
        "aws_s3_bucket.this",
        "bucket/aws_s3_bucket.this",
        "acme-use1-dev/bucket/aws_s3_bucket.this",
        "aws_s3_bucket",
        "s3_bucket",
        "bucket",
    ],
)
def test_a_resource_is_found_by_what_people_call_it(tx: Transaction, run: Run, text: str) -> None:
    """ARN, address, qualified address, type and the end of a type."""
    resources.record(tx, run, STACK, "bucket", [BUCKET, LOCK], at=T0)
    assert [each.address for each in resources.find(tx, "repo-1", text, places=ALL)] == ["aws_s3_bucket.this"]


def test_a_cloud_id_may_mean_several_resources(tx: Transaction, run: Run) -> None:
    """The parts of a bucket share its id; the caller chooses."""
    resources.record(tx, run, STACK, "bucket", [BUCKET, LOCK], at=T0)
    assert len(resources.find(tx, "repo-1", "photos-1", places=ALL)) == 2


@pytest.mark.parametrize("text", ["", "ucket", "%", "_", "AWS_S3_BUCKET", "nothing"])
def test_what_nothing_is_called_finds_nothing(tx: Transaction, run: Run, text: str) -> None:
    """Neither parts of words nor patterns match."""
    resources.record(tx, run, STACK, "bucket", [BUCKET], at=T0)
    assert resources.find(tx, "repo-1", text, places=ALL) == ()


def test_existing_resources_come_before_destroyed_ones(tx: Transaction, run: Run) -> None:
    """Also when the destroyed one is newer; stacks and repositories narrow."""
    resources.record(tx, run, STACK, "one", [BUCKET], at=T0)
    resources.record(tx, run, STACK, "two", [BUCKET], at=LATER)
    resources.record(tx, run, STACK, "two", [], at=LATER)
    assert [each.component for each in resources.find(tx, "repo-1", "bucket", places=ALL)] == ["one", "two"]
    assert resources.find(tx, "repo-1", "bucket", places=ALL, stack="acme-use1-prod") == ()
    assert resources.find(tx, "repo-2", "bucket", places=ALL) == ()


@pytest.mark.parametrize("text", ["bucket", "aws_s3_bucket.this"])
def test_what_others_have_hides_nothing(tx: Transaction, run: Run, text: str) -> None:
    """An exact ARN, id or address elsewhere does not stand before what is meant where one looks."""
    resources.record(tx, run, STACK, "bucket", [BUCKET], at=T0)
    theirs = replace(BUCKET, address="aws_sqs_queue.this", type="aws_sqs_queue", cloud_id="bucket", arn=BUCKET.address)
    resources.record(tx, replace(run, tenant="bolt"), "bolt-use1-dev", "queue", [theirs], at=LATER)
    for places, component in (({("acme", ANY)}, "bucket"), ({("bolt", "dev")}, "queue"), ({(ANY, ANY)}, "queue")):
        assert [each.component for each in resources.find(tx, "repo-1", text, places=places)] == [component]
    assert resources.find(tx, "repo-1", text, places=()) == ()


def test_what_was_recorded_at_a_commit_is_told_of_places(tx: Transaction, run: Run) -> None:
    """So is what has an index."""
    subject = Subject(f"{STACK}/bucket", run.repository, run.tenant, run.stage)
    direct = runs.add(tx, subject, "operation", (), at=T0, commit="c" * 40)
    resources.record(tx, direct, STACK, "bucket", [replace(BUCKET, address="aws_s3_bucket.this[0]")], at=T0)
    for places, number in (({("acme", "dev")}, 1), ({("acme", "prod")}, 0), ({("bolt", ANY)}, 0), ((), 0)):
        assert len(resources.of_commit(tx, "repo-1", "c" * 7, places=places)) == number
        assert len(resources.counted(tx, "repo-1", BUCKET.address, places=places)) == number
