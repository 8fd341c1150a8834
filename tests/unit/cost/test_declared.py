"""Budgets and quotas as a platform repository declares them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gaia.cost.budgets import Scope
from gaia.cost.declared import RULES, budget_findings, read
from gaia.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
budgets:
  - {tenant: acme, stage: dev, monthly: 500, alerts: [80, 50, 100]}
  - {tenant: acme, stage: dev, service: orders, monthly: "99.50", currency: USD}
quotas:
  - {tenant: acme, stage: dev, services: 20, vcpu: 64, memory_gib: 256, storage_gib: 2000, monthly: 5000}
"""


def lying(root: Path, text: str, name: str = "acme.yaml") -> Path:
    """A repository with one file of budgets."""
    (root / "budgets").mkdir(parents=True, exist_ok=True)
    (root / "budgets" / name).write_text(text)
    return root


def test_what_is_declared_is_read(tmp_path: Path) -> None:
    """With its place; thresholds rise, and what is left out is every one."""
    found = read(lying(tmp_path, GOOD))
    whole, one = found.budgets
    assert (whole.scope, whole.monthly, whole.currency) == (Scope("acme", "dev", "*"), Decimal(500), "USD")
    assert whole.alerts == (Decimal(50), Decimal(80), Decimal(100))
    assert (one.scope.service, one.monthly, one.alerts) == ("orders", Decimal("99.5"), ())
    assert (one.at.file, one.at.line) == ("budgets/acme.yaml", 3)
    [quota] = found.quotas
    assert quota.most == {
        "services": 20, "vcpu": 64, "memory_gib": 256, "storage_gib": 2000, "monthly": 5000,
    }  # fmt: skip


def test_a_repository_may_declare_none(tmp_path: Path) -> None:
    """Then nothing is limited."""
    assert not read(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("limits: []\n", 1, "neither"),
        ("budgets: {a: 1}\n", 1, "no list"),
        ("budgets:\n  - acme\n", 2, "no map"),
        ("budgets:\n  - {tenant: acme}\n", 2, "monthly is missing"),
        ("budgets:\n  - tenant: acme\n    monthly: much\n", 3, "not an amount"),
        ("budgets:\n  - tenant: acme\n    monthly: -1\n", 3, "not an amount"),
        ("budgets:\n  - tenant: acme\n    monthly: true\n", 3, "not an amount"),
        ("budgets:\n  - tenant: acme\n    monthly:\n", 3, "not an amount"),
        ("budgets:\n  - tenant: [acme]\n    monthly: 1\n", 2, "tenant is no text"),
        ("budgets:\n  - monthly: 1\n    currency: dollars\n", 3, "no currency"),
        ("budgets:\n  - monthly: 1\n    alerts: 80\n", 3, "alerts is no list"),
        ("budgets:\n  - monthly: 1\n    alerts: [soon]\n", 3, "not an amount"),
        ("budgets:\n  - monthly: 1\n    alerts: [0.5]\n", 3, "an alert is at 0.5 percent"),
        ("budgets:\n  - monthly: 1\n    alerts: [80, 200]\n", 3, "an alert is at 200 percent"),
        ("budgets:\n  - monthly: 1\n    stage: d*\n", 3, r"stage d\* is a pattern"),
        ("budgets:\n  - monthly: 1\n    currency: usd\n", 3, "no currency"),
        ("budgets:\n  - monthly: 1\n    amount: 1\n", 3, "no amount"),
        ("budgets:\n  - monthly: 1\n  - monthly: 2\n", 3, "already"),
        ("quotas:\n  - {tenant: acme}\n", 2, "limits nothing"),
        ("quotas:\n  - tenant: acme\n    service: x\n", 3, "no service"),
        ("quotas:\n  - vcpu: 1\n  - vcpu: 2\n", 3, "already"),
    ],
)
def test_a_bad_declaration_is_one_error_at_its_line(tmp_path: Path, text: str, line: int, why: str) -> None:
    """With what to write instead."""
    with pytest.raises(Invalid, match=why) as caught:
        read(lying(tmp_path, text))
    assert caught.value.code == "budget-invalid"
    assert caught.value.at is not None
    assert (caught.value.at.file, caught.value.at.line) == ("budgets/acme.yaml", line)
    assert caught.value.next_step


@pytest.mark.parametrize("name", ["acme/dev.yaml", "acme.YAML", "acme.json", "acme/dev.json"])
def test_a_declaration_where_none_is_read_is_refused(tmp_path: Path, name: str) -> None:
    """It would limit nothing, and nobody would know."""
    (tmp_path / "budgets" / name).parent.mkdir(parents=True, exist_ok=True)
    with pytest.raises(Invalid, match="nobody reads it there") as caught:
        read(lying(tmp_path, GOOD, name))
    assert caught.value.at is not None
    assert caught.value.at.file == f"budgets/{name}"


def test_other_files_may_lie_beside(tmp_path: Path) -> None:
    """What nobody takes for a declaration."""
    lying(tmp_path, "# Budgets", "README.md")
    assert read(lying(tmp_path, GOOD)).budgets


def test_what_limits_nobody_is_warned_of(tmp_path: Path) -> None:
    """A name that no stack has, with the nearest; and rules that are not there."""
    text = "budgets:\n  - {tenant: amce, monthly: 1}\n  - {tenant: Acme, stage: dev, monthly: 1}\n"
    root = lying(tmp_path, text + "quotas:\n  - {tenant: acme, stage: '*', vcpu: 1}\n")
    places = {("acme", "dev"), ("zeta", "prod")}
    found = budget_findings(root, lambda: places, lambda: RULES)
    assert [(one.severity, one.code, str(one.at), one.next_step) for one in found] == [
        ("warning", "budget-unused", "budgets/acme.yaml:2:5", "Did you mean acme?"),
        ("warning", "budget-unused", "budgets/acme.yaml:3:5", "Did you mean acme?"),
    ]
    found = budget_findings(root, lambda: places, lambda: RULES[:1])
    assert [one.message for one in found if one.code == "budget-unjudged"] == [
        "no rule request.within_quota is among the repository's policies, so this limits nobody"
    ]


def test_only_what_is_published_counts(tmp_path: Path) -> None:
    """A raise that lies in a checkout stands beside what counts, and is marked."""
    published, lies = (read(lying(tmp_path / name, f"budgets: [{{monthly: {much}}}]\n")) for name, much in
                       (("a", 100), ("b", 900)))  # fmt: skip
    found = lies.beside(published)
    assert [(one.monthly, one.published) for one in found.budgets] == [(Decimal(100), True), (Decimal(900), False)]
    assert published.beside(published) == published


def test_two_files_may_not_declare_the_same(tmp_path: Path) -> None:
    """The error names both places."""
    lying(tmp_path, "budgets: [{monthly: 1}]\n", "a.yaml")
    with pytest.raises(Invalid, match=r"budgets/a\.yaml:1") as caught:
        read(lying(tmp_path, "budgets: [{monthly: 1}]\n", "b.yml"))
    assert caught.value.at is not None
    assert caught.value.at.file == "budgets/b.yml"


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A folder of that name."""
    (tmp_path / "budgets" / "odd.yaml").mkdir(parents=True)
    with pytest.raises(Invalid, match="cannot read the file"):
        read(tmp_path)
