"""Of what may be spent and held nobody takes what somebody else was given meanwhile."""

from __future__ import annotations

import shutil
import threading
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.platform.acts.test_deciding import AUTO, code
from tests.unit.platform.services.test_spending import declared, footprints

from gaia.cost.budgets import Budget, Scope, standing
from gaia.cost.declared import Declared
from gaia.cost.quotas import Quota, taken
from gaia.errors import Conflict, Position
from gaia.kit import clock
from gaia.kit.keys import SecretKey
from gaia.platform.approvals import reserving
from gaia.platform.services import spending
from gaia.records import approvals, people, previews, repositories, requests
from gaia.records.database import Database
from gaia.records.model import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.platform.loop import Loop

    from gaia.records.model import Judgement, Request

AT = Position("budgets/a.yaml", 1)
KEY = SecretKey("key-one", b"1" * 32)


RUNS = count()
"""Each example has a tenant of its own."""


@pytest.fixture
def records(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    shutil.copyfile(migrated, tmp_path / "gaia.db")
    database = Database.open(tmp_path / "gaia.db", patience=30)
    yield database
    database.close()


def estimate(monthly: int) -> dict[str, Any]:
    """Infracost JSON of one thing that costs so much."""
    part = {
        "name": "it", "unit": "months", "hourlyQuantity": None, "monthlyQuantity": "1", "price": str(monthly),
        "hourlyCost": None, "monthlyCost": str(monthly), "priceNotFound": False,
    }  # fmt: skip
    thing = {"name": "a", "metadata": {}, "monthlyCost": str(monthly), "costComponents": [part]}
    now = {"resources": [thing], "totalMonthlyCost": str(monthly)}
    past: dict[str, object] = {"resources": [], "totalMonthlyCost": "0"}
    project = {"name": "a", "metadata": {}, "pastBreakdown": past, "breakdown": now, "diff": now}
    return {
        "version": "0.2", "currency": "USD", "projects": [project], "totalMonthlyCost": str(monthly),
        "pastTotalMonthlyCost": "0", "diffTotalMonthlyCost": str(monthly), "summary": {"unsupportedResourceCounts": {}},
    }  # fmt: skip


def waiting(database: Database, costs: list[int], run: str) -> list[tuple[Request, Judgement]]:
    """A request for each cost, all judged before any was approved."""
    with database.begin() as tx:
        if not repositories.every(tx):
            repositories.register(tx, Repository("platform", "memory", "main"))
        names = set(people.names(tx).values())
        asker = people.get_person(tx, "asker") if "asker" in names else people.add_person(tx, "asker", at=clock.now())
        made = []
        for number, cost in enumerate(costs):
            row = requests.add(
                tx, repository="platform", tenant=run, stage="dev", stack=f"{run}-dev", service=f"s{number}",
                kind="provision", template="pair", template_version="1", answers={}, requester=asker.id, at=clock.now(),
            )  # fmt: skip
            preview = previews.add(tx, row, f"sha256:{number}", key=KEY, commit="c", at=clock.now())
            requests.move(tx, row.id, ["submitted"], "waiting", at=clock.now(), preview=preview.digest)
            judgement = previews.add_judgement(
                tx, preview, findings=[], undecided=[], cost=estimate(cost), policies="p", verdict="allowed",
                at=clock.now() - timedelta(seconds=1),
            )  # fmt: skip
            made.append((requests.get(tx, row.id), judgement))
    return made


def approve_at_once(database: Database, what: Declared, asked: list[tuple[Request, Judgement]]) -> list[str]:
    """Each in a thread of its own; the ids of those that were approved."""
    ready, done, failed = threading.Barrier(len(asked)), list[str](), list[BaseException]()

    def approve(row: Request, judgement: Judgement) -> None:
        try:
            ready.wait(20)
            with database.begin() as tx:
                if reserving.without_room(tx, what, row, judgement):
                    return
                approvals.decide(tx, judgement, "approved", person=None, key=KEY, at=clock.now())
                requests.move(tx, row.id, ["waiting"], "applying", at=clock.now())
                done.append(row.id)
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failed.append(error)

    threads = [threading.Thread(target=approve, args=each) for each in asked]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failed == []
    return done


def hold_the_budget(database: Database, costs: list[int], most: int, services: int, run: str) -> None:
    """However many approve at once: never more than may be spent and held, and nobody is refused who had room."""
    scope = Scope(run, "dev")
    what = Declared(
        (Budget(scope, Decimal(most), "USD", (), AT),), (Quota(scope, {"services": Decimal(services)}, AT),)
    )
    asked = waiting(database, costs, run)
    done = approve_at_once(database, what, asked)
    with database.read() as tx:
        ledger = [one for one in spending.footprints(tx, "platform") if one.commitment.tenant == run]
    held = [Decimal(cost) for cost, (row, _) in zip(costs, asked, strict=True) if row.id in done]
    [status] = standing(what.budgets, [one.commitment for one in ledger], clock.now())
    [quota] = taken(what.quotas, ledger)
    assert status.reserved == sum(held) <= most
    assert status.left is not None
    assert status.left >= 0
    assert quota.used == len(held) <= services
    refused = [Decimal(cost) for cost, (row, _) in zip(costs, asked, strict=True) if row.id not in done]
    assert all(sum(held) + cost > most or len(held) + 1 > services for cost in refused)
    release_all(database, done)
    with database.read() as tx:
        assert not [one for one in spending.footprints(tx, "platform") if one.commitment.tenant == run]


def release_all(database: Database, done: list[str]) -> None:
    """What was approved does not hold any longer."""
    with database.begin() as tx:
        for one in done:
            approvals.void(tx, one, "void", at=clock.now())
            requests.move(tx, one, ["applying"], "waiting", at=clock.now())


FITTING = st.integers(0, 150).flatmap(
    lambda most: st.tuples(st.just(most), st.lists(st.integers(0, most), min_size=1, max_size=5))
)
"""A budget, and costs each of which would fit alone: of others rules have judged already."""


@given(FITTING, st.integers(1, 5))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_approvals_at_once_never_take_more_than_there_is(
    records: Database, fitting: tuple[int, list[int]], services: int
) -> None:
    """On SQLite; `tests/integration/platform/test_reserving.py` has the same on PostgreSQL."""
    hold_the_budget(records, fitting[1], fitting[0], services, f"t{next(RUNS)}")


def test_the_last_of_a_quota_is_given_once(loop: Loop) -> None:
    """Both were judged to fit; the second approval is refused, nothing of it is written, and room lets it through."""
    declared(loop, "quotas: [{tenant: acme, services: 1}]\n")
    first, second = loop.previewed("photos"), loop.previewed("music")
    loop.as_("gus").approve(first)
    assert code(Conflict, loop, "gus", second) == "budget-taken"
    assert (loop.view(second).status, loop.approvals(second)) == ("waiting", ())
    loop.world.previews["photos-key"] = {"policy": "open"}
    loop.clone.moved()
    assert loop.carry_out(first).status == "waiting"  # void: what it held is free again
    assert loop.as_("gus").approve(second).status == "applying"
    assert code(Conflict, loop, "gus", first) == "budget-taken"


def test_what_was_destroyed_is_free_again(loop: Loop) -> None:
    """Seen to be gone, and not when somebody asked for it."""
    declared(loop, "quotas: [{tenant: acme, services: 1}]\n")
    second = loop.previewed("music")
    loop.done("photos")
    gone = loop.as_("ann").retire("photos", "acme-use1-dev").id
    loop.carry_out(gone)
    loop.as_("gus").approve(gone)
    assert code(Conflict, loop, "gus", second) == "budget-taken"
    assert loop.carry_out(gone).status == "done"
    assert footprints(loop) == ()
    assert loop.as_("gus").approve(second).status == "applying"


def test_what_was_too_much_when_it_was_judged_is_the_rules_to_say(loop: Loop) -> None:
    """A waiver may excuse it, or no rule asks: the approval is no stricter."""
    declared(loop, "budgets: [{tenant: acme, monthly: 0}]\n")
    request = loop.previewed()
    assert loop.as_("gus").approve(request).status == "applying"


def test_a_policy_takes_nothing_that_is_gone(loop: Loop) -> None:
    """It waits for a person then."""
    declared(loop, "quotas: [{tenant: acme, services: 1}]\n")
    first, second = loop.previewed("photos"), loop.ask("music")
    loop.carry_out(second, until="settle")
    loop.as_("gus").approve(first)
    loop.rules.says[AUTO] = lambda _: True
    assert loop.carry_out(second).status == "waiting"
