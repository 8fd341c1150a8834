"""`gaia policy check`, `list` and `explain`, as a person tries them first: on a file, without a repository."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.bootstrap import App
from gaia.cli import main
from gaia.cli.session import Session
from gaia.policy.regorus import Regorus
from gaia.settings import Settings

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Gaia

ROOT = Path(__file__).parents[3]
PLAN = ROOT / "tests" / "plans" / "object_store_preview.json"
SETS = ROOT / "tests" / "unit" / "policy" / "conftest_sets"
METADATA = "# METADATA\n# title: T\n# custom:\n#   severity: low\n#   owner: me\n#   remediation: R\n"
STATE = {"version": 4, "serial": 1, "lineage": "x", "resources": []}


@dataclass
class Said:
    """How a command line ended."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def engine() -> Regorus:
    """One process for all of these tests."""
    return Regorus()


@pytest.fixture
def alone(tmp_path: Path, engine: Regorus) -> Any:
    """Runs a command line in a folder that is in no repository."""

    def run(*arguments: str) -> Said:
        streams = io.StringIO(), io.StringIO(), io.StringIO()
        settings = Settings.capture({"HOME": str(tmp_path), "COLUMNS": "110"}, tmp_path)
        app = App(settings)
        app.__dict__["_policy_engine"] = engine
        code = main.run(arguments, Session(settings, *streams, make_app=lambda _: app))
        return Said(code, streams[1].getvalue(), streams[2].getvalue())

    return run


def _plan(folder: Path, name: str = "plan.json", **changes: object) -> dict[str, Any]:
    plan: dict[str, Any] = {**json.loads(PLAN.read_text()), **changes}
    (folder / name).write_text(json.dumps(plan))
    return plan


def test_a_plan_is_judged_by_the_rules_that_come_with_gaia(alone: Any, tmp_path: Path) -> None:
    """Nothing but the file is needed; what is undecided is no failure."""
    _plan(tmp_path)
    said = alone("policy", "check", "plan.json")
    assert (said.code, said.err) == (0, "")
    assert "[plan.no_wildcard_grant, high]" in said.out
    assert "module.orders-identity.aws_iam_role_policy.this" in said.out


def test_a_deny_ends_with_one_in_every_format(alone: Any, tmp_path: Path) -> None:
    """Which is all that a pipeline asks."""
    plan = _plan(tmp_path)
    for change in plan["resource_changes"]:
        if change["type"] == "aws_s3_bucket_public_access_block":
            change["change"]["after"]["block_public_acls"] = False
    _plan(tmp_path, resource_changes=plan["resource_changes"])
    for form in ("table", "text", "json", "yaml", "sarif", "junit", "markdown"):
        said = alone("policy", "check", "plan.json", "-o", form)
        assert (said.code, said.err, "no_public_bucket" in said.out) == (1, "", True), form


def test_rules_written_for_conftest_judge_where_they_are_named(alone: Any, tmp_path: Path) -> None:
    """And the others do not."""
    shutil.copy(SETS / "plan.json", tmp_path)
    shutil.copytree(SETS / "older", tmp_path / "rules")
    said = alone("policy", "check", "plan.json", "--policies", "rules", "-o", "json")
    found = json.loads(said.out)
    assert (said.code, found["verdict"], found["policies"]["from"]) == (1, "denied", "rules")
    assert {one["rule"] for one in found["findings"]} == {"main.deny", "main.violation", "main.warn"}
    assert alone("policy", "list", "--policies", "rules").out.splitlines()[-1] == "3 rules of rules"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (json.dumps({"format_version": "9.9", "resource_changes": []}), "plan-format-unknown"),
        (json.dumps(STATE), "plan-is-a-state"),
        (PLAN.read_text()[:3000], "plan-not-json"),
        (json.dumps({"format_version": "1.2", "resource_changes": []}), "plan-without-configuration"),
    ],
)
def test_what_is_no_whole_plan_is_told(alone: Any, tmp_path: Path, content: str, code: str) -> None:
    """Each with what to do; nothing is judged."""
    (tmp_path / "plan.json").write_text(content)
    said = alone("policy", "check", "plan.json", "-o", "json")
    error = json.loads(said.err)
    assert (said.code, said.out, error["error"], bool(error["next_step"])) == (2, "", code, True)


def test_what_is_wrong_with_rules_is_told_with_its_place(alone: Any, tmp_path: Path) -> None:
    """A mistake of syntax; a rule of the repository's own without METADATA, which `--policies` takes."""
    _plan(tmp_path)
    rule = tmp_path / "policies" / "plan" / "a.rego"
    rule.parent.mkdir(parents=True)
    rule.write_text("package gaia.plan.a\n\ndeny contains x if {\n\tx :=\n}\n")
    said = alone("policy", "check", "plan.json", "--policies", "policies", "-o", "json")
    error = json.loads(said.err)
    assert (error["error"], error["at"][:23]) == ("policy-broken", "policies/plan/a.rego:4:")
    rule.write_text('package gaia.plan.a\n\ndeny contains {"message": "no"} if true\n')
    (tmp_path / "atmos.yaml").write_text("base_path: .\nstacks: {base_path: stacks, name_pattern: '{stage}'}\n")
    (tmp_path / "stacks").mkdir()
    error = json.loads(alone("policy", "check", "plan.json", "-o", "json").err)
    assert (error["error"], error["at"]) == ("policy-metadata", "policies/plan/a.rego:1:1")
    assert alone("policy", "check", "plan.json", "--policies", "policies").code == 1


def _repository(folder: Path, rule: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "stacks").mkdir()
    (folder / "atmos.yaml").write_text("base_path: .\nstacks: {base_path: stacks, name_pattern: '{stage}'}\n")
    if rule:
        path = folder / "policies" / "manifest" / "a.rego"
        path.parent.mkdir(parents=True)
        path.write_text(f"{METADATA}package gaia.manifest.a\n\n{rule}\n")
    return folder


def test_a_repository_without_a_rule_about_plans_is_no_yes(alone: Any, tmp_path: Path) -> None:
    """Gaia's own are not in force there, and the error says so and how to take them over; then they judge."""
    _plan(tmp_path)
    _repository(tmp_path, 'deny contains {"message": "no"} if false')
    said = alone("policy", "check", "plan.json", "-o", "json")
    error = json.loads(said.err)
    assert (said.code, said.out, error["error"]) == (2, "", "policies-without-plans")
    assert "Gaia's own are not in force" in error["message"]
    assert "gaia policy copy" in alone("policy", "check", "plan.json").err
    copied = json.loads(alone("policy", "copy", "-o", "json").out)
    assert {"policies/plan/keys_rotate.rego", "policies/lib/value.rego"} <= set(copied["copied"])
    found = json.loads(alone("policy", "check", "plan.json", "-o", "json").out)
    assert (found["policies"]["whose"], found["policies"]["rules"] > 30) == (str(tmp_path), True)


def test_what_a_plan_does_not_say_is_undecided(alone: Any, tmp_path: Path) -> None:
    """A deferred change with its resource; a plan of a part, as a whole: no rule could see what is not there."""
    for more, address in (
        ({"complete": False, "deferred_changes": [{"resource_change": {"address": "a.b"}}]}, "a.b"),
        ({"complete": False}, None),
    ):
        _plan(tmp_path, resource_changes=[], planned_values={}, **more)
        found = json.loads(alone("policy", "check", "plan.json", "-o", "json").out)
        assert (found["verdict"], [(one["rule"], one["address"]) for one in found["findings"]]) == (
            "undecided",
            [("plan.incomplete", address)],
        )
        for form in ("table", "sarif", "junit", "markdown"):
            assert "no rule could see" in alone("policy", "check", "plan.json", "-o", form).out, form


@pytest.mark.parametrize("folder", ["policies", "rules"])
def test_a_file_that_cannot_be_read_fails_tests_and_lists_alike(alone: Any, tmp_path: Path, folder: str) -> None:
    """With its place, whether there are tests or not: green would mean that somebody had looked."""
    for name, text in (("a", "deny contains x if {\n\tx :=\n}\n"), ("b", "deny contains x if x := none.such(1)\n")):
        rule = tmp_path / folder / f"{name}.rego"
        rule.parent.mkdir(exist_ok=True)
        rule.write_text(f"package main\n\n{text}")
        for line in ("test", "list"):
            error = json.loads(alone("policy", line, "--policies", folder, "-o", "json").err)
            assert (error["error"], error["at"].split(":")[0]) == ("policy-broken", f"{folder}/{name}.rego"), line
        rule.unlink()


def test_a_failing_test_is_told_at_the_folders_own_name(alone: Any, tmp_path: Path) -> None:
    """So that the place can be opened."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.rego").write_text("package main\n\ndeny contains 1 if false\n")
    test = 'package main_test\n\nimport data.main\n\ntest_x if count(main.deny) == 1\n\ntest_y if to_number("q") == 1\n'
    (tmp_path / "rules" / "a_test.rego").write_text(test)
    said = json.loads(alone("policy", "test", "--policies", "rules", "-o", "json").out)
    assert [one["at"] for one in said["tests"]] == ["rules/a_test.rego:5:1", "rules/a_test.rego:7:1"]
    assert said["tests"][1]["message"].startswith("rules/a_test.rego:7")


def test_libraries_alone_can_be_taken_over_and_nothing_is_written_over(alone: Any, tmp_path: Path) -> None:
    """What is there and says something else is named, and stays."""
    _repository(tmp_path)
    own = tmp_path / "policies" / "lib" / "value.rego"
    own.parent.mkdir(parents=True)
    own.write_text("package gaia.lib.value\n")
    copied = json.loads(alone("policy", "copy", "--lib", "-o", "json").out)
    assert copied["kept"] == ["policies/lib/value.rego"]
    assert own.read_text() == "package gaia.lib.value\n"
    assert {one.split("/")[1] for one in copied["copied"]} == {"lib"}
    assert json.loads(alone("policy", "copy", "--lib", "-o", "json").out)["copied"] == []


def test_policies_are_not_copied_to_nowhere(alone: Any) -> None:
    """Outside of a repository."""
    assert json.loads(alone("policy", "copy", "-o", "json").err)["error"] == "not-a-repository"


def test_outside_of_any_repository_gaias_own_rules_judge(tmp_path: Path, engine: Regorus) -> None:
    """Also where this home serves one whose rules are others; and whose they are is said."""
    served = _repository(tmp_path / "served", 'deny contains {"message": "no"} if true')
    app = App(Settings.capture({"HOME": str(tmp_path)}, tmp_path))
    app.__dict__["_policy_engine"] = engine
    app._around = lambda path: path or served  # type: ignore[method-assign]
    assert app.policies().whose == "Gaia"
    assert app.policies(None, served).whose == str(served)
    assert app.policies(served / "policies").whose == ""


@pytest.mark.parametrize("how", ["link", "nowhere"])
def test_rules_that_cannot_be_looked_for_are_an_error_for_every_command(alone: Any, tmp_path: Path, how: str) -> None:
    """A link in the place of the folder of plans; a link that leads nowhere in the place of all."""
    _plan(tmp_path)
    _repository(tmp_path, 'deny contains {"message": "no"} if true' if how == "link" else "")
    if how == "link":
        (tmp_path / "policies" / "plan").symlink_to(tmp_path / "policies" / "manifest")
    else:
        (tmp_path / "policies").symlink_to(tmp_path / "nowhere")
    for line in (("policy", "check", "plan.json"), ("policy", "list"), ("policy", "test")):
        assert json.loads(alone(*line, "-o", "json").err)["error"] in ("policies-unreadable", "policies-missing"), line


def test_whose_rules_judge_is_said_everywhere(alone: Any, tmp_path: Path) -> None:
    """On screens, in JSON and in a comment."""
    _plan(tmp_path)
    for form in ("table", "markdown"):
        assert "of Gaia's own policies looked at" in alone("policy", "check", "plan.json", "-o", form).out, form
    assert json.loads(alone("policy", "check", "plan.json", "-o", "json").out)["policies"]["whose"] == "Gaia"
    assert alone("policy", "list").out.splitlines()[-1].endswith("rules of Gaia's own policies")
    assert json.loads(alone("policy", "list", "-o", "json").out)["whose"] == "Gaia"
    assert "Gaia's own policies" in alone("policy", "explain", "keys_rotate").out


def test_objects_of_kubernetes_are_judged_in_files_and_folders(alone: Any, tmp_path: Path) -> None:
    """As one judgement; a plan is judged alone."""
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: pin}\nstringData:\n  pin: '1234'\n"
    (tmp_path / "deploy").mkdir()
    for name in ("deploy/a.yml", "b.yaml"):
        (tmp_path / name).write_text(secret)
    said = alone("policy", "check", "deploy", "b.yaml", "-o", "json")
    found = json.loads(said.out)
    assert (said.code, found["subject"], found["resources"]) == (1, "deploy, b.yaml", 2)
    assert [one["at"] for one in found["findings"]] == ["deploy/a.yml:5:3", "b.yaml:5:3"]
    assert "looked at 1 object of b.yaml." in alone("policy", "check", "b.yaml").out
    _plan(tmp_path)
    assert alone("policy", "check", "plan.json", "plan.json").code == 2


def test_what_is_neither_a_file_nor_has_a_stack(alone: Any) -> None:
    """A component needs one; a file has to be there."""
    assert "add -s STACK" in alone("policy", "check", "vpc").err
    assert json.loads(alone("policy", "check", "no.json", "-o", "json").err)["error"] == "plan-not-found"
    assert alone("policy", "check", "no.json", "--destroy").code == 2


def test_a_rule_is_explained_by_its_name_with_or_without_its_subject(alone: Any) -> None:
    """One that there is not is answered with the list."""
    for name in ("plan.keys_rotate", "keys_rotate", "gaia.plan.keys_rotate", "data.gaia.plan.keys_rotate"):
        said = alone("policy", "explain", name)
        assert (said.code, "Keys rotate  plan.keys_rotate" in said.out) == (0, True)
        assert "policies/plan/keys_rotate.rego" in said.out
        assert "test_a_key_for_ever_is_denied" in said.out
    assert json.loads(alone("policy", "explain", "none", "-o", "json").err)["error"] == "policy-unknown"


BLOCK = 'resource "aws_s3_bucket" "this" {\n  bucket = var.name\n  tags   = var.tags\n}\n'
VARIABLES = '\nvariable "name" {}\n\nvariable "tags" {\n  default = {}\n}\n'
REFERS = {"bucket": {"references": ["var.name"]}, "tags": {"references": ["var.tags"]}}


def test_a_component_is_planned_and_each_finding_has_its_places(gaia: Gaia) -> None:
    """The block of the code, and the values of the stack that the rule's attributes are made of."""
    gaia.code()
    (gaia.app.root / "components/terraform/s3-bucket/main.tf").write_text(BLOCK + VARIABLES)
    said = gaia("policy", "check", "photos-bucket", "-s", "acme-use1-dev", "-o", "json")
    found = said.json
    assert (said.code, found["subject"], found["verdict"]) == (1, "acme-use1-dev/photos-bucket", "denied")
    (first, *_) = [one for one in found["findings"] if one["address"] == "aws_s3_bucket.this"]
    assert first["at"] == "components/terraform/s3-bucket/main.tf:1:1"
    text = gaia("policy", "check", "photos-bucket", "-s", "acme-use1-dev").out
    assert "at components/terraform/s3-bucket/main.tf:1:1" in text


def test_the_stage_of_a_plan_file_is_said_by_who_asks(alone: Any, tmp_path: Path) -> None:
    """Its rules for production decide then; a component has that of its stack."""
    _plan(tmp_path)
    stages = {None: set[str](), "prod": set[str](), "dev": set[str]()}
    for stage, rules in stages.items():
        said = alone("policy", "check", "plan.json", "-o", "json", *(("--stage", stage) if stage else ()))
        rules.update(one["rule"] for one in json.loads(said.out)["findings"])
    assert stages["prod"] - stages["dev"]
    assert alone("policy", "check", "net", "-s", "dev", "--stage", "prod").code == 2


def test_a_stage_that_nobody_knows_is_refused(alone: Any, tmp_path: Path) -> None:
    """A word in another case is the same stage, and the verdict names it; what has no stage takes none."""
    _plan(tmp_path)
    assert json.loads(alone("policy", "check", "plan.json", "--stage", "PROD", "-o", "json").out)["stage"] == "prod"
    said = " ".join(alone("policy", "check", "plan.json", "--stage", "Prod").out.split())
    assert said.endswith("of plan.json, for the stage prod.")
    refused = json.loads(alone("policy", "check", "plan.json", "--stage", "prdo", "-o", "json").err)
    assert (refused["error"], "Did you mean prod?" in str(refused)) == ("stage-unknown", True)
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Service\n")
    assert "have no stage" in alone("policy", "check", "a.yaml", "--stage", "prod").err
    for name in ("a.yaml", "plan.json"):
        assert f"{name} is a file, and has no stack" in alone("policy", "check", name, "-s", "dev").err


def test_a_stage_of_the_stacks_around_is_known(alone: Any, tmp_path: Path) -> None:
    """Whatever the rules call theirs."""
    _plan(tmp_path)
    arguments = ("policy", "check", "plan.json", "--stage", "BLUE", "-o", "json")
    assert json.loads(alone(*arguments).err)["error"] == "stage-unknown"
    _repository(tmp_path)
    atmos = "base_path: .\nstacks: {base_path: stacks, included_paths: ['*'], name_pattern: '{stage}'}\n"
    (tmp_path / "atmos.yaml").write_text(atmos)
    manifest = "vars: {stage: blue}\ncomponents: {terraform: {web: {vars: {a: 1}}}}\n"
    (tmp_path / "stacks" / "blue.yaml").write_text(manifest)
    assert json.loads(alone(*arguments).out)["stage"] == "blue"


def test_json_is_a_plan_or_an_object(alone: Any, tmp_path: Path) -> None:
    """By what it says first."""
    (tmp_path / "a.json").write_text(
        '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "b"}}'
    )
    found = json.loads(alone("policy", "check", "a.json", "-o", "json").out)
    assert (found["verdict"], found["stage"], found["resources"]) == ("denied", None, 1)
    assert found["findings"][0]["address"] == "Secret/s data.a"


@pytest.mark.parametrize(("command", "path"), [("policy check", "/dev/zero"), ("cost breakdown", "/dev/zero")])
def test_a_device_is_no_plan(alone: Any, command: str, path: str) -> None:
    """It never ends."""
    said = json.loads(alone(*command.split(), path, "-o", "json").err)
    assert (said["error"], "no regular file" in said["message"]) == ("plan-not-found", True)


def test_what_is_piped_in_is_judged(alone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan or objects, by what it begins with."""
    for content, said in [
        (PLAN.read_bytes(), "11 changes of -, for no stage."),
        (b"apiVersion: v1\nkind: Service\n", "1 object of -."),
    ]:
        stdin = io.TextIOWrapper(io.BufferedReader(io.BytesIO(content)))
        monkeypatch.setattr("sys.stdin", stdin)
        assert " ".join(alone("policy", "check", "-").out.split()).endswith(said)
