"""A service is changed: the same answers but for what is given, previewed, approved, and in line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import KEY, MANIFEST, STACK, STORE

from gaia.errors import Conflict, GaiaError, Invalid, NotFound
from gaia.platform.engine.steps import apply_steps
from gaia.platform.services import live_services

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

pytestmark = pytest.mark.hypothesis


def head(loop: Loop) -> str:
    """The manifest as it is published."""
    return loop.clone.commits[loop.clone.head][MANIFEST].decode()


def test_only_what_is_given_differs(loop: Loop) -> None:
    """The service is updated in place, its manifest too, and it comes from the change from then on."""
    made = loop.done()
    request = loop.changed("goodbye")
    view = loop.view(request)
    assert view.status == "waiting"
    assert view.preview
    assert [(one.instance, one.action) for one in view.preview.changes] == [(KEY, "update")]
    loop.as_("gus").approve(request)
    assert loop.carry_out(request).status == "done"
    assert loop.world.states[KEY]["text"] == "goodbye"
    assert "goodbye" in head(loop)
    row = loop.row(request)
    assert row.follows == made
    with loop.platform.database.read() as tx:
        assert live_services.by_name(tx, "platform")[STACK, "photos"].id == request


def test_what_the_new_answers_do_not_need_is_destroyed_last(loop: Loop) -> None:
    """As the preview said: in reverse order, after what stays was changed; the service has it no more."""
    loop.done()
    request = loop.changed("goodbye", alone=True)
    view = loop.view(request)
    assert view.preview
    assert {(one.instance, one.action) for one in view.preview.changes} == {(KEY, "update"), (STORE, "delete")}
    assert apply_steps(loop.row(request)) == ("hold", "rebase", f"apply {KEY}", f"destroy {STORE}", "publish")
    loop.as_("gus").approve(request)
    assert loop.carry_out(request).status == "done"
    assert set(loop.world.states) == {KEY}
    assert loop.row(request).instances == (KEY,)
    assert "store" not in head(loop)


def test_an_answer_of_another_change_stays(loop: Loop) -> None:
    """An answer that another change gave stays, though its default is another one."""
    loop.done()
    loop.change_done("goodbye", alone=True)
    request = loop.as_("ann").change("photos", STACK, {"text": "again"}).id
    loop.carry_out(request)
    assert loop.row(request).answers == {"text": "again", "alone": True}
    assert loop.row(request).instances == (KEY,)


def test_a_changed_service_is_retired_whole(loop: Loop) -> None:
    """What the change added too."""
    loop.done()
    loop.change_done("goodbye", alone=True)
    loop.change_done("both")
    assert set(loop.world.states) == {KEY, STORE}
    gone = loop.as_("ann").retire("photos", STACK).id
    loop.carry_out(gone)
    loop.as_("gus").approve(gone)
    assert loop.carry_out(gone).status == "done"
    assert not loop.world.states
    assert MANIFEST not in loop.clone.commits[loop.clone.head]


def test_a_change_that_stopped_half_way_is_retired_whole(loop: Loop) -> None:
    """What leaves and was not destroyed yet is destroyed with the rest."""
    loop.done()
    request = loop.changed("goodbye", alone=True)
    loop.as_("gus").approve(request)
    loop.world.fails[STORE] = Conflict("no", "no", next_step="no")
    assert loop.carry_out(request).status == "parked"
    assert set(loop.world.states) == {KEY, STORE}
    loop.world.fails.clear()
    gone = loop.as_("ann").retire("photos", STACK).id
    assert loop.carry_out(gone).status == "waiting"
    loop.as_("gus").approve(gone)
    assert loop.carry_out(gone).status == "done"
    assert not loop.world.states
    assert loop.row(request).status == "failed"


def test_a_change_that_stopped_half_way_goes_on_or_is_changed_again(loop: Loop) -> None:
    """Nothing is left of what it had begun; it cannot be resumed any more then."""
    loop.done()
    request = loop.changed("goodbye", alone=True)
    loop.as_("gus").approve(request)
    loop.world.fails[STORE] = Conflict("no", "no", next_step="no")
    assert loop.carry_out(request).status == "parked"
    loop.world.fails.clear()
    back = loop.change_done("hello")
    assert loop.row(back).follows == request
    assert set(loop.world.states) == {KEY, STORE}
    assert loop.world.states[KEY]["text"] == "hello"
    assert loop.row(request).status == "failed"


def test_a_parked_change_is_resumed(loop: Loop) -> None:
    """It goes on where it stopped."""
    loop.done()
    request = loop.changed("goodbye", alone=True)
    loop.as_("gus").approve(request)
    loop.world.fails[STORE] = Conflict("no", "no", next_step="no")
    loop.carry_out(request)
    loop.world.fails.clear()
    loop.as_("ann").resume(request)
    assert loop.carry_out(request).status == "done"
    assert set(loop.world.states) == {KEY}


@pytest.mark.parametrize("step", ["hold", "rebase", f"apply {KEY}", f"destroy {STORE}", "publish", "settle"])
def test_a_killed_change_goes_on(loop: Loop, step: str) -> None:
    """Wherever it was killed."""
    loop.done()
    request = loop.changed("goodbye", alone=True)
    loop.as_("gus").approve(request)
    loop.carry_out(request, until=step)
    assert loop.carry_out(request).status == "done"
    assert set(loop.world.states) == {KEY}


def test_a_manifest_that_somebody_edited_is_not_written_over(loop: Loop) -> None:
    """It is said, with what to hand back so that it may be; then it is."""
    loop.done()
    loop.clone.moved(**{MANIFEST: head(loop) + "# by hand\n"})
    with pytest.raises(Conflict) as refused:
        loop.as_("ann").change("photos", STACK, {"text": "goodbye"})
    assert refused.value.code == "manifest-edited"
    digest = str(refused.value.facts["digest"])
    request = loop.as_("ann").change("photos", STACK, {"text": "goodbye"}, replaces=digest).id
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    assert loop.carry_out(request).status == "done"
    assert "by hand" not in head(loop)


@pytest.mark.parametrize("digest", ["", "0f", "A" * 64, "\x1b[31m", "0" * 63 + "\0"])
def test_a_digest_is_one(loop: Loop, digest: str) -> None:
    """Whatever else is refused before anything is looked at."""
    with pytest.raises(Invalid) as wrong:
        loop.as_("ann").change("photos", STACK, {}, replaces=digest)
    assert wrong.value.code == "digest-invalid"
    assert "\x1b" not in wrong.value.message


def test_an_edit_after_the_approval_parks_it(loop: Loop) -> None:
    """Nothing was applied then, and the edit stands."""
    loop.done()
    request = loop.changed("goodbye")
    loop.as_("gus").approve(request)
    loop.clone.moved(**{MANIFEST: head(loop) + "# by hand\n"})
    view = loop.carry_out(request)
    assert (view.status, view.runs[-1].code) == ("parked", "manifest-edited")
    assert loop.world.states[KEY]["text"] == "hello"
    assert "by hand" in head(loop)


def test_the_branch_moves_and_the_change_is_applied_on_top(loop: Loop) -> None:
    """What others publish meanwhile stays."""
    loop.done()
    request = loop.changed("goodbye", alone=True)
    loop.as_("gus").approve(request)
    loop.clone.moved()
    assert loop.carry_out(request).status == "done"
    assert "NOTES.md" in loop.clone.commits[loop.clone.head]
    assert set(loop.world.states) == {KEY}


def test_a_deleted_manifest_is_said(loop: Loop) -> None:
    """There is nothing to be changed."""
    loop.done()
    loop.clone.head = loop.clone.commit(loop.clone.head, {MANIFEST: None})
    with pytest.raises(Conflict) as refused:
        loop.as_("ann").change("photos", STACK, {"text": "goodbye"})
    assert refused.value.code == "manifest-missing"


def test_a_change_waits_in_line_while_something_is_applied(loop: Loop) -> None:
    """It interrupts nothing, and starts from what there is when its turn has come."""
    loop.done()
    first = loop.changed("second")
    loop.as_("gus").approve(first)
    later = loop.as_("ann").change("photos", STACK, {"text": "third"})
    assert later.status == "queued"
    assert loop.carry_out(first).status == "done"
    assert loop.view(later.id).status == "submitted"
    assert loop.row(later.id).follows == first
    loop.carry_out(later.id)
    loop.as_("gus").approve(later.id)
    assert loop.carry_out(later.id).status == "done"
    assert loop.world.states[KEY]["text"] == "third"
    assert loop.audited(later.id)[:2] == ["request.queued", "request.submitted"]


@pytest.mark.parametrize("who", ["ann", "gus"])
def test_what_waits_in_line_cannot_be_approved(loop: Loop, who: str) -> None:
    """By nobody, and its requester neither: there is no preview yet."""
    loop.done()
    loop.as_("gus").approve(loop.changed("second"))
    later = loop.as_("ann").change("photos", STACK, {"text": "third"})
    with pytest.raises(GaiaError) as refused:
        loop.as_(who).approve(later.id)
    assert refused.value.code == {"ann": "approver-is-requester", "gus": "request-not-waiting"}[who]


def test_a_change_waits_for_the_service_to_be_made(loop: Loop) -> None:
    """It can be asked for while the service is made."""
    made = loop.approved()
    later = loop.as_("ann").change("photos", STACK, {"text": "third"}).id
    loop.carry_out(made)
    assert loop.row(later).status == "submitted"
    assert loop.carry_out(later).status == "waiting"


def test_of_two_changes_nobody_decided_the_second_is_refused(loop: Loop) -> None:
    """By the name of the first."""
    loop.done()
    first = loop.changed("second")
    with pytest.raises(Conflict) as refused:
        loop.as_("ann").change("photos", STACK, {"text": "third"})
    assert refused.value.code == "service-busy"
    assert refused.value.facts["request"] == first


def test_what_waits_in_line_is_taken_back(loop: Loop) -> None:
    """Cancelled or rejected, it never begins."""
    loop.done()
    first = loop.changed("second")
    loop.as_("gus").approve(first)
    one, other = (loop.as_("ann").change("photos", STACK, {"text": text}).id for text in ("third", "fourth"))
    assert loop.as_("ann").cancel(one).status == "rejected"
    assert loop.as_("ann").reject(other, reason="no").status == "rejected"
    assert loop.carry_out(first).status == "done"
    assert loop.row(other).status == "rejected"


def test_what_is_so_already_is_no_change(loop: Loop) -> None:
    """Said at once."""
    loop.done()
    with pytest.raises(Conflict) as refused:
        loop.as_("ann").change("photos", STACK, {"text": "hello"})
    assert refused.value.code == "change-empty"


def test_answers_are_checked(loop: Loop) -> None:
    """As a request's are."""
    loop.done()
    with pytest.raises(Invalid):
        loop.as_("ann").change("photos", STACK, {"nobody": "asked"})


@pytest.mark.parametrize("who", ["bob", "vic"])
def test_who_may_not_ask_changes_nothing(loop: Loop, who: str) -> None:
    """bob is told what he would be told of nothing."""
    loop.done()
    with pytest.raises(GaiaError) as refused:
        loop.as_(who).change("photos", STACK, {"text": "goodbye"})
    with pytest.raises(NotFound) as nothing:
        loop.as_("bob").change("nothing", STACK, {"text": "goodbye"})
    if who == "bob":
        assert str(refused.value) == str(nothing.value).replace("nothing", "photos")
    assert loop.world.states[KEY]["text"] == "hello"


def test_a_life_goes_on_through_a_change(loop: Loop) -> None:
    """The service ends when it was to end, by the signature that said so."""
    made = loop.lasting()
    until = loop.view(made).lives_until
    request = loop.change_done("goodbye")
    assert loop.view(request).lives_until == until
    assert loop.view(made).lives_until is None
    kept = loop.as_("ann").keep("photos", STACK)
    assert kept.id == request


def test_a_resource_is_explained_by_the_change(loop: Loop) -> None:
    """And by the request that made it, and everybody before."""
    made = loop.done()
    request = loop.change_done("goodbye")
    lines = [line.text for line in loop.as_("ann").why(KEY).lines]
    assert any(request in line for line in lines)
    assert any(made in line and "before" in line for line in lines)
    assert any("goodbye" in line for line in lines)
