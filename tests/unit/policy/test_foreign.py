"""Sets of rules in the style that others write for conftest, and Gaia's own without METADATA."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.errors import GaiaError, Invalid
from gaia.kit.process import run
from gaia.policy.check import check_plan
from gaia.policy.foreign import load_any
from gaia.policy.judge import judge
from gaia.policy.opa import Opa
from gaia.policy.regorus import Regorus

from .conftest import ROOT, write

if TYPE_CHECKING:
    from gaia.policy.ports import PolicyEngine

SETS = Path(__file__).parent / "conftest_sets"
"""One folder a set: `*.rego`, and in `verdicts.json` what conftest 0.71.1 said of `plan.json` by it."""
PLAN = SETS / "plan.json"
NAMES = sorted(path.name for path in SETS.iterdir() if path.is_dir())


def said_by_gaia(name: str, engine: PolicyEngine) -> dict[str, list[str]]:
    """The messages by kind, sorted: what conftest calls failures and warnings."""
    findings = judge(load_any(SETS / name), "plan", json.loads(PLAN.read_text()), engine=engine)
    return {
        "failures": sorted(one.message for one in findings if one.effect == "deny"),
        "warnings": sorted(one.message for one in findings if one.effect == "warn"),
    }


def said_by_conftest(program: Path, name: str) -> dict[str, list[str]]:
    """The same of the real program."""
    line: list[str | Path] = [program, "test", "--output=json", "--policy", SETS / name, PLAN]
    if (SETS / name / "v0").exists():
        line.append("--rego-version=v0")
    done = run(line, cwd=SETS, env={"PATH": "/usr/bin:/bin", "HOME": str(SETS)})
    (found,) = json.loads(done.stdout)
    return {kind: sorted(one["msg"] for one in found.get(kind) or ()) for kind in ("failures", "warnings")}


@pytest.mark.parametrize("name", NAMES)
def test_sets_of_conftest_give_the_verdicts_that_conftest_gives(name: str) -> None:
    """As they were recorded of the real program."""
    assert said_by_gaia(name, Regorus()) == json.loads((SETS / name / "verdicts.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_opa_gives_them_too(name: str, opa: Path) -> None:
    """Whichever engine judges."""
    assert said_by_gaia(name, Opa(opa)) == json.loads((SETS / name / "verdicts.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_the_verdicts_are_those_of_the_real_program(name: str) -> None:
    """Asked where it is there, so that the recorded ones stay true."""
    program = shutil.which("conftest", path=str(ROOT / ".tools" / "bin")) or shutil.which("conftest")
    if not program:
        pytest.skip("optional: there is no conftest in .tools/bin or on PATH; `make tools` builds it")
    assert said_by_conftest(Path(program), name) == json.loads((SETS / name / "verdicts.json").read_text())


def test_a_resource_that_a_message_names_is_what_the_finding_is_about() -> None:
    """Where it names exactly one of the plan's."""
    plan = json.loads(PLAN.read_text())
    checked = check_plan(load_any(SETS / "messages"), plan, subject="p", engine=Regorus())
    assert {each.finding.address for each in checked.findings} == {"aws_s3_bucket.logs", "aws_db_instance.main"}


def _set(folder: Path, text: str, name: str = "a.rego") -> Any:
    return load_any(write(folder, {name: text}), "rules")


def test_rules_of_gaia_need_no_metadata_there(tmp_path: Path) -> None:
    """Their name stands for a title; what METADATA there is has to be whole."""
    body = 'deny contains {"message": "no"} if true\n'
    policies = _set(tmp_path / "a", f"package gaia.plan.no_such\n\n{body}")
    (finding,) = judge(policies, "plan", {}, engine=Regorus())
    assert (finding.rule, finding.title, finding.severity) == ("plan.no_such", "No such", "medium")
    with pytest.raises(Invalid) as caught:
        _set(tmp_path / "b", f"# METADATA\n# title: T\npackage gaia.plan.no_such\n\n{body}")
    assert (caught.value.code, str(caught.value.at)) == ("policy-metadata", "rules/a.rego:1:1")


@pytest.mark.parametrize("package", ["gaia.plan", "gaia.plan.parts.sizes", "gaia.words.sizes"])
def test_packages_of_gaia_that_are_no_rules_are_libraries(tmp_path: Path, package: str) -> None:
    """A rule is called `gaia.SUBJECT.NAME`."""
    rule = 'package gaia.plan.large\n\ndeny contains {"message": "no"} if true\n'
    write(tmp_path, {"a.rego": rule, "b.rego": f"package {package}\n\nlimit := 3\n"})
    assert [one.name for one in load_any(tmp_path, "rules").rules] == ["plan.large"]


def test_a_rule_of_others_has_its_place_and_its_name_for_a_title(tmp_path: Path) -> None:
    """A kind alone says nothing: then its package stands there."""
    text = 'package main\n\nwarn_no_tags contains "a" if true\n\ndeny contains "b" if true\n'
    found = [(one.name, one.line, one.title) for one in _set(tmp_path, text).rules]
    assert found == [("main.deny", 5, "Main deny"), ("main.warn_no_tags", 3, "No tags")]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("package main\n\nallow if true\n", "policies-empty", None),
        ("package main\n\ndeny if input.x\n", "policy-bad-result", "rules/a.rego:3:1"),
        ("deny contains 1 if true\n", "policy-misplaced", "rules/a.rego:1:1"),
        ("package main\n\ndeny contains m if {\n\tm := http.send({})\n}\n", "policy-reaches-out", "rules/a.rego:4:7"),
    ],
)
def test_a_set_that_could_never_find_anything_is_refused(tmp_path: Path, text: str, code: str, place: str) -> None:
    """Without a rule, with one that conftest passes over in silence, without a package; and what asks others."""
    with pytest.raises(GaiaError) as caught:
        _set(tmp_path, text)
    assert (caught.value.code, caught.value.at and str(caught.value.at)) == (code, place)


def test_a_mistake_is_told_with_the_folders_own_name(tmp_path: Path) -> None:
    """A syntax error has the place that the reader can open."""
    policies = _set(tmp_path, "package main\n\ndeny contains m if {\n\tm :=\n}\n")
    with pytest.raises(Invalid) as caught:
        judge(policies, "plan", {}, engine=Regorus())
    assert (caught.value.code, str(caught.value.at)[:14]) == ("policy-broken", "rules/a.rego:4")


@pytest.mark.parametrize("item", ["1", '{"message": "x"}', "[1]"])
def test_a_member_that_is_no_message_is_an_error(tmp_path: Path, item: str) -> None:
    """As conftest ends with one too."""
    with pytest.raises(Invalid) as caught:
        judge(_set(tmp_path, f"package main\n\ndeny contains {item} if true\n"), "plan", {}, engine=Regorus())
    assert caught.value.code == "policy-bad-result"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Is no empty one."""
    with pytest.raises(GaiaError) as caught:
        load_any(tmp_path / "none")
    assert caught.value.code == "policies-not-found"
