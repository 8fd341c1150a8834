"""What a template asks as JSON Schema, for whoever makes a form of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gaia.scaffold.template import Template

_KINDS = {"str": "string", "int": "integer", "bool": "boolean", "choice": "string"}


def answers_schema(template: Template) -> dict[str, Any]:
    """JSON Schema 2020-12 of the answers. Patterns are Python's."""
    properties: dict[str, dict[str, object]] = {}
    for one in template.questions:
        limits = {
            "default": one.default,
            "enum": list(one.choices) or None,
            "pattern": one.pattern and f"^(?:{one.pattern})$",
            "minimum": one.minimum,
            "maximum": one.maximum,
        }
        known = {name: value for name, value in limits.items() if value is not None}
        properties[one.name] = {"type": _KINDS[one.type], "title": one.help, "description": one.wants, **known}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": template.title,
        "description": template.description,
        "type": "object",
        "properties": properties,
        "required": [one.name for one in template.questions if one.required],
        "additionalProperties": False,
    }
