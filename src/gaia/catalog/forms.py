"""A template of Gaia's as a software template of Backstage's: pages of a form, and the steps that ask for the service.

What stands in `${{ … }}` is an expression to Backstage, and `{% … %}` beside it. All expressions here are ours: what a
template says is taken apart in texts for people, left out where it has to stand as it is, and quoted in steps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gaia.catalog.model import Form

API = "scaffolder.backstage.io/v1beta3"
MOST_STACKS = 200
"""So many are listed; of more, people type the name: each template would hold the whole list."""
TOKEN = "gaiaToken"  # noqa: S105 - what the secret is called
_LONGEST = 1000
_EXPRESSION = "${{"
_MARKS = re.compile(r"\$\{\{|\{[{%#]|[}%#]\}")
_OF_PYTHON = re.compile(r"\(\?(?![:=!])|\\[^]^$\\.*+?()[{}|/dDsSwW]|[*+?}]\+|\{(?!\d+(,\d*)?\})|\[\^?\]")
"""What regular expressions of browsers lack, or take for something else: the form would not open."""
_NAME = r"^[a-z][a-z0-9-]{1,28}[a-z0-9]$"
_SECRETS: Mapping[str, Any] = {
    "type": "object",
    "required": [TOKEN],
    "properties": {TOKEN: {"type": "string", "minLength": 1}},
}
"""A task without the token is refused at once."""
_ASKED: Mapping[str, str] = {"stack": "${{ parameters.stack }}", "name": "${{ parameters.name }}"}
ANSWERS = "${{ parameters.answers }}"
REQUEST = "${{ steps.request.output.request }}"
PAGE = "${{ steps.request.output.url }}"
EXPRESSIONS = frozenset({*_ASKED.values(), ANSWERS, REQUEST, PAGE})
"""All that an entity holds, beside quoted texts."""


def spec_of(form: Form, stacks: Collection[str]) -> dict[str, Any]:
    """The `spec`. `stacks` are those that can be chosen."""
    asks = bool(form.schema["properties"])
    answers = ANSWERS if asks else {}
    wanted = {"template": quoted(form.name), "version": quoted(form.version), **_ASKED, "answers": answers}
    steps = [
        {"id": "request", "name": "Ask for it", "action": "gaia:request", "input": wanted},
        {"id": "wait", "name": "Wait until it is there", "action": "gaia:wait", "input": {"request": REQUEST}},
    ]
    return {
        "type": "service",
        "parameters": [*([_answers(form)] if asks else []), _place(stacks)],
        "secrets": {"schema": _SECRETS},
        "steps": steps,
        "output": {"links": [{"title": "The request", "url": PAGE}]},
    }


def quoted(text: str) -> str:
    """`text` for a step: as it is, or as an expression that gives it where some of it would be taken for one."""
    if not _MARKS.search(text):
        return text
    parts = [one for one in re.split(r"([${}%#])", text) if one]
    return "${{ " + " + ".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in parts) + " }}"


def told(text: str) -> str:
    """`text` for people, who see a blank where an expression would begin."""
    return cut(visible(text).strip(), _LONGEST).replace(_EXPRESSION, "$ {{")


def _answers(form: Form) -> dict[str, Any]:
    asked = form.schema["properties"]
    answers = {
        "type": "object",
        "title": told(form.title) or told(form.name),
        "properties": {name: _question(one) for name, one in asked.items()},
        "required": list(form.schema["required"]),
        "additionalProperties": False,
    }
    return {"title": "What it is to be", "required": ["answers"], "properties": {"answers": answers}}


def _question(asked: Mapping[str, Any]) -> dict[str, Any]:
    """As Gaia's schema has it; Gaia checks the answer, also by what is left out here."""
    made = {"type": asked["type"], "title": told(asked["title"]), "description": told(asked["description"])}
    kept = {name: asked[name] for name in ("default", "enum", "minimum", "maximum") if name in asked}
    pattern = str(asked.get("pattern", ""))
    if pattern and not _OF_PYTHON.search(pattern):
        kept["pattern"] = pattern
    return made | {name: value for name, value in kept.items() if not _holds(value)}


def _place(stacks: Collection[str]) -> dict[str, Any]:
    stack: dict[str, Any] = {"type": "string", "title": "The stack that it is made in"}
    if 0 < len(stacks) <= MOST_STACKS:
        stack["enum"] = [one for one in sorted(stacks) if not _holds(one)]
    name = {
        "type": "string",
        "title": "The name of the service",
        "description": "3 to 30 lower-case letters, digits and hyphens; begin with a letter, end with no hyphen",
        "pattern": _NAME,
    }
    token = {
        "type": "string",
        "title": "Your token of Gaia",
        "description": "It is asked for in your name. Nothing keeps the token.",
        "ui:field": "Secret",
    }
    asked = {"stack": stack, "name": name, TOKEN: token}
    return {"title": "Where, and what it is called", "required": list(asked), "properties": asked}


def _holds(value: object) -> bool:
    """Whether an expression would begin in it."""
    held: Iterable[object] = value if isinstance(value, list | tuple) else (value,)
    return any(isinstance(one, str) and _EXPRESSION in one for one in held)
