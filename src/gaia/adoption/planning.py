"""Plans many instances on their states in as few terraform plans as possible.

Every reference has its value from the states that were read, as each instance's own plan would have it, so no instance
waits for another: those whose code can stand in one root are planned in one, a few provider configurations at a time.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.adoption import hoisting
from gaia.errors import GaiaError, NotFound
from gaia.kit import canonical
from gaia.kit.shapes import as_map
from gaia.platform.apply_instance import WAITS_FOR_SLOT
from gaia.stacks.model import HOLDERS, Reference
from gaia.terraform.component_files import PROVIDERS_FILE
from gaia.terraform.preview import preview
from gaia.terraform.wiring import parse_wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.terraform.command import Terraform
    from gaia.terraform.plan import Plan
    from gaia.terraform.state import State

CONFIGURATIONS = 4
"""Of a provider in one plan: each is a process of about 600 MB."""
TOGETHER = 250
"""Instances in one plan."""


@dataclass(frozen=True, slots=True)
class Member:
    """An instance whose values are all known."""

    instance: Instance
    state: State
    taken_out: bool
    """Whether its code's own provider blocks are given from outside."""
    configuration: str
    """What its providers are configured with, as a text that is equal for equals."""


@dataclass
class Planner:
    """Plans members of one checkout; `plans` counts what terraform planned."""

    checkout: Checkout
    say: Callable[[str], None]
    done: Callable[[int], None]
    parts: dict[InstanceKey, Plan] = field(default_factory=dict)
    errors: dict[InstanceKey, GaiaError] = field(default_factory=dict)
    plans: int = 0

    def run(self, members: Sequence[Member]) -> None:
        """Plan all of them."""
        for number, group in enumerate(groups(members, self._foreign)):
            self.say(f"planning {len(group)} instances")
            self._group(self.checkout.workplace.folder / "adopt" / str(number), group)
            self.done(len(group))

    def _foreign(self, member: Member) -> str:
        """What members of one plan must have in common beside that."""
        instance = member.instance
        return f"{self.checkout.terraform(instance).tool.path} {member.taken_out} {sorted(instance.environ.items())}"

    def _group(self, folder: Path, group: Sequence[Member]) -> None:
        """One plan; where it fails those whom terraform names are left out, or else it is tried in two halves."""
        try:
            self._plan(folder, group)
        except GaiaError as error:
            if error.code in ("interrupted", "tool-missing", "disk-full", "sandbox-down"):
                raise
            guilty = {one.instance.key for one in group if _is_named(error, one)} if len(group) > 1 else set()
            if len(group) == 1:
                self.errors[group[0].instance.key] = error
                return
            rest = [one for one in group if one.instance.key not in guilty]
            named = [one for one in group if one.instance.key in guilty]
            half = len(group) // 2
            for part in (named, rest) if named and rest else (group[:half], group[half:]):
                self._group(folder, part)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _plan(self, folder: Path, group: Sequence[Member]) -> None:
        checkout, first = self.checkout, group[0].instance
        source = folder / "source"
        for path in {one.instance.component_path for one in group}:
            instance = next(one.instance for one in group if one.instance.component_path == path)
            copying = checkout.files.copying(instance)
            if copying is not None:
                copying(checkout.files.tree, source)
        if group[0].taken_out:
            for one in group:
                hoisting.take_out(source / checkout.files.components / one.instance.component_path)
        with checkout.workplace.slots.take(lambda: self.say(WAITS_FOR_SLOT), checkout.terraform(first).check_interrupt):
            made = preview(
                _with_env(checkout.terraform(first), first),
                folder=folder / "work",
                tree=source,
                instances=[one.instance for one in group],
                states={one.instance.key: one.state for one in group},
                outside=_nothing,
                components=checkout.files.components,
                only_changes=True,
            )
        self.plans += len(made.alone) + (len(made.parts) > len(made.alone))
        self.parts |= made.parts
        for key, reason in made.not_previewable:
            self.errors[key] = NotFound("output-missing", reason, next_step="Apply first what it needs.")


def _with_env(terraform: Terraform, instance: Instance) -> Terraform:
    return replace(terraform, environ={**terraform.environ, **instance.environ}) if instance.env else terraform


def _nothing(reference: Reference) -> object:
    raise NotFound("output-missing", f"{reference.text} has no value", next_step="Apply that instance first.")


def _is_named(error: GaiaError, member: Member) -> bool:
    """Whether terraform's diagnostics name the code of a member."""
    diagnostics = error.facts.get("diagnostics")
    places = [str(entry.get("at") or "") for entry in diagnostics] if isinstance(diagnostics, list) else []
    return any(f"/{member.instance.component_path}/" in f"/{place}" for place in places)


def groups(members: Sequence[Member], foreign: Callable[[Member], str]) -> Iterator[list[Member]]:
    """Members that one plan can hold: of one tool and environment, with few provider configurations. Pure."""
    by_kind: dict[str, dict[str, list[Member]]] = {}
    for member in members:
        by_kind.setdefault(foreign(member), {}).setdefault(member.configuration, []).append(member)
    for configurations in by_kind.values():
        group: list[Member] = []
        inside = 0
        for these in configurations.values():
            if group and (inside == CONFIGURATIONS or len(group) + len(these) > TOGETHER):
                yield group
                group, inside = [], 0
            whole = len(these) - len(these) % TOGETHER if len(these) > TOGETHER else 0
            yield from (these[start : start + TOGETHER] for start in range(0, whole, TOGETHER))
            group, inside = [*group, *these[whole:]], inside + 1
        if group:
            yield group


class Unresolved(Exception):
    """A value that is not known; the text says which."""


def member_of(instance: Instance, state: State, states: Mapping[InstanceKey, State | None], folder: Path) -> Member:
    """The instance with its references resolved from the states that were read.

    Raises:
        Unresolved: a value does not exist, or only something outside of the states gives it.
    """
    variables = as_map(_resolved(dict(instance.vars), states))
    providers = as_map(_resolved(dict(instance.providers), states))
    blocks = hoisting.read(folder, (PROVIDERS_FILE,) if instance.providers else ())
    own = blocks.values(variables) if blocks is not None and blocks.providers else None
    if own is not None:
        providers = {**own, **{name: _over(own.get(name), body) for name, body in providers.items()}}
    changed = replace(instance, vars=variables, providers=providers, references=())
    known = canonical.dumps({"providers": providers, "own": own is not None}).decode()
    return Member(changed, state, own is not None, known)


def _over(own: object, stacks: object) -> object:
    """An override file's block on the code's: each argument, and each kind of nested block, takes the place."""
    return {**own, **stacks} if isinstance(own, dict) and isinstance(stacks, dict) else stacks


def _resolved(value: object, states: Mapping[InstanceKey, State | None]) -> object:
    if isinstance(value, Reference):
        return _looked_up(value, states)
    if isinstance(value, HOLDERS):
        raise Unresolved(f"{value.text} at {value.at} is known only outside of the repository")
    if isinstance(value, dict):
        return {name: _resolved(child, states) for name, child in value.items()}
    if isinstance(value, list | tuple):
        return [_resolved(child, states) for child in value]
    return value


def _looked_up(reference: Reference, states: Mapping[InstanceKey, State | None]) -> object:
    from gaia.stacks.model import InstanceKey

    key, wiring = InstanceKey(reference.stack, reference.component), parse_wiring(reference.expression)
    if wiring is None:
        raise Unresolved(f"{reference.text} at {reference.at} is not an output's name or a simple path")
    state = states.get(key)
    value = wiring.evaluate(state.output_values if state else {})
    if value is None:
        raise Unresolved(f"{reference.text} at {reference.at}: the state of {key} has no such output")
    return value
