"""Plans many instances in as few terraform plans as possible.

Those whose code can stand in one root are planned in one, a few provider configurations at a time. What one needs of
another of them is wired, so that Terraform itself says what is known and what is not; every other reference has its
value from the states that were read, as each instance's own plan would have it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.checkout import hoisting
from gaia.errors import GaiaError, NotFound
from gaia.kit import canonical
from gaia.kit.shapes import as_map
from gaia.platform.instances.apply_instance import WAITS_FOR_SLOT
from gaia.stacks.model import HOLDERS, InstanceKey, Reference, holders
from gaia.terraform.component_files import PROVIDERS_FILE
from gaia.terraform.preview import WHOSE, preview
from gaia.terraform.wiring import parse_wiring

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance
    from gaia.terraform.command import Terraform
    from gaia.terraform.plan import Plan
    from gaia.terraform.state import State

CONFIGURATIONS = 4
"""Of a provider in one plan: each is a process of about 600 MB."""
TOGETHER = 250
"""Instances in one plan."""
_OF_THE_MACHINE = frozenset(("interrupted", "tool-missing", "disk-full", "file-not-writable", "sandbox-down"))
"""Codes of errors that are about none of the instances."""


@dataclass(frozen=True, slots=True)
class Member:
    """An instance whose values are known, but for what it reads of other members."""

    instance: Instance
    state: State | None
    taken_out: bool
    """Whether its code's own provider blocks are given from outside."""
    configuration: str
    """What its providers are configured with, as a text that is equal for equals."""
    reads: frozenset[InstanceKey] = frozenset()
    """The members that its values are wired to."""

    @property
    def key(self) -> InstanceKey:
        """The instance's key."""
        return self.instance.key


@dataclass
class Planner:
    """Plans members of one checkout; `plans` counts what terraform planned.

    With `whole` parts say what becomes of outputs too, and `outputs` has the values that are known. With `read` plans
    that change nothing are read too: they say what was changed outside.
    """

    checkout: Checkout
    say: Callable[[str], None]
    done: Callable[[int], None]
    folder: str = "adopt"
    destroy: bool = False
    whole: bool = False
    read: bool = False
    providers: int = CONFIGURATIONS
    """How many providers one plan may start, at most `CONFIGURATIONS`."""
    parts: dict[InstanceKey, Plan] = field(default_factory=dict)
    errors: dict[InstanceKey, GaiaError] = field(default_factory=dict)
    alone: dict[InstanceKey, str] = field(default_factory=dict)
    """Who was planned alone, and why."""
    later: dict[InstanceKey, str] = field(default_factory=dict)
    """Who needs a value that does not exist yet and could not be wired to it; and which value."""
    outputs: dict[InstanceKey, Mapping[str, object]] = field(default_factory=dict)
    plans: int = 0

    def run(self, members: Sequence[Member]) -> None:
        """Plan all of them; they are in the order of their dependencies."""
        for number, group in enumerate(groups(members, self._foreign, self.providers)):
            self.say(f"planning {len(group)} instance{'s' if len(group) > 1 else ''}")
            self._group(self.checkout.workplace.folder / self.folder / str(number), group)
            self.done(len(group))

    def _foreign(self, member: Member) -> str:
        """What members of one plan must have in common beside that."""
        instance = member.instance
        return f"{self.checkout.terraform(instance).tool.path} {sorted(instance.environ.items())}"

    def _group(self, folder: Path, group: Sequence[Member]) -> None:
        """One plan; where it fails those whom terraform names are left out, or else it is tried in two halves.

        Where all of one half and an instance of each component of the other fail in the same words, it is nothing about
        single members.
        """
        error = self._tried(folder, group)
        if error is None:
            return
        if len(group) == 1:
            self.errors[group[0].key] = error
            return
        guilty = {one.key for one in group if _is_named(error, one)}
        rest = [one for one in group if one.key not in guilty]
        named = [one for one in group if one.key in guilty]
        if named and rest:
            self._group(folder, named)
            self._group(folder, rest)
            return
        half = len(group) // 2
        first, second = group[:half], group[half:]
        self._group(folder, first)
        if all(_same(self.errors.get(one.key), error) for one in first) and self._all_fail(folder, second, error):
            self.errors |= {one.key: error for one in group}
            return
        self._group(folder, second)

    def _all_fail(self, folder: Path, members: Sequence[Member], error: GaiaError) -> bool:
        """Whether the first instance of each component fails by itself in the same words."""
        by_path = {one.instance.component_path: one for one in reversed(members)}
        return all(_same(self._tried(folder, [one]), error) for one in by_path.values())

    def _tried(self, folder: Path, group: Sequence[Member]) -> GaiaError | None:
        try:
            self._plan(folder, group)
        except GaiaError as error:
            if error.code in _OF_THE_MACHINE:
                raise
            return _of_nobody(error)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return None

    def _plan(self, folder: Path, group: Sequence[Member]) -> None:
        checkout, first = self.checkout, group[0].instance
        source = folder / "source"
        by_path: dict[str, list[Member]] = {}
        for one in group:
            by_path.setdefault(one.instance.component_path, []).append(one)
        for path, these in by_path.items():
            copying = checkout.files.copying(these[0].instance)
            if copying is not None:
                copying(checkout.files.tree, source)
            if all(one.taken_out for one in these):
                hoisting.take_out(source / checkout.files.components / path)
        with checkout.workplace.slots.take(lambda: self.say(WAITS_FOR_SLOT), checkout.terraform(first).check_interrupt):
            made = preview(
                _with_env(checkout.terraform(first), first),
                folder=folder / "work",
                tree=source,
                instances=[one.instance for one in group],
                states={one.key: one.state for one in group},
                outside=self._outside,
                destroy=self.destroy,
                components=checkout.files.components,
                only_changes=not self.read,
                with_outputs=self.whole,
            )
        by_key = {one.key: one.instance for one in group}
        self.plans += len(made.alone) + (len(made.parts) > len(made.alone))
        self.parts |= {key: _with_variables(part, by_key[key]) for key, part in made.parts.items()}
        self.outputs |= made.outputs
        self.alone |= dict(made.alone)
        self.later |= dict(made.not_previewable)

    def _outside(self, reference: Reference) -> object:
        """A value of a member that is planned apart from the one that needs it."""
        wiring = parse_wiring(reference.expression)
        value = wiring.evaluate(self.outputs.get(_target(reference), {})) if wiring is not None else None
        if value is None:
            said = f"only an apply of {_target(reference)} tells it"  # which value it is, the caller says
            raise NotFound("output-missing", said, next_step="Apply that instance first.")
        return value


def _with_variables(part: Plan, instance: Instance) -> Plan:
    """With what the variables were given, as far as it is known: in one root they are arguments of a module."""
    if "variables" in part.raw:
        return part
    given = {name: {"value": value} for name, value in instance.vars.items() if not any(holders(value))}
    return replace(part, raw={**part.raw, "variables": given})


def _with_env(terraform: Terraform, instance: Instance) -> Terraform:
    return replace(terraform, environ={**terraform.environ, **instance.environ}) if instance.env else terraform


def _is_named(error: GaiaError, member: Member) -> bool:
    """Whether an error, or one of terraform's diagnostics, names the code of a member."""
    diagnostics = error.facts.get("diagnostics")
    places = [str(entry.get("at") or "") for entry in diagnostics] if isinstance(diagnostics, list) else []
    return any(f"/{member.instance.component_path}/" in f"/{place}" for place in (*places, error.at or ""))


def _of_nobody(error: GaiaError) -> GaiaError:
    """Without the root that only this plan had: whose error it is says where it is shown."""
    error.message = error.message.replace(f" for {WHOSE}", "").removeprefix(f"{WHOSE}: ")
    return error


def _same(one: GaiaError | None, other: GaiaError) -> bool:
    return one is not None and _words(one) == _words(other)


def _words(error: GaiaError) -> tuple[str, str]:
    """What an error says, without whose it is."""
    return error.code, error.message.replace(str(error.facts.get("subject") or ""), "")


def groups(
    members: Sequence[Member], foreign: Callable[[Member], str], providers: int = CONFIGURATIONS
) -> Iterator[list[Member]]:
    """Members that one plan can hold: of one tool and environment, with so few provider configurations. Pure.

    Those that read each other stay together, as far as one plan can hold them.
    """
    by_kind: dict[str, list[Member]] = {}
    for member in members:
        by_kind.setdefault(foreign(member), []).append(member)
    for these in by_kind.values():
        yield from _packed(_clusters(these), min(providers, CONFIGURATIONS))


def _clusters(members: Sequence[Member]) -> list[list[Member]]:
    """Members with all that they read and that read them; equal configurations stand next to each other."""
    root = {one.key: one.key for one in members}

    def find(key: InstanceKey) -> InstanceKey:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for one in members:
        for other in one.reads & root.keys():
            root[find(one.key)] = find(other)
    found: dict[InstanceKey, list[Member]] = {}
    for one in members:
        found.setdefault(find(one.key), []).append(one)
    seen: dict[frozenset[str], list[list[Member]]] = {}
    for cluster in found.values():
        seen.setdefault(_configurations(cluster), []).append(cluster)
    return [cluster for these in seen.values() for cluster in these]


def _packed(clusters: Iterable[list[Member]], providers: int) -> Iterator[list[Member]]:
    """Groups of which each is one plan and starts no more than so many providers."""
    group: list[Member] = []
    for cluster in clusters:
        pieces = [cluster] if _fits(cluster, providers) else [[one] for one in cluster]
        for piece in pieces:
            if group and not _fits([*group, *piece], providers):
                yield group
                group = []
            group = [*group, *piece]
    if group:
        yield group


def _fits(members: Sequence[Member], providers: int) -> bool:
    return len(members) <= TOGETHER and len(_configurations(members)) <= providers


def _configurations(members: Iterable[Member]) -> frozenset[str]:
    return frozenset(one.configuration for one in members)


class Unresolved(Exception):
    """A value that is not known; the text says which."""


def member_of(
    instance: Instance,
    state: State | None,
    states: Mapping[InstanceKey, State | None],
    folder: Path,
    wired: Collection[InstanceKey] = (),
) -> Member:
    """The instance with its references resolved from the states that were read, but for those to `wired` ones.

    Raises:
        Unresolved: a value does not exist, or only something outside of the states gives it.
    """
    variables = as_map(_resolved(dict(instance.vars), states, wired))
    providers = as_map(_resolved(dict(instance.providers), states, ()))
    blocks = hoisting.read(folder, (PROVIDERS_FILE,) if instance.providers else ())
    own = blocks.values(variables) if blocks is not None and blocks.providers else None
    if own is not None:
        providers = {**own, **{name: _over(own.get(name), body) for name, body in providers.items()}}
    left = tuple((path, one) for path, one in instance.references if _target(one) in wired)
    changed = replace(instance, vars=variables, providers=providers, references=left)
    known = canonical.dumps({"providers": providers, "own": own is not None}).decode()
    return Member(changed, state, own is not None, known, frozenset(_target(one) for _, one in left))


def _target(reference: Reference) -> InstanceKey:
    return InstanceKey(reference.stack, reference.component)


def _over(own: object, stacks: object) -> object:
    """An override file's block on the code's: each argument, and each kind of nested block, takes the place."""
    return {**own, **stacks} if isinstance(own, dict) and isinstance(stacks, dict) else stacks


def _resolved(value: object, states: Mapping[InstanceKey, State | None], wired: Collection[InstanceKey]) -> object:
    if isinstance(value, Reference):
        return value if _target(value) in wired else _looked_up(value, states)
    if isinstance(value, HOLDERS):
        raise Unresolved(f"{value.text} at {value.at} is known only outside of the repository")
    if isinstance(value, dict):
        return {name: _resolved(child, states, wired) for name, child in value.items()}
    if isinstance(value, list | tuple):
        return [_resolved(child, states, wired) for child in value]
    return value


def _looked_up(reference: Reference, states: Mapping[InstanceKey, State | None]) -> object:
    key, wiring = _target(reference), parse_wiring(reference.expression)
    if wiring is None:
        raise Unresolved(f"{reference.text} at {reference.at} is not an output's name or a simple path")
    state = states.get(key)
    value = wiring.evaluate(state.output_values if state else {})
    if value is None:
        raise Unresolved(f"{reference.text} at {reference.at}: the state of {key} has no such output")
    return value
