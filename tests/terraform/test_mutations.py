"""Safety by mutation: each unsafe change of a component's own plan is refused, and the rule that refuses it is named.

The inputs of components refuse most of it before there is a plan (`tests/refusals*.tftest.hcl`); policies judge
whatever made the plan. Changed attributes of many plans are judged at once, each as a resource of its own.
"""

from __future__ import annotations

import copy
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.terraform.offline import COMPONENTS, Terraform

from gaia.policy.judge import judge
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TABLE = tomllib.loads((Path(__file__).parent / "mutations.toml").read_text("utf-8"))
UNSET = "unset"


@dataclass(frozen=True)
class Flip:
    """One row of the table."""

    source: str
    kind: str
    path: tuple[str | int, ...]
    value: object
    rule: str

    def __str__(self) -> str:
        return f"{self.source} {self.kind}.{'.'.join(map(str, self.path))} = {self.value}"


def _row(source: str, kind: str, path: str, value: object, rule: str) -> Flip:
    steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
    return Flip(source, kind, steps, value, rule)


FLIPS = [_row(*row) for row in TABLE["flips"]]


@pytest.fixture(scope="module")
def changes(ready: Callable[[str], Path], terraform: Terraform) -> Mapping[str, list[dict[str, Any]]]:
    """The resource changes that each test file's variables plan, by `COMPONENT/FILE`."""
    found = {}
    for source in sorted({flip.source for flip in FLIPS}):
        component, _, name = source.partition("/")
        folder = ready(component)
        head = (COMPONENTS / component / f"tests/{name}.tftest.hcl").read_text("utf-8").partition('\nrun "')[0]
        file = folder / f"tests/plan-of-{name}.tftest.hcl"
        more = f"variables {{\n{TABLE['variables'].get(source, '')}\n}}\n"
        file.write_text(f'{head}\nrun "planned" {{\ncommand = plan\n{more}}}\n')
        try:
            done = terraform(folder, "test", "-json", "-verbose", f"-filter=tests/{file.name}")
        finally:
            file.unlink()
        # A line of ten megabytes holds the provider's whole schema: only the plan is wanted.
        (line,) = [line for line in done.stdout.splitlines() if '"type":"test_plan"' in line]
        found[source] = json.loads(line)["test_plan"]["resource_changes"]
    return found


@pytest.fixture(scope="module")
def denied(changes: Mapping[str, list[dict[str, Any]]]) -> dict[str, set[str]]:
    """The rules that deny each resource: of row N as it is planned (`kept-N`) and as it is changed (`flipped-N`)."""
    resources = []
    for number, flip in enumerate(FLIPS):
        planned = next(
            one for one in changes[flip.source] if flip.kind in (one["type"], one["address"]) and one["change"]["after"]
        )
        for name in ("kept", "flipped"):
            resource = copy.deepcopy(planned) | {"address": f"{name}-{number}"}
            _put_in_production(resource["change"])
            if name == "flipped":
                _set(resource["change"], flip)
            resources.append(resource)
    policies = PolicySet.load(Path(__file__).resolve().parents[2] / "blueprint/policies")
    found: dict[str, set[str]] = {}
    document = {"resource_changes": resources, "gaia": {"stage": "prod"}}
    for finding in judge(policies, "plan", document, engine=Regorus()):
        if finding.effect == "deny":
            found.setdefault(finding.address or "", set()).add(finding.rule.removeprefix("plan."))
    return found


def _put_in_production(change: dict[str, Any]) -> None:
    """What production needs is set, so that only the flip is wrong."""
    safe = {"multi_az": True, "deletion_protection": True, "deletion_protection_enabled": True}
    safe |= {"enable_deletion_protection": True, "skip_final_snapshot": False, "force_destroy": False}
    change["after"] |= {name: value for name, value in safe.items() if name in change["after"]}
    for name, least in (("backup_retention_period", 14), ("retention_in_days", 365)):
        if (change["after"].get(name) or least) < least:
            change["after"][name] = least


def _set(change: dict[str, Any], flip: Flip) -> None:
    value = flip.value
    if isinstance(value, str) and value.startswith("policy:"):
        statement = TABLE["policies"][value.removeprefix("policy:")]
        value = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    change["after"] = _with(change["after"], flip.path, None if value == UNSET else value)
    change["after_unknown"] = _with(change["after_unknown"], flip.path, False)


def _with(tree: Any, path: tuple[str | int, ...], value: object) -> Any:
    """The tree with this value at the path; what is in the way (nothing, or `true` for unknown) gives way."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(tree) if isinstance(tree, list) and tree else [None]
        return [*items[:step], _with(items[step], rest, value), *items[step + 1 :]]
    inner = dict(tree) if isinstance(tree, dict) else {}
    return {**inner, step: _with(inner.get(step), rest, value)}


def test_the_table_is_long_enough() -> None:
    """Sixty flips or more, each of a rule that there is; `tests/unit/policy/flips` has some for every rule."""
    policies = PolicySet.load(Path(__file__).resolve().parents[2] / "blueprint/policies")
    assert len(FLIPS) >= 60
    assert {flip.rule for flip in FLIPS} <= {rule.name.removeprefix("plan.") for rule in policies.about("plan")}


@pytest.mark.parametrize("number", range(len(FLIPS)), ids=[str(flip) for flip in FLIPS])
def test_an_unsafe_change_is_refused(denied: dict[str, set[str]], number: int) -> None:
    """The plan as it is passes the rule, the changed one does not."""
    rule = FLIPS[number].rule
    assert rule not in denied.get(f"kept-{number}", set())
    assert rule in denied.get(f"flipped-{number}", set()), f"not refused by {rule}: {FLIPS[number]}"
