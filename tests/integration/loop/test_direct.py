"""One instance changed without a request, and workflows over such commands, on real terraform."""

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


def written(world: World, instance: str, text: str, seconds: int = 0) -> tuple[str, ...]:
    """The manifest of the instance, committed; the words that name it. Each test has an instance of its own."""
    manifest = NOTE.replace("INSTANCE", instance).replace("TEXT", text).replace("SECONDS", str(seconds))
    (world.repository / f"stacks/orgs/acme/dev/{instance}.yaml").write_text(manifest)
    world.commit(f"Write {text} for {instance}")
    return (instance, *STACK)


def test_an_admin_applies_looks_and_destroys(world: World) -> None:
    """What was planned is applied and audited; the second time nothing is to do; a developer may not."""
    here = written(world, "looked-note", "hello")
    assert world.json("terraform", "validate", *here, who="admin")["valid"] is True
    assert len(world.json("terraform", "plan", *here, who="ada")["changes"]) == 1
    error = world.error("terraform", "deploy", *here, who="ada")
    assert error["error"] == "not-permitted"
    made = world.json("terraform", "deploy", *here, who="admin")
    assert (made["status"], made["changed"]) == ("applied", {"create": 1})
    assert world.json("terraform", "output", *here, who="ada")["outputs"] == made["outputs"]
    why = world.json("why", *here, who="ada")["lines"]
    assert [line["text"].split(",")[0] for line in why if line["what"] == "change"] == ["applied by admin"]
    assert world.json("terraform", "deploy", *here, who="admin")["status"] == "unchanged"
    assert world.run("terraform", "plan", *here, "-detailed-exitcode", who="admin", quiet=True).returncode == 0
    gone = world.json("terraform", "destroy", *here, "--yes", who="admin")
    assert (gone["changed"], gone["resources"]) == ({"delete": 1}, 0)
    entries = world.json("audit", "list", made["instance"], who="admin")["entries"]
    actions = sorted(entry["action"] for entry in entries if entry["outcome"] != "refused")
    assert actions == ["instance.applied"] * 2 + ["instance.applying"] * 2 + [
        "instance.destroyed",
        "instance.destroying",
    ]


def test_a_local_state_is_there_the_next_time(world: World) -> None:
    """A working directory is made anew for each command; what a stack keeps in a file of this machine is not."""
    here = written(world, "kept-note", "hello")
    manifest = world.repository / "stacks/orgs/acme/dev/kept-note.yaml"
    backend = "      backend_type: local\n      backend: {local: {path: note.tfstate}}\n"
    manifest.write_text(manifest.read_text() + backend)
    world.commit("Keep the state of kept-note here")
    made = world.json("terraform", "deploy", *here, who="admin")
    assert (made["status"], made["changed"]) == ("applied", {"create": 1})
    assert world.json("terraform", "deploy", *here, who="admin")["status"] == "unchanged"
    assert world.json("terraform", "output", *here, who="ada")["outputs"] == made["outputs"]
    assert world.json("terraform", "destroy", *here, "--yes", who="admin")["changed"] == {"delete": 1}


def test_a_local_state_is_brought_along_from_a_checkout(world: World) -> None:
    """What terraform made there, with the variables and the workspace that Atmos gives it, is what Gaia plans on."""
    here = written(world, "moved-note", "hello")
    manifest = world.repository / "stacks/orgs/acme/dev/moved-note.yaml"
    manifest.write_text(manifest.read_text() + "      backend_type: local\n      backend: {local: {}}\n")
    world.commit("Keep the state of moved-note here")
    component = world.json("describe", "component", *here, "--repository", str(world.repository))
    checkout = world.home.parent / "checkout"
    shutil.copytree(world.repository / "components/terraform/note", checkout)
    (checkout / "vars.tfvars.json").write_text(json.dumps(component["vars"]))
    terraform = [find_tool(world.settings).path]
    environ = {**os.environ, "TF_WORKSPACE": component["workspace"]}
    subprocess.run([*terraform, "init"], cwd=checkout, check=True, stdout=subprocess.DEVNULL)
    apply = ["apply", "-auto-approve", "-var-file=vars.tfvars.json"]
    subprocess.run([*terraform, *apply], cwd=checkout, env=environ, check=True, stdout=subprocess.DEVNULL)
    assert len(world.json("terraform", "plan", *here, who="admin")["changes"]) == 1
    states = world.repository / "components/terraform/note/terraform.tfstate.d"  # where Atmos has it too
    shutil.copytree(checkout / "terraform.tfstate.d", states, dirs_exist_ok=True)
    assert world.json("terraform", "plan", *here, who="admin")["changes"] == []


def test_policies_hold_without_a_request_too(world: World) -> None:
    """A denied plan is parked before anything is changed."""
    here = written(world, "rude-note", "rude")
    parked = world.fails("terraform", "deploy", *here, who="admin")
    assert (parked["status"], parked["code"]) == ("parked", "policy-denied")
    written(world, "rude-note", "kind")
    assert world.json("terraform", "deploy", *here, who="admin")["status"] == "applied"


def test_a_killed_change_is_finished_by_the_next_one(world: World) -> None:
    """Everything dies while terraform makes the resource; the next apply goes on, nothing is there twice."""
    here = written(world, "slow-note", "slow", seconds=20)
    journals = world.home / "journals/direct/acme-use1-dev/slow-note"
    before = set(journals.glob("*/journal.jsonl"))
    child = world.start("terraform", "deploy", *here, who="admin", quiet=True)
    # Not a moment earlier: then terraform holds the lock.
    while not any('"kind": "start"' in path.read_text() for path in set(journals.glob("*/journal.jsonl")) - before):
        assert child.identity.alive()
        time.sleep(0.1)
    kill_tree(child.identity.pid)
    child.wait()
    error = world.error("terraform", "destroy", *here, "--yes", who="admin")
    assert error["error"] == "operation-unfinished"
    written(world, "slow-note", "slow")
    made = world.json("terraform", "deploy", *here, who="admin")
    assert (made["status"], made["resources"]) == ("applied", 1)
    assert world.json("terraform", "plan", *here, who="admin")["changes"] == []


def test_ctrl_c_ends_a_change_in_good_order(world: World) -> None:
    """Terraform ends and saves, the exit status says so, the change is audited, and the next apply finishes it."""
    here = written(world, "broken-note", "broken", seconds=60)
    journals = world.home / "journals/direct/acme-use1-dev/broken-note"
    child = world.start("terraform", "deploy", *here, who="admin", quiet=True)
    while not any('"kind": "start"' in path.read_text() for path in journals.glob("*/journal.jsonl")):
        assert child.identity.alive()
        time.sleep(0.1)
    os.kill(child.identity.pid, signal.SIGINT)
    ended = child.wait()
    assert ended.returncode == 130
    assert "goes on with what was begun" in ended.stderr
    entries = world.json("audit", "list", "acme-use1-dev/broken-note", who="admin")["entries"]
    assert [entry["facts"]["status"] for entry in entries if entry["action"] == "instance.applied"] == ["parked"]
    written(world, "broken-note", "broken")
    assert world.json("terraform", "deploy", *here, who="admin")["status"] == "applied"
    assert world.json("terraform", "plan", *here, who="admin")["changes"] == []


def test_a_workflow_runs_them_and_ends_with_the_status_of_the_one_that_fails(world: World) -> None:
    """The steps before it stay done."""
    written(world, "flowing-note", "flowing")
    (world.repository / "stacks/workflows").mkdir(exist_ok=True)
    (world.repository / "stacks/workflows/renew.yaml").write_text(WORKFLOW)
    atmos = world.repository / "atmos.yaml"
    if "workflows:" not in atmos.read_text():
        atmos.write_text(atmos.read_text() + "\nworkflows: {base_path: stacks/workflows}\n")
    world.commit("Add a workflow")
    done = world.run("workflow", "renew", "-C", str(world.repository), who="admin", quiet=True, refused=True)
    assert done.returncode == 3
    assert "flowing" in done.stdout
    assert "--from-step gone" in done.stderr
    listed = world.run("list", "workflows", "--format", "json", "-C", str(world.repository), quiet=True).stdout
    assert "renew" in [row["Workflow"] for row in json.loads(listed)]
