"""gaia.terraform.command and setup, against a program that plays terraform."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, ToolFailed, Unavailable
from gaia.kit import telemetry
from gaia.kit.redact import Redactor
from gaia.terraform import mirrors, providers, root
from gaia.terraform.command import Terraform
from gaia.terraform.preview_members import members
from gaia.terraform.workdir import WorkingDirectory, copy_tree, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.kit.procfs import Identity
    from gaia.stacks.model import Instance
    from gaia.terraform.events import Event
    from gaia.terraform.tool import Tool

RECORDED = Path(__file__).with_name("recorded")


@pytest.fixture
def terraform(fake: Tool, tmp_path: Path, environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Terraform:
    """Terraform with the fake program and a mirror that has one provider."""
    monkeypatch.setattr(providers, "SYSTEM_ROOTS", ())
    mirror = tmp_path / ".terraform.d/plugins" / mirrors.TERRAFORM_HOST
    (mirror / "hashicorp/aws/5.0.0" / mirrors.platform_name()).mkdir(parents=True)
    shell = {"HOME": str(tmp_path), "AWS_REGION": "r", "TF_CLI_ARGS": "-x", "TF_LOG": "trace", "TF_VAR_x": "1"}
    return Terraform(fake, tmp_path / "home", {"PATH": environ["PATH"]} | shell, Redactor())


@pytest.fixture
def wd(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> WorkingDirectory:
    """A working directory with a variable in its `env` section."""
    instance = make("vpc", "vpc", {}, env={"AWS_PROFILE": "p"})
    return prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={})


def calls(terraform: Terraform) -> list[dict[str, object]]:
    """How the fake was called."""
    return [json.loads(line) for line in (terraform.tool.path.parent / "calls.jsonl").read_text().splitlines()]


def answer(terraform: Terraform, command: str, text: str = "", status: int = 0) -> None:
    """What the fake says to a command from now on."""
    (terraform.tool.path.parent / f"{command}.out").write_text(text)
    (terraform.tool.path.parent / f"{command}.status").write_text(str(status))


def test_plan_then_show(terraform: Terraform, wd: WorkingDirectory) -> None:
    """A plan is one plan and one show, in the module's folder, with the environment that Gaia decides."""
    answer(terraform, "plan", (RECORDED / "plan.jsonl").read_text())
    answer(terraform, "show", (RECORDED / "plan.json").read_text())
    events: list[Event] = []
    started: list[Identity] = []
    plan = terraform.plan(wd, destroy=True, refresh=False, on_event=events.append, on_start=started.append)
    first, second = calls(terraform)
    assert first["arguments"] == [
        "plan", "-json", "-input=false", "-out=t-dev-vpc.planfile", "-var-file=t-dev-vpc.terraform.tfvars.json",
        "-destroy", "-refresh=false",
    ]  # fmt: skip
    assert second["arguments"] == ["show", "-json", "t-dev-vpc.planfile"]
    assert first["cwd"] == str(wd.module)
    env = first["env"]
    assert isinstance(env, dict)
    assert env["TF_WORKSPACE"] == "t-dev-vpc"
    assert env["TF_DATA_DIR"] == str(wd.data)
    assert env["TF_LOG_CORE"] == "info"
    assert env["TF_LOG_PATH"] == str(wd.core_log)
    assert (env["AWS_REGION"], env["AWS_PROFILE"]) == ("r", "p")
    assert not {"TF_CLI_ARGS", "TF_LOG", "TF_VAR_x"} & env.keys()
    assert len(plan.changes) == 2
    assert len(started) == 1
    assert {event.kind for event in events} == {"planned"}
    assert terraform.redact("a s3cr3t-value b") == "a (sensitive) b"
    assert wd.planfile.stat().st_mode & 0o777 == 0o600


def test_a_plan_without_changes_is_not_read(terraform: Terraform, wd: WorkingDirectory) -> None:
    """Where only changes are wanted, terraform's exit code says whether there are any: 0, 2, or 1 for an error."""
    answer(terraform, "plan")
    assert terraform.plan(wd, only_changes=True).empty
    (only,) = calls(terraform)
    assert only["arguments"][-1] == "-detailed-exitcode"  # type: ignore[index]

    answer(terraform, "plan", status=2)
    answer(terraform, "show", (RECORDED / "plan.json").read_text())
    assert len(terraform.plan(wd, only_changes=True).changes) == 2
    with pytest.raises(ToolFailed):
        terraform.plan(wd)
    answer(terraform, "plan", status=1)
    with pytest.raises(ToolFailed):
        terraform.plan(wd, only_changes=True)


def test_init_runs_once(terraform: Terraform, wd: WorkingDirectory, tree: Path, make: Callable[..., Instance]) -> None:
    """The first init sees stand-ins and no lock; a second one does nothing until code, backend or tool change."""
    assert terraform.init(wd)
    (first,) = calls(terraform)
    assert not first["lock"]
    env = first["env"]
    assert isinstance(env, dict)
    assert "stand-ins" in Path(env["TF_CLI_CONFIG_FILE"]).read_text()
    assert env["TF_WORKSPACE"] == "default"
    after = 'provider "r/n/aws" {\n  version = "5.0.0"\n}\n'
    assert (wd.module / ".terraform.lock.hcl").read_text() == after
    again = prepare(wd.root, tree_source=tree, instance=make("vpc", "vpc", {}), variables={"other": 1})
    assert not terraform.init(again)
    assert not terraform.init(prepare(wd.root, tree_source=tree, instance=make("vpc", "vpc", {}), variables={}))
    assert (again.module / ".terraform.lock.hcl").read_text() == after
    moved = make("vpc", "vpc", {}, backend={"bucket": "another"})
    assert terraform.init(prepare(wd.root, tree_source=tree, instance=moved, variables={}))
    (tree / "modules/n/main.tf").write_text('output "x" {\n  value = 1\n}\n')
    assert terraform.init(prepare(wd.root, tree_source=tree, instance=moved, variables={}))


def test_init_tries_other_ways(terraform: Terraform, wd: WorkingDirectory) -> None:
    """A version that no stand-in has is no end: the mirror itself, then the registry. What the mirror lacks is told."""
    answer(terraform, "init", (RECORDED / "no-provider.jsonl").read_text(), status=1)
    with pytest.raises(Unavailable) as refused:
        terraform.init(wd)
    assert refused.value.code == "provider-missing"
    made = calls(terraform)
    assert not any(call["lock"] for call in made)
    configurations = [Path(call["env"]["TF_CLI_CONFIG_FILE"]).read_text() for call in made]  # type: ignore[index]
    assert ["stand-ins" in text for text in configurations] == [True, False, False]
    assert ["exclude" in text for text in configurations] == [True, True, False]
    answer(terraform, "init")
    assert terraform.init(wd)


def locks(terraform: Terraform) -> list[object]:
    """The lock file that each call found."""
    return [call["lock"] for call in calls(terraform)]


def test_a_committed_lock_file_goes_with_init(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path
) -> None:
    """Whole where real packages are found; without the hashes of those for which there are stand-ins.

    Where nobody has the version, the error says where it is wanted and what there is.
    """
    aws, own = "registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/own"
    hashes = '  hashes = [\n    "h1:x",\n  ]\n'
    text = f'provider "{aws}" {{\n  version = "4.0.0"\n{hashes}}}\n'
    text += f'provider "{own}" {{\n  version = "1.0.0"\n{hashes}}}\n'
    (tree / "vpc/.terraform.lock.hcl").write_text(text)
    wd = prepare(tmp_path / "locked", tree_source=tree, instance=make("vpc", "vpc", {}), variables={})
    answer(terraform, "init", (RECORDED / "no-provider.jsonl").read_text(), status=1)
    with pytest.raises(Unavailable) as refused:
        terraform.init(wd)
    assert locks(terraform) == [text.replace(hashes, "", 1), text, text]
    assert refused.value.code == "provider-missing"
    assert f"vpc/.terraform.lock.hcl:1:1: the lock file wants {aws} 4.0.0: the mirrors here hold 5.0.0" in str(
        refused.value
    )
    assert "init -upgrade" in refused.value.next_step


def test_a_root_is_bound_by_the_lock_files_of_all_that_it_calls(
    terraform: Terraform, tree: Path, make: Callable[..., Instance], tmp_path: Path
) -> None:
    """In a preview, say; a package that is another one is refused, and the error names the component's own file."""
    aws = "registry.terraform.io/hashicorp/aws"
    text = f'provider "{aws}" {{\n  version = "5.0.0"\n  hashes = [\n    "h1:x",\n  ]\n}}\n'
    copy_tree(tree, tmp_path / "p/tree")
    (tmp_path / "p/tree/vpc/.terraform.lock.hcl").write_text(text)
    called = {member.key.component: member for member in members([make("vpc", "vpc", {})], tmp_path / "p/tree")}
    wd = root.write(tmp_path / "p", {}, called, "the preview")
    place = wd.data / "providers" / aws / "5.0.0" / mirrors.platform_name()
    place.parent.mkdir(parents=True)
    (package,) = tmp_path.glob(".terraform.d/plugins/*/*/*/*/*")
    place.symlink_to(package)
    with pytest.raises(Conflict) as differs:
        terraform.init(wd)
    assert locks(terraform)[0] == f'provider "{aws}" {{\n  version = "5.0.0"\n}}\n'
    assert differs.value.code == "provider-differs"
    assert str(differs.value.at) == "vpc/.terraform.lock.hcl:1:1"
    with pytest.raises(Conflict):
        terraform.init(wd)  # nothing of it was remembered


def test_init_stops_at_another_error(terraform: Terraform, wd: WorkingDirectory) -> None:
    """A mistake in the code is told at once."""
    answer(terraform, "init", (RECORDED / "failed.jsonl").read_text(), status=1)
    with pytest.raises(ToolFailed) as refused:
        terraform.init(wd)
    assert len(calls(terraform)) == 1
    assert str(refused.value.at) == "vpc/main.tf:15:34"


def test_apply_stops_when_the_journal_cannot_be_written(terraform: Terraform, wd: WorkingDirectory) -> None:
    """What an event's reader raises comes out of apply."""
    answer(terraform, "apply", (RECORDED / "apply.jsonl").read_text())

    def full(event: Event) -> None:
        raise Unavailable("disk-full", event.summary, next_step="Free some space.")

    with pytest.raises(Unavailable) as raised:
        terraform.apply(wd, on_event=full)
    assert raised.value.code == "disk-full"


def test_start_that_cannot_be_noted(terraform: Terraform, wd: WorkingDirectory) -> None:
    """When the identity cannot be journalled, nothing is left running."""
    noted: list[Identity] = []

    def full(identity: Identity) -> None:
        noted.append(identity)
        raise Unavailable("disk-full", "no", next_step="Free some space.")

    with pytest.raises(Unavailable):
        terraform.apply(wd, on_start=full)
    assert not noted[0].alive()


def test_state(terraform: Terraform, wd: WorkingDirectory) -> None:
    """No state is None; the secrets of one are learnt."""
    assert terraform.state_pull(wd) is None
    answer(terraform, "state", (RECORDED / "state.json").read_text())
    state = terraform.state_pull(wd)
    assert state is not None
    assert state.output_values["password"] == "s3cr3t-value"
    assert terraform.redact("s3cr3t-value") == "(sensitive)"


def test_failures(terraform: Terraform, wd: WorkingDirectory) -> None:
    """A failed command is told in terraform's words."""
    answer(terraform, "apply", (RECORDED / "failed.jsonl").read_text(), status=1)
    with pytest.raises(ToolFailed, match="MalformedPolicyDocument"):
        terraform.apply(wd)
    answer(terraform, "force-unlock", "Failed to unlock state\n", status=1)
    with pytest.raises(ToolFailed, match="Failed to unlock"):
        terraform.force_unlock(wd, "id")
    answer(terraform, "validate", '{"diagnostics":[{"severity":"warning","summary":"Old","detail":"d"}]}')
    assert [str(entry) for entry in terraform.validate(wd)] == ["Old: d"]
    answer(terraform, "validate", "boom", status=1)
    with pytest.raises(ToolFailed):
        terraform.validate(wd)


def test_a_plan_goes_where_it_is_told_and_tells_its_hash(terraform: Terraform, wd: WorkingDirectory) -> None:
    """A file of its own, outside of the code, by its whole path; the usual place is not written."""
    answer(terraform, "plan")
    answer(terraform, "show", (RECORDED / "plan.json").read_text())
    file = wd.plans / "a.planfile"
    plan = terraform.plan(wd, planfile=file)
    assert [f"-out={file}" in call["arguments"] for call in calls(terraform)] == [True, False]  # type: ignore[operator]
    assert calls(terraform)[1]["arguments"] == ["show", "-json", str(file)]
    assert plan.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert file.stat().st_mode & 0o777 == 0o600
    assert not wd.planfile.exists()
    assert terraform.plan(wd).sha256 == hashlib.sha256(wd.planfile.read_bytes()).hexdigest()


def test_only_the_file_that_was_judged_is_applied(terraform: Terraform, wd: WorkingDirectory) -> None:
    """Another content, no file or no hash: terraform is not started. Without an expectation nothing is compared."""
    file = wd.plans / "a.planfile"
    file.parent.mkdir()
    file.write_bytes(b"judged")
    judged = hashlib.sha256(b"judged").hexdigest()
    terraform.apply(wd, planfile=file, expected=judged)
    assert [call["arguments"] for call in calls(terraform)] == [["apply", "-json", "-input=false", str(file)]]
    for content, expected in ((b"other", judged), (None, judged), (None, ""), (b"judged", "")):
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(Conflict) as refused:
            terraform.apply(wd, planfile=file, expected=expected)
        assert refused.value.code == "plan-changed"
    assert len(calls(terraform)) == 1
    terraform.apply(wd)
    assert calls(terraform)[1]["arguments"] == ["apply", "-json", "-input=false", "t-dev-vpc.planfile"]


def test_what_terraform_did_is_told_without_addresses_or_values(terraform: Terraform, wd: WorkingDirectory) -> None:
    """Its command, its end and its memory, and each resource that it began and finished by type and action."""
    heard: list[telemetry.Span] = []

    class Listener:
        def begun(self, span: telemetry.Span) -> None:
            assert span.seconds is None

        def ended(self, span: telemetry.Span) -> None:
            heard.append(span)

    answer(terraform, "apply", (RECORDED / "apply.jsonl").read_text())
    with telemetry.listening(Listener()):
        terraform.apply(wd)
        answer(terraform, "state", status=1)
        with pytest.raises(ToolFailed):
            terraform.state_pull(wd)
    apply, state = heard
    assert apply.facts.keys() == {"command", "instance", "exit_code", "outcome", "peak_bytes"}
    assert (apply.facts["command"], apply.facts["instance"], apply.facts["outcome"]) == ("apply", wd.name, "done")
    assert 2**20 < int(apply.facts["peak_bytes"]) < 2**33
    phases = [one.facts["phase"] for one in apply.moments]
    assert "start" in phases
    assert "complete" in phases
    assert all(one.facts.keys() <= {"phase", "type", "action"} for one in apply.moments)
    assert (state.facts["command"], state.facts["outcome"], state.facts["exit_code"]) == ("state", "failed", 1)
