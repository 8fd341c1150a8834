"""Names: of a stack, of a Terraform workspace, of the files beside an instance's code."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.stacks.building.stackfile import ABSENT
from gaia.stacks.loading.tags import not_supported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.stacks.building.stackfile import StackFile

TOKENS = ("namespace", "tenant", "environment", "stage")
_FIELD = re.compile(r"\{\{-?\s*((?:\.[A-Za-z_][A-Za-z0-9_]*)+)\s*-?\}\}")
_PATTERN_TOKEN = re.compile(r"\{([^{}]*)\}")


class NameMissing(Exception):
    """The naming rule needs a value that this component lacks."""

    def __init__(self, error: Invalid) -> None:
        super().__init__(str(error))
        self.error = error


def context_name(file: StackFile, name: str) -> str | None:
    """The name of the stack that a component of this file is in by `name:`, template or pattern.

    None where the repository has no such rule: then the stack is named by its path. Names come before instances:
    only the values that the rule reads are looked up.

    Raises:
        NameMissing: the template or pattern reads a value that is not there.
    """
    own = file.top.child("name")
    if own is not None and isinstance(own.value, str) and own.value:
        return own.value
    return rule_name(file, name)


def rule_name(file: StackFile, name: str) -> str | None:
    """As `context_name`, by template or pattern alone: what Atmos looks for duplicates by.

    Raises:
        NameMissing: as `context_name`.
    """
    if file.config.name_template:
        return _by_template(file, name)
    if file.config.name_pattern:
        return _by_pattern(file, name)
    return None


def stack_name(file: StackFile, name: str) -> str:
    """The identity of the stack that a component is in.

    Raises:
        NameMissing: as `context_name`.
    """
    known = file.stack_names.get(name)
    if known is None:
        known = file.stack_names[name] = context_name(file, name) or file.manifest.name
    return known


def _by_template(file: StackFile, name: str) -> str:
    template = file.config.name_template
    at = file.config.document.at(("stacks", "name_template"))

    def field(match: re.Match[str]) -> str:
        path = tuple(match.group(1)[1:].split("."))
        order = {"metadata": "BC", "vars": "GTBCO", "settings": "GTBCO", "env": "GTBCO"}.get(path[0])
        if order is None:
            raise not_supported(f".{path[0]} in stacks.name_template", at, "Use .vars, .settings, .env or .metadata.")
        value = file.lookup(name, path, order)
        if value is ABSENT:
            raise NameMissing(_missing("name-template-failed", match.group(1)[1:], file, name))
        return _text(value)

    result = _FIELD.sub(field, template)
    if "{{" in _FIELD.sub("", template):
        raise not_supported(
            "functions and conditions in stacks.name_template", at, "Use fields only, or stacks.name_pattern."
        )
    return result


def _by_pattern(file: StackFile, name: str) -> str:
    parts: list[str] = []
    for part in file.config.name_pattern.split("-"):
        for token in _PATTERN_TOKEN.findall(part):
            if token not in TOKENS:
                continue
            value = file.lookup(name, ("vars", token), "GTBCO")
            if not isinstance(value, str) or not value:
                raise NameMissing(_missing("name-pattern-missing-var", f"vars.{token}", file, name))
            parts.append(value)
    return "-".join(parts)


def _missing(code: str, what: str, file: StackFile, name: str) -> Invalid:
    rule = "name_template" if file.config.name_template else "name_pattern"
    return Invalid(
        code,
        f"stacks.{rule} needs {what}, which {name} in {file.manifest.path} does not have as a text",
        at=file.components.child(name).position if file.components.child(name) else None,  # type: ignore[union-attr]
        next_step=f"Set {what} in the manifest or in one of its imports.",
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<no value>" if value is None else str(value)


def workspace(
    file: StackFile,
    *,
    name: str,
    stack: str,
    base: str | None,
    metadata: Mapping[str, object],
    variables: Mapping[str, object],
    backend_type: str,
) -> str:
    """The Terraform workspace of an instance. `stack` is the context name, or the manifest's path."""
    if not file.config.workspaces or backend_type == "http":
        return "default"
    if metadata.get("terraform_workspace_template"):
        layer = file.scalar(name, ("metadata", "terraform_workspace_template"), "BC")
        at = layer.position if layer else file.config.document.at()
        raise not_supported("metadata.terraform_workspace_template", at, "Use metadata.terraform_workspace_pattern.")
    pattern, fixed = metadata.get("terraform_workspace_pattern"), metadata.get("terraform_workspace")
    if isinstance(pattern, str) and pattern:
        result = _by_workspace_pattern(file, pattern, name, base, variables)
    elif isinstance(fixed, str) and fixed:
        result = fixed
    elif base and base != name:
        result = f"{stack}-{name}"
    else:
        result = stack
    return result.replace("/", "-")


def _by_workspace_pattern(
    file: StackFile, pattern: str, name: str, base: str | None, variables: Mapping[str, object]
) -> str:
    # With a name template Atmos leaves the context empty, and runs use that value.
    context = {} if file.config.name_template else variables
    tokens = {token: _text(context.get(token) or "") for token in TOKENS}
    tokens |= {"component": name, "base-component": base or ""}
    return _PATTERN_TOKEN.sub(lambda match: tokens.get(match.group(1), match.group(0)), pattern)


def file_stem(stack: str, name: str, component: str | None) -> str:
    """`PREFIX[-FOLDER]-COMPONENT`, to which `.terraform.tfvars.json` and `.planfile` are added."""
    folder = posixpath.dirname(component if component else name)
    middle = f"-{folder.replace('/', '-')}" if folder else ""
    return f"{stack}{middle}-{posixpath.basename(name)}"
