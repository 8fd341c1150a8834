"""When services end: each change is made by what was read, or by nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.kit import keys
from gaia.records import approvals, lifetimes, people, previews, requests
from gaia.records.tables import people as people_table
from gaia.records.tables import requests as requests_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.records.database import Database, Transaction
    from gaia.records.lifetime_model import Lifetime
    from gaia.records.model import Approval, Person, Request

WEEK, DAY = timedelta(days=7), timedelta(days=1)
ENDS = T0 + WEEK


def approved(tx: Transaction, folder: Path, make_person: Callable[..., Person]) -> Approval:
    """The approval of a request for a service that is to live a week."""
    ann, key = make_person(tx, "ann"), keys.make_key(folder / "keys")
    request = requests.add(
        tx, repository="repo-1", tenant="acme", stage="dev", stack="acme-use1-dev", service="photos", kind="provision",
        template="pair", template_version="1.0.0", answers={}, requester=ann.id, at=T0, ttl=7 * 86400,
    )  # fmt: skip
    made = previews.add(tx, request, "sha256:p", key=key, commit="c" * 40, at=T0)
    judged = previews.add_judgement(
        tx, made, findings=(), undecided=(), cost={}, policies="p", verdict="allowed", at=T0
    )
    return approvals.decide(tx, judged, "approved", person=None, key=key, at=T0)


@pytest.fixture
def approval(tx: Transaction, tmp_path: Path, make_person: Callable[..., Person]) -> Approval:
    """What gus signed."""
    return approved(tx, tmp_path, make_person)


@pytest.fixture
def life(tx: Transaction, approval: Approval) -> Lifetime:
    """The service came to exist."""
    lifetimes.begin(tx, request_of(tx, approval), approval, at=T0, until=ENDS)
    return now(tx, approval)


def request_of(tx: Transaction, approval: Approval) -> Request:
    """The request that was approved."""
    return requests.get(tx, approval.request)


def now(tx: Transaction, of: Approval | Lifetime) -> Lifetime:
    """As it is written down."""
    found = lifetimes.of(tx, of.request)
    assert found is not None
    return found


def test_what_is_signed_is_the_time_to_live(tx: Transaction, approval: Approval, tmp_path: Path) -> None:
    """Another one than was signed does not verify; of a request without one nothing more is signed than ever."""
    key = keys.load_key(tmp_path / "keys")
    assert (approval.ttl, approvals.verify(approval, [key])) == (7 * 86400, True)
    [kept] = approvals.of_request(tx, approval.request)
    assert approvals.verify(kept, [key])
    for ttl in (None, 60):
        assert not approvals.verify(replace(kept, ttl=ttl), [key])
    assert "ttl" not in approvals.statement(replace(kept, ttl=None))


def test_a_life_has_an_end_and_no_warning_yet(tx: Transaction, life: Lifetime) -> None:
    """Its span is that from now to its end."""
    assert (life.began_at, life.until, life.span, life.warned, life.warned_at) == (T0, ENDS, 7 * 86400, 0, None)
    assert lifetimes.of_requests(tx, [life.request, "req_none"]) == {life.request: life}
    assert lifetimes.of_requests(tx, []) == {}


def test_those_that_end_soon_are_found(tx: Transaction, life: Lifetime) -> None:
    """Of this repository; what was kept for ever is none of them."""
    assert lifetimes.ending(tx, "repo-1", before=ENDS, now=ENDS) == ()
    assert lifetimes.ending(tx, "repo-1", before=ENDS + DAY, now=ENDS) == (life,)
    assert lifetimes.ending(tx, "repo-2", before=ENDS + DAY, now=ENDS) == ()
    assert lifetimes.keep(tx, life, until=None, span=None)
    assert lifetimes.ending(tx, "repo-1", before=ENDS + 900 * DAY, now=ENDS) == ()


def test_of_two_that_read_the_same_one_changes_it(tx: Transaction, life: Lifetime) -> None:
    """A warning, an end, and what is told: each is given once."""
    assert lifetimes.warn(tx, life, at=T0, until=ENDS)
    assert not lifetimes.warn(tx, life, at=T0, until=ENDS)
    assert lifetimes.tell(tx, life, at=T0)
    assert not lifetimes.tell(tx, life, at=T0)
    assert lifetimes.retire(tx, life, life.request)
    assert not lifetimes.retire(tx, life, life.request)
    assert not lifetimes.keep(tx, life, until=ENDS + DAY, span=DAY)


def test_what_was_kept_is_not_over(tx: Transaction, life: Lifetime) -> None:
    """Who read the old end finds that it has moved; its warnings begin anew."""
    assert not lifetimes.over(tx, life, at=ENDS - DAY)
    assert lifetimes.over(tx, life, at=ENDS)
    assert lifetimes.warn(tx, life, at=T0, until=ENDS)
    assert lifetimes.keep(tx, now(tx, life), until=ENDS + DAY, span=2 * DAY)
    assert not lifetimes.over(tx, life, at=ENDS + 2 * DAY)
    kept = now(tx, life)
    assert (kept.until, kept.span, kept.warned, kept.warned_at) == (ENDS + DAY, 2 * 86400, 0, None)


def test_a_service_that_is_gone_has_no_life(tx: Transaction, life: Lifetime) -> None:
    """That of another stack or service stays."""
    for stack, service in (("acme-use1-dev", "films"), ("acme-use1-prod", "photos")):
        lifetimes.forget(tx, "repo-1", stack, service)
    assert now(tx, life) == life
    lifetimes.forget(tx, "repo-1", "acme-use1-dev", "photos")
    assert lifetimes.of(tx, life.request) is None


def test_a_retirement_leads_to_the_life_that_it_ends(tx: Transaction, life: Lifetime) -> None:
    """None where somebody kept it since."""
    assert lifetimes.of_retirement(tx, life.request) is None
    assert lifetimes.retire(tx, life, life.request)
    found = lifetimes.of_retirement(tx, life.request)
    assert found == now(tx, life)
    assert lifetimes.keep(tx, now(tx, life), until=ENDS + DAY, span=DAY)
    assert lifetimes.of_retirement(tx, life.request) is None


def test_the_engine_is_nobody(tx: Transaction, make_person: Callable[..., Person]) -> None:
    """It is made when it is needed, under a name that is free, and is shut out: no token opens anything for it.

    Nobody is called so any more, but somebody of an older home may be.
    """
    somebody = make_person(tx, "somebody")
    tx.change(people_table.update().where(people_table.c.id == somebody.id).values(name="engine"))
    one = people.engine(tx, at=T0)
    assert people.engine(tx, at=T0) == one == people.ENGINE
    found = people.get_person(tx, one)
    assert (found.name, found.disabled, found.grants) == ("gaia-engine", True, ())


def test_requests_from_before_have_no_end(database: Database, make_request: Callable[..., Request]) -> None:
    """The column is empty for them."""
    with database.begin() as tx:
        made = make_request(tx)
        tx.change(requests_table.update().values(ttl=None))
        assert requests.get(tx, made.id).ttl is None
