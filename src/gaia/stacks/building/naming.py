"""Names: of a stack, of a Terraform workspace, of the files beside an instance's code."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid
from gaia.kit.scalars import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.stacks.building.stackfile import StackFile

TOKENS = ("namespace", "tenant", "environment", "stage")
_FIELD = re.compile(r"\{\{-?\s*((?:\.[A-Za-z_][A-Za-z0-9_]*)+)\s*-?\}\}")
_PATTERN_TOKEN = re.compile(r"\{([^{}]*)\}")
_IMPURE = re.compile(
    r"(?<![.\w])(?:env|getenv|expandenv|now|ago|date\w*|time|unixEpoch|uuid\w*|rand\w*|gen\w+|shuffle|exec|atmos|crypto"
    r"|bcrypt|htpasswd|encryptAES|getHostByName|data|datasource|file|aws|gcp|net)\b"
)
"""What functions are called that do not give the same each time."""
_NOT_ASKED = object()
_LAYERS = {"vars": "GTBCO", "settings": "GTBCO", "env": "GTBCO"}
"""Sections that a simple name template may read without building the instance."""


class NameMissing(Exception):
    """The naming rule needs a value that this component lacks."""

    def __init__(self, error: Invalid) -> None:
        super().__init__(str(error))
        self.error = error


class Names:
    """Names the stacks of one repository. `render(file, kind, name, template)` renders over the built section."""

    def __init__(self, template: str, pattern: str, render: Callable[[StackFile, str, str, str], str]) -> None:
        self.template = template
        self.pattern = pattern
        self._render = render
        self._simple = bool(template) and "{{" not in _FIELD.sub("", template)
        fields = [tuple(field[1:].split(".")) for field in _FIELD.findall(template)]
        self._simple = self._simple and all(field[0] in _LAYERS and len(field) > 1 for field in fields)
        self.pure = not template or self._simple or not _IMPURE.search(template)
        """Whether names are a function of the manifests alone."""
        # Only what stands alone between dashes counts: `pre-{stage}` reads the stage and drops the rest.
        self._tokens = [part[1:-1] for part in pattern.split("-") if part in {f"{{{token}}}" for token in TOKENS}]

        reads: dict[str, set[str]] = {"vars": set(self._tokens)}
        for field in fields:
            reads.setdefault(field[0], set()).add(field[1] if len(field) > 1 else "")
        self._reads = reads if not template or self._simple else None

    def rendering(self, render: Callable[[StackFile, str, str, str], str]) -> Names:
        """The same rule, rendered by another engine."""
        return Names(self.template, self.pattern, render)

    def rule(self, file: StackFile, kind: str, name: str) -> str | None:
        """The name by template or pattern; None without either. `name:` of a manifest is not asked.

        Raises:
            NameMissing: the template or pattern reads a value that is not there.
        """
        if self.template:
            return self._by_template(file, kind, name)
        return self._by_pattern(file, kind, name) if self.pattern else None

    def context(self, file: StackFile, kind: str, name: str) -> str | None:
        """The name by `name:`, template or pattern; None where the repository has no such rule.

        Names come before instances: only the values that the rule reads are looked up.

        Raises:
            NameMissing: as `rule`.
        """
        own = file.tree.get("name")
        return own if isinstance(own, str) and own else self.rule(file, kind, name)

    def stack(self, file: StackFile, kind: str, name: str) -> str:
        """The identity of the stack that a component is in.

        Raises:
            NameMissing: as `rule`.
        """
        common = file.common_names.get(kind, _NOT_ASKED)
        if common is _NOT_ASKED:
            common = file.common_names[kind] = self._common(file, kind)
        if common is not None:
            return str(common)
        known = file.stack_names.get((kind, name))
        if known is None:
            known = file.stack_names[kind, name] = self.context(file, kind, name) or file.manifest.name
        return known

    def _common(self, file: StackFile, kind: str) -> str | None:
        """The stack of all components of a type, where none of them sets what the rule reads; else None."""
        components = file.names(kind)
        if not components or self._reads is None or file.manifest.overrides_of.get(kind):
            return None
        for own in components.values():
            for section, keys in self._reads.items():
                values = own.get(section) if isinstance(own, dict) else None
                if values is not None and not (isinstance(values, dict) and keys.isdisjoint(values)):
                    return None
        for name in components:
            try:
                return self.context(file, kind, name) or file.manifest.name
            except NameMissing:
                return None
            except GaiaError:
                continue  # what this one inherits from is wrong; the others are named as ever
        return None

    def _by_template(self, file: StackFile, kind: str, name: str) -> str:
        if self._simple:
            result, plain = self._by_fields(file, kind, name)
            if plain:
                return result
        try:
            return self._render(file, kind, name, self.template)
        except Invalid as error:
            if error.code != "template-missing-key":
                raise
            raise NameMissing(_missing("name-template-failed", error.message, file, kind, name)) from error

    def _by_fields(self, file: StackFile, kind: str, name: str) -> tuple[str, bool]:
        """The name, and whether all values were texts: how others print, the template engine knows."""
        plain = True

        def field(match: re.Match[str]) -> str:
            nonlocal plain
            path = tuple(match.group(1)[1:].split("."))
            value = file.lookup(kind, name, path, _LAYERS[path[0]])
            plain = plain and isinstance(value, str)
            return str(value)

        return _FIELD.sub(field, self.template), plain

    def _by_pattern(self, file: StackFile, kind: str, name: str) -> str:
        parts: list[str] = []
        for token in self._tokens:
            value = file.lookup(kind, name, ("vars", token), "GTBCO")
            if not isinstance(value, str) or not value:
                what = f"stacks.name_pattern needs vars.{token} as a text"
                raise NameMissing(_missing("name-pattern-missing-var", what, file, kind, name))
            parts.append(value)
        return "-".join(parts)


def _missing(code: str, what: str, file: StackFile, kind: str, name: str) -> Invalid:
    file.own(kind, name)  # a section of another type is the better reason
    return Invalid(
        code,
        f"{name} in {file.manifest.path} cannot be given a stack: {what}",
        at=file.component(kind, name).position,
        next_step="Set the value in the manifest or in one of its imports.",
    )


def workspace_by_pattern(pattern: str, name: str, base: str | None, context: Mapping[str, object]) -> str:
    """`metadata.terraform_workspace_pattern` filled in; unknown tokens stay."""
    tokens = {token: _text(context.get(token) or "") for token in TOKENS}
    tokens |= {"component": name, "base-component": base or ""}
    return _PATTERN_TOKEN.sub(lambda match: tokens.get(match.group(1), match.group(0)), pattern)


def file_stem(stack: str, name: str, code: str) -> str:
    """`PREFIX[-FOLDER]-COMPONENT`, to which `.terraform.tfvars.json` and `.planfile` are added.

    FOLDER is what `code`, the folder of the code, lies in.
    """
    folder = posixpath.dirname(code)
    middle = f"-{folder.replace('/', '-')}" if folder else ""
    return f"{stack}{middle}-{posixpath.basename(name)}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(whole(value))
