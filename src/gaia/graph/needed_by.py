"""`describe dependents`: who needs an instance, in Atmos's words."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from gaia.graph.needs import CONTEXT, DECLARED

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from gaia.graph.index import ReverseIndex
    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository

KINDS: tuple[str, ...] = DECLARED
"""What Atmos counts; references come on top where they are asked for."""


def describe_dependents(
    repository: Repository,
    component: str,
    stack: str,
    *,
    include_settings: bool = False,
    references: bool = False,
) -> list[dict[str, object]]:
    """Atmos's document: the enabled instances that declare a dependency on one, sorted by `stack_slug`.

    With `references` also those that read its state.

    Raises:
        NotFound: `stack-unknown`, `component-unknown`.
        Invalid: what is wrong with a manifest.
    """
    from gaia.graph.index import ReverseIndex

    target = repository.instance(component, stack)
    found = ReverseIndex(repository).needing(target, kinds=None if references else KINDS)
    documents = [dependent(repository, one, None, include_settings=include_settings) for one, _ in found]
    return sorted(documents, key=_slug)


def all_dependents(
    index: ReverseIndex,
    repository: Repository,
    target: Instance,
    *,
    include_settings: bool = False,
    kinds: Collection[str] | None = KINDS,
    stack: str | None = None,
    way: tuple[InstanceKey, ...] = (),
) -> list[dict[str, object]]:
    """The dependents of an instance, each with its own dependents below it, sorted by `stack_slug`.

    Where instances need each other in a circle, the way down ends at the first that is on it already.
    """
    documents = []
    way = (*way, target.key)
    for one, _ in index.needing(target, kinds=kinds, stack=stack):
        if one.key not in way:
            below = all_dependents(
                index, repository, one, include_settings=include_settings, kinds=kinds, stack=stack, way=way
            )
            documents.append(dependent(repository, one, below, include_settings=include_settings))
    return sorted(documents, key=_slug)


def dependent(
    repository: Repository, instance: Instance, below: Sequence[object] | None, *, include_settings: bool
) -> dict[str, object]:
    """One entry; `below` are its own dependents, None where nobody asked for them."""
    return identity(repository, instance) | {
        "dependents": below,
        "included_in_dependents": False,
        "settings": dict(instance.settings) if include_settings else None,
    }


def identity(repository: Repository, instance: Instance) -> dict[str, object]:
    """The fields that say which instance is meant; context fields that are empty are left out, as Atmos does."""
    folder = posixpath.relpath(str(repository.components_path / instance.component_path), str(repository.root))
    context = {name: str(instance.vars[name]) for name in CONTEXT if instance.vars.get(name)}
    return {
        "component": instance.key.component,
        "component_type": "terraform",
        "component_path": folder,
        **context,
        "stack": instance.key.stack,
        "stack_slug": slug(instance.key),
        **_integrations(instance),
    }


def slug(key: InstanceKey) -> str:
    """`STACK-COMPONENT`, without slashes in the component."""
    return f"{key.stack}-{key.component.replace('/', '-')}"


def _integrations(instance: Instance) -> dict[str, object]:
    if not any(name in instance.settings for name in ("spacelift", "atlantis")):
        return {}
    document = instance.listing()
    names = ("spacelift_stack", "atlantis_project")
    return {name: document[name] for name in names if document.get(name)}


def _slug(document: dict[str, object]) -> tuple[str, str]:
    return str(document["stack_slug"]), str(document["component"])
