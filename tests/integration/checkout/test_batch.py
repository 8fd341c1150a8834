"""Many instances of a checkout at once: one plan with unknowns, side by side, a failure stops only what needs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.operating import NOTE, Ground, ended, events

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.cloud, pytest.mark.long(2)]

STACKS = """\
vars: {{stage: {stage}}}
terraform: {{backend_type: local}}
components:
  terraform:
    net: {{metadata: {{component: note}}, vars: {{text: net}}}}
    one: {{metadata: {{component: note}}, vars: {{text: !terraform.state net id}}}}
    two: {{metadata: {{component: note}}, vars: {{text: !terraform.state net id}}}}
    deep: {{metadata: {{component: note}}, vars: {{text: !terraform.state one id}}}}
    free: {{metadata: {{component: note}}, vars: {{text: free}}}}
"""
EVERYBODY = ["deep", "free", "net", "one", "two"]


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """Two stacks of five instances, of which four depend on each other."""
    made = Ground(tmp_path / "repository")
    made.write("stacks/dev.yaml", STACKS.format(stage="dev"))
    made.write("stacks/prod.yaml", STACKS.format(stage="prod"))
    made.code(NOTE)
    return made


def breaks(ground: Ground, component: str, command: str = "false") -> None:
    """Let its next application fail, or do something else."""
    text = STACKS.format(stage="dev").replace(
        f"{component}: {{metadata: {{component: note}}, vars: {{",
        f"{component}: {{metadata: {{component: note}}, vars: {{command: {command}, ",
    )
    ground.write("stacks/dev.yaml", text)


def test_a_fresh_stack_is_seen_with_its_unknowns_and_made_in_one_go(ground: Ground) -> None:
    """One plan shows all of it; each is applied once what it needs is there; then there is nothing to do."""
    planned = events(ground.run("plan", "-s", "dev", "-o", "json"))[-1]
    by_name = {one["instance"]: one for one in planned["instances"]}
    assert {one["status"] for one in by_name.values()} == {"changes"}
    assert by_name["dev/deep"]["changes"][0]["after"]["input"] == "(known after apply)"
    assert not any(one["alone"] for one in by_name.values())
    assert ended(ground.run("apply", "-s", "dev", "--yes", "-o", "json")) == dict.fromkeys(EVERYBODY, "applied")
    assert ground.run("plan", "-s", "dev", "--detailed-exitcode")
    made = {name: ground.state(name)["resources"][0]["instances"][0]["attributes"] for name in EVERYBODY}
    assert made["deep"]["input"]["value"] == made["one"]["id"]
    assert made["one"]["input"]["value"] == made["two"]["input"]["value"] == made["net"]["id"]
    again = ended(ground.run("apply", "--components", "net,o*", "-s", "d*", "--yes", "-o", "json"))
    assert again == {"net": "unchanged", "one": "unchanged"}


def test_a_failure_stops_what_needs_it_and_resume_goes_on_there(ground: Ground) -> None:
    """The end says what was done, what was not tried and why; those that were done are not looked at again."""
    breaks(ground, "one")
    said = ground.run("apply", "-s", "dev", "--yes", "-o", "json", fine=(1,))
    assert ended(said) == {"net": "applied", "one": "parked", "two": "applied", "deep": "not tried", "free": "applied"}
    deep = next(one for one in events(said)[-1]["instances"] if one["instance"] == "dev/deep")
    assert deep["because"] == "dev/one"
    breaks(ground, "one", "true")
    assert ended(ground.run("apply", "--resume", "--yes", "-o", "json")) == {"one": "applied", "deep": "applied"}
    assert "batch-none" in ground.run("apply", "--resume", "--yes", fine=(3,))


def test_code_that_changes_in_the_middle_is_not_applied(ground: Ground) -> None:
    """Whoever has not begun is parked: `one` waits for an output of `net`, whose own run edits the code."""
    code = ground.root / "components/terraform/note/main.tf"
    breaks(ground, "net", f'"sed -i \'s/= var.text/= \\"EVIL\\"/\' {code}"')
    said = ground.run("apply", "-s", "dev", "--components", "net,one", "--yes", "-o", "json", fine=(6,))
    assert ended(said) == {"net": "applied", "one": "parked"}
    one = next(each for each in events(said)[-1]["instances"] if each["instance"] == "dev/one")
    assert (one["code"], "note/main.tf" in one["reason"]) == ("code-changed", True)
    assert not ground.state("one").get("resources")


def test_everything_that_needs_one_or_that_it_needs(ground: Ground) -> None:
    """Selected with it, in order; a stack may be a pattern, and a stack that is none is an error."""

    def meant(*words: str) -> list[str]:
        summary = events(ground.run("plan", *words, "-o", "json"))[-1]
        return [one["instance"].partition("/")[2] for one in summary["instances"]]

    assert meant("one", "-s", "dev", "--downstream") == ["one", "deep"]
    assert meant("deep", "-s", "dev", "--upstream") == ["net", "one", "deep"]
    assert sorted(meant("net", "--all")) == ["net", "net"]
    assert "stack-unknown" in ground.run("plan", "-s", "nope*", fine=(3,))
    assert "component-unknown" in ground.run("plan", "-s", "dev", "--components", "net,nope", fine=(3,))
    assert "usage" in ground.run("plan", fine=(2,))


def test_a_stack_is_destroyed_in_reverse_and_production_only_where_that_is_said(ground: Ground) -> None:
    """What is needed goes last."""
    ground.run("apply", "--all", "--yes")
    assert "production-unflagged" in ground.run("destroy", "--all", "--yes", fine=(5,))
    said = ground.run("destroy", "-s", "dev", "--yes", "-o", "json", "--parallel", "1")
    order = [one["instance"].partition("/")[2] for one in events(said) if one["event"] == "ended"]
    assert order.index("net") > order.index("one") > order.index("deep")
    assert not any(ground.state(name)["resources"] for name in EVERYBODY)
    ground.run("destroy", "-s", "prod", "--production", "--yes")


def test_what_is_wrong_with_one_stops_only_what_cannot_be_seen_without_it(ground: Ground) -> None:
    """The others are planned; the plan ends as a failure."""
    ground.write("components/terraform/bad/main.tf", "resource {\n")
    text = STACKS.format(stage="dev").replace("net: {metadata: {component: note}", "net: {metadata: {component: bad}")
    ground.write("stacks/dev.yaml", text)
    said = ground.run("plan", "-s", "dev", "-o", "json", fine=(1,))
    statuses = ended(said)
    assert statuses["net"] == "failed"
    assert statuses["free"] == "changes"
    assert statuses["one"] == statuses["deep"] == "waits"


def test_ctrl_c_lets_what_is_under_way_end_and_begins_nothing_more(ground: Ground) -> None:
    """It is said what was not tried, and --resume goes on."""
    breaks(ground, "net", "sleep 4")
    child = subprocess.Popen(
        [sys.executable, "-m", "gaia", "apply", "-s", "dev", "--yes", "-o", "json", "--parallel", "1"],
        cwd=ground.root, env=ground.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout
    lines = []
    for line in child.stdout:
        lines.append(line)
        event = json.loads(line)
        if event["event"] == "log" and "net" in event["instance"] and (event["terraform"] or {}).get("kind") == "start":
            os.kill(child.pid, signal.SIGINT)
            break
    lines += child.stdout.readlines()
    assert child.wait(60) == 130
    statuses = ended("".join(lines))
    assert statuses["one"] == statuses["deep"] == "not tried"
    assert statuses["net"] in ("applied", "interrupted", "parked")
    assert set(ended(ground.run("apply", "--resume", "--yes", "-o", "json")).values()) <= {"applied", "unchanged"}
    assert ground.run("plan", "-s", "dev", "--detailed-exitcode")


def test_affected_is_what_differs_from_a_commit(ground: Ground) -> None:
    """Uncommitted edits count."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init", "-q", "."], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], cwd=ground.root, check=True)
    ground.write("stacks/dev.yaml", STACKS.format(stage="dev").replace("text: free", "text: freed"))
    summary = events(ground.run("plan", "--affected", "--ref", "HEAD", "-o", "json"))[-1]
    assert [one["instance"] for one in summary["instances"]] == ["dev/free"]


def test_secrets_are_wired_and_seen_nowhere(ground: Ground) -> None:
    """An output that is declared sensitive, and what comes of it in others, is hidden in plans and events."""
    secret = """\
resource "terraform_data" "word" {
  input = sensitive("hunter-${var.text}-two")
}
output "word" {
  value     = terraform_data.word.output
  sensitive = true
}
"""
    ground.code(NOTE + secret)
    text = STACKS.format(stage="dev").partition("    net:")[0]
    text += "    one: {metadata: {component: note}, vars: {text: first}}\n"
    text += "    two: {metadata: {component: other}, vars: {text: !terraform.state one word}}\n"
    text += "    three: {metadata: {component: note}, vars: {text: !terraform.state two id}}\n"
    ground.write("stacks/dev.yaml", text)
    other = NOTE.replace("type = string", "type      = string\n  sensitive = true", 1)
    ground.write("components/terraform/other/main.tf", f'variable "stage" {{\n  type = string\n}}\n{other}')
    said = ground.run("apply", "-s", "dev", "--yes", "-o", "json")
    assert ended(said) == {"one": "applied", "two": "applied", "three": "applied"}
    said += ground.run("plan", "-s", "dev", "-o", "json", "--detailed-exitcode")
    ground.code((NOTE + secret).replace("-two", "-three"))
    said += ground.run("plan", "-s", "dev", "-o", "json")
    assert "hunter-first" not in said
    changed = {one["instance"]: one["status"] for one in events(said)[-1]["instances"]}
    assert changed["dev/one"] == "changes"


def test_what_is_gone_is_not_destroyed_again(ground: Ground) -> None:
    """Nobody asks for the values that it would read."""
    assert set(ended(ground.run("destroy", "-s", "dev", "--yes", "-o", "json")).values()) == {"unchanged"}
    ground.run("apply", "--components", "net,one", "-s", "dev", "--yes")
    assert ended(ground.run("destroy", "-s", "dev", "--yes", "-o", "json")) == {
        "net": "applied", "one": "applied", "two": "unchanged", "deep": "unchanged", "free": "unchanged",
    }  # fmt: skip


def test_two_hundred_instances_are_planned_at_once(ground: Ground) -> None:
    """In one terraform plan."""
    notes = "".join(f"    n{number}: {{metadata: {{component: note}}, vars: {{text: x}}}}\n" for number in range(200))
    ground.write("stacks/dev.yaml", STACKS.format(stage="dev").partition("    net:")[0] + notes)
    began = time.monotonic()
    summary = events(ground.run("plan", "-s", "dev", "-o", "json"))[-1]
    assert summary["totals"] == {"changes": 200, "create": 200}
    assert time.monotonic() - began < 120  # one by one it takes ten minutes
