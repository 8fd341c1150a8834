"""When an approval holds, and when it no longer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = pytest.mark.cloud

RULE = """# METADATA
# title: No notes today
# custom:
#   severity: low
#   owner: platform
#   controls: []
#   remediation: Wait until tomorrow.
package gaia.plan.no_notes

import data.gaia.lib.plan

deny contains {"address": resource.address, "message": "no notes today"} if {
	some resource in plan.written
	resource.change.after.input.tags.service == "stricter"
}
"""


def test_an_unrelated_commit_only_forces_another_preview(world: World) -> None:
    """The platform repository moved between preview and approval, the content is the same: it is applied."""
    asked = world.ask("unrelated")
    assert asked["status"] == "waiting"
    (world.repository / "NOTES.md").write_text("unrelated\n")
    world.commit("Write something unrelated down")
    done = world.approve("unrelated")
    assert done["status"] == "done", done["reason"]
    assert (world.repository / done["manifest"]).exists()


def test_a_commit_that_changes_what_would_be_done_voids_the_approval(world: World) -> None:
    """The component makes something else now: nothing is applied, the new preview waits for a new decision."""
    asked = world.ask("changed")
    main = world.repository / "components/terraform/note/main.tf"
    before = main.read_text()
    main.write_text(before.replace("text = var.text,", 'text = "${var.text}!",'))
    world.commit("Shout")
    ended = world.fails("approve", "changed", who="grace")
    now = world.view("changed")
    main.write_text(before)
    world.commit("Stop shouting")
    assert ended["runs"][-1]["code"] == "approval-void"
    assert now["status"] == "waiting"
    assert now["preview"]["digest"] != asked["preview"]["digest"]
    assert now["runs"][-1]["status"] == "failed"


def test_a_stricter_judgement_voids_the_approval(world: World) -> None:
    """A rule that came after the preview denies it: refused with its own code."""
    world.ask("stricter")
    path = world.repository / "policies/plan/no_notes.rego"
    path.write_text(RULE)
    world.commit("Forbid notes")
    ended = world.fails("approve", "stricter", who="grace")
    path.unlink()
    world.commit("Allow notes")
    assert ended["runs"][-1]["code"] == "approval-void"
    assert "no notes today" in ended["runs"][-1]["reason"]


def test_an_undecided_rule_is_signed_and_allowed_when_its_value_is_known(world: World) -> None:
    """The second note's text is unknown at first: listed in the approval, judged on its own plan, allowed."""
    asked = world.ask("polite")
    undecided = [one for one in asked["preview"]["findings"] if one["effect"] == "undecided"]
    assert [one["instance"] for one in undecided] == ["acme-use1-dev/polite-second"]
    done = world.approve("polite")
    assert done["status"] == "done", done["reason"]
    assert len(done["approvals"][0]["undecided"]) == 1


def test_an_undecided_rule_that_denies_parks_the_run(world: World) -> None:
    """When the value is known the rule denies: the second instance is not applied, and the list says so."""
    world.ask("rude", suffix=" rude")
    ended = world.fails("approve", "rude", who="grace")
    assert ended["status"] == "parked"
    assert ended["runs"][-1]["code"] == "policy-denied"
    assert ended["runs"][-1]["left"]
    states = dict(ended["runs"][-1]["steps"])
    assert states["apply acme-use1-dev/rude-first"] == "done"
    assert states["publish"] == "todo"


def test_whoever_asks_cannot_approve(world: World) -> None:
    """The requester is refused, also with the role of an approver."""
    asked = dict(world.json("request", "notes", "own", "-s", "acme-use1-dev", "-a", "text=mine", who="admin"))
    error = world.error("approve", str(asked["id"]), who="admin")
    assert error["error"] == "approver-is-requester"
    assert world.view("own")["status"] == "waiting"
    world.run("reject", "own", "--reason", "only a test", who="grace", quiet=True)
    assert world.view("own")["status"] == "rejected"


def test_a_digest_that_is_not_the_current_one_is_refused(world: World) -> None:
    """What was read is what is signed."""
    world.ask("digest")
    assert world.error("approve", "digest", "--digest", "sha256:0", who="grace")["error"] == "preview-changed"


def test_what_was_made_before_an_approval_was_void_can_be_retired(world: World) -> None:
    """Half is made, the other half is denied, the component changes, a person says no: what exists is retired."""
    world.ask("half", suffix=" rude")
    assert world.fails("approve", "half", who="grace")["runs"][-1]["code"] == "policy-denied"
    main = world.repository / "components/terraform/note/main.tf"
    before = main.read_text()
    main.write_text(before.replace("text = var.text,", 'text = "${var.text}!",'))
    world.commit("Shout")
    assert world.fails("resume", "half", who="grace")["runs"][-1]["code"] == "approval-void"
    main.write_text(before)
    world.commit("Stop shouting")
    world.run("reject", "half", "--reason", "not like this", who="grace", quiet=True)
    assert "gaia retire half" in world.view("half")["next_step"]
    gone = world.json("retire", "half", "-s", "acme-use1-dev", "--yes", who="ada")
    assert gone["status"] == "done", gone["reason"]
    lines = world.json("why", "acme-use1-dev/half-first/terraform_data.this", who="ada")["lines"]
    assert any(line["what"] == "resource" and "destroyed" in line["text"] for line in lines)
    assert not (world.repository / gone["manifest"]).exists()
    assert world.git("log", "--format=%s", "-2").splitlines() == [
        "Retire half from acme-use1-dev",
        "Add half to acme-use1-dev",
    ]
