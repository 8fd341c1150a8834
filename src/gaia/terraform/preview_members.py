"""Who takes part in a combined preview, who is previewed alone, and in which order the previews run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from gaia.errors import Conflict
from gaia.kit import hcl
from gaia.stacks.model import Reference
from gaia.terraform import lock_file
from gaia.terraform.combine import provider_sources
from gaia.terraform.component_files import LOCK_FILE
from gaia.terraform.wiring import parse_wiring
from gaia.terraform.workdir import code_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gaia.stacks.model import Instance, InstanceKey

Phase = Literal["before", "joined", "after"]
_LOCAL = re.compile(r"\.{1,2}/")


@dataclass(frozen=True, slots=True)
class Member:
    """An instance of the request, its code, and what it reads of the request's other instances."""

    instance: Instance
    component: hcl.Component
    folder: Path
    reads: tuple[Reference, ...] = field(default=())
    reason: str | None = None
    """Why it cannot join the combined root by its own nature."""

    @property
    def key(self) -> InstanceKey:
        """The instance's key."""
        return self.instance.key


def target(reference: Reference) -> InstanceKey:
    """The instance that a reference reads."""
    from gaia.stacks.model import InstanceKey

    return InstanceKey(reference.stack, reference.component)


def references(value: object) -> Iterator[Reference]:
    """Every reference in a value."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from references(child)


def members(instances: Sequence[Instance], tree: Path, components: str = "") -> tuple[Member, ...]:
    """Read the code of each instance. `tree` is the preview's own copy, `components` their base path in it.

    Raises:
        NotFound: `component-folder-missing`. Invalid: `path-escapes`, `hcl-syntax`, `lock-file-invalid`.
    """
    keys = {instance.key for instance in instances}
    sources: dict[str, str] = {}
    locked: dict[str, lock_file.Locked] = {}
    joined: list[Member] = []
    for instance in instances:
        folder = code_of(instance, tree, components)
        component = hcl.read_component(folder, tree.resolve())
        reads = tuple(entry for entry in references(dict(instance.vars)) if target(entry) in keys)
        reason = _reason(instance, component, folder, reads, keys) or _clash(instance, component, sources)
        if reason is None:
            try:
                locked = lock_file.agreed(lock_file.read(folder / LOCK_FILE, tree), locked)
            except Conflict as differ:
                reason = differ.message
        if reason is None:
            sources.update(provider_sources(component, instance.providers))
        joined.append(Member(instance, component, folder, reads, reason))
    return tuple(joined)


def _reason(
    instance: Instance,
    component: hcl.Component,
    folder: Path,
    reads: tuple[Reference, ...],
    keys: set[InstanceKey],
) -> str | None:
    if component.providers:
        return f"its component has a provider block of its own ({component.providers[0].at})"
    if component.imports:
        return f"its component has an import block ({component.imports[0]})"
    if component.uses:
        return f"its component reads {', '.join(sorted(component.uses))}, which differs in a combined run"
    declared = {alias for entry in component.required.values() for alias in entry.aliases}
    for name in instance.providers:
        if "." in name and name not in declared:
            return f"its component does not declare the provider alias {name} in configuration_aliases"
    for reference in references(dict(instance.providers)):
        if target(reference) in keys:
            return f"its provider configuration needs {reference.text}"
    for reference in reads:
        if parse_wiring(reference.expression) is None:
            return f"the expression of {reference.text} cannot be written in HCL"
    inner = next(_inner_providers(component, folder, {folder.resolve()}), None)
    return f"a module that it calls has a provider block of its own ({inner.at})" if inner else None


def _clash(instance: Instance, component: hcl.Component, sources: Mapping[str, str]) -> str | None:
    for name, source in provider_sources(component, instance.providers).items():
        if sources.get(name, source) != source:
            return f"its provider {name} is {source}, where other components of the request mean {sources[name]}"
    return None


def _inner_providers(component: hcl.Component, folder: Path, seen: set[Path]) -> Iterator[hcl.Provider]:
    for source in component.modules.values():
        path = (folder / source).resolve()
        if _LOCAL.match(source) and path not in seen and path.is_dir():
            seen.add(path)
            inner = hcl.read_component(path, folder)
            yield from inner.providers
            yield from _inner_providers(inner, path, seen)


def phases(everybody: Sequence[Member], forced: Mapping[InstanceKey, str]) -> dict[InstanceKey, Phase]:
    """When each instance is previewed, in dependency order.

    `before`: alone, and needs nothing that the combined plan will say. `joined`: in the combined plan. `after`: alone,
    with values from the combined plan; and everybody who needs such a one.
    """
    phase_of: dict[InstanceKey, Phase] = {}
    for member in everybody:
        needs = {phase_of[target(entry)] for entry in member.reads if target(entry) in phase_of}
        if member.reason or member.key in forced:
            phase_of[member.key] = "before" if needs <= {"before"} else "after"
        else:
            phase_of[member.key] = "after" if "after" in needs else "joined"
    return phase_of
