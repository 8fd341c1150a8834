"""The backend of an instance: the entry of its type, with the defaults that keep states apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.shapes import as_map
from gaia.stacks.building.stackfile import ABSENT
from gaia.stacks.merge import combine

if TYPE_CHECKING:
    from gaia.stacks.building.folding import Fold
    from gaia.stacks.building.kinds import Kind
    from gaia.stacks.building.stackfile import StackFile

DEFAULT_KEYS = {"s3": "workspace_key_prefix", "gcs": "prefix", "azurerm": "key"}


def derive(file: StackFile, kind: Kind, name: str, fold: Fold, owner: str) -> None:
    """Put the entries of their types in the place of the trees of backends; `owner` is the name the defaults carry.

    Raises:
        Invalid: `backend-type-mismatch`.
    """
    values = fold.values
    chosen = str(values.get("backend_type", ""))
    body = values["backend"] = _entry(file, kind, name, fold, "backend", chosen) | _defaults(
        file, kind, name, chosen, owner
    )
    remote = str(values.get("remote_state_backend_type", "") or chosen)
    values["remote_state_backend_type"] = remote
    own = _entry(file, kind, name, fold, "remote_state_backend", remote)
    values["remote_state_backend"] = combine([body, own], fold.strategy) if remote == chosen else own


def _entry(file: StackFile, kind: Kind, name: str, fold: Fold, section: str, chosen: str) -> dict[str, object]:
    tree = fold.values.get(section)
    if not chosen or not isinstance(tree, dict) or not tree:
        return {}
    if chosen not in tree:
        layer = file.section_layer(kind, name, section, fold.strategy)
        raise Invalid(
            "backend-type-mismatch",
            f"{section}_type of {name} in {file.manifest.path} is {chosen}, but {section} only has "
            + ", ".join(sorted(tree)),
            at=layer.position if layer else None,
            next_step=f"Add {section}.{chosen}, or correct {section}_type.",
        )
    entry = tree[chosen]
    return as_map(entry)


def _defaults(file: StackFile, kind: Kind, name: str, chosen: str, owner: str) -> dict[str, object]:
    """What Atmos adds, or sets over the type level's value: the folder of the component's states."""
    key = DEFAULT_KEYS.get(chosen)
    if key is None:
        return {}
    dashed = owner.replace("/", "-")
    own = file.lookup(kind.name, name, ("backend", chosen, key), "BC")
    if chosen != "azurerm":
        return {} if own not in (ABSENT, None, "") else {key: dashed}
    shared = file.lookup(kind.name, name, ("backend", chosen, key), "T")
    prefix = str(shared) if shared not in (ABSENT, None, "") else ""
    if own not in (ABSENT, None, "", prefix):
        return {key: own}
    return {key: (f"{prefix}/" if prefix else "") + f"{dashed}.terraform.tfstate"}
