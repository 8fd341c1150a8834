"""Workflow files: what they say, what is wrong with them, and how their steps become commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.stacks.played import Played

from gaia.errors import GaiaError
from gaia.stacks.workflows.job import Command, of_workflow
from gaia.stacks.workflows.model import Retry, StepFailed, Workflow, seconds
from gaia.stacks.workflows.reading import Workflows
from gaia.stacks.workflows.running import go_on, run
from gaia.stacks.workflows.words import NotWords, split

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NETWORK = """\
workflows:
  deploy:
    description: Plan and deploy the network
    stack: acme-use1-dev
    env: {REGION: us-east-1, FLAG: true}
    working_directory: scripts
    steps:
      - command: terraform plan vpc
      - name: deploy
        command: atmos terraform apply vpc -- -lock=false
        stack: acme-use1-prod
        retry: {max_attempts: 4, initial_delay: 2s, backoff_strategy: exponential, max_delay: 5s}
      - name: tell
        type: shell
        command: echo "$REGION" | cat
        env: {REGION: eu-west-1}
        working_directory: tools
  nothing: {}
"""


def commands(
    workflow: Workflow,
    *,
    base: Path,
    environ: Mapping[str, str],
    stack: str | None = None,
    from_step: str | None = None,
) -> list[Command]:
    """The steps as commands, all of them checked."""
    job = of_workflow(workflow, base=base, environ=environ, stack=stack)
    return [job.command(step) for step in job.checked(from_step)]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Workflows:
    """Two files, one of them in a folder."""
    (tmp_path / "workflows/more").mkdir(parents=True)
    (tmp_path / "workflows/network.yaml").write_text(NETWORK)
    (tmp_path / "workflows/more/other.yml").write_text("workflows: {nothing: {steps: [{command: version}]}}\n")
    return Workflows(tmp_path / "workflows", tmp_path)


def refusal(folder: Workflows, text: str, name: str = "w") -> GaiaError:
    """The error of running the workflow `name` of a file with this text."""
    (folder.folder / "bad.yaml").write_text(text)
    with pytest.raises(GaiaError) as caught:
        commands(folder.find(name, "bad"), base=folder.folder.parent, environ={})
    return caught.value


def test_workflows_are_read_with_their_places(folder: Workflows) -> None:
    """Each file, workflow and step knows where it is written; a step without a name gets its number."""
    assert folder.files() == ("more/other.yml", "network.yaml")
    workflow = folder.find("deploy")
    assert (workflow.file, str(workflow.at)) == ("network.yaml", "workflows/network.yaml:2:3")
    assert [(step.name, step.kind, step.at.line) for step in workflow.steps] == [
        ("step1", "atmos", 8), ("deploy", "atmos", 9), ("tell", "shell", 13),
    ]  # fmt: skip
    assert workflow.env == {"REGION": "us-east-1", "FLAG": "true"}


def test_the_stack_of_a_step_is_the_caller_s_then_its_own_then_the_workflow_s(folder: Workflows) -> None:
    """It is appended as -s, before what is handed on behind two dashes; shell steps get none."""
    workflow = folder.find("deploy")

    def words(stack: str | None) -> list[tuple[str, ...]]:
        made = commands(workflow, base=folder.folder.parent, environ={}, stack=stack)
        return [one.words for one in made if one.step.kind == "atmos"]

    assert words(None) == [
        ("terraform", "plan", "vpc", "-s", "acme-use1-dev"),
        ("terraform", "apply", "vpc", "-s", "acme-use1-prod", "--", "-lock=false"),
    ]
    assert [one[one.index("-s") + 1] for one in words("acme-use1-staging")] == ["acme-use1-staging"] * 2


def test_the_environment_and_the_folder_come_from_process_workflow_and_step(folder: Workflows) -> None:
    """The nearest wins; folders are relative to the repository."""
    base = folder.folder.parent
    plan, _, tell = commands(folder.find("deploy"), base=base, environ={"HOME": "/home/you", "REGION": "none"})
    assert (plan.env["HOME"], plan.env["REGION"], plan.cwd) == ("/home/you", "us-east-1", base / "scripts")
    assert (tell.env["REGION"], tell.cwd) == ("eu-west-1", base / "tools")
    assert (tell.words, tell.shown) == (("sh", "-c", 'echo "$REGION" | cat'), 'echo "$REGION" | cat')
    assert plan.shown == "gaia terraform plan vpc -s acme-use1-dev"


def test_a_workflow_may_be_begun_in_the_middle(folder: Workflows) -> None:
    """From the named step on; an unknown name is answered with those that there are."""
    base = folder.folder.parent
    made = commands(folder.find("deploy"), base=base, environ={}, from_step="tell")
    assert [one.step.name for one in made] == ["tell"]
    with pytest.raises(GaiaError) as caught:
        commands(folder.find("deploy"), base=base, environ={}, from_step="publish")
    assert caught.value.code == "workflow-step-unknown"
    assert "step1, deploy, tell" in caught.value.next_step


def test_a_name_in_two_files_is_ambiguous(folder: Workflows) -> None:
    """The files are named, and one of them can be chosen."""
    with pytest.raises(GaiaError) as caught:
        folder.find("nothing")
    assert caught.value.code == "workflow-ambiguous"
    assert folder.find("nothing", "more/other").steps[0].command == "version"


def test_a_mistake_elsewhere_hinders_no_workflow(folder: Workflows) -> None:
    """Neither a broken workflow beside it, nor a file that is none, nor one that is no YAML; else that is the error."""
    (folder.folder / "a.yaml").write_text("workflows: {broken: text, fine: {steps: [{command: version}]}}\n")
    (folder.folder / "b.yaml").write_text("on: push\n")
    assert folder.find("fine").steps[0].command == "version"
    (folder.folder / "c.yaml").write_text("workflows: {\n")
    assert folder.find("fine").file == "a.yaml"
    for name, code in (("broken", "workflow-invalid"), ("none", "yaml-syntax")):
        with pytest.raises(GaiaError) as caught:
            folder.find(name)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "file", "code", "hint"),
    [
        ("deplyo", None, "workflow-unknown", "deploy"),
        ("zzz", "network", "workflow-unknown", "Known: deploy, nothing."),
        ("deploy", "netwrok.yaml", "workflow-file-missing", "network.yaml"),
        ("deploy", "zzz", "workflow-file-missing", "more/other.yml"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    folder: Workflows, name: str, file: str | None, code: str, hint: str
) -> None:
    """The nearest name, or all of them."""
    with pytest.raises(GaiaError) as caught:
        folder.find(name, file)
    assert caught.value.code == code
    assert hint in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("steps: []\n", "workflow-file-invalid", 1),
        ("workflows: [a]\n", "workflow-file-invalid", 1),
        ("workflows:\n  w: text\n", "workflow-invalid", 2),
        ("workflows:\n  w:\n    steps: {}\n", "workflow-empty", 2),
        ("workflows:\n  w:\n    steps: {a: 1}\n", "workflow-invalid", 3),
        ("workflows:\n  w:\n    description: only words\n", "workflow-empty", 2),
        ("workflows:\n  w:\n    steps:\n      - text\n", "workflow-invalid", 4),
        ("workflows:\n  w:\n    steps:\n      - {command: [a]}\n", "workflow-invalid", 4),
        ("workflows:\n  w:\n    steps:\n      - {command: a, env: [b]}\n", "workflow-invalid", 4),
        ("workflows:\n  w:\n    steps:\n      - name: a\n", "workflow-step-invalid", 4),
        ("workflows:\n  w:\n    steps:\n      - {command: a, type: zz}\n", "workflow-step-type", 4),
        ("workflows:\n  w:\n    steps:\n      - {command: a, type: shell, if: never}\n", "not-supported", 4),
        ("workflows:\n  w:\n    container: {image: alpine}\n    steps:\n      - {command: a}\n", "not-supported", 2),
        ("workflows:\n  w:\n    steps:\n      - {command: 'describe | cat'}\n", "workflow-step-invalid", 4),
        ("workflows:\n  w:\n    steps:\n      - {command: a, name: x}\n      - {command: b, name: x}\n",
         "workflow-invalid", 5),
        ("workflows:\n  w:\n    steps:\n      - command: a\n        retry:\n          max_attempts: many\n",
         "workflow-invalid", 6),
        ("workflows:\n  w:\n    steps:\n      - command: a\n        retry:\n          max_delay: soon\n",
         "workflow-invalid", 6),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_has_a_place_and_a_next_step(folder: Workflows, text: str, code: str, line: int) -> None:
    """Nothing is run of a workflow of which one step is wrong."""
    error = refusal(folder, text)
    assert (error.code, error.at.line if error.at else 0) == (code, line)
    assert error.next_step


def results(workflow_folder: Workflows, statuses: list[int]) -> tuple[list[str], list[float], StepFailed | None]:
    """What was launched, what was waited for and how `deploy` ended, when the launches end so."""
    workflow = workflow_folder.find("deploy")
    job = of_workflow(workflow, base=workflow_folder.folder, environ={})
    played = Played(statuses)
    again = go_on(workflow.name, workflow.file, "s")
    try:
        run(job, job.checked(), played, again=again)
    except StepFailed as error:
        return played.launched, played.waits, error
    return played.launched, played.waits, None


def test_the_first_failure_ends_the_workflow_and_says_how_to_go_on(folder: Workflows) -> None:
    """With the step's own exit status and its place."""
    launched, _, error = results(folder, [3])
    assert launched == ["step1"]
    assert error is not None
    assert (error.status, error.code, str(error.at)) == (3, "workflow-step-failed", "workflows/network.yaml:8:9")
    assert "gaia workflow deploy -f network.yaml --from-step step1 -s s" in error.next_step


def test_a_step_is_tried_again_as_its_retry_says(folder: Workflows) -> None:
    """Longer waits up to the longest, and no more attempts than allowed."""
    launched, waits, error = results(folder, [0, 1, 1, 0, 0])
    assert (launched, waits, error) == (["step1", "deploy", "deploy", "deploy", "tell"], [2.0, 4.0], None)
    launched, waits, error = results(folder, [0, 1, 1, 1, 7])
    assert (len(launched), waits, error and error.status) == (5, [2.0, 4.0, 5.0], 7)


def test_retries_end_when_their_time_is_over(folder: Workflows) -> None:
    """max_elapsed_time counts the waits."""
    assert list(Retry(max_attempts=4, initial_delay=1.0, backoff="linear").delays()) == [1.0, 2.0, 3.0]
    (folder.folder / "once.yaml").write_text(
        "workflows: {w: {steps: [{command: a, retry: {max_attempts: 9, initial_delay: 4s, max_elapsed_time: 10s}}]}}\n"
    )
    job = of_workflow(folder.find("w", "once"), base=folder.folder, environ={})
    played = Played([1] * 9)
    with pytest.raises(StepFailed):
        run(job, job.checked(), played, again=lambda _: "")
    assert played.waits == [4.0, 4.0]


@pytest.mark.parametrize(
    ("text", "length"), [("2s", 2.0), ("1m30s", 90.0), ("500ms", 0.5), ("0", 0.0), ("1.5h", 5400.0), ("5", None)]
)
def test_lengths_of_time_are_written_as_in_go(text: str, length: float | None) -> None:
    """A number needs a unit."""
    assert seconds(text) == length


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("terraform plan vpc", ["terraform", "plan", "vpc"]),
        ("a 'b $X' \"c $X\" d\\ e", ["a", "b $X", "c 1 2", "d e"]),
        ("a $X-b ${Y:-none} $Y end", ["a", "1", "2-b", "none", "end"]),
        ("a '' \"\"", ["a", "", ""]),
        ('-var="k=\\"v\\""', ['-var=k="v"']),
        ("a \\\n  b", ["a", "b"]),
        ("price$ $1", ["price$", "$1"]),
    ],
)
def test_words_are_divided_as_a_shell_does(text: str, words: list[str]) -> None:
    """Quotes, escapes and variables; a variable that is not quoted may be several words or none."""
    assert split(text, {"X": "1 2"}) == words


@pytest.mark.parametrize("text", ["a | b", "a > f", "a; b", "a && b", "$(a)", '"$(a)"', "`a`", "'a", 'a "b', "a\\"])
def test_what_only_a_shell_can_do_is_refused(text: str) -> None:
    """Nothing of it is run."""
    with pytest.raises(NotWords):
        split(text, {})
