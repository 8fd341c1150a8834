"""Validation of a whole repository: files by the schema, imports, merges, duplicates; everything in one report."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Invalid
from gaia.stacks.building.naming import NameMissing, rule_name, stack_name
from gaia.stacks.building.stackfile import StackFile
from gaia.stacks.loading.globs import compiled
from gaia.stacks.loading.imports import entries, resolve
from gaia.stacks.loading.manifests import Manifests
from gaia.stacks.validation.findings import Finding, Report, ordered
from gaia.stacks.validation.schema import Schema, read_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gaia.kit.yaml import Document
    from gaia.stacks.loading.config import Config
    from gaia.stacks.model import Instance
    from gaia.stacks.repository import Repository

COMPONENT_KEYS = frozenset(
    (
        "metadata", "component", "vars", "settings", "env", "backend", "backend_type", "remote_state_backend",
        "remote_state_backend_type", "providers", "required_providers", "required_version", "command", "hooks", "auth",
        "generate", "source", "provision", "dependencies", "locals", "overrides", "secrets", "retry", "mocks", "test",
    )
)  # fmt: skip
"""Keys of a component that have an effect; others are dropped without a word, as Atmos does."""


def validate_stacks(repository: Repository, *, schema: Path | None = None) -> Report:
    """Look at all manifests and collect every mistake. `schema` stands for the one that the repository says.

    A repository without a stacks folder is fine.

    Raises:
        NotFound: `schema-missing`, `schemas.atmos.manifest` names no file.
        Invalid: `schema-invalid`; `not-supported` for a schema at a URL.
    """
    config = repository.config
    if not config.stacks.is_dir():
        return Report((), 0, 0)
    manifests = Manifests(config)
    rules = manifest_schema(config) if schema is None else Schema(schema, str(schema))
    findings: list[Finding] = []
    documents = list(_documents(config, manifests, findings))
    for path, document in documents:
        findings += rules.findings(document)
        findings += _imports(manifests, path, document)
        findings += _warnings(document)
    files = list(_stack_files(config, manifests, findings))
    names = _names(config, files, findings)
    findings += _duplicates(names, repository.build)
    return Report(ordered(findings), len(documents), len(_stacks(files)))


def manifest_schema(config: Config) -> Schema:
    """The schema of manifests: `schemas.atmos.manifest`, or the shipped one.

    Raises:
        Invalid: `not-supported` for a URL.
    """
    path = config.setting("schemas", "atmos", "manifest")
    if not isinstance(path, str) or not path:
        return Schema.manifests()
    if "://" in path:
        raise Invalid(
            "not-supported",
            "not supported: a schema at a URL",
            at=config.document.at(("schemas", "atmos", "manifest")),
            next_step="Download it, and give its path; without the setting the schema that Gaia ships is used.",
        )
    return Schema(config.base / path, path)


def _documents(config: Config, manifests: Manifests, findings: list[Finding]) -> Iterator[tuple[str, Document]]:
    """Every YAML file below the stacks folder that is no template and not excluded, as it is written."""
    excluded = [compiled(posixpath.normpath(path)) for path in config.excluded]
    for path in manifests.files():
        if path.endswith(".tmpl") or any(one.match(path) for one in excluded):
            continue
        try:
            yield path, read_plain(config.stacks / path, config.root)
        except GaiaError as error:
            findings.append(Finding.of(error))


def _imports(manifests: Manifests, path: str, document: Document) -> Iterator[Finding]:
    """Imports that lead nowhere; what else is wrong with them is found by the merge."""
    known = frozenset(manifests.files())
    try:
        listed = entries(document)
    except GaiaError:
        return  # the schema has said it
    for entry in listed:
        try:
            resolve(entry, path, manifests.files, known.__contains__)
        except GaiaError as error:
            if error.code == "import-not-found":
                yield Finding.of(error)


def _warnings(document: Document) -> Iterator[Finding]:
    tree = document.value if isinstance(document.value, dict) else {}
    places: list[tuple[tuple[str, ...], object]] = [((), tree), (("terraform",), tree.get("terraform"))]
    components = tree.get("components")
    for kind, named in components.items() if isinstance(components, dict) else ():
        for name, component in named.items() if isinstance(named, dict) else ():
            path: tuple[str, ...] = ("components", kind, name)
            places.append((path, component))
            for key in component if isinstance(component, dict) else ():
                if key not in COMPONENT_KEYS:
                    yield Finding(
                        "key-without-effect",
                        f"{key} has no effect on a component",
                        "Move it into vars, settings or metadata.custom, or remove it.",
                        document.at((*path, key)),
                        "warning",
                    )
    for path, section in places:
        settings = section.get("settings") if isinstance(section, dict) else None
        if isinstance(settings, dict) and "depends_on" in settings:
            yield Finding(
                "deprecated",
                "settings.depends_on is deprecated",
                "Write dependencies.components instead.",
                document.at((*path, "settings", "depends_on")),
                "warning",
            )


def _stack_files(config: Config, manifests: Manifests, findings: list[Finding]) -> Iterator[StackFile]:
    """Each top-level manifest, merged, with every component's bases and sections checked."""
    try:
        paths = manifests.top_level()
    except GaiaError as error:
        findings.append(Finding.of(error))
        return
    for path in paths:
        try:
            file = StackFile(manifests.manifest(path), config)
        except GaiaError as error:
            findings.append(Finding.of(error))
            continue
        for name in file.names:
            try:
                file.component(name)
                file.bases(name)
            except GaiaError as error:
                findings.append(Finding.of(error))
        yield file


def _names(config: Config, files: list[StackFile], findings: list[Finding]) -> dict[tuple[str, str], list[StackFile]]:
    """The manifests that define each (stack, component) that is not abstract. `name:` of a manifest does not count."""
    found: dict[tuple[str, str], list[StackFile]] = {}
    if files and not config.name_template and not config.name_pattern:
        findings.append(
            Finding(
                "name-not-configured",
                "neither stacks.name_template nor stacks.name_pattern is set",
                "Set stacks.name_template in atmos.yaml, for instance '{{ .vars.tenant }}-{{ .vars.stage }}'.",
                config.document.at(("stacks",)),
            )
        )
    for file in files:
        for name in file.names:
            if file.is_abstract(name):
                continue
            try:
                stack = rule_name(file, name)
                found.setdefault((stack if stack is not None else stack_name(file, name), name), []).append(file)
            except NameMissing as missing:
                findings.append(Finding.of(missing.error))
            except GaiaError as error:
                findings.append(Finding.of(error))
    return found


def _stacks(files: list[StackFile]) -> set[str]:
    """The stacks there are, also those that have no component yet that is not abstract."""
    found: set[str] = set()
    for file in files:
        for name in file.names:
            with suppress(NameMissing, GaiaError):
                found.add(stack_name(file, name))
    return found


def _duplicates(
    names: dict[tuple[str, str], list[StackFile]], build: Callable[[StackFile, str], Instance]
) -> Iterator[Finding]:
    for (stack, name), files in names.items():
        if len(files) == 1:
            continue
        try:
            built = [build(file, name) for file in files]
        except GaiaError as error:
            yield Finding.of(error)
            continue
        if any(not same(one, built[0]) for one in built[1:]):
            yield Finding.of(duplicate(name, stack, files))


def same(one: Instance, other: Instance) -> bool:
    """Whether two manifests give the same configuration."""
    fields = ("vars", "settings", "env", "backend", "backend_type", "metadata", "providers", "command", "dependencies")
    return all(getattr(one, field) == getattr(other, field) for field in fields)


def duplicate(name: str, stack: str, files: list[StackFile]) -> Conflict:
    """The error for a component that several manifests of one stack define differently."""
    places = [file.component(name).position for file in files]
    return Conflict(
        "duplicate-component",
        f"{name} in {stack or 'the stack without a name'} is defined differently by {len(files)} manifests: "
        + ", ".join(str(place) for place in places),
        at=places[1],
        next_step="Keep one of them, or give the stacks different names.",
        facts={"places": [str(place) for place in places]},
    )
