"""The Terraform workspace of an instance, as runs and `describe component` see it, and as `describe stacks` does.

The two differ in Atmos. What is listed never names the component, prefers a fixed workspace to a pattern, and looks for
both along a longer chain of bases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit.shapes import map_at
from gaia.stacks.building import naming
from gaia.stacks.building.kinds import TERRAFORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.stacks.building.built import Built

KEYS = ("terraform_workspace", "terraform_workspace_pattern")


def of_run(built: Built) -> str:
    """The workspace that Terraform is run in, by everything but `terraform_workspace_template`."""
    if _is_default(built):
        return "default"
    metadata = map_at(built.document, "metadata")
    base = built.folder if built.folder != built.name else built.base
    pattern, fixed = (metadata.get(key) for key in reversed(KEYS))
    if isinstance(pattern, str) and pattern:
        result = naming.workspace_by_pattern(pattern, built.name, base, _context(built))
    elif isinstance(fixed, str) and fixed:
        result = fixed
    elif base and base != built.name:
        result = f"{built.prefix}-{built.name}"
    else:
        result = built.prefix
    return result.replace("/", "-")


def listed(built: Built) -> str:
    """The workspace that `describe stacks` shows."""
    if _is_default(built):
        return "default"
    metadata = _listed_metadata(built)
    fixed, pattern = (metadata.get(key) for key in KEYS)
    if isinstance(fixed, str) and fixed:
        result = fixed
    elif isinstance(pattern, str) and pattern:
        result = naming.workspace_by_pattern(pattern, "", None, _context(built))
    else:
        result = built.prefix
    return result.replace("/", "-")


def template(built: Built) -> str:
    """The `terraform_workspace_template` that names the workspace; empty where something else does."""
    found = map_at(built.document, "metadata").get("terraform_workspace_template")
    if not isinstance(found, str) or _is_default(built) or (built.listed and built.kind is not TERRAFORM):
        return ""
    return "" if built.listed and isinstance(_listed_metadata(built).get(KEYS[0]), str) else found


def _listed_metadata(built: Built) -> Mapping[str, object]:
    metadata = map_at(built.document, "metadata")
    if metadata.get("inherits"):
        found: dict[str, object] = {}
        file, kind = built.file, built.kind.name
        for base in file.code_bases(kind, built.name):
            for name in (*file.bases(kind, base), base):
                own = file.raw((kind, name), ("metadata",))
                found |= {key: own[key] for key in KEYS if key in own} if isinstance(own, dict) else {}
        metadata = {**found, **metadata}
    return metadata


def _is_default(built: Built) -> bool:
    """Without workspaces there is only this one."""
    return built.kind is TERRAFORM and (
        not built.file.config.workspaces or built.document.get("backend_type") == "http"
    )


def _context(built: Built) -> Mapping[str, object]:
    # With a name template Atmos leaves the context empty, and runs use that value.
    return {} if built.file.config.name_template else map_at(built.document, "vars")
