"""Steps of workflows and custom commands: conditions, results, types, what is refused."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.stacks.played import Played

from gaia.errors import GaiaError, Invalid
from gaia.stacks.workflows.conditions import NoCondition, Situation, condition, runs
from gaia.stacks.workflows.job import Job, Own, of_workflow
from gaia.stacks.workflows.model import StepFailed
from gaia.stacks.workflows.reading import Workflows
from gaia.stacks.workflows.running import run, steps_to_run
from gaia.stacks.workflows.web import Reply

if TYPE_CHECKING:
    from pathlib import Path


def job(tmp_path: Path, steps: str, environ: dict[str, str] | None = None, own: Own | None = None) -> Job:
    """A workflow `w` with these steps, each a line of YAML."""
    lines = indent(dedent(steps).strip() + "\n", "      ")
    (tmp_path / "w.yaml").write_text(f"workflows:\n  w:\n    steps:\n{lines}")
    found = Workflows(tmp_path, tmp_path, environ).find("w")
    return of_workflow(found, base=tmp_path, environ=environ or {}, stack="acme-dev", own=own)


def played(made: Job, machine: Played) -> StepFailed | None:
    """Run all steps; the failure that counts."""
    try:
        run(made, made.checked(), machine, again=lambda _: "again")
    except StepFailed as error:
        return error
    return None


@pytest.mark.parametrize(
    ("written", "env", "failed", "holds"),
    [
        ("ci", {"CI": "true"}, False, True),
        ("ci", {"CI": "false"}, False, False),
        ("local", {}, False, True),
        ("never", {}, False, False),
        ("always", {}, True, True),
        ("failure", {}, True, True),
        ("failure", {}, False, False),
        ("local", {}, True, False),
        (["local", {"not": "never"}], {}, False, True),
        ({"any": ["ci", "local"]}, {}, False, True),
        ({"not": ["local"]}, {}, False, False),
        ('stack == "prod" && ci', {"CI": "1"}, False, True),
        ("!cel stack != 'prod'", {}, False, False),
        ("status == 'failure'", {}, True, True),
        ("env.STAGE in ['dev', 'test']", {"STAGE": "dev"}, False, True),
        ("has(env.STAGE) || stack.startsWith('pr')", {}, False, True),
        ('env["STAGE"].matches("^d.v$")', {"STAGE": "dev"}, False, True),
        ("!(workflow == 'w')", {}, False, False),
        (True, {}, False, True),
        (False, {}, False, False),
        (None, {}, False, True),
        (None, {}, True, False),
    ],
)
def test_a_condition_is_read_as_atmos_reads_it(written: object, env: dict[str, str], failed: bool, holds: bool) -> None:
    """Words, lists, all, any and not, and comparisons in CEL; without a word on the status only after success."""
    assert runs(condition(written), Situation(env, failed, "prod", "w", "s")) is holds


@pytest.mark.parametrize(
    "written",
    ["stakc == 'a'", "stack ==", "a ? b : c", "1 +", {"all": [], "any": []}, {"none": "ci"}, 7, "stack.size()"],
)
def test_a_condition_that_is_not_understood_is_refused_while_it_is_read(written: object) -> None:
    """Nothing has run by then."""
    with pytest.raises(NoCondition):
        condition(written)


def test_steps_see_the_environment_and_the_results_of_earlier_ones(tmp_path: Path) -> None:
    """`.env`, `.steps.NAME.value` and `.outputs`; a dry run leaves what only a run can know as it is written."""
    made = job(
        tmp_path,
        """
        - {name: find, type: shell, command: 'echo {{ .env.REGION }}', outputs: {upper: '{{ .value | upper }}'}}
        - {command: 'terraform plan {{ .steps.find.value }}', env: {C: '{{ .steps.find.outputs.upper }}'}}
        """,
        {"REGION": "us"},
    )
    assert [made.command(step).shown for step in made.checked()] == [
        "echo us", "gaia terraform plan {{ .steps.find.value }}"
    ]  # fmt: skip
    machine = Played(printed={"find": "vpc\n"})
    assert played(made, machine) is None
    assert machine.shown == ["echo us", "gaia terraform plan vpc -s acme-dev"]


def test_a_step_keeps_the_terminal_unless_somebody_asks_for_what_it_prints(tmp_path: Path) -> None:
    """It may ask questions there; one that must have a terminal has it in any case."""
    made = job(
        tmp_path,
        """
        - {name: find, type: shell, command: a}
        - {name: ask, type: shell, command: b}
        - {name: session, type: shell, command: c, tty: true}
        - {type: shell, command: 'echo {{ .steps.find.value }}{{ .steps.session.value }}'}
        """,
    )
    machine = Played(printed={"find": "x"})
    assert played(made, machine) is None
    assert machine.captured == ["find"]
    assert machine.shown[-1] == "echo x"


ASKING = """
- {name: who, type: input, prompt: 'Who in {{ .env.PLACE }}', default: ada}
- {name: where, type: choose, prompt: Where, options: [dev, prod], default: dev}
- {name: sure, type: confirm, prompt: Sure, default: false}
- {type: shell, command: 'echo {{ .steps.who.value }} {{ .steps.where.value }} {{ .steps.sure.value }}'}
"""


def test_a_step_asks_the_person_at_the_terminal(tmp_path: Path) -> None:
    """A number or a name chooses, Enter takes the default, what is no answer is asked again, three times at most."""
    own = Own(asks=True)
    made = job(tmp_path, ASKING, {"PLACE": "here"}, own)
    machine = Played(answers=["bob", "3", "2", "y"])
    assert played(made, machine) is None
    assert machine.shown == ["echo bob prod true"]
    assert machine.asked[0] == "Who in here [ada]: "
    assert machine.asked[1:] == ["Where: 1 dev  2 prod [dev] "] * 2 + ["Sure [y/N] "]
    usual = Played(answers=["", "", ""])
    assert played(made, usual) is None
    assert usual.shown == ["echo ada dev false"]
    error = played(made, Played(answers=["", "", "what", "what", "what"]))
    assert "got no answer in 3 tries" in str(error)
    error = played(made, Played(answers=["", "²", "9" * 5000, "0"]))
    assert "got no answer in 3 tries" in str(error)


def test_without_a_terminal_the_default_is_the_answer(tmp_path: Path) -> None:
    """Nobody is asked."""
    machine = Played()
    assert played(job(tmp_path, ASKING, {"PLACE": "here"}), machine) is None
    assert (machine.shown, machine.asked) == (["echo ada dev false"], [])


def test_after_a_failure_only_steps_go_on_that_speak_of_it(tmp_path: Path) -> None:
    """Cleaning up runs, what follows does not, and the first failure is the end's."""
    made = job(
        tmp_path,
        """
        - {name: a, type: shell, command: a}
        - {name: b, type: shell, command: b}
        - {name: c, type: shell, command: c, when: always}
        - {name: d, type: shell, command: d, when: failure}
        """,
    )
    machine = Played([4, 5])
    error = played(made, machine)
    assert machine.launched == ["a", "c", "d"]
    assert error is not None
    assert (error.status, error.at and error.at.line) == (4, 4)


def test_a_failure_that_is_forgiven_does_not_count(tmp_path: Path) -> None:
    """`continue`: later steps run, and nothing has failed."""
    made = job(tmp_path, "- {name: a, type: shell, command: a, continue: always}\n- {name: b, type: shell, command: b}")
    machine = Played([4])
    assert played(made, machine) is None
    assert machine.launched == ["a", "b"]


def test_a_workflow_that_waits_for_others_is_refused(tmp_path: Path) -> None:
    """They would have to run first."""
    (tmp_path / "w.yaml").write_text("workflows: {w: {dependencies: {commands: [a]}, steps: [{command: version}]}}\n")
    with pytest.raises(Invalid) as caught:
        of_workflow(Workflows(tmp_path, tmp_path).find("w"), base=tmp_path, environ={})
    assert "dependencies.commands" in caught.value.message


def test_a_dry_run_leaves_out_what_would_not_run(tmp_path: Path) -> None:
    """As long as nothing fails."""
    made = job(tmp_path, "- {name: a, command: version, when: never}\n- {name: b, command: version, when: local}")
    assert [step.name for step in steps_to_run(made, made.checked())] == ["b"]


def test_types_that_only_tell_something_run_nothing(tmp_path: Path) -> None:
    """Stages count each other; `env` reaches later steps, `exit` ends with its code."""
    made = job(
        tmp_path,
        """
        - {name: first, type: stage, title: 'Set {{ .env.UP }}'}
        - {name: up, type: env, vars: {NAME: x}}
        - {name: second, type: stage}
        - {type: toast, content: done}
        - {name: made, type: format, content: 'v-{{ .env.UP }}'}
        - {type: style, content: '{{ .steps.made.value }}'}
        - {type: log, level: warn, content: '{{ .env.NAME }}'}
        - {type: sleep, timeout: 2s}
        - {type: table, columns: [a, b], data: [{a: 1, b: '{{ .env.NAME }}'}, {a: 22}]}
        - {type: clear}
        - {name: end, type: exit, code: 5}
        - {type: shell, command: never}
        """,
        {"UP": "up"},
    )
    machine = Played()
    error = played(made, machine)
    assert machine.said == ["[Stage 1/2] Set up", "[Stage 2/2] second", "done", "v-up", "warn: x", "a   b\n1   x\n22"]
    assert (machine.waits, machine.launched, error and error.status) == ([2.0], [], 5)


def test_an_http_step_sends_what_is_written_and_tries_again(tmp_path: Path) -> None:
    """A server's failure is tried again, an answer that is not the expected one fails; the body is its value."""
    made = job(
        tmp_path,
        """
        - name: call
          type: http
          url: 'https://example.com/{{ .env.ID }}'
          method: post
          query: {ref: a b}
          form: {text: hello}
          headers: {Content-Type: application/json}
          expect: {status: [200], response: ['/"ok"/']}
          retry: {max_attempts: 3, initial_delay: 1s}
        - {type: shell, command: 'echo {{ .steps.call.metadata.status_code }}'}
        """,
        {"ID": "7"},
    )
    machine = Played(replies=[Reply(503, "busy", {}, ""), Reply(200, "OK", {}, '{"ok"}')])
    assert played(made, machine) is None
    assert machine.sent[0] == machine.sent[1]
    assert (machine.sent[0].method, machine.sent[0].url) == ("POST", "https://example.com/7?ref=a+b")
    assert (machine.sent[0].body, machine.waits, machine.shown) == (b'{"text": "hello"}', [1.0], ["echo 200"])
    refused = Played(replies=[Reply(404, "Not Found", {}, "")])
    error = played(made, refused)
    assert len(refused.sent) == 1
    assert "404 Not Found" in str(error)


def test_steps_run_side_by_side_as_they_need_each_other(tmp_path: Path) -> None:
    """What needs a failed one is left out; the first failure in the order of the file is the group's."""
    steps = """
        - name: checks
          type: parallel
          output: {order: definition, show_summary: true}
          steps:
            - {name: lint, command: lint}
            - {name: unit, command: unit}
            - {name: pack, command: pack, needs: [lint, unit]}
        """
    good = Played(printed={"lint": "fine\n"})
    assert played(job(tmp_path, steps), good) is None
    assert good.launched[-1] == "pack"
    assert good.said == ["── lint: done\nfine", "── unit: done", "── pack: done", "3 succeeded, 0 failed, 0 skipped"]
    bad = Played(by_name={"unit": 3})
    error = played(job(tmp_path, steps), bad)
    assert sorted(bad.launched) == ["lint", "unit"]
    assert error is not None
    assert error.status == 3
    forgiving = steps.replace("type: parallel", "type: parallel\n          fail: {mode: best_effort}")
    assert played(job(tmp_path, forgiving), Played(by_name={"unit": 3})) is None


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("- {type: http}", "workflow-step-invalid"),
        ("- {type: http, url: 'file:///etc/passwd'}", "workflow-step-invalid"),
        ("- {type: http, url: 'http://a', body: a, form: {b: c}}", "workflow-step-invalid"),
        ("- {type: http, url: 'http://a', expect: {response: ['(']}}", "workflow-step-invalid"),
        ("- {type: parallel}", "workflow-step-invalid"),
        ("- {type: parallel, steps: [{name: a, command: a, needs: [b]}]}", "workflow-step-invalid"),
        (
            "- {type: parallel, steps: [{name: a, command: a, needs: [b]}, {name: b, command: b, needs: [a]}]}",
            "workflow-step-invalid",
        ),
        ("- {type: parallel, steps: [{type: http, url: 'http://a'}]}", "workflow-step-type"),
        *(
            (f"- {{type: parallel, {said}, steps: [{{name: a, command: a}}]}}", "workflow-step-invalid")
            for said in (
                "fail: {mode: failfast}",
                "fail: failfast",
                "output: {mode: groupd}",
                "output: groupd",
                "output: {order: last}",
                "fail: {max_failures: many}",
                "max_concurrency: two",
            )
        ),
        ("- {type: shell, command: a, output: nothing}", "workflow-step-invalid"),
        ("- {type: shell, command: a, timeout: soon}", "workflow-invalid"),
        ("- {type: shell, command: a, timeout: 1s, tty: true}", "not-supported"),
        ("- {type: parallel, timeout: 1s, steps: [{name: a, command: a}]}", "not-supported"),
        ("- {type: env, vars: {A: b}, timeout: 1s}", "not-supported"),
        ("- {type: exec, command: a}\n- {type: shell, command: b}", "workflow-step-invalid"),
        ("- {type: shell, command: a, needs: [b]}", "not-supported"),
        ("- {type: shell, command: a, identity: me}", "not-supported"),
        ("- {type: shell, command: a, retry: {max_attempts: 2, conditions: [x]}}", "not-supported"),
        ("- {type: choose, options: [a]}", "workflow-step-invalid"),
        ("- {type: choose, prompt: which, default: a}", "workflow-step-invalid"),
        ("- {type: choose, prompt: which, options: [a], default: b}", "workflow-step-invalid"),
        ("- {type: input, prompt: which}", "not-supported"),
        ("- {type: input, prompt: which, default: a, password: true}", "not-supported"),
        ("- {type: filter, prompt: which, options: [a]}", "workflow-step-type"),
        ("- {type: container, action: run}", "workflow-step-type"),
        ("- {type: shell, command: 'echo {{ .env.NOTHING }}'}", "template-missing-key"),
        ("- {type: shell, command: 'echo {{ .env'}", "template-syntax"),
        ("- {type: shell, command: a, when: stakc}", "not-supported"),
        ("- {command: frobnicate vpc}", "command-unknown"),
    ],
)
def test_what_cannot_run_is_refused_before_anything_runs(tmp_path: Path, steps: str, code: str) -> None:
    """With the place of the step, also where a step before it could run."""

    def refusal(words: Any) -> GaiaError | None:
        return None if words[0] == "version" else Invalid("command-unknown", "no such command", next_step="-")

    own = Own(refusal=refusal)
    with pytest.raises(GaiaError) as caught:
        job(tmp_path, f"- {{name: fine, command: version}}\n{steps}", own=own).checked()
    assert caught.value.code == code
    assert caught.value.at is not None
    assert caught.value.at.line >= 5
