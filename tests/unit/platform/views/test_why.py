"""From a service back to who asked for it, what was answered, and who approved what."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from sqlalchemy import insert, select
from tests.unit.platform.loop import KEY, STACK

from gaia.access.callers import authenticate
from gaia.cli.screens.reasons import why_screen
from gaia.errors import NotFound
from gaia.kit import clock
from gaia.kit.ids import new_id
from gaia.platform.model import WhyView
from gaia.platform.views.listing import Listing
from gaia.platform.views.why import _written
from gaia.records import resources, runs, tables
from gaia.records.model import Subject
from gaia.records.resources import Found

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop


def test_an_approval_that_no_longer_holds_is_not_told_as_one_that_does(approved: Loop) -> None:
    """The first was void as the repository moved; the second is what was applied."""
    approved.clone.moved()
    approved.world.previews["photos-key"] = {"policy": "open"}
    assert approved.carry_out(approved.request).status == "waiting"
    approved.as_("gus").approve(approved.request, reason="as it is now")
    approved.carry_out(approved.request)
    first, second = [line.text for line in approved.as_("ann").why("photos").lines if line.what == "approval"]
    assert ", no longer holds: " in first
    assert second.endswith("(as it is now)")


def test_a_service_is_explained_by_its_request(done: Loop) -> None:
    """Who asked, with which answers, from which template, and the commit that it is in."""
    lines = [(line.what, line.text) for line in done.as_("ann").why("photos").lines]
    assert ("answer", "text = hello") in lines
    assert ("template", "pair 1.0.0") in lines
    assert any(what == "request" and "ann asked to provision photos" in text for what, text in lines)
    assert any(what == "approval" and "approved by gus" in text and "no longer" not in text for what, text in lines)
    assert lines[-1] == ("commit", str(done.row(done.request).commit))


def test_values_are_told_by_their_instance(done: Loop) -> None:
    """Each instance of the service, then its values; of one that is named, its own alone."""
    lines = done.as_("ann").why("photos").lines
    heads = [line.text for line in lines if line.what == "instance"]
    assert len(heads) == len(done.row(done.request).instances) > 1
    assert [line.what for line in lines[:2]] == ["instance", "value"]
    shown = Console(width=100, file=StringIO())
    shown.print(*why_screen(WhyView("photos", "", lines)))
    assert isinstance(shown.file, StringIO)
    printed = shown.file.getvalue()
    for line in lines:
        if line.what == "value":
            each = [one for one in lines if one == line]
            assert printed.count(line.text) >= len(each)
    alone = done.as_("ann").why(KEY).lines
    assert [line for line in alone if line.what == "instance" and line.text != f"photos-key in {STACK}"] == []


def test_values_are_told_as_a_manifest_has_them() -> None:
    """`true` and `["a"]`, in no other language; a text as it is."""
    told = [_written(one) for one in (True, None, ["a", "é"], {"a": 1}, 3, "True")]
    assert told == ["true", "null", '["a", "é"]', '{"a": 1}', "3", "True"]


def test_other_instances_that_have_the_address_are_named(done: Loop) -> None:
    """One of them is explained; of the others it is said how to ask for them, as far as the caller may see them."""
    address = "aws_kms_key.this"
    with done.platform.database.begin() as tx:
        subject = Subject(f"{STACK}/net", "platform", "acme", "dev")
        run = runs.add(tx, subject, "operation", (), at=clock.now(), commit="c" * 40)
        for stack, tenant in ((STACK, "acme"), ("other-use1-dev", "other")):
            by = replace(run, tenant=tenant)
            resources.record(tx, by, stack, "net", [Found(address, "aws_kms_key", "id-1", None)], at=clock.now())
    told = {line.what: line.text for line in done.as_("vic").why(address).lines}
    assert told["instance"] == f"net in {STACK}"
    assert told["elsewhere"] == f"{KEY}/{address}"
    again = done.as_("vic").why(told["elsewhere"]).lines
    assert next(line.text for line in again if line.what == "instance") == f"photos-key in {STACK}"
    assert [line for line in again if line.what == "elsewhere"] == []


def test_an_address_without_its_index_is_answered_with_those_that_have_one(done: Loop) -> None:
    """As far as the caller may see them."""
    with done.platform.database.begin() as tx:
        subject = Subject(f"{STACK}/net", "platform", "acme", "dev")
        run = runs.add(tx, subject, "operation", (), at=clock.now(), commit="c" * 40)
        found = [Found(f"aws_vpc.this[{number}]", "aws_vpc", f"vpc-{number}", None) for number in (0, 1)]
        resources.record(tx, run, STACK, "net", found, at=clock.now())
    for text in ("aws_vpc.this", f"{STACK}/net/aws_vpc.this"):
        with pytest.raises(NotFound) as caught:
            done.as_("vic").why(text)
        assert caught.value.code == "subject-unknown"
        assert "aws_vpc.this[0]" in str(caught.value.next_step)
        assert "aws_vpc.this[1]" in str(caught.value.next_step)


def test_what_another_tenant_has_hides_nothing_of_ones_own(done: Loop) -> None:
    """A name that hits better elsewhere: an id, an instance, a commit, a service that has gone."""
    address, row = "aws_kms_key.this", done.row(done.request)
    instance = KEY.partition("/")[2]
    with done.platform.database.begin() as tx:
        subject = Subject(f"{STACK}/net", "platform", "acme", "dev")
        direct = replace(runs.add(tx, subject, "operation", (), at=clock.now(), commit="c" * 40), tenant="other")
        named = Found("aws_sqs_queue.this", "aws_sqs_queue", address, None)
        resources.record(tx, direct, "other-use1-dev", "queue", [named], at=clock.now())
        held = tx.first(select(tables.requests).where(tables.requests.c.id == row.id))
        assert held is not None
        theirs = {**held, "id": new_id("req"), "tenant": "other", "stack": "other-use1-dev", "status": "failed"}
        tx.change(insert(tables.requests).values(**theirs))
    why = done.as_("vic").why
    assert ("instance", f"{instance} in {STACK}") in [(line.what, line.text) for line in why(address).lines]
    assert why(str(row.commit)[:12]).request == row.id
    with done.platform.database.read() as tx:
        vic = authenticate(tx, done.tokens["vic"], clock.now())
    listing = Listing(done.platform, vic)
    assert [(one.stack, one.text) for one in listing.search(address)] == [(STACK, address)]
