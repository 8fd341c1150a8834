"""A home that serves two repositories whose stacks, components and services are called the same."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import pytest
from tests.unit.platform.loop import KEY, STACK, Loop
from tests.unit.platform.played import PlayedTerraform, World

from gaia.errors import GaiaError, NotFound
from gaia.platform.home.chosen import repository_of
from gaia.platform.home.registration import Registered
from gaia.platform.instances import journals
from gaia.platform.serving import workflows
from gaia.platform.serving.retention import Retention, clean
from gaia.platform.serving.serving import serve
from gaia.records import leases, repositories
from gaia.records.document_files import FolderDocuments
from gaia.records.model import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gaia.platform.context import PlatformContext
    from gaia.terraform.command import Terraform


@dataclass(frozen=True)
class Two:
    """One database, one engine, one file of DBOS; everything else apart."""

    one: Loop
    other: Loop


@pytest.fixture
def two(loop: Loop) -> Two:
    """`other` is registered beside the repository of the loop."""
    served: list[PlatformContext] = []
    world, clone, first = World(), deepcopy(loop.clone), loop.platform
    with first.database.begin() as tx:
        repositories.register(tx, Repository("other", "memory", "main"))
    ours = replace(first, home_serves=lambda: served)
    theirs = replace(
        ours,
        repository="other",
        documents=FolderDocuments(first.home / "repos/other", first.key),
        clone=lambda: cast("Any", clone),
        terraform=lambda redact, interrupt: cast("Terraform", PlayedTerraform(world, redact, interrupt)),
    )
    served += [ours, theirs]
    other = replace(loop, platform=theirs, world=world, clone=clone, results={})
    return Two(replace(loop, platform=ours), other)


def test_each_run_is_carried_out_in_its_own_repository(two: Two) -> None:
    """Whatever the context that the engine was started with: the clone, the states and the journals of the other one
    are as they were, and both services live under the same name."""
    waits = two.other.previewed()
    engine = replace(two.other, platform=two.one.platform)  # what the engine of `one` would be given
    two.other.as_("gus").approve(waits)
    before = two.one.clone.head
    run = two.other.run(waits)
    workflows.run(engine.platform, run.id, lambda _, work: work())
    assert two.other.view(waits).status == "done"
    assert (two.one.clone.head, two.one.world.states, two.one.world.commands) == (before, {}, [])
    assert KEY in two.other.world.states
    assert [name.instance for name, _ in journals.every(two.one.platform)] == []
    two.one.done()
    assert two.one.world.states.keys() == two.other.world.states.keys()
    assert [len(each.as_("ann").requests()) for each in (two.one, two.other)] == [1, 1]
    for each in (two.one, two.other):
        entries = two.one.audited(each.as_("ann").requests()[0].id)
        assert entries[-1] == "request.done"


def test_what_is_held_in_one_is_free_in_the_other(two: Two) -> None:
    """Names are taken, instances leased and unfinished applications in the way only where they are."""
    two.one.approved()
    with two.one.platform.database.read() as tx:
        assert leases.held(tx, "platform")
        assert not leases.held(tx, "other")
    two.other.done()
    with two.one.platform.database.read() as tx:
        assert leases.held(tx, "platform")
    journals.of_request(two.one.platform, "req_1", KEY).append(b'{"event":"begun"}')
    assert journals.unfinished(two.other.platform, [KEY]) is None
    retired = two.other.as_("ann").retire("photos", STACK)
    two.other.carry_out(retired.id)
    assert two.one.view(two.one.as_("ann").requests()[0].id).status == "applying"


def test_a_request_is_found_in_its_own_repository_alone(two: Two) -> None:
    """By the other's door it is unknown; its id says whose it is, a service's name does not."""
    ours, theirs = two.one.ask(), two.other.ask()
    with pytest.raises(NotFound) as caught:
        two.one.as_("ann").request(theirs)
    assert caught.value.code == "request-unknown"
    assert two.one.as_("ann").request("photos").id == ours
    rows = [Registered(name, name, "main") for name in ("platform", "other")]
    database = two.one.platform.database
    found = {text: repository_of(database, rows, text) for text in (ours, theirs, theirs[:-4], "photos", "req_")}
    assert [row.id if row else None for row in found.values()] == ["platform", "other", "other", None, None]


def test_cleaning_one_leaves_the_other_alone(two: Two) -> None:
    """Also what would be too old there."""
    two.other.done()
    kept = {one.name for one in two.other.platform.documents.find("log")}
    clean(two.one.platform, Retention().at_most(-Retention().tree), actor="engine")
    assert kept
    assert {one.name for one in two.other.platform.documents.find("log")} == kept


def test_a_repository_that_is_not_served_any_more_is_none(two: Two) -> None:
    """Its runs are not taken for another's."""
    gone = replace(two.one.platform, home_serves=lambda: [two.one.platform])
    run = two.other.run(two.other.ask())
    with pytest.raises(GaiaError) as caught:
        workflows.run(gone, run.id, lambda _, work: work())
    assert caught.value.code == "repository-unknown"


@pytest.mark.slow
@pytest.mark.parametrize("begin", [lambda two: two.one, lambda two: two.other], ids=["one", "other"])
def test_one_engine_carries_out_the_runs_of_both(two: Two, begin: Callable[[Two], Loop]) -> None:
    """Whoever started it; each is left in its own repository."""
    asked = two.one.ask(), two.other.ask("films")
    assert serve(begin(two).platform) == {}
    assert [two.one.view(asked[0]).status, two.other.view(asked[1]).status] == ["waiting", "waiting"]
    assert any("photos" in line for line in two.one.world.commands)
    assert not any("films" in line for line in two.one.world.commands)
    assert not any("photos" in line for line in two.other.world.commands)
