"""A flip: one small change of what the blueprint plans, as `flips.yaml` writes it.

    RULE:
      - {of: TYPE, set: {ATTRIBUTE: VALUE}}

`of` takes the first resource of a type (or whose address holds the text), `add` a new one beside the module `in`. `set`
gives attributes values; a dotted name goes into blocks. `statement` writes the resource's policy, `lose` says what
happens to it (delete, replace), `without` takes resources away whose address matches, `merge` changes the plan around
it, `at` is the address that is denied where it is another one, `stage` is prod where nothing is said. A flip is judged
with the resources of its instance only.
"""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import regorus
import yaml

from gaia.policy.rules import PolicySet

from ..conftest import POLICIES
from .record import read

HERE = Path(__file__).parent
HOLDERS = {"aws_iam_role": "assume_role_policy", "aws_ssoadmin_permission_set_inline_policy": "inline_policy"}
"""Where a type holds its policy, if not in `policy`."""


@dataclass(frozen=True, slots=True)
class Flip:
    """One entry of `flips.yaml`."""

    rule: str
    of: str = ""
    add: str = ""
    instance: str = "module.shop"
    set: dict[str, Any] = field(default_factory=dict)
    statement: dict[str, Any] = field(default_factory=dict)
    lose: str = ""
    without: str = ""
    merge: dict[str, Any] = field(default_factory=dict)
    stage: str = "prod"
    at: str | None = None
    """The address that is denied, where it is not the resource that changes; "" for the plan as a whole."""
    silent: tuple[str, ...] = ()
    """Attributes that are only what the flip stands on: unknown, they make it another one."""

    @property
    def name(self) -> str:
        """Short, for the list of tests."""
        change = self.set or self.statement or {"lose": self.lose, "without": self.without}
        text = f"{self.rule}: {self.stage} {self.of or self.add} {json.dumps(change or self.merge)}"
        return re.sub(r'["{}\[\]]', "", text)[:110]


def flips() -> list[Flip]:
    """All of them."""
    table = yaml.safe_load((HERE / "flips.yaml").read_text("utf-8"))
    return [
        Flip(rule, **{"instance" if key == "in" else key: value for key, value in one.items()})
        for rule, ones in table.items()
        for one in ones
    ]


@cache
def _plan(stage: str) -> dict[str, Any]:
    return read(f"plan-{stage}")  # type: ignore[no-any-return]


def whole(stage: str) -> dict[str, Any]:
    """The plan of everything in one stack, as Gaia hands it to rules."""
    about = {
        "stage": stage,
        "tenant": "acme",
        "stack": f"acme-use1-{stage}",
        "kind": "provision",
        "service": "shop",
    }
    return {**copy.deepcopy(_plan(stage)), "gaia": about}


def flipped(flip: Flip, unknown: str = "") -> dict[str, Any]:
    """The instance's plan with the change; or with the value of one attribute known only after apply instead."""
    document = whole(flip.stage)
    changes = document["resource_changes"]
    target = _target(flip, changes)
    if target is not None:
        _only(document, _module(target))
        if flip.add:
            document["resource_changes"].append(target)
        _change(flip, target["type"], target["change"])
    if flip.without:
        document["resource_changes"] = [
            one for one in document["resource_changes"] if not re.search(flip.without, one["address"])
        ]
    merged: dict[str, Any] = _merged(document, flip.merge)
    if unknown:
        assert target is not None
        _forget(merged, target, unknown)
    return merged


def denied_at(flip: Flip) -> str:
    """The address that the finding must have."""
    target = _target(flip, _plan(flip.stage)["resource_changes"])
    if flip.at is not None or target is None:
        return flip.at or ""
    return str(target["address"])


def together() -> list[dict[str, Any]]:
    """Two plans of production with every change of `flips.yaml` to a resource: known, and known only after apply."""
    found = []
    for unknown in (False, True):
        document = whole("prod")
        for number, flip in enumerate(flips()):
            if not flip.set:
                continue
            for one in flipped(flip, unknown=next(iter(flip.set)) if unknown else "")["resource_changes"]:
                if one["name"] == "flip" or _meant(flip, one):
                    document["resource_changes"].append({**one, "address": f"{one['address']}[{number}]"})
        found.append(document)
    return found


def unflipped(flip: Flip) -> dict[str, Any]:
    """The same without the change."""
    document = whole(flip.stage)
    target = next((one for one in document["resource_changes"] if not flip.add and _meant(flip, one)), None)
    return _only(document, _module(target) if target else flip.instance)


def _only(document: dict[str, Any], module: str) -> dict[str, Any]:
    """One instance of the plan."""
    document["resource_changes"] = [one for one in document["resource_changes"] if _module(one) == module]
    root = document["configuration"]["root_module"]
    name = module.removeprefix("module.")
    root["module_calls"] = {name: root["module_calls"][name]}
    return document


class BrokenRule(Exception):
    """A rule ended with an error, and where."""


class Judge:
    """The shipped rules, loaded once, in this process."""

    def __init__(self) -> None:
        policies = PolicySet.load(POLICIES)
        self._engine = regorus.Engine()
        for module in policies.modules:
            self._engine.add_policy(module.path, module.text)
        self._asked = [(rule.name, effect) for rule in policies.about("plan") for effect in rule.effects]
        members = [f'"{rule} {effect}": data.gaia.{rule}.{effect}' for rule, effect in self._asked]
        self._query = "{" + ",\n".join(members) + "}"

    def __call__(self, document: dict[str, Any]) -> set[tuple[str, str, str]]:
        """Rule, effect and address of everything that is said."""
        self._engine.set_input_json(json.dumps(document))
        try:
            text = self._engine.eval_query_as_json(self._query)
        except RuntimeError as error:
            raise BrokenRule(str(error).partition("Stack backtrace:")[0].strip()) from None
        (answer,) = json.loads(text)["result"]
        said: dict[str, list[dict[str, str]]] = answer["expressions"][0]["value"]
        return {
            (rule, effect, finding.get("address", ""))
            for key, findings in said.items()
            for rule, effect in [key.split()]
            for finding in findings
        }


def _target(flip: Flip, changes: list[dict[str, Any]]) -> dict[str, Any] | None:
    return _added(flip) if flip.add else next((one for one in changes if _meant(flip, one)), None)


def _meant(flip: Flip, one: dict[str, Any]) -> bool:
    return bool(flip.of) and (one["type"] == flip.of or ("." in flip.of and flip.of in one["address"]))


def _module(one: dict[str, Any]) -> str:
    return ".".join(one["address"].split(".")[:2])


def _added(flip: Flip) -> dict[str, Any]:
    change: dict[str, Any] = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {"id": True}}
    address = f"{flip.instance}.{flip.add}.flip"
    place = {"address": address, "module_address": flip.instance, "mode": "managed", "type": flip.add, "name": "flip"}
    return place | {"change": change}


def _change(flip: Flip, kind: str, change: dict[str, Any]) -> None:
    for name, value in flip.set.items():
        put(change["after"], _steps(name), value)
        _known(change["after_unknown"], _steps(name))
    if flip.statement:
        attribute = HOLDERS.get(kind, "policy")
        statement = {"Effect": "Allow", **flip.statement}
        change["after"][attribute] = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        change["after_unknown"].pop(attribute, None)
    if flip.lose:
        actions = {"delete": ["delete"], "replace": ["delete", "create"]}[flip.lose]
        change.update(actions=actions, before=copy.deepcopy(change["after"]))
        if flip.lose == "delete":
            change.update(after=None, after_unknown={})


def _steps(name: str) -> list[str | int]:
    return [int(step) if step.isdigit() else step for step in name.split(".")]


def put(into: Any, steps: list[str | int], value: object) -> None:
    """Set a value, in blocks that are made where there are none."""
    for step, following in pairwise(steps):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            into.extend({} for _ in range(step + 1 - len(into)))
            into[step] = into[step] or empty
        elif into.get(step) is None:
            into[step] = empty
        into = into[step]
    if isinstance(into, list):
        into.extend({} for _ in range(int(steps[-1]) + 1 - len(into)))
    into[steps[-1]] = value


def _known(unknown: Any, steps: list[str | int]) -> None:
    for step in steps[:-1]:
        inner = unknown[int(step)] if isinstance(unknown, list) and int(step) < len(unknown) else None
        if isinstance(unknown, dict):
            inner = unknown.get(str(step))
        if inner is True:  # as a whole: now it is there
            unknown.pop(step)
        if not isinstance(inner, (dict, list)):
            return
        unknown = inner
    if isinstance(unknown, dict):
        unknown.pop(str(steps[-1]), None)


def _forget(document: dict[str, Any], target: dict[str, Any], name: str) -> None:
    """Make one attribute unknown by a reference to what this plan does not make."""
    change, steps = target["change"], _steps(name)
    holder = change["after"]
    for step in steps[:-1]:
        holder = holder[step]
    del holder[steps[-1]]
    put(change["after_unknown"], steps, value=True)
    calls = document["configuration"]["root_module"]["module_calls"]
    code = calls[_module(target).removeprefix("module.")]["module"]["resources"]
    address = f"{target['type']}.{target['name']}"
    block = next((one for one in code if one["address"] == address), None)
    if block is None:
        code.append(block := {"address": address, "type": target["type"], "name": target["name"], "expressions": {}})
    block["expressions"] = {**block["expressions"], str(steps[0]): {"references": ["data.external.other.result"]}}


def _merged(document: Any, more: Any) -> Any:
    if not isinstance(more, dict) or not isinstance(document, dict):
        return more
    return {**document, **{key: _merged(document.get(key), value) for key, value in more.items()}}
