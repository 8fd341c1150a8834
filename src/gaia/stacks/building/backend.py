"""The backend of an instance: the entry of its type, with the defaults that keep states apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.stacks.layers import Layer, merged

if TYPE_CHECKING:
    from gaia.stacks.building.stackfile import StackFile


def backend_type(file: StackFile, name: str) -> str:
    """`backend_type` of a component; empty where none is set."""
    layer = file.assigned(name, "backend_type", "TBC")
    return str(layer.value) if layer else ""


def backend(file: StackFile, name: str, kind: str, owner: str, strategy: str) -> tuple[Layer | None, dict[str, object]]:
    """The merged entry for `kind`, and the map with defaults; `owner` is the name that the defaults carry.

    Raises:
        Invalid: `backend-type-mismatch`.
    """
    tree = file.section(name, "backend", strategy)
    if tree is None or not tree.value or not kind:
        return None, defaults(file, name, kind, owner)
    layer = tree.child(kind)
    if layer is None:
        raise Invalid(
            "backend-type-mismatch",
            f"backend_type of {name} in {file.manifest.path} is {kind}, but backend only has "
            + ", ".join(sorted(tree.value if isinstance(tree.value, dict) else ())),
            at=tree.position,
            next_step=f"Add backend.{kind}, or correct backend_type.",
        )
    value = dict(layer.value) if isinstance(layer.value, dict) else {}
    return layer, value | defaults(file, name, kind, owner)


def defaults(file: StackFile, name: str, kind: str, owner: str) -> dict[str, object]:
    """What Atmos adds, or sets over the type level's value: the folder of the component's states."""
    dashed = owner.replace("/", "-")
    key = {"s3": "workspace_key_prefix", "gcs": "prefix", "azurerm": "key"}.get(kind)
    if key is None:
        return {}
    own = file.scalar(name, ("backend", kind, key), "BC")
    if kind != "azurerm":
        return {} if own and own.value else {key: dashed}
    shared = file.scalar(name, ("backend", kind, key), "T")
    prefix = str(shared.value) if shared and shared.value else ""
    if own and own.value and own.value != prefix:
        return {key: own.value}
    return {key: (f"{prefix}/" if prefix else "") + f"{dashed}.terraform.tfstate"}


def remote_state_backend(
    file: StackFile, name: str, kind: str, resolved: tuple[str, dict[str, object]], strategy: str
) -> dict[str, object]:
    """The backend that readers of the state use: the resolved one of the same type, and its own settings over it."""
    own = file.section(name, "remote_state_backend", strategy)
    layer = own.child(kind) if own else None
    base = Layer(resolved[1]) if resolved[0] == kind else None
    found = merged([one for one in (base, layer) if one is not None and isinstance(one.value, dict)], strategy)
    return dict(found.value) if found and isinstance(found.value, dict) else {}
