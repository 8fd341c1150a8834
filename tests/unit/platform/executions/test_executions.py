"""Workflows of the repository that the platform carries out: those that only look, for who administers the place."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.loop import FILES, STACK

from gaia.access.callers import authenticate
from gaia.bootstrap.home import _selected
from gaia.errors import Conflict, GaiaError
from gaia.kit import clock
from gaia.platform.executions.executions import Executions
from gaia.platform.serving import workflows
from gaia.records import audit, people, runs
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

    from gaia.platform.executions.executions import ExecutionView

LOOK = """
workflows:
  look:
    description: Look at everything
    steps:
      - {name: net, command: describe component net}
      - {name: all, command: atmos terraform plan --all}
  some:
    steps: [{name: chosen, command: "plan --query '.vars.text == \\"shared\\"'"}]
  none:
    steps: [{name: chosen, command: "plan --query '.vars.text == \\"x\\"'"}]
  strict:
    steps: [{name: drift, command: drift --detailed-exitcode}]
  check:
    steps: [{name: manifests, command: validate stacks}]
"""


@pytest.fixture(name="there")
def made(loop: Loop) -> Loop:
    """A repository with workflows, and root who administers the place, boss who administers everything."""
    configured = FILES["atmos.yaml"] + "workflows: {base_path: workflows}\n"
    loop.clone.moved(**{"atmos.yaml": configured, "workflows/look.yaml": LOOK})
    with loop.platform.database.begin() as tx:
        people.add_person(tx, "boss", at=clock.now())
        people.grant(tx, "boss", Grant("admin"))
        expires = clock.now().replace(year=clock.now().year + 1)
        loop.tokens["boss"] = people.create_token(tx, "boss", at=clock.now(), expires=expires)[1]
    return replace(loop, platform=replace(loop.platform, select=_selected))


def as_(loop: Loop, who: str) -> Executions:
    """Somebody's view."""
    with loop.platform.database.read() as tx:
        return Executions(loop.platform, authenticate(tx, loop.tokens[who], clock.now()))


def carried(loop: Loop, execution: str, *, until: str = "") -> None:
    """Go on with an execution, as an engine would; killed when it comes to the step `until`."""
    kept = loop.results.setdefault(execution, {})

    def call(name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if name == until:
            raise KeyboardInterrupt
        if name not in kept:
            kept[name] = json.loads(json.dumps(work()))
        return kept[name]

    workflows.run(loop.platform, execution, call)


def ended(loop: Loop, name: str, who: str = "root") -> tuple[ExecutionView, list[str]]:
    """A workflow that was carried out, and what its log says."""
    made = as_(loop, who).start(name, STACK)
    carried(loop, made.id)
    said = [str(line["message"]) for line in as_(loop, who).log(name, made.id)]
    return as_(loop, who).one(name, made.id), said


def code(call: Callable[[], object]) -> str:
    """What a call is refused with."""
    with pytest.raises(GaiaError) as caught:
        call()
    assert caught.value.next_step
    return caught.value.code


def test_the_workflows_are_those_of_the_published_commit(there: Loop) -> None:
    """A repository without any has none."""
    [check, look, *_] = as_(there, "vic").workflows()
    assert (look.workflow, look.file, look.description, look.steps) == (
        "look",
        "look.yaml",
        "Look at everything",
        ("net", "all"),
    )
    assert check.workflow == "check"
    there.clone.moved(**{"atmos.yaml": FILES["atmos.yaml"]})
    assert as_(there, "vic").workflows() == ()


def test_an_execution_looks_and_changes_nothing(there: Loop) -> None:
    """Its steps one after the other at one commit; it is written down who began it, and how it ended."""
    states = json.dumps(there.world.states)
    found, said = ended(there, "look")
    assert (found.status, found.by, found.stack, found.tenant) == ("done", "root", STACK, "acme")
    assert found.commit == there.clone.head
    assert found.steps == (("1 net", "done"), ("2 all", "done"))
    assert said[0] == f"{STACK}/net is key"
    assert said[-1] == f"{STACK}/net: 1 to create"
    assert json.dumps(there.world.states) == states
    with there.platform.database.read() as tx:
        told = [(one.action, one.outcome) for one in audit.entries(tx, subject="look")]
    assert told == [("workflow.started", "done"), ("workflow.done", "done")]
    assert [one.id for one in as_(there, "vic").listed("look", limit=9)] == [found.id]
    assert list(as_(there, "vic").listed("look", stack="other", limit=9)) == []
    assert list(as_(there, "bob").listed("look", limit=9)) == []
    assert list(as_(there, "vic").listed('o", "look', limit=9)) == []
    assert list(as_(there, "vic").listed("look", after=found.id, limit=9)) == []


def test_a_query_says_which_instances_are_meant(there: Loop) -> None:
    """As on the command line."""
    _, said = ended(there, "some")
    assert said[-1] == f"{STACK}/net: 1 to create"
    assert ended(there, "none")[1] == []


def test_a_step_that_finds_what_it_should_not_fails(there: Loop) -> None:
    """`--detailed-exitcode` says so; what failed and why is in the execution."""
    found, _ = ended(there, "strict")
    assert (found.status, found.code) == ("failed", "workflow-found-changes")
    assert [state for _, state in found.steps] == ["failed"]


def test_what_reads_every_manifest_takes_an_admin_of_everything(there: Loop) -> None:
    """An admin of a tenant would read of another's in its log."""
    assert code(lambda: as_(there, "root").start("check", STACK)) == "stack-unknown"
    found, _ = ended(there, "check", "boss")
    assert (found.status, found.tenant, found.stage) == ("done", "*", "*")
    assert code(lambda: as_(there, "root").one("check", found.id)) == "execution-unknown"


@pytest.mark.parametrize(
    ("step", "refused"),
    [
        ("{name: a, command: apply net --yes}", "workflow-changes"),
        ("{name: a, command: terraform deploy net}", "workflow-changes"),
        ("{name: a, command: terraform destroy net}", "workflow-changes"),
        ("{name: a, command: request object-store x}", "workflow-changes"),
        ("{name: a, command: validate component net}", "workflow-changes"),
        ("{name: a, command: ''}", "workflow-changes"),
        ("{name: a, type: shell, command: date}", "workflow-not-here"),
        ("{name: a, type: http, url: 'http://x'}", "workflow-not-here"),
        ("{name: a, type: parallel, steps: [{name: b, command: plan}]}", "workflow-not-here"),
        ("{name: a, command: plan, env: {TF_VAR_x: y}}", "workflow-not-here"),
        ("{name: a, command: plan, retry: {max_attempts: 9}}", "workflow-not-here"),
        ("{name: a, command: plan, working_directory: /}", "workflow-not-here"),
        ("{name: a, command: 'plan {{ .env.HOME }}'}", "workflow-not-here"),
        ("{name: a, command: plan -out x}", "workflow-not-here"),
        ("{name: a, command: 'plan; date'}", "workflow-not-here"),
        ("{name: a, command: plan -- -destroy}", "workflow-not-here"),
        ("{name: a, command: describe component}", "workflow-not-here"),
        ("{name: a, command: plan net -s other}", "workflow-elsewhere"),
        ("{name: a, command: plan net --stack=other}", "workflow-elsewhere"),
        ("{name: a, command: plan net, stack: other}", "workflow-elsewhere"),
    ],
)
def test_what_is_not_known_to_look_only_is_refused_before_anything_runs(there: Loop, step: str, refused: str) -> None:
    """Nothing is applied that nobody signed, and no shell is for a caller elsewhere."""
    there.clone.moved(
        **{"workflows/bad.yaml": f"workflows: {{bad: {{steps: [{{name: ok, command: plan}}, {step}]}}}}\n"}
    )
    assert code(lambda: as_(there, "root").start("bad", STACK)) == refused
    with there.platform.database.read() as tx:
        assert runs.live(tx) == ()


def test_who_may_not_start_one_learns_nothing_more(there: Loop) -> None:
    """Another tenant's stack is unknown; a workflow that does not exist is told to an admin alone."""
    assert code(lambda: as_(there, "gus").start("look", STACK)) == "not-permitted"
    assert code(lambda: as_(there, "gus").start("nothing", STACK)) == "not-permitted"
    assert code(lambda: as_(there, "bob").start("look", STACK)) == "stack-unknown"
    assert code(lambda: as_(there, "root").start("look", "nowhere")) == "stack-unknown"
    assert code(lambda: as_(there, "root").start("nothing", STACK)) == "workflow-unknown"
    assert code(lambda: as_(there, "root").start("look", STACK, file="../../etc/passwd")) == "workflow-file-missing"
    made = as_(there, "root").start("look", STACK)
    for name, execution in (("look", "run_x"), ("some", made.id)):
        assert code(lambda name=name, one=execution: as_(there, "root").one(name, one)) == "execution-unknown"  # type: ignore[misc]
    assert code(lambda: as_(there, "bob").log("look", made.id)) == "execution-unknown"
    assert code(lambda: as_(there, "gus").cancel("look", made.id)) == "not-permitted"


@pytest.mark.parametrize("lost", ["role", "all"])
def test_an_execution_whose_starter_may_no_longer_start_one_ends_before_it_looks(there: Loop, lost: str) -> None:
    """Their role was withdrawn, or they were shut out, while it was queued; or between two of its steps."""
    first = as_(there, "root").start("look", STACK)
    with pytest.raises(KeyboardInterrupt):
        carried(there, first.id, until="2 all")
    with there.platform.database.begin() as tx:
        if lost == "role":
            people.withdraw(tx, "root", Grant("admin", "acme"))
        else:
            people.set_disabled(tx, "root", True)
    carried(there, first.id)
    found = as_(there, "boss").one("look", first.id)
    assert (found.status, found.code) == ("failed", "starter-not-permitted")
    assert found.reason.startswith("root, who started it, ")
    assert found.steps[0][1] == "done"


def test_one_execution_of_a_workflow_for_a_stack_goes_on_at_once(there: Loop) -> None:
    """The next one may begin when it has ended; one that was killed goes on where it was."""
    first = as_(there, "root").start("look", STACK)
    with pytest.raises(Conflict) as caught:
        as_(there, "root").start("look", STACK)
    assert caught.value.code == "run-live"
    with pytest.raises(KeyboardInterrupt):
        carried(there, first.id, until="2 all")
    there.clone.moved(**{"workflows/look.yaml": "workflows: {}\n"})  # its own commit still has it
    carried(there, first.id)
    assert as_(there, "root").one("look", first.id).status == "done"


def test_an_execution_is_cancelled(there: Loop) -> None:
    """It ends with what it was at; one that has ended is no more to be cancelled."""
    made = as_(there, "root").start("look", STACK)
    as_(there, "root").cancel("look", made.id)
    carried(there, made.id)
    found = as_(there, "root").one("look", made.id)
    assert (found.status, found.code) == ("failed", "cancelled")
    assert code(lambda: as_(there, "root").cancel("look", made.id)) == "execution-ended"
