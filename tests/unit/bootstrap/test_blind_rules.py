"""A repository's own copies of Gaia's rules, taken before services could be changed, let every change by."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gaia.bootstrap.declaring import blind_rules, rules_of
from gaia.cost.declared import RULES, budget_findings
from gaia.policy.regorus import Regorus

SHIPPED = Path(__file__).parents[3] / "blueprint/policies"
NOW, BEFORE = 'input.gaia.kind in {"provision", "change"}', 'input.gaia.kind == "provision"'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with rules of its own, as Gaia's are, and a budget."""
    shutil.copytree(SHIPPED, tmp_path / "policies")
    (tmp_path / "budgets").mkdir()
    (tmp_path / "budgets/acme.yaml").write_text("budgets: [{monthly: 9}]\nquotas: [{services: 3}]\n")
    return tmp_path


def older(root: Path, name: str) -> None:
    """The rule is as an earlier version wrote it into the repository."""
    path = root / f"policies/request/{name}.rego"
    text = path.read_text("utf-8")
    assert NOW in text
    path.write_text(text.replace(NOW, BEFORE), "utf-8")


def test_rules_of_now_judge_changes(root: Path) -> None:
    """Nothing is said of them; nor where a repository has none of its own, or none that can be read."""
    assert blind_rules(root, Regorus) == frozenset()
    shutil.rmtree(root / "policies")
    assert blind_rules(root, Regorus) == frozenset()
    (root / "policies").mkdir()
    (root / "policies/broken.rego").write_text("package")
    assert blind_rules(root, Regorus) == frozenset()


def test_rules_from_before_are_named_where_they_limit_something(root: Path) -> None:
    """At what is declared and may be exceeded, with what to write; each by itself."""
    older(root, "within_budget")
    assert blind_rules(root, Regorus) == {"request.within_budget"}
    older(root, "within_quota")
    assert blind_rules(root, Regorus) == frozenset(RULES)
    found = budget_findings(root, tuple, lambda: rules_of(root), lambda: blind_rules(root, Regorus))
    assert [(one.code, one.severity, str(one.at)) for one in found] == [
        ("budget-blind", "warning", "budgets/acme.yaml:1:11"),
        ("budget-blind", "warning", "budgets/acme.yaml:2:10"),
    ]
    assert NOW in found[0].next_step


def test_a_rule_that_lets_everything_by_is_somebodys_choice(root: Path) -> None:
    """It treats changes as it does new services."""
    path = root / "policies/request/within_budget.rego"
    path.write_text(path.read_text("utf-8").replace(NOW, 'input.gaia.kind == "never"'), "utf-8")
    assert blind_rules(root, Regorus) == frozenset()
