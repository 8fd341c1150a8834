"""`describe locals`: the locals of a top-level manifest, resolved, in the shape of a manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import NotFound
from gaia.kit.shapes import as_map
from gaia.stacks.building.kinds import TERRAFORM
from gaia.stacks.merge import deep_merge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.kit.yaml import Document
    from gaia.stacks.repository import Repository

SHOWN = ("terraform", "helmfile", "packer")
"""Types whose locals Atmos shows."""


def describe_locals(repository: Repository, stack: str, component: str | None = None) -> dict[str, object]:
    """Atmos's document: `locals` of the file, and those that a type adds. `stack` may be a manifest's path.

    With `component` those that it sees, its own on top, where a manifest has them.

    Raises:
        NotFound: `stack-unknown`, `component-unknown`, `locals-missing`.
        Invalid: what is wrong with the locals, with a position.
    """
    found = next((made for path in _manifests(repository, stack) if (made := _of_file(repository, path))), {})
    if component is None:
        if not found:
            raise _missing(stack)
        return found
    by_path = repository.spellings.get(stack)
    name = stack if by_path is None else str(next((group.stack for group in repository.groups(by_path)), stack))
    instance = repository.instance(component, name)
    own = instance.listing().get("locals")
    layers = [_locals(found), _locals(found.get(instance.kind)), as_map(own)]
    if not any(layers):
        raise _missing(stack)
    seen = deep_merge([dict(layer) for layer in layers], "replace")
    return {"components": {instance.kind: {component: {"locals": seen}}}}


def _manifests(repository: Repository, stack: str) -> list[str]:
    """The top-level manifests that are meant, by path.

    Raises:
        NotFound: `stack-unknown`.
    """
    if stack in repository.spellings:
        return [repository.spellings[stack]]
    repository.stack_vars(stack)
    return [path for path in repository.manifests if any(group.stack == stack for group in repository.groups(path))]


def _of_file(repository: Repository, path: str) -> dict[str, object]:
    document = repository.written(path)
    tree = as_map(document.value)
    shared = _resolved(repository, document, {key: value for key, value in tree.items() if key not in SHOWN})
    found: dict[str, object] = {"locals": shared} if shared else {}
    for kind in SHOWN:
        if _locals(tree.get(kind)):
            rest = {key: value for key, value in tree.items() if key not in SHOWN or key == kind}
            own = _resolved(repository, document, rest)
            more = {key: value for key, value in own.items() if key not in shared or shared[key] != value}
            found[kind] = {"locals": more}
    return found


def _resolved(repository: Repository, document: Document, tree: dict[str, object]) -> dict[str, object]:
    return dict(repository.locals_of(document.holding(tree)))


def _locals(section: object) -> Mapping[str, object]:
    found = section.get("locals") if isinstance(section, dict) else None
    return as_map(found)


def _missing(stack: str) -> NotFound:
    return NotFound(
        "locals-missing",
        f"{stack} has no locals",
        next_step=f"Write locals: into its manifest, or below {TERRAFORM.name}: for a type.",
    )
