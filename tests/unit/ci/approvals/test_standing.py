"""Whose yes counts for what: in pairs, of which one differs from the other in one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.ci.approvals.owners import Needed
from gaia.ci.approvals.standing import Approval, Voice, covers, lacking, seen_by, standing
from gaia.ci.hosts.host import Review
from gaia.ci.model import UNTOUCHED, Cause, Inputs, Part, Preview, causes
from gaia.ci.storage.kept import Planning
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from gaia.checkout.batch_model import PlannedStatus
    from gaia.ci.hosts.host import Verdict

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
INPUTS = Inputs("base", "input", "lineage 1", "policy", UNTOUCHED)
NAMES = ("dev/a", "dev/b", "dev/c")


def part(name: str = "dev/a", digest: str = "sha256:1", inputs: Inputs = INPUTS) -> Part:
    """One that would be changed."""
    return Part(name, "changes", digest, inputs)


def preview(*parts: Part) -> Preview:
    """Of these parts."""
    return Preview("b" * 40, "h" * 40, parts, NormalForm({}, "key-1"), NOW)


def voice(author: str = "dana", *, writes: bool = True) -> Voice:
    """Where an owner is the person of that name."""
    return Voice(frozenset({author}), lambda person, owner: owner == f"@{person}", lambda _: writes)


def owned(**names: str) -> dict[str, frozenset[Needed]]:
    """Whose yes an instance of the stack `dev` needs."""
    return {f"dev/{name}": frozenset({Needed(frozenset({owner}))}) for name, owner in names.items()}


def said(who: str, verdict: Verdict = "approved", minutes: int = 0, commit: str = "h" * 40) -> Review:
    """A review."""
    return Review(who, commit, verdict, NOW + timedelta(minutes=minutes))


def test_three_owners_need_three() -> None:
    """Each for her own instance; a yes of one is none of another."""
    parts = [part(name) for name in NAMES]
    needs = owned(a="@ann", b="@bob", c="@cyd")
    approvals = [Approval(one, preview(*parts)) for one in ("ann", "bob", "cyd")]
    assert lacking(parts, needs, approvals, voice()) == ()
    assert [one.instance for one in lacking(parts, needs, approvals[:2], voice())] == ["dev/c"]


def test_a_yes_of_another_plan_is_none_of_this() -> None:
    """A preview in which the instance was not, or had another digest, is no preview of it."""
    approval = Approval("ann", preview(part("dev/b")))
    assert covers(approval, part("dev/a")) == (False, ())
    assert covers(approval, part("dev/b")) == (True, ())
    assert covers(approval, part("dev/b", "sha256:2")) == (False, ())


@pytest.mark.parametrize("name", get_args(Cause))
def test_what_the_plan_was_made_of_voids_a_yes_and_is_named(name: str) -> None:
    """One of them at a time, with the same plan."""
    now = part(inputs=replace(INPUTS, **{name: "another"}))
    assert covers(Approval("ann", preview(part())), now) == (False, (name,))
    [found] = lacking([now], owned(a="@ann"), [Approval("ann", preview(part()))], voice())
    assert found.void == (("ann", (name,)),)
    assert "is void" in str(found)


def test_a_later_commit_with_the_same_content_inherits_a_yes() -> None:
    """Commits and times are not in what is compared."""
    earlier = replace(preview(part()), head="e" * 40, at=NOW - timedelta(days=1))
    assert covers(Approval("ann", earlier), part()) == (True, ())
    assert replace(earlier, base="x").digest == preview(part()).digest
    assert preview(part(digest="sha256:2")).digest != preview(part()).digest


def test_nobody_approves_her_own_and_nobody_who_may_not_push() -> None:
    """Also in other letters."""
    approvals = [Approval("Ann", preview(part()))]
    needs = owned(a="@Ann")
    assert lacking([part()], needs, approvals, voice()) == ()
    assert lacking([part()], needs, approvals, voice("aNN")) != ()
    assert lacking([part()], needs, approvals, voice(writes=False)) != ()


def test_of_what_nobody_owns_nobody_says_yes() -> None:
    """And of what does nothing nobody has to."""
    nobody = {"dev/a": frozenset({Needed(frozenset())})}
    assert lacking([part()], nobody, [Approval("ann", preview(part()))], voice()) != ()
    same = replace(INPUTS, input=INPUTS.base)
    assert lacking([replace(part(inputs=same), status="unchanged")], nobody, [], voice()) == ()


def test_what_is_run_needs_a_yes_though_it_changes_nothing() -> None:
    """Its code is another than the base branch's, and an application would run it to see that; a yes of then holds."""
    same = replace(part(), status="unchanged", inputs=replace(INPUTS, input=INPUTS.base))
    other = replace(part(), status="unchanged")
    waits = replace(part(digest=""), status="waits")
    assert lacking([same], owned(a="@ann"), [], voice()) == ()
    reads = replace(same, inputs=replace(same.inputs, touched="a script"))
    for one in (other, waits, reads):
        assert lacking([one], owned(a="@ann"), [], voice()) != ()
        assert lacking([one], owned(a="@ann"), [Approval("ann", preview(one))], voice()) == ()


@pytest.mark.parametrize("status", ["unchanged", "waits", "failed"])
def test_a_yes_to_what_did_nothing_is_none_to_what_does(status: PlannedStatus) -> None:
    """Whatever its digest: of an output alone the normal form of a plan says nothing."""
    assert covers(Approval("ann", preview(replace(part(), status=status))), part()) == (False, ())


def test_who_wrote_a_commit_of_it_does_not_approve_it_and_an_account_that_is_gone_is_nobody() -> None:
    """Nobody reads her own, whoever opened the pull request; and no host is asked about nobody."""
    approvals = [Approval("Ann", preview(part()))]
    wrote = replace(voice(), authors=frozenset({"dana", "aNN"}))
    assert lacking([part()], owned(a="@Ann"), approvals, wrote) != ()
    assert not replace(voice(), may_write=lambda person: bool(1 / len(person))).counts("", Needed(frozenset({"@ann"})))


def test_two_of_a_section_are_two_people() -> None:
    """The same one twice is one."""
    two = {"dev/a": frozenset({Needed(frozenset({"@ann", "@bob"}), 2)})}
    ann, bob = (Approval(one, preview(part())) for one in ("ann", "bob"))
    assert lacking([part()], two, [ann, ann], voice()) != ()
    assert lacking([part()], two, [ann, bob], voice()) == ()


def test_the_last_word_of_each_counts_and_a_comment_is_none() -> None:
    """A dismissal and a wish for changes take a yes back, a later yes gives it again; whoever sorts them how."""
    assert [one.author for one in standing([said("ann"), said("ann", "commented", 1)]).approved] == ["ann"]
    assert standing([said("ann"), said("ann", "dismissed", 1)]).approved == ()
    against = standing([said("ann", "changes-requested", 1), said("Ann", minutes=0)])
    assert (against.approved, against.against) == ((), ("ann",))
    assert standing([said("ann", "changes-requested"), said("ann", minutes=1)]).against == ()


def test_what_was_not_planned_by_then_was_not_seen() -> None:
    """A yes is for the last preview of that commit that was there when it was given; in the same second it was not."""
    plannings = [Planning("h" * 40, f"sha256:{hour}", NOW + timedelta(hours=hour)) for hour in (0, 2)]
    assert seen_by(said("ann", minutes=-1), plannings) is None
    assert seen_by(said("ann", minutes=0), plannings) is None
    assert seen_by(said("ann", minutes=61), plannings) == plannings[0]
    assert seen_by(said("ann", minutes=121), plannings) == plannings[1]
    assert seen_by(said("ann", minutes=121, commit="other"), plannings) is None
    assert seen_by(said("ann", minutes=121, commit=""), [Planning("", "sha256:0", NOW)]) is None


@given(st.tuples(*[st.sampled_from(["x", "y"])] * 5), st.tuples(*[st.sampled_from(["x", "y"])] * 5))
def test_equal_inputs_have_no_cause_and_others_have_each_theirs(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    """Whichever they are."""
    found = causes(Inputs(*one), Inputs(*other))
    names = ("base", "input", "state", "policy", "touched")
    assert found == tuple(name for name, a, b in zip(names, one, other, strict=True) if a != b)
