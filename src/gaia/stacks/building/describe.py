"""The document of `atmos describe component`, as JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.stacks.building.sources import files, sources
from gaia.stacks.model import Instance, Reference

if TYPE_CHECKING:
    from gaia.stacks.building.instances import Sections

ALWAYS: dict[str, type] = {
    "auth": dict, "backend": dict, "backend_type": str, "env": dict, "generate": dict, "hooks": dict,
    "metadata": dict, "overrides": dict, "providers": dict, "provision": dict, "remote_state_backend": dict,
    "remote_state_backend_type": str, "required_providers": dict, "required_version": str, "settings": dict,
    "source": dict, "vars": dict,
}  # fmt: skip
"""Sections that are there also when nobody set them."""
IF_SET = ("dependencies", "locals", "secrets", "retry")


def describe(instance: Instance, sections: Sections) -> dict[str, object]:
    """What Atmos shows of an instance; references are texts as they are written."""
    file = sections.file
    document: dict[str, object] = {key: sections.values.get(key, kind()) for key, kind in ALWAYS.items()}
    document |= {key: sections.values[key] for key in IF_SET if sections.values.get(key)}
    account = sources(file, instance, sections.values)
    supplied, defining = files(account)
    document |= {
        "atmos_component": instance.key.component,
        "atmos_manifest": instance.manifest,
        "atmos_stack": instance.key.stack,
        "atmos_stack_file": instance.manifest,
        "command": instance.command,
        "component": sections.values["component"],
        "component_info": {
            "component_path": str(file.config.components / instance.component_path),
            "component_type": "terraform",
        },
        "component_type": "terraform",
        "deps": supplied,
        "deps_all": defining,
        "imports": list(instance.imports),
        "inheritance": list(instance.inheritance),
        "sources": account,
        "stack": instance.key.stack,
        "workspace": instance.workspace,
    }
    return {key: written(value) for key, value in document.items()}


def written(value: object) -> object:
    """`value` with references as the texts that they are in the manifest."""
    if isinstance(value, Reference):
        return value.text
    if isinstance(value, dict):
        return {key: written(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [written(inner) for inner in value]
    return value
