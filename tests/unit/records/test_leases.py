"""Leases: one holder at a time, whose token is higher than any before."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.records.moments import T0

from gaia.errors import Conflict
from gaia.kit.keys import SecretKey
from gaia.records import audit, leases, repositories, runs
from gaia.records.database import Database
from gaia.records.model import Repository, Subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.records.database import Transaction
    from gaia.records.model import Lease, Request, Run, RunKind, RunStatus

LATER = T0 + timedelta(minutes=5)
NAME = "acme-use1-dev/photos-key"
CONTENDER = """
import sys
from pathlib import Path
from gaia.errors import Conflict
from gaia.kit import clock
from gaia.kit.keys import SecretKey
from gaia.records import audit, leases
from gaia.records.database import Database

database = Database.open(Path(sys.argv[1]))
key = SecretKey("k", b"k" * 32)
for number in range(20):
    with database.begin() as tx:
        audit.append(tx, key, at=clock.now(), actor="engine", action="x", subject=sys.argv[2])
try:
    with database.begin() as tx:
        leases.acquire(tx, "repo-1", "s/a", request=sys.argv[2], run="run_1", at=clock.now())
    print("won")
except Conflict as conflict:
    print(conflict.code)
"""


def take(tx: Transaction, request: str, run: str = "run_1", name: str = NAME) -> Lease:
    """Acquire."""
    return leases.acquire(tx, "repo-1", name, request=request, run=run, at=T0)


def test_a_free_lease_is_taken_and_given_back(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Taken, held, released, taken again with a higher token."""
    request = make_request(tx).id
    lease = take(tx, request)
    assert leases.holder(tx, "repo-1", NAME) == lease
    assert leases.of_request(tx, request) == (lease,)
    assert leases.release_run(tx, lease.run, at=LATER) == 1
    assert leases.holder(tx, "repo-1", NAME) is None
    assert leases.release_run(tx, lease.run, at=LATER) == 0
    assert take(tx, request, "run_2").token == lease.token + 1


def test_a_held_lease_names_its_holder(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Another request gets a conflict that says who, and the transaction goes on."""
    one, two = make_request(tx, "one").id, make_request(tx, "two").id
    take(tx, one)
    with pytest.raises(Conflict) as caught:
        take(tx, two)
    assert caught.value.code == "instance-leased"
    assert caught.value.facts == {"name": NAME, "request": one, "run": "run_1"}
    assert one in caught.value.message
    take(tx, two, name="acme-use1-dev/other")


def test_names_of_different_repositories_are_different(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """The same instance name elsewhere is free."""
    repositories.register(tx, Repository("repo-2", "/srv/other", "main"))
    one, two = make_request(tx, "one").id, make_request(tx, "two").id
    take(tx, one)
    leases.acquire(tx, "repo-2", NAME, request=two, run="run_2", at=T0)
    assert [leases.holder(tx, each, NAME).request for each in ("repo-1", "repo-2")] == [one, two]  # type: ignore[union-attr]
    with pytest.raises(Conflict, match="no longer holds"):
        leases.check(tx, "repo-1", [NAME], run="run_2")
    leases.acquire(tx, "repo-2", "s/other", request=two, run="run_2", at=T0)
    assert leases.held(tx, "repo-1") == {NAME}
    assert leases.held(tx, "repo-2") == {NAME, "s/other"}
    leases.release_all(tx, two, at=LATER)
    assert leases.held(tx, "repo-2") == frozenset()


def test_taking_twice_is_one_lease_and_a_new_run_takes_over(
    tx: Transaction, make_request: Callable[..., Request]
) -> None:
    """A repeated step keeps its token; a resumed request gets a higher one and the old run finds out."""
    request = make_request(tx).id
    old = take(tx, request, "run_1")
    assert take(tx, request, "run_1") == old
    new = take(tx, request, "run_2")
    assert new.token > old.token
    leases.check(tx, "repo-1", [NAME], run="run_2")
    with pytest.raises(Conflict) as caught:
        leases.check(tx, "repo-1", [NAME], run="run_1")
    assert caught.value.code == "lease-lost"
    assert caught.value.facts["run"] == "run_2"
    assert leases.release_run(tx, "run_1", at=LATER) == 0
    assert leases.holder(tx, "repo-1", NAME) == new


def test_a_released_lease_is_lost(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Also while nobody else holds it."""
    lease = take(tx, make_request(tx).id)
    leases.release_run(tx, lease.run, at=LATER)
    with pytest.raises(Conflict) as caught:
        leases.check(tx, "repo-1", [NAME], run=lease.run)
    assert caught.value.code == "lease-lost"


def test_all_are_taken_or_none(database: Database, make_request: Callable[..., Request]) -> None:
    """One that is held undoes the transaction; releasing by request gives everything back."""
    with database.begin() as tx:
        one, two = make_request(tx, "one").id, make_request(tx, "two").id
        take(tx, one, name="s/b")

    def take_all(*names: str) -> tuple[Lease, ...]:
        with database.begin() as tx:
            return leases.acquire_all(tx, "repo-1", names, request=two, run="run_2", at=T0)

    with pytest.raises(Conflict):
        take_all("s/c", "s/b", "s/a")
    with database.begin() as tx:
        assert leases.of_request(tx, two) == ()
        assert leases.release_all(tx, one, at=LATER) == 1
    assert [each.name for each in take_all("s/c", "s/b", "s/a", "s/b")] == ["s/a", "s/b", "s/c"]
    with database.begin() as tx:
        assert leases.release_all(tx, two, at=LATER) == 3


def operation(tx: Transaction, subject: str = NAME, kind: RunKind = "operation") -> Run:
    """A running operation without a request."""
    run = runs.add(tx, Subject(subject, "repo-1", "acme", "dev"), kind, (), at=T0)
    return runs.move(tx, run.id, ["queued"], "running", at=T0)


def hold(tx: Transaction, run: Run, name: str = NAME) -> Lease:
    """Acquire without a request."""
    return leases.acquire(tx, "repo-1", name, run=run.id, at=LATER)


def test_a_run_without_a_request_holds_a_lease(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Against requests and other runs, whose conflict names it; taken twice it is one; it goes back with the run."""
    run, other = operation(tx), operation(tx, "acme-use1-dev/other")
    lease = hold(tx, run)
    assert (lease.request, lease.run, lease.token) == (None, run.id, 1)
    assert hold(tx, run) == lease
    assert leases.of_run(tx, run.id) == (lease,)
    with pytest.raises(Conflict) as by_request:
        take(tx, make_request(tx).id)
    with pytest.raises(Conflict) as by_run:
        hold(tx, other)
    assert by_request.value.facts == by_run.value.facts == {"name": NAME, "request": None, "run": run.id}
    assert f"run {run.id}" in by_run.value.message
    hold(tx, other, "acme-use1-dev/other")
    assert leases.release_run(tx, run.id, at=LATER) == 1
    assert leases.release_run(tx, run.id, at=LATER) == 0
    assert leases.of_run(tx, run.id) == ()
    assert len(leases.of_run(tx, other.id)) == 1
    assert hold(tx, other).token == 2


@pytest.mark.parametrize("end", ["done", "failed", "parked"])
def test_an_operation_takes_over_from_an_ended_one_of_its_subject(tx: Transaction, end: RunStatus) -> None:
    """Whatever its end was, and its lease is lost."""
    old = operation(tx)
    lease = hold(tx, old)
    runs.move(tx, old.id, ["running"], end, at=LATER)
    new = operation(tx)
    taken = hold(tx, new)
    assert (taken.run, taken.token, taken.acquired_at) == (new.id, 2, LATER)
    with pytest.raises(Conflict, match="no longer holds"):
        leases.check(tx, "repo-1", [NAME], run=lease.run)


@pytest.mark.parametrize(
    ("subject", "kind", "ended"),
    [("acme-use1-dev/other", "operation", True), (NAME, "apply", True), (NAME + "-2", "operation", False)],
)
def test_an_operation_takes_over_nothing_else(tx: Transaction, subject: str, kind: RunKind, ended: bool) -> None:
    """Neither from another subject or kind of run, nor from a run that lives."""
    old = operation(tx, subject, kind)
    hold(tx, old)
    if ended:
        runs.move(tx, old.id, ["running"], "done", at=LATER)
    with pytest.raises(Conflict) as caught:
        hold(tx, operation(tx))
    assert caught.value.facts["run"] == old.id


def test_an_operation_takes_over_nothing_from_a_live_run_of_its_subject(tx: Transaction) -> None:
    """A live run keeps what it holds from one that has ended and comes late."""
    late = operation(tx)
    runs.move(tx, late.id, ["running"], "parked", at=LATER)
    live = operation(tx)
    hold(tx, live)
    with pytest.raises(Conflict) as caught:
        hold(tx, late)
    assert caught.value.facts["run"] == live.id


def test_an_operation_takes_no_lease_of_a_request(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Also when the request's run has ended: the request holds it until it is published."""
    request = make_request(tx)
    run = runs.add(tx, request, "apply", (), at=T0)
    leases.acquire(tx, "repo-1", NAME, request=request.id, run=run.id, at=T0)
    runs.move(tx, run.id, ["queued"], "failed", at=T0)
    with pytest.raises(Conflict) as caught:
        hold(tx, operation(tx))
    assert caught.value.facts == {"name": NAME, "request": request.id, "run": run.id}


def test_a_lease_of_a_run_that_left_no_row_is_kept(tx: Transaction) -> None:
    """Nobody can tell that it has ended."""
    leases.acquire(tx, "repo-1", NAME, run="run_0", at=T0)
    with pytest.raises(Conflict):
        hold(tx, operation(tx))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["r1", "r2"]), st.booleans()), max_size=14))
def test_tokens_only_grow(
    database: Database, make_request: Callable[..., Request], acts: list[tuple[str, str, bool]]
) -> None:
    """Whatever is taken and released in any order, each new holding has a higher token, and only one is current."""
    with database.begin() as tx:
        ids = {"a": make_request(tx, "a").id, "b": make_request(tx, "b").id}
        seen: list[Lease] = []
        for who, run, taking in acts:
            held = leases.holder(tx, "repo-1", NAME)
            if not taking:
                assert leases.release_all(tx, ids[who], at=LATER) == int(held is not None and held.request == ids[who])
            elif held is not None and held.request != ids[who]:
                with pytest.raises(Conflict):
                    take(tx, ids[who], run)
            else:
                lease = take(tx, ids[who], run)
                if lease != held:
                    assert all(lease.token > old.token for old in seen)
                    seen.append(lease)
        tx.connection.rollback()


def test_of_many_threads_one_gets_the_lease(
    path: Path, database: Database, make_request: Callable[..., Request]
) -> None:
    """Each with a database of its own."""
    with database.begin() as tx:
        ids = [make_request(tx, f"service-{number}").id for number in range(6)]
    won: list[str] = []
    refused: list[str] = []

    def work(request: str) -> None:
        mine = Database.open(path)
        try:
            with mine.begin() as tx:
                take(tx, request)
            won.append(request)
        except Conflict as conflict:
            refused.append(str(conflict.facts["request"]))
        finally:
            mine.close()

    threads = [threading.Thread(target=work, args=(request,)) for request in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert refused == won * 5


@pytest.mark.slow
def test_of_two_processes_one_gets_the_lease(
    path: Path, database: Database, make_request: Callable[..., Request]
) -> None:
    """They meet in the file, and both add to one audit chain."""
    with database.begin() as tx:
        ids = [make_request(tx, name).id for name in ("one", "two")]
    running = [
        subprocess.Popen([sys.executable, "-c", CONTENDER, str(path), request], stdout=subprocess.PIPE, text=True)
        for request in ids
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in running)
    assert said == ["instance-leased", "won"]
    with database.read() as tx:
        assert len(audit.entries(tx)) == 40
        assert audit.verify(tx, SecretKey("k", b"k" * 32)) is None


def test_leases_of_a_request_are_those_it_holds_now(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """By name; those given back and those of others are not. What is lost is named."""
    one, two = make_request(tx, "one").id, make_request(tx, "two").id
    b, a = take(tx, one, name="s/b"), take(tx, one, "run_2", name="s/a")
    take(tx, two, name="s/c")
    assert leases.of_request(tx, one) == (a, b)
    leases.release_run(tx, "run_2", at=LATER)
    assert leases.of_request(tx, one) == (b,)
    leases.check(tx, "repo-1", ["s/b"], run=b.run)
    with pytest.raises(Conflict) as caught:
        leases.check(tx, "repo-1", ["s/b", "s/a"], run=b.run)
    assert caught.value.facts == {"name": "s/a", "request": None, "run": None}
