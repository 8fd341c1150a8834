"""Exported commits of the platform repository: what a run reads stacks, components, policies and templates from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.stacks.model import InstanceKey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gaia.platform.parts import Parts
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository


def export(parts: Parts, commit: str) -> Path:
    """The folder that holds the files of `commit`; made when it is not there yet."""
    folder = parts.folder / "trees" / commit
    if not folder.is_dir():
        parts.clone().export(commit, folder)
    return folder.resolve()  # as the repository's own paths are, also where GAIA_HOME lies behind a link


def open_at(parts: Parts, commit: str) -> Repository:
    """The configuration at `commit`, with everything that could reach outside switched off."""
    from gaia.stacks.repository import Repository

    return Repository.open(export(parts, commit), environ={}, untrusted=True)


def instances(repository: Repository, keys: Iterable[str]) -> list[Instance]:
    """The instances named `STACK/COMPONENT`, in the order given."""
    parsed = [InstanceKey.parse(key) for key in keys]
    return [repository.instance(key.component, key.stack) for key in parsed]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack is, in the words that its manifests use."""

    tenant: str
    environment: str
    stage: str
    region: str


def place(repository: Repository, stack: str) -> Place:
    """Tenant, environment, stage and region of a stack, from the variables that its instances share.

    Raises:
        NotFound: `stack-unknown`, with the nearest names.
        Invalid: `stack-incomplete` when one of the four is not set.
    """
    shared = repository.stack_vars(stack)
    missing = [name for name in ("tenant", "environment", "stage", "region") if not isinstance(shared.get(name), str)]
    if missing:
        raise Invalid(
            "stack-incomplete",
            f"stack {stack} does not set {', '.join(missing)}",
            next_step="Set them under `vars` in the stack's defaults.",
        )
    return Place(*(str(shared[name]) for name in ("tenant", "environment", "stage", "region")))
