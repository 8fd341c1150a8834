"""What the files of one commit say of environments and instances."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from gaia.catalog.model import Environment, Inventory, Part
from gaia.graph.order import needed
from gaia.kit.shapes import as_map

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.stacks.model import Instance, InstanceKey
    from gaia.stacks.repository import Repository


def read(repository: Repository, scope: Callable[[str], Mapping[str, str]]) -> Inventory:
    """All of it. `scope` says tenant, stage and region of a stack.

    Raises:
        GaiaError: what is wrong with a manifest; a list that is not whole would say that the rest has gone.
    """
    built = [one for one in repository.built(repository.instances) if one.enabled and not one.abstract]
    first = needed(built)
    environments = {stack: _environment(repository, stack, scope(stack)) for stack in repository.stacks}
    return Inventory(environments, {one.key: _part(repository, one, first[one.key]) for one in built})


def _environment(repository: Repository, stack: str, scope: Mapping[str, str]) -> Environment:
    owner = as_map(repository.stack_vars(stack).get("tags")).get("owner")
    # the stack's own one lies higher than those of services
    own = min(repository.manifests_of(stack), key=lambda one: (one.count("/"), one))
    file = posixpath.relpath(str(repository.config.stacks / own), str(repository.root))
    return Environment(stack, scope["tenant"], scope["stage"], scope.get("region", ""), _text(owner), file)


def _part(repository: Repository, instance: Instance, needs: frozenset[InstanceKey]) -> Part:
    at = instance.place(())
    folder = posixpath.relpath(str(repository.components_path / instance.component_path), str(repository.root))
    pods = as_map(instance.vars.get("pod_identity"))
    owner = as_map(instance.vars.get("tags")).get("owner")
    return Part(
        instance.key, folder, at.file, at.line, _text(owner), tuple(sorted(needs)), _text(pods.get("namespace"))
    )


def _text(value: object) -> str:
    """What only a state tells is not known here."""
    return value.strip() if isinstance(value, str) else ""
