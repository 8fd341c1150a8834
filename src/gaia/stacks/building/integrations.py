"""What Spacelift and Atlantis call an instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.shapes import as_list, as_map
from gaia.stacks.building import naming

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.stacks.building.built import Built

CONTEXT = (*naming.TOKENS, "region")


def integrations(built: Built) -> None:
    """Add `spacelift_stack` and `atlantis_project` to the document of an instance that has them."""
    settings, variables = as_map(built.document.get("settings")), as_map(built.document.get("vars"))
    spacelift = as_map(settings.get("spacelift"))
    if spacelift.get("workspace_enabled") is True:
        pattern = spacelift.get("stack_name_pattern")
        name = f"{built.prefix}-{built.name}"
        if isinstance(pattern, str) and pattern:
            name = naming.workspace_by_pattern(pattern, built.name, None, variables)
        built.document["spacelift_stack"] = name.replace("/", "-")
    pattern = atlantis_project(built).get("name")
    if isinstance(pattern, str) and pattern:
        built.document["atlantis_project"] = with_context(pattern, context(built))


def atlantis_project(built: Built, name: str = "") -> Mapping[str, object]:
    """The project template of Atlantis: the one of a name, else the settings' own, else the one that they name.

    Raises:
        Invalid: `atlantis-template-unknown`, where `name` is given.
    """
    listed = as_map(built.file.config.setting("integrations", "atlantis", "project_templates"))
    if name:
        if name not in listed:
            raise unknown("project", name, listed)
        return as_map(listed[name])
    section = as_map(as_map(built.document.get("settings")).get("atlantis"))
    return as_map(section.get("project_template")) or as_map(listed.get(str(section.get("project_template_name"))))


def context(built: Built) -> dict[str, str]:
    """What the tokens of Atlantis's templates stand for; of the instance's vars, those that are texts."""
    variables = as_map(built.document.get("vars"))
    found = {token: value if isinstance(value := variables.get(token), str) else "" for token in CONTEXT}
    attributes = variables.get("attributes")
    listed = as_list(attributes)
    return found | {"component": built.name.replace("/", "-"), "attributes": "-".join(map(str, listed))}


def with_context(pattern: str, tokens: Mapping[str, str]) -> str:
    """A template's text with its tokens filled in; others stay."""
    for token, value in tokens.items():
        pattern = pattern.replace(f"{{{token}}}", value)
    return pattern


def unknown(kind: str, name: str, listed: Mapping[str, object]) -> Invalid:
    """`atlantis-template-unknown`."""
    return Invalid(
        "atlantis-template-unknown",
        f"integrations.atlantis.{kind}_templates of atmos.yaml has no {name!r}",
        next_step=f"Add it, or choose one of {', '.join(listed)}." if listed else "Add it there.",
    )
