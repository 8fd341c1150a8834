"""The preview of several instances at once: one root module, one plan, one provider start.

Outputs are wired to inputs, so Terraform itself says what is known and what is not. Nothing is locked and nothing is
written but the preview's own folder: existing resources take part through a copy of their state.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.kit.shapes import as_map
from gaia.terraform import combine, root
from gaia.terraform.inputs import Inputs, UnknownInput
from gaia.terraform.plan import Plan
from gaia.terraform.preview_members import Member, members, phases, target
from gaia.terraform.wiring import parse_wiring
from gaia.terraform.workdir import copy_tree, prepare, write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gaia.stacks.model import Instance, InstanceKey, Reference
    from gaia.terraform.command import Terraform
    from gaia.terraform.events import Event
    from gaia.terraform.state import State

WHOSE = "the preview"
"""What an error of the root of several instances calls it."""
_NEEDS_KNOWN = ("Invalid count argument", "Invalid for_each argument", "Invalid for_each set argument")


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen to a request's instances."""

    plan: Plan
    """Of the combined root, whose addresses begin with `module.NAME.`; empty when nobody could join."""
    parts: Mapping[InstanceKey, Plan]
    """One plan an instance, as if it had been planned by itself: joined ones and those previewed alone."""
    alone: tuple[tuple[InstanceKey, str], ...]
    """Who was previewed alone, and why."""
    not_previewable: tuple[tuple[InstanceKey, str], ...]
    """Who needs a value that does not exist yet and could not join, so that nothing can be said; and which value."""
    provider_starts: int
    """Provider configurations that were started to plan; each is a process while it plans."""
    outputs: Mapping[InstanceKey, Mapping[str, object]] = field(default_factory=dict)
    """Output values that are known from the plans: of those previewed alone, and of all where they were asked for."""


@dataclass
class _Work:
    terraform: Terraform
    folder: Path
    tree: Path
    components: str
    inputs: Inputs
    on_event: Callable[[Event], None] | None
    everybody: tuple[Member, ...]
    only_changes: bool = False
    with_outputs: bool = False
    plan: Plan = field(default_factory=Plan.nothing)
    forced: dict[InstanceKey, str] = field(default_factory=dict)
    parts: dict[InstanceKey, Plan] = field(default_factory=dict)
    alone: dict[InstanceKey, str] = field(default_factory=dict)
    blocked: dict[InstanceKey, str] = field(default_factory=dict)
    starts: int = 0


def preview(
    terraform: Terraform,
    *,
    folder: Path,
    tree: Path,
    instances: Sequence[Instance],
    states: Mapping[InstanceKey, State | None],
    outside: Callable[[Reference], object],
    destroy: bool = False,
    on_event: Callable[[Event], None] | None = None,
    components: str = "",
    only_changes: bool = False,
    with_outputs: bool = False,
) -> Preview:
    """Preview instances together.

    Args:
        terraform: the terraform to use.
        folder: the preview's own folder, made 0700. What this writes there (code, states, plans: secrets in clear) is
            removed again; what a killed preview left there, too.
        tree: the components tree at one commit, and `components` the base path in it (as `workdir.prepare` takes them).
        instances: in dependency order, with references left in.
        states: the current state of each instance; None or missing: it does not exist yet.
        outside: the value of a reference to an instance that is not among `instances`; `NotFound` when there is none.
        destroy: preview their destruction.
        on_event: called for each event of the plans; addresses are those of the combined root.
        components: see `tree`.
        only_changes: a plan that changes nothing is not read: its parts are plans of no resources.
        with_outputs: joined instances' parts say what becomes of their outputs, as plans of their own would.

    Raises:
        ToolFailed: `terraform-failed` for a mistake in the configuration. Unavailable: `provider-missing`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(folder)
    try:
        copy_tree(tree, folder / "tree")
        everybody = members(instances, folder / "tree", components)
        inputs = Inputs({member.key: member for member in everybody}, states, outside, destroy)
        return _previewed(
            _Work(terraform, folder, tree, components, inputs, on_event, everybody, only_changes, with_outputs)
        )
    finally:
        _clear(folder)


def _clear(folder: Path) -> None:
    for name in ("tree", "root", "data", "alone"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "core.log").unlink(missing_ok=True)


def _previewed(work: _Work) -> Preview:
    for member in work.everybody:
        state = work.inputs.states.get(member.key)
        if work.inputs.destroy and (state is None or state.empty):
            work.parts[member.key] = Plan.nothing()
    while True:
        try:
            return _attempt(work)
        except _Expelled as expelled:
            work.forced.update(expelled.reasons)


class _Expelled(Exception):
    """Some instances turned out not to be able to join."""

    def __init__(self, reasons: Mapping[InstanceKey, str]) -> None:
        super().__init__()
        self.reasons = reasons


def _attempt(work: _Work) -> Preview:
    when = phases(work.everybody, work.forced)
    todo = [member for member in work.everybody if member.key not in work.parts]
    for member in todo:
        if when[member.key] == "before":
            _alone(work, member)
    joined = [member for member in todo if when[member.key] == "joined"]
    if joined:
        _together(work, joined, [member for member in todo if when[member.key] == "after"])
    for member in todo:
        if when[member.key] == "after":
            _alone(work, member)
    return Preview(
        plan=work.plan,
        parts={member.key: work.parts[member.key] for member in work.everybody if member.key in work.parts},
        alone=tuple(work.alone.items()),
        not_previewable=tuple(work.blocked.items()),
        provider_starts=work.starts,
        outputs=work.inputs.outputs,
    )


def _alone(work: _Work, member: Member) -> None:
    """Preview one instance in a root of its own, on a local copy of its state."""
    if member.key in work.parts:
        return
    try:
        variables = work.inputs.known(dict(member.instance.vars))
        providers = work.inputs.known(dict(member.instance.providers))
    except UnknownInput as missing:
        work.blocked[member.key] = str(missing)
        return
    _learn_inputs(work, member, variables)
    instance = replace(member.instance, backend_type="local", backend={})
    wd = prepare(
        work.folder / "alone" / member.key.stack / member.key.component,
        tree_source=work.tree,
        instance=instance,
        variables=as_map(variables),
        providers=as_map(providers),
        components=work.components,
    )
    work.terraform.init(wd)  # before there is a state: it would ask whether to move that to where it is
    state = work.inputs.states.get(member.key)
    if state is not None:
        place = wd.module if wd.workspace == "default" else wd.module / "terraform.tfstate.d" / wd.workspace
        write_private(place / "terraform.tfstate", json.dumps(state.raw).encode())
    plan = work.terraform.plan(wd, destroy=work.inputs.destroy, on_event=work.on_event, only_changes=work.only_changes)
    work.starts += 1
    work.parts[member.key] = plan
    work.alone[member.key] = (
        member.reason or work.forced.get(member.key) or "it needs an output of an instance that is previewed alone"
    )
    work.inputs.outputs[member.key] = _known_outputs(plan)


def _together(work: _Work, joined: list[Member], later: list[Member]) -> None:
    names = combine.module_names(member.key for member in joined)
    try:
        calls = [_call(work, member, names) for member in joined]
    except _BlockedMember as blocked:
        raise _Expelled({blocked.key: blocked.reason}) from None
    wanted = _every_output(joined) if work.with_outputs else _wanted(joined, later)
    outputs = {name: f"module.{names[key]}.{output}" for name, (key, output) in wanted.items()}
    secret = _secret_outputs(joined)
    shown = {name for name, entry in wanted.items() if entry not in secret} if work.with_outputs else ()
    made = combine.root_module(calls, outputs, shown)
    existing = _existing(work, joined)
    states = {names[key]: state for key, state in existing.items()}
    known = {name: existing[key] for name, (key, _) in wanted.items() if key in existing} if work.with_outputs else {}
    before = {
        name: {**entry, "sensitive": name not in shown}
        for name, state in known.items()
        if (entry := state.raw_output(wanted[name][1])) is not None
    }
    wd = root.write(work.folder, made.document, {names[member.key]: member for member in joined}, WHOSE)
    write_private(
        wd.module / "terraform.tfstate", combine.merged_state(states, work.terraform.tool.version, made, before)
    )
    try:
        work.terraform.init(wd)
        plan = work.terraform.plan(
            wd, destroy=work.inputs.destroy, on_event=work.on_event, only_changes=work.only_changes
        )
    except GaiaError as error:
        raise _expelled(error, joined) or error from error
    work.plan = plan
    work.starts += made.configurations
    for member in joined:
        own = {name: output for name, (key, output) in wanted.items() if key == member.key and work.with_outputs}
        work.parts[member.key] = combine.part_of(plan, names[member.key], own)
    values = _known_outputs(plan)
    for name, (key, output) in wanted.items():
        if name in values:
            work.inputs.outputs.setdefault(key, {})[output] = values[name]


def _every_output(joined: list[Member]) -> dict[str, tuple[InstanceKey, str]]:
    """Every output of the instances, by a name in the root; an ephemeral one is in no plan and no state."""
    entries = [
        (one.key, output.name) for one in joined for output in one.component.outputs.values() if not output.ephemeral
    ]
    return {f"o{number}": entry for number, entry in enumerate(entries)}


def _secret_outputs(joined: list[Member]) -> set[tuple[InstanceKey, str]]:
    """Outputs that are declared sensitive, and all of those whose inputs come from such a one."""
    found: set[tuple[InstanceKey, str]] = set()
    for member in joined:
        wirings = [(target(one), parse_wiring(one.expression)) for one in member.reads]
        reached = any(wiring is not None and (key, wiring.output) in found for key, wiring in wirings)
        outputs = member.component.outputs.values()
        found |= {(member.key, output.name) for output in outputs if output.sensitive or reached}
    return found


def _wanted(joined: list[Member], later: list[Member]) -> dict[str, tuple[InstanceKey, str]]:
    """The outputs that instances previewed after the combined plan read from it, by a name in the root."""
    declared = {member.key: member.component.outputs for member in joined}
    outputs: dict[tuple[InstanceKey, str], None] = {}
    for reference in (reference for member in later for reference in member.reads):
        wiring = parse_wiring(reference.expression)
        if wiring is not None and wiring.output in declared.get(target(reference), {}):
            outputs[target(reference), wiring.output] = None
    return {f"o{number}": entry for number, entry in enumerate(outputs)}


class _BlockedMember(Exception):
    def __init__(self, key: InstanceKey, reason: str) -> None:
        super().__init__(reason)
        self.key = key
        self.reason = reason


def _call(work: _Work, member: Member, names: Mapping[InstanceKey, str]) -> combine.Call:
    try:
        providers = as_map(work.inputs.known(dict(member.instance.providers)))
        return root.call(member, names, work.inputs, providers, work.terraform.redact, below=work.folder)
    except UnknownInput as missing:
        raise _BlockedMember(member.key, str(missing)) from None


def _existing(work: _Work, joined: list[Member]) -> dict[InstanceKey, State]:
    return {member.key: state for member in joined if (state := work.inputs.states.get(member.key)) is not None}


def _expelled(error: GaiaError, joined: list[Member]) -> _Expelled | None:
    """Who made the combined plan impossible; None when the mistake would also be one alone."""
    if error.code == "provider-missing" and len({_constraints(member) for member in joined}) > 1:
        return _Expelled({member.key: "the request's components want different provider versions" for member in joined})
    diagnostics = error.facts.get("diagnostics")
    reasons: dict[InstanceKey, str] = {}
    for entry in diagnostics if isinstance(diagnostics, list) else ():
        if str(entry.get("summary", "")).startswith(_NEEDS_KNOWN):
            guilty = [member for member in joined if f"/{member.instance.component_path}/" in f"/{entry.get('at')}"]
            for member in guilty or joined:
                reasons[member.key] = "its count or for_each depends on a value that is known only after apply"
    return _Expelled(reasons) if reasons else None


def _constraints(member: Member) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((entry.source, entry.version) for entry in member.component.required.values()))


def _learn_inputs(work: _Work, member: Member, variables: object) -> None:
    for name, value in as_map(variables).items():
        declared = member.component.variables.get(name)
        if declared is not None and declared.sensitive:
            work.terraform.redact.learn(value)


def _known_outputs(plan: Plan) -> dict[str, object]:
    planned = plan.raw.get("planned_values")
    outputs = planned.get("outputs") if isinstance(planned, dict) else None
    found = outputs.items() if isinstance(outputs, dict) else ()
    return {name: entry["value"] for name, entry in found if "value" in entry}
