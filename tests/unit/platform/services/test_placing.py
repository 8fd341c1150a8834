"""gaia.platform.services.placing: a stack that is put into another place takes its requests and its services along."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import FILES, STACK, render_all

from gaia.errors import Conflict, GaiaError, NotFound
from gaia.kit import clock
from gaia.platform.expiry.expiring import expire
from gaia.records import lifetimes, people, requests
from gaia.records.model import Grant
from gaia.scaffold import copier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.unit.platform.loop import Loop

TOLD = "settings: {{gaia: {{scope: {{stage: {stage}}}}}}}\n"


def put(loop: Loop, stage: str = "pci", **files: str) -> None:
    """The stack's own manifest says another stage, where two have to approve."""
    rules = "approvals: [{stage: pci, approvers: 2}]\n"
    told = {"stacks/net.yaml": FILES["stacks/net.yaml"] + TOLD.format(stage=stage), "approvals/pci.yaml": rules}
    loop.clone.moved(**told, **files)


def joined(loop: Loop, name: str, stage: str) -> None:
    """One more approver, of one stage."""
    with loop.platform.database.begin() as tx:
        people.add_person(tx, name, at=clock.now())
        people.grant(tx, name, Grant("approver", "acme", stage))
        expires = clock.now() + timedelta(days=1)
        loop.tokens[name] = people.create_token(tx, name, at=clock.now(), expires=expires)[1]


def refused(loop: Loop, who: str, request: str) -> str:
    """What an approval is refused with."""
    with pytest.raises(GaiaError) as caught:
        loop.as_(who).approve(request)
    return caught.value.code


def test_the_first_service_leaves_its_stack_where_it_is(loop: Loop) -> None:
    """Two approve the second one as they did the first, whose manifest says nothing of the stage."""
    put(loop)
    joined(loop, "max", "pci")
    for service in ("photos", "cards"):
        request = loop.previewed(service)
        assert loop.as_("gus").approve(request).status == "waiting"
        assert loop.as_("max").approve(request).status == "applying"
        assert loop.carry_out(request).status == "done"
        assert loop.row(request).stage == "pci"


def test_what_waits_is_not_decided_by_the_old_place(waiting: Loop) -> None:
    """It is previewed again in the new one, by whoever may go on with it there; then its approvers decide."""
    loop, request = waiting, waiting.request
    joined(loop, "dana", "dev")
    joined(loop, "max", "pci")
    put(loop)
    assert refused(loop, "dana", request) == "scope-changed"
    with pytest.raises(NotFound):
        loop.as_("dana").resume(request)
    assert loop.as_("ann").resume(request).status == "submitted"
    assert loop.row(request).stage == "pci"
    view = loop.carry_out(request)
    assert view.status == "waiting"
    assert view.approvals_needed is not None
    assert view.approvals_needed.approvers == 2
    assert refused(loop, "dana", request) == "request-unknown"
    assert loop.as_("gus").approve(request).status == "waiting"
    assert loop.as_("max").approve(request).status == "applying"
    assert loop.carry_out(request).status == "done"


def test_what_was_approved_is_not_begun(approved: Loop) -> None:
    """The application parks before its first act, and is previewed again in the new place."""
    loop, request = approved, approved.request
    put(loop)
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("parked", "scope-changed")
    assert not loop.world.states
    assert loop.as_("ann").resume(request).status == "submitted"
    assert loop.carry_out(request).status == "waiting"
    assert all(one.voided_at for one in loop.approvals(request))
    assert loop.row(request).stage == "pci"


def test_an_application_that_moves_onto_another_commit_looks_again(approved: Loop) -> None:
    """The stack was put elsewhere between its first step and its second."""
    loop, request = approved, approved.request
    loop.carry_out(request, until="rebase")
    put(loop)
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("parked", "scope-changed")


def test_a_preview_of_the_old_place_ends(loop: Loop) -> None:
    """It was asked for by the rights of the old one."""
    request = loop.ask()
    put(loop)
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("failed", "scope-changed")


def test_a_service_is_retired_by_the_new_rules(done: Loop) -> None:
    """Its request, and the service itself, belong to the new place from then on."""
    loop = done
    joined(loop, "dana", "dev")
    joined(loop, "max", "pci")
    put(loop)
    request = loop.as_("ann").retire("photos", STACK).id
    assert (loop.row(request).stage, loop.row(loop.request).stage) == ("pci", "pci")
    assert loop.carry_out(request).status == "waiting"
    assert refused(loop, "dana", request) == "request-unknown"
    assert loop.as_("gus").approve(request).status == "waiting"
    assert loop.as_("max").approve(request).status == "applying"


def test_a_service_ends_by_the_new_rules(loop_at: Callable[[str], Loop]) -> None:
    """Whoever signed its time to live was enough in the old place, and is not in the new one."""
    loop = loop_at("lasting")
    put(loop)
    with loop.platform.database.begin() as tx:
        life = lifetimes.of(tx, loop.request)
        assert life is not None
        past = clock.now() - timedelta(hours=3)
        lifetimes.warn(tx, life, at=past - timedelta(days=1), until=past)
        again = lifetimes.of(tx, loop.request)
        assert again is not None
        lifetimes.warn(tx, again, at=past - timedelta(hours=1), until=past)
    expire(loop.platform)
    with loop.platform.database.read() as tx:
        life = lifetimes.of(tx, loop.request)
        assert life is not None
        row = requests.get(tx, str(life.retirement))
    assert row.stage == "pci"
    assert loop.carry_out(row.id).status == "waiting"


def test_a_service_is_kept_by_who_may_in_the_new_place(loop_at: Callable[[str], Loop]) -> None:
    """The old place's rights move no end."""
    loop = loop_at("lasting")
    put(loop)
    with loop.platform.database.begin() as tx:
        people.withdraw(tx, "ann", Grant("developer", "acme"))
        people.grant(tx, "ann", Grant("developer", "acme", "dev"))
    with pytest.raises(NotFound):
        loop.as_("ann").keep("photos", STACK, until=timedelta(days=9))


def test_a_template_does_not_move_its_stack(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scope in a service's manifest that the stack has not would change the rules for everything in it."""

    def moving(name: str, folder: Path, variants: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        made = render_all(name, folder, variants)
        return [{path: text + TOLD.format(stage="play") for path, text in one.items()} for one in made]

    monkeypatch.setattr(copier, "render_all", moving)
    view = loop.carry_out(loop.ask("moving", "elsewhere"))
    assert (view.status, view.runs[-1].code) == ("failed", "manifest-moves-stack")


def test_stacks_that_do_not_agree_decide_nothing(waiting: Loop) -> None:
    """Nobody's word counts while it is unknown whose word counts; saying no is always possible."""
    loop, request = waiting, waiting.request
    put(loop, **{"stacks/more.yaml": FILES["stacks/net.yaml"].replace("net:", "more:") + TOLD.format(stage="dev")})
    with pytest.raises(Conflict) as caught:
        loop.as_("gus").approve(request)
    assert caught.value.code == "scope-differs"
    assert loop.as_("gus").reject(request, reason="no").status == "rejected"


def test_a_service_is_changed_where_its_stack_is_now(loop: Loop) -> None:
    """By who may ask there, and the request is of that place; nobody of the old one knows of the service any more."""
    request = loop.approved()
    assert loop.carry_out(request).status == "done"
    with loop.platform.database.begin() as tx:
        people.add_person(tx, "dev", at=clock.now())
        people.grant(tx, "dev", Grant("developer", "acme", "dev"))
        expires = clock.now() + timedelta(days=1)
        loop.tokens["dev"] = people.create_token(tx, "dev", at=clock.now(), expires=expires)[1]
    put(loop)
    with pytest.raises(NotFound):
        loop.as_("dev").change("photos", STACK, {"text": "other"})
    with pytest.raises(NotFound):
        loop.as_("dev").reconcile("photos", STACK)
    change = loop.as_("root").change("photos", STACK, {"text": "other"}).id
    assert loop.carry_out(change).status == "waiting"
    assert (loop.row(change).stage, loop.row(request).stage) == ("pci", "pci")
