"""Validation of one instance by what its `settings.validation` names: JSON schemas, and Rego rules by a hook."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Next, NotFound, Position
from gaia.kit.files import real_path
from gaia.stacks.validation.findings import Finding
from gaia.stacks.validation.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from gaia.stacks.loading.config import Config
    from gaia.stacks.model import Instance

    Rego = Callable[[Sequence[tuple[str, str]], Mapping[str, object]], Sequence[str]]
    """Rule files (path, text) and an input in, what `data.atmos.errors` says out."""

JSONSCHEMA, OPA = KINDS = ("jsonschema", "opa")
MODULE = ".rego"


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of `settings.validation`. Paths are as written."""

    name: str
    kind: str
    path: str
    modules: tuple[str, ...]
    at: Position | None


def checks(instance: Instance) -> tuple[Check, ...]:
    """What an instance asks to be validated by, by name; what is disabled is left out.

    Raises:
        Invalid: `validation-invalid`, with its place.
    """
    section = instance.settings.get("validation") or {}
    if not isinstance(section, dict):
        raise _wrong(instance, (), "settings.validation must be a map")
    return tuple(
        _check(instance, name, section[name])
        for name in sorted(section)
        if not (isinstance(section[name], dict) and section[name].get("disabled") is True)
    )


def validate_component(
    instance: Instance, config: Config, rego: Rego, *, asked: Sequence[Check] | None = None
) -> tuple[Finding, ...]:
    """Everything that the checks say against an instance; none where it has no checks.

    `asked` stands for the checks of its settings.

    Raises:
        NotFound: `schema-missing`. Invalid: `schema-invalid`, `validation-invalid`, and what the hook raises.
    """
    document = instance.describe()
    findings: list[Finding] = []
    for check in checks(instance) if asked is None else asked:
        path = _path(config, check, check.path)
        if check.kind == JSONSCHEMA:
            said: Sequence[str] = Schema(path, _shown(config, path)).messages(document)
        else:
            said = rego(_modules(config, check, path), document)
        step = f"Change the component, or the rule {check.path}."
        findings += [Finding("component-invalid", f"{check.name}: {one}", step, check.at) for one in said]
    return tuple(findings)


def _check(instance: Instance, name: str, entry: object) -> Check:
    if not isinstance(entry, dict):
        raise _wrong(instance, (name,), f"settings.validation.{name} must be a map")
    kind, path, modules = entry.get("schema_type"), entry.get("schema_path"), entry.get("module_paths") or []
    if kind not in KINDS:
        raise _wrong(instance, (name, "schema_type"), f"schema_type of {name} must be one of {', '.join(KINDS)}")
    if not isinstance(path, str) or not path:
        raise _wrong(instance, (name,), f"{name} has no schema_path")
    if not isinstance(modules, list):
        raise _wrong(instance, (name, "module_paths"), f"module_paths of {name} must be a list")
    at = instance.explain(("settings", "validation", name)).at
    return Check(name, kind, path, tuple(map(str, modules)), at)


def _wrong(instance: Instance, path: tuple[str, ...], message: str) -> Invalid:
    full = ("settings", "validation", *path)
    try:
        at = instance.explain(full).at
    except NotFound:
        at = instance.explain(full[:-1]).at
    step = Next("describe component", words="Look at it, then correct it")
    return Invalid("validation-invalid", message, at=at, next_step=step)


def _path(config: Config, check: Check, path: str) -> Path:
    """Below `schemas.TYPE.base_path`; a rule may not lead out of the repository."""
    base = config.setting("schemas", check.kind, "base_path")
    resolved = real_path(config.base / (base if isinstance(base, str) else "") / path)
    if not resolved.is_relative_to(real_path(config.top)):
        raise Invalid(
            "path-escapes", f"{path} leads out of the repository", at=check.at, next_step="Keep rules inside of it."
        )
    if not resolved.exists():
        raise NotFound(
            "schema-missing",
            f"there is no file {_shown(config, resolved)}",
            at=check.at,
            next_step=f"Paths are relative to schemas.{check.kind}.base_path in atmos.yaml.",
        )
    return resolved


def _modules(config: Config, check: Check, path: Path) -> list[tuple[str, str]]:
    """The rule and the files of its module paths, folders with everything below them."""
    places = [path, *(_path(config, check, one) for one in check.modules)]
    files = [file for place in places for file in (sorted(place.rglob(f"*{MODULE}")) if place.is_dir() else [place])]
    return [
        (_shown(config, file), file.read_text("utf-8"))
        for file in dict.fromkeys(files)
        if not file.name.endswith(f"_test{MODULE}")
    ]


def _shown(config: Config, path: Path) -> str:
    return os.path.relpath(path, config.root)
