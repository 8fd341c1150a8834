"""Looks at instances as rows: the last of each, the list, and what goes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.errors import Conflict
from gaia.records import leases, looks, resources, runs
from gaia.records.model import Subject
from gaia.records.resources import Found, Living

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Transaction
    from gaia.records.drift_model import DriftResult, Look
    from gaia.records.model import Request, Run

HOUR = timedelta(hours=1)
EVERYWHERE = {("*", "*")}


def look(tx: Transaction, component: str = "vpc", stack: str = "s-dev", tenant: str = "acme") -> Run:
    """A run that looks, done with; an instance has one live at a time."""
    run = runs.add(tx, Subject(f"drift {stack}/{component}", "repo-1", tenant, "dev"), "drift", ("look",), at=T0)
    runs.start_step(tx, run.id, "look", at=T0)
    runs.move(tx, run.id, ["queued"], "running", at=T0)
    return runs.move(tx, run.id, ["running"], "done", at=T0)


def seen(
    tx: Transaction,
    result: DriftResult,
    hours: int = 0,
    *,
    component: str = "vpc",
    tenant: str = "acme",
    found: str = "",
) -> Look:
    """A look, so many hours after T0."""
    run = look(tx, component, tenant=tenant)
    at = T0 + hours * HOUR
    return looks.add(tx, run, "s-dev", component, result, at=at, commit="c", found=found, document=found)[0]


def test_the_last_look_is_marked(tx: Transaction) -> None:
    """And says since when it is so: the same causes, not only the same word."""
    seen(tx, "drifted", 1, found="a")
    again = seen(tx, "drifted", 2, found="a")
    assert (again.since, again.newest) == (T0 + HOUR, True)
    other = seen(tx, "drifted", 3, found="b")
    assert other.since == T0 + 3 * HOUR
    assert looks.newest(tx, "repo-1", "s-dev", "vpc") == other
    assert looks.every_newest(tx, "repo-1") == {"s-dev/vpc": other}
    assert [one.newest for one in looks.history(tx, "repo-1", "s-dev", "vpc", limit=9)] == [True, False, False]
    assert looks.newest(tx, "repo-2", "s-dev", "vpc") is None


def test_what_was_last_known(tx: Transaction) -> None:
    """Looks that could not be made say nothing."""
    first = seen(tx, "drifted", found="a")
    assert looks.last_known(tx, first) is None
    seen(tx, "not-checked")
    last = seen(tx, "clean")
    assert (known := looks.last_known(tx, last)) is not None
    assert known.id == first.id


def test_the_list_is_of_places_and_goes_on_after_one(tx: Transaction) -> None:
    """By stack and component; what is gone only where it is asked for."""
    seen(tx, "drifted", 5, component="b")
    seen(tx, "clean", component="a")
    theirs = seen(tx, "clean", component="c", tenant="other")
    looks.add_gone(tx, seen(tx, "clean", component="d"), at=T0)

    def names(**wanted: object) -> list[str]:
        places = wanted.pop("places", EVERYWHERE)
        return [one.component for one in looks.find(tx, "repo-1", places=places, **wanted)]  # type: ignore[arg-type]

    assert names() == ["a", "b", "c"]
    assert names(places={("acme", "*")}) == ["a", "b"]
    assert names(places=set()) == []
    assert names(result="drifted") == ["b"]
    assert names(result="gone") == ["d"]
    assert names(since=T0 + HOUR) == ["b"]
    assert names(stack="s-dev", component="c") == ["c"]
    assert names(after=("s-dev", "a"), limit=1) == ["b"]
    assert names(after=("s", "zz")) == ["a", "b", "c"]
    assert theirs.key == "s-dev/c"


def test_what_had_drifted_is_looked_at_again(tx: Transaction) -> None:
    """Where it was changed since; what was clean is not. The next look takes the mark away."""
    seen(tx, "clean", component="a")
    seen(tx, "not-checked", component="b")
    for component in ("a", "b", "none"):
        looks.look_again(tx, "repo-1", "s-dev", component)
    assert [one.again for one in looks.find(tx, "repo-1", places=EVERYWHERE)] == [False, True]
    seen(tx, "not-checked", component="b")
    assert [one.again for one in looks.find(tx, "repo-1", places=EVERYWHERE)] == [False, False]


def test_old_looks_go_with_their_runs(tx: Transaction) -> None:
    """The last one of each instance stays, and so does its document, and whatever is live."""
    first, last = seen(tx, "clean", found="a"), seen(tx, "clean", 1, found="b")
    put_off = look(tx)
    live = runs.add(tx, Subject("drift s-dev/other", "repo-1", "acme", "dev"), "drift", (), at=T0)
    assert looks.documents(tx, "repo-1") == {"a", "b"}
    assert looks.forget(tx, "repo-1", before=T0 + 9 * HOUR) == 1
    assert looks.documents(tx, "repo-1") == {"b"}
    assert runs.steps_of(tx, str(last.run))
    for gone in (first.run, put_off.id):
        assert runs.steps_of(tx, str(gone)) == ()
    assert [one.id for one in runs.live(tx, "repo-1")] == [live.id]
    assert looks.forget(tx, "repo-1", before=T0 + 9 * HOUR) == 0


def test_who_changes_an_instance_takes_the_lease_of_a_look_over(
    tx: Transaction, make_request: Callable[..., Request]
) -> None:
    """A request and an operation do; another look does not, and a look takes over nothing."""
    subject = Subject("drift s-dev/vpc", "repo-1", "acme", "dev")
    first = runs.add(tx, subject, "drift", (), at=T0)
    leases.acquire(tx, "repo-1", "s-dev/vpc", run=first.id, at=T0)
    second = runs.add(tx, Subject("drift s-dev/x", "repo-1", "acme", "dev"), "drift", (), at=T0)
    with pytest.raises(Conflict, match="being changed"):
        leases.acquire(tx, "repo-1", "s-dev/vpc", run=second.id, at=T0)
    request = make_request(tx)
    run = runs.add(tx, request, "apply", (), at=T0)
    taken = leases.acquire(tx, "repo-1", "s-dev/vpc", run=run.id, request=request.id, at=T0)
    assert (taken.token, taken.request) == (2, request.id)
    with pytest.raises(Conflict, match="no longer holds"):
        leases.check(tx, "repo-1", ["s-dev/vpc"], run=first.id)
    with pytest.raises(Conflict, match="being changed"):
        leases.acquire(tx, "repo-1", "s-dev/vpc", run=first.id, at=T0)
    leases.release_all(tx, request.id, at=T0)
    leases.acquire(tx, "repo-1", "s-dev/vpc", run=first.id, at=T0)
    operation = runs.add(tx, Subject("s-dev/vpc", "repo-1", "acme", "dev"), "operation", (), at=T0)
    assert leases.acquire(tx, "repo-1", "s-dev/vpc", run=operation.id, at=T0).run == operation.id


def test_instances_of_which_something_exists(tx: Transaction) -> None:
    """With the moment of the newest part; what is destroyed is not there."""
    run = runs.add(tx, Subject("s-dev/vpc", "repo-1", "acme", "dev"), "operation", (), at=T0)
    two = [Found("a.b", "a", "1"), Found("a.c", "a", "2")]
    resources.record(tx, run, "s-dev", "vpc", two[:1], at=T0)
    resources.record(tx, run, "s-dev", "vpc", two, at=T0 + HOUR)
    resources.record(tx, run, "s-dev", "old", two, at=T0)
    resources.record(tx, run, "s-dev", "old", [], at=T0)
    assert resources.living(tx, "repo-1") == (Living("s-dev", "vpc", "acme", "dev", T0 + HOUR),)
    assert resources.living(tx, "repo-1", stack="s-dev", component="old") == ()
    assert resources.living(tx, "repo-2") == ()


def test_the_last_change_of_an_instance(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """By an operation, or by a request's step, that is done."""
    assert runs.last_change(tx, "repo-1", "s-dev/vpc", "apply") is None
    run = runs.add(tx, make_request(tx), "apply", ("apply s-dev/vpc",), at=T0)
    assert runs.last_change(tx, "repo-1", "s-dev/vpc", "apply") is None
    runs.move(tx, run.id, ["queued"], "running", at=T0)
    done = runs.move(tx, run.id, ["running"], "done", at=T0)
    assert runs.last_change(tx, "repo-1", "s-dev/vpc", "apply") == done
    assert runs.last_change(tx, "repo-1", "s-dev/other", "apply") is None
