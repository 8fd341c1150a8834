"""Instances of a registered repository's checkout, and workflows over such commands, on real terraform."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from gaia.kit.procfs import kill_tree
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from gaia.testing.world import World

pytestmark = pytest.mark.cloud

NOTE = """\
import: [mixins/no-provider]
components:
  terraform:
    INSTANCE:
      metadata: {component: note}
      vars: {text: "TEXT", seconds: SECONDS}
"""
WORKFLOW = """\
workflows:
  renew:
    stack: acme-use1-dev
    steps:
      - command: terraform deploy flowing-note
      - {name: name, command: terraform output flowing-note}
      - {name: gone, command: terraform output flowing-note nothing}
"""
STACK = ("-s", "acme-use1-dev")


def written(world: World, instance: str, text: str, seconds: int = 0, *, more: str = "") -> tuple[str, ...]:
    """The manifest of the instance, committed; the words that name it. Each test has an instance of its own."""
    words = lying(world, instance, text, seconds, more=more)
    world.commit(f"Write {text} for {instance}")
    return words


def lying(world: World, instance: str, text: str, seconds: int = 0, *, more: str = "") -> tuple[str, ...]:
    """As `written`, and not committed."""
    manifest = NOTE.replace("INSTANCE", instance).replace("TEXT", text).replace("SECONDS", str(seconds))
    (world.repository / f"stacks/orgs/acme/dev/{instance}.yaml").write_text(manifest + more)
    return (instance, *STACK)


def test_an_operator_applies_looks_and_destroys(world: World) -> None:
    """Without a token: leases, runs and the audit log are kept all the same; a token says who it was."""
    here = written(world, "looked-note", "hello")
    do = world.here
    assert world.json(*do("terraform", "validate", *here))["valid"] is True
    assert len(world.json(*do("plan", *here))["changes"]) == 1
    own = world.run(*do("terraform", "plan", *here), quiet=True)
    assert "1 to add, 0 to change, 0 to destroy." in own.stdout
    assert "looked-note" in own.stderr
    made = world.json(*do("terraform", "deploy", *here), who="admin")
    assert (made["status"], made["changed"]) == ("applied", {"create": 1})
    assert world.json(*do("terraform", "output", *here))["outputs"] == made["outputs"]
    why = world.json("why", *here, who="ada")["lines"]
    assert [line["text"].split(",")[0] for line in why if line["what"] == "change"] == ["applied by admin"]
    assert world.json(*do("apply", *here))["status"] == "unchanged"
    assert world.run(*do("terraform", "plan", *here, "-detailed-exitcode"), quiet=True).returncode == 0
    gone = world.json(*do("destroy", *here, "--yes"))
    assert (gone["changed"], gone["resources"]) == ({"delete": 1}, 0)
    entries = world.json("audit", "list", made["instance"], who="admin")["entries"]
    found = sorted((entry["action"], entry["actor"].partition(":")[0]) for entry in entries)
    assert [action for action, _ in found].count("instance.applying") == 2
    assert ("instance.destroyed", "operator") in found


def test_uncommitted_edits_are_applied(world: World) -> None:
    """One line says how many files lie there uncommitted, before anything else."""
    here = lying(world, "edited-note", "hello")
    try:
        done = world.run(*world.here("terraform", "deploy", *here), quiet=True)
        assert "and 1 uncommitted file" in done.stderr
        assert "Apply complete! Resources: 1 added, 0 changed, 0 destroyed." in done.stdout
        lying(world, "edited-note", "goodbye")
        assert len(world.planned("edited-note")) == 1
        assert world.json(*world.here("terraform", "destroy", *here, "-auto-approve"))["changed"] == {"delete": 1}
    finally:
        (world.repository / "stacks/orgs/acme/dev/edited-note.yaml").unlink()


LOCAL = "      backend_type: local\n      backend: {local: {PATH}}\n"


def test_a_local_state_is_there_the_next_time(world: World) -> None:
    """A working directory is made anew for each command; what a stack keeps in a file of the checkout is not."""
    here = written(world, "kept-note", "hello", more=LOCAL.replace("PATH", "path: note.tfstate"))
    made = world.json(*world.here("terraform", "deploy", *here))
    assert (made["status"], made["changed"]) == ("applied", {"create": 1})
    assert world.json(*world.here("terraform", "deploy", *here))["status"] == "unchanged"
    assert world.json(*world.here("terraform", "output", *here))["outputs"] == made["outputs"]
    assert world.json(*world.here("terraform", "destroy", *here, "--yes"))["changed"] == {"delete": 1}


def test_a_local_state_of_the_checkout_is_gone_on_with(world: World) -> None:
    """What terraform made there, with the variables and the workspace that Atmos gives it, is what Gaia plans on."""
    here = written(world, "moved-note", "hello", more=LOCAL.replace("PATH", ""))
    component = world.json(*world.here("describe", "component", *here))
    elsewhere = world.home.parent / "checkout"
    shutil.copytree(world.repository / "components/terraform/note", elsewhere)
    (elsewhere / "vars.tfvars.json").write_text(json.dumps(component["vars"]))
    terraform = [find_tool(world.settings).path]
    environ = {**os.environ, "TF_WORKSPACE": component["workspace"]}
    subprocess.run([*terraform, "init"], cwd=elsewhere, check=True, stdout=subprocess.DEVNULL)
    apply = ["apply", "-auto-approve", "-var-file=vars.tfvars.json"]
    subprocess.run([*terraform, *apply], cwd=elsewhere, env=environ, check=True, stdout=subprocess.DEVNULL)
    assert len(world.planned("moved-note")) == 1
    states = world.repository / "components/terraform/note/terraform.tfstate.d"
    shutil.copytree(elsewhere / "terraform.tfstate.d", states, dirs_exist_ok=True)
    assert world.planned("moved-note") == []


def test_policies_hold_without_a_request_too(world: World) -> None:
    """A denied plan is refused before anything is changed."""
    here = written(world, "rude-note", "rude")
    assert world.error(*world.here("terraform", "deploy", *here))["error"] == "policy-denied"
    assert world.error(*world.here("apply", *here, "--yes"))["error"] == "policy-denied"
    written(world, "rude-note", "kind")
    assert world.json(*world.here("terraform", "deploy", *here))["status"] == "applied"


def test_a_killed_change_is_finished_by_the_next_one(world: World) -> None:
    """Everything dies while terraform makes the resource; the next apply goes on, nothing is there twice."""
    here = written(world, "slow-note", "slow", seconds=20)
    journals = world.home / "journals/direct/acme-use1-dev/slow-note"
    before = set(journals.glob("*/journal.jsonl"))
    child = world.start(*world.here("terraform", "deploy", *here), quiet=True)
    # Not a moment earlier: then terraform holds the lock.
    while not any('"kind": "start"' in path.read_text() for path in set(journals.glob("*/journal.jsonl")) - before):
        assert child.identity.alive()
        time.sleep(0.1)
    kill_tree(child.identity.pid)
    child.wait()
    written(world, "slow-note", "slow")
    made = world.json(*world.here("terraform", "deploy", *here))
    assert (made["status"], made["resources"]) == ("applied", 1)
    assert world.json(*world.here("terraform", "plan", *here))["changes"] == []


def test_ctrl_c_ends_a_change_in_good_order(world: World) -> None:
    """Terraform ends and saves, the exit status says so, the change is audited, and the next apply finishes it."""
    here = written(world, "broken-note", "broken", seconds=60)
    journals = world.home / "journals/direct/acme-use1-dev/broken-note"
    child = world.start(*world.here("terraform", "deploy", *here), quiet=True)
    while not any('"kind": "start"' in path.read_text() for path in journals.glob("*/journal.jsonl")):
        assert child.identity.alive()
        time.sleep(0.1)
    os.kill(child.identity.pid, signal.SIGINT)
    ended = child.wait()
    assert ended.returncode == 130
    assert "`gaia terraform deploy broken-note -s acme-use1-dev` goes on." in ended.stderr
    entries = world.json("audit", "list", "acme-use1-dev/broken-note", who="admin")["entries"]
    assert [entry["facts"]["status"] for entry in entries if entry["action"] == "instance.applied"] == ["parked"]
    written(world, "broken-note", "broken")
    assert world.json(*world.here("terraform", "deploy", *here))["status"] == "applied"
    assert world.json(*world.here("terraform", "plan", *here))["changes"] == []


def test_a_workflow_runs_them_and_ends_with_the_status_of_the_one_that_fails(world: World) -> None:
    """The steps before it stay done."""
    written(world, "flowing-note", "flowing")
    (world.repository / "stacks/workflows").mkdir(exist_ok=True)
    (world.repository / "stacks/workflows/renew.yaml").write_text(WORKFLOW)
    atmos = world.repository / "atmos.yaml"
    if "workflows:" not in atmos.read_text():
        atmos.write_text(atmos.read_text() + "\nworkflows: {base_path: stacks/workflows}\n")
    world.commit("Add a workflow")
    done = world.run(*world.here("workflow", "renew"), quiet=True, refused=True)
    assert done.returncode == 1  # terraform's own
    assert "flowing" in done.stdout
    assert "--from-step gone" in done.stderr
    listed = world.run("list", "workflows", "--format", "json", "-C", str(world.repository), quiet=True).stdout
    assert "renew" in [row["Workflow"] for row in json.loads(listed)]
