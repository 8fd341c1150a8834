"""Files for a repository's CI: checked as the hosts check them, and never written over what somebody changed."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import jsonschema
import pytest
import yaml

from gaia.ci.hosts.host import HostName
from gaia.ci.shipped_files import files_for, stamped, steps_to, write
from gaia.errors import GaiaError

if TYPE_CHECKING:
    from tests.conftest import RequireTool

FILLED_IN = {"REPOSITORY": "acme/platform", "BRANCH": "main", "FOLDER": "."}
HOSTS = get_args(HostName)


@pytest.fixture(name="written")
def repository(tmp_path: Path) -> Path:
    """A git repository with the files of both hosts."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for host in HOSTS:
        write(tmp_path, steps_to(tmp_path, files_for(host, FILLED_IN)))
    return tmp_path


def read(path: Path) -> Any:
    """A file as YAML that takes `on` for a word."""
    found = yaml.safe_load(path.read_text())
    if True in found:
        found["on"] = found.pop(True)
    return found


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (".github/workflows/gaia.yml", "github-workflows"),
        (".github/workflows/gaia-job.yml", "github-workflows"),
        (".github/actions/gaia/action.yml", "github-actions"),
        (".gitlab/gaia.yml", "gitlab-ci"),
        (".gitlab-ci.yml", "gitlab-ci"),
    ],
)
def test_each_file_holds_to_its_schema(written: Path, path: str, schema: str) -> None:
    """Those that `check-jsonschema` vendors from SchemaStore and GitLab."""
    read_schema = json.loads(
        (resources("check_jsonschema") / f"builtin_schemas/vendor/{schema}.json").read_text("utf-8")
    )
    jsonschema.validators.validator_for(read_schema)(read_schema).validate(read(written / path))


@pytest.mark.slow
def test_actionlint_finds_nothing(written: Path, require_tool: RequireTool) -> None:
    """Expressions, events, inputs, the shell of each step."""
    done = subprocess.run(
        [str(require_tool("actionlint")), "-no-color"], cwd=written, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_zizmor_finds_nothing(written: Path) -> None:
    """Injected expressions, dangerous triggers, actions without a hash, credentials that stay."""
    zizmor = str(Path(sys.executable).parent / "zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", "."], cwd=written, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No findings to report" in done.stdout


def steps_of(path: Path) -> list[dict[str, Any]]:
    """Of all jobs, and of a composite action."""
    found = read(path)
    jobs = [found["runs"]] if "runs" in found else [one for one in found["jobs"].values() if "steps" in one]
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "number", "words"),
    [
        ("plan", "", "ci plan --out {temp}/gaia-ci"),
        ("plan", "7", "ci plan --out {temp}/gaia-ci --pull-request 7"),
        ("apply", "", "ci apply --branch main"),
        ("drift", "", "ci drift --full"),
    ],
)
def test_the_action_runs_what_it_says(
    written: Path, tmp_path_factory: pytest.TempPathFactory, command: str, number: str, words: str
) -> None:
    """With the shell that GitHub starts; its step hands the key and the token on, and the place where previews are."""
    temp = tmp_path_factory.mktemp("runner")
    program = temp / "gaia-venv/bin/gaia"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$* $GAIA_KEY $GITHUB_TOKEN $GAIA_KEPT"\n')
    program.chmod(0o755)
    [step] = [one for one in steps_of(written / ".github/actions/gaia/action.yml") if one["name"] == "Run Gaia"]
    given = {"command": command, "pull-request": number, "key": "KEY", "token": "TOKEN", "kept": "s3://x"}
    env = {name: given[value[len("${{ inputs.") : -len(" }}")]] for name, value in step["env"].items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env=env | {"RUNNER_TEMP": str(temp), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == f"{words.format(temp=temp)} KEY TOKEN s3://x\n", done.stderr


def test_what_others_wrote_is_pinned_by_hash(written: Path) -> None:
    """Everything but the repository's own, which is taken from the base branch, never from what a pull request has."""
    used = [one["uses"] for path in written.glob(".github/**/*.yml") for one in steps_of(path) if "uses" in one]
    used += [one["uses"] for one in read(written / ".github/workflows/gaia.yml")["jobs"].values()]
    assert len(used) >= 8
    for one in used:
        name, _, ref = one.partition("@")
        if name.startswith("acme/platform/"):
            assert ref == "main", one
        else:
            assert len(ref) == 40, one
            assert not name.startswith("."), one


def test_no_code_of_a_fork_meets_a_secret_before_it_was_allowed(written: Path) -> None:
    """No event gives a head the base's rights, a fork's pull request starts nothing, and no token stays in git."""
    found = read(written / ".github/workflows/gaia.yml")
    assert set(found["on"]) == {"pull_request", "merge_group", "push", "issue_comment", "schedule", "workflow_dispatch"}
    assert "head.repo.full_name == github.repository" in found["jobs"]["plan"]["if"]
    assert found["permissions"] == {}
    asked = found["jobs"]["apply-asked"]
    assert found["on"]["issue_comment"] == {"types": ["created"]}
    assert "github.event.issue.pull_request && startsWith(github.event.comment.body, '/gaia apply')" in asked["if"]
    assert asked["with"]["commit"] == "refs/heads/main"  # of the head Gaia takes what was approved, once it knows that
    assert [name for name, job in found["jobs"].items() if "issue_comment" in job["if"]] == ["apply-asked"]
    [checkout] = [one for one in steps_of(written / ".github/workflows/gaia-job.yml") if "checkout@" in one["uses"]]
    assert checkout["with"]["persist-credentials"] is False
    assert checkout["with"]["fetch-depth"] == 0
    rights = {name: set(job["permissions"]) for name, job in found["jobs"].items()}
    assert rights["drift"] == {"contents", "id-token", "issues"}
    assert all(job["permissions"]["contents"] == "read" for job in found["jobs"].values())


def test_nothing_that_waits_to_be_applied_is_left_out(written: Path) -> None:
    """GitHub lets one job of a group wait, so each merge is a group of its own; GitLab lets all of them."""
    found = read(written / ".github/workflows/gaia.yml")["jobs"]
    assert found["apply"]["with"]["group"] == "apply-${{ github.sha }}"
    job = read(written / ".github/workflows/gaia-job.yml")["jobs"]["gaia"]
    assert job["concurrency"]["cancel-in-progress"] == "${{ inputs.command == 'plan' }}"
    assert read(written / ".gitlab/gaia.yml")["gaia apply"]["interruptible"] is False


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_there_stays_and_an_older_one_is_replaced(tmp_path: Path, host: HostName) -> None:
    """Known by the digest in its first line."""
    files = files_for(host, FILLED_IN)
    write(tmp_path, steps_to(tmp_path, files))
    assert {one.state for one in steps_to(tmp_path, files)} == {"same"}
    path = next(iter(files))
    (tmp_path / path).write_text(stamped("name: as an older one wrote it\n"))
    steps = steps_to(tmp_path, files)
    assert steps[0].state == "older"
    assert "-name: as an older one wrote it" in steps[0].difference
    write(tmp_path, steps)
    assert (tmp_path / path).read_text() == files[path]


@pytest.mark.parametrize("host", HOSTS)
def test_nothing_is_written_over_what_somebody_changed(tmp_path: Path, host: HostName) -> None:
    """Nor beside it: all or nothing."""
    files = files_for(host, FILLED_IN)
    path = next(iter(files))
    (tmp_path / path).parent.mkdir(parents=True)
    for text in (files[path] + "# mine\n", "name: mine\n", ""):
        (tmp_path / path).write_text(text)
        steps = steps_to(tmp_path, files)
        assert [one.state for one in steps][:1] == ["edited"]
        with pytest.raises(GaiaError) as failed:
            write(tmp_path, steps)
        assert failed.value.code == "ci-file-edited"
        assert (tmp_path / path).read_text() == text
        assert [one for one in tmp_path.rglob("*") if one.is_file()] == [tmp_path / path]


def test_a_file_that_all_jobs_of_a_project_share_is_left_to_its_people(tmp_path: Path) -> None:
    """The others are written; once it includes ours all is well."""
    shared = tmp_path / ".gitlab-ci.yml"
    shared.write_text("stages: [test]\n")
    steps = steps_to(tmp_path, files_for("gitlab", FILLED_IN))
    assert [one.state for one in steps] == ["new", "theirs"]
    write(tmp_path, steps)
    assert shared.read_text() == "stages: [test]\n"
    shared.write_text("include:\n  - local: .gitlab/gaia.yml\n")
    assert [one.state for one in steps_to(tmp_path, files_for("gitlab", FILLED_IN))] == ["same", "same"]


def test_a_link_that_leads_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    """Nothing is written elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository/.github").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(GaiaError) as failed:
        steps_to(tmp_path / "repository", files_for("github", FILLED_IN))
    assert failed.value.code == "path-escapes"


@pytest.mark.parametrize(
    ("link", "to"),
    [(".github/workflows", "../.git/hooks"), (".github/workflows/gaia.yml", "../../README.md")],
)
def test_a_link_within_the_repository_is_refused_too(tmp_path: Path, link: str, to: str) -> None:
    """What git runs lies there as well, and no host would read the files by it."""
    (tmp_path / ".git/hooks").mkdir(parents=True)
    (tmp_path / link).parent.mkdir(parents=True)
    (tmp_path / link).symlink_to(to)
    with pytest.raises(GaiaError) as failed:
        steps_to(tmp_path, files_for("github", FILLED_IN))
    assert failed.value.code == "ci-file-unusable"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPOSITORY", ""),
        ("REPOSITORY", "acme"),
        ("REPOSITORY", "acme/platform@main # x"),
        ("REPOSITORY", "acme/platform\nevil: true"),
        ("REPOSITORY", "${{ github.token }}/x"),
        ("BRANCH", 'main"; curl evil'),
        ("BRANCH", "../x"),
        ("BRANCH", "main/"),
        ("FOLDER", "a b"),
        ("FOLDER", "../up"),
        ("FOLDER", "$(id)"),
        ("FOLDER", ""),
    ],
)
def test_only_names_can_be_filled_in(name: str, value: str) -> None:
    """Nothing that YAML, an expression or a shell would take for more."""
    with pytest.raises(GaiaError) as failed:
        files_for("github", FILLED_IN | {name: value})
    assert failed.value.code == "ci-file-unusable"


def test_a_platform_in_a_folder_is_found_by_the_job() -> None:
    """The job goes to where it lies."""
    filled_in = FILLED_IN | {"FOLDER": "infra/platform"}
    assert 'folder: "infra/platform"' in files_for("github", filled_in)[".github/workflows/gaia-job.yml"]
    assert 'cd "$CI_PROJECT_DIR/infra/platform"' in files_for("gitlab", filled_in)[".gitlab/gaia.yml"]
