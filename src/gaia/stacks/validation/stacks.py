"""Validation of a whole repository: files by the schema, imports, merges, variables, duplicates; in one report."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid, Position
from gaia.kit.shapes import as_map
from gaia.stacks.building.naming import NameMissing
from gaia.stacks.loading.globs import compiled
from gaia.stacks.loading.imports import entries, resolve
from gaia.stacks.loading.manifests import Manifests
from gaia.stacks.mainfile import main_file, unread
from gaia.stacks.validation.findings import Finding, Report, ordered
from gaia.stacks.validation.schema import Schema, read_plain
from gaia.stacks.validation.variables import Undeclared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.kit.yaml import Document
    from gaia.stacks.building.assembler import Assembler
    from gaia.stacks.building.stackfile import StackFile
    from gaia.stacks.loading.config import Config
    from gaia.stacks.repository import Repository

COMPONENT_KEYS = frozenset(
    (
        "metadata",
        "component",
        "vars",
        "settings",
        "env",
        "backend",
        "backend_type",
        "remote_state_backend",
        "remote_state_backend_type",
        "providers",
        "required_providers",
        "required_version",
        "command",
        "hooks",
        "auth",
        "generate",
        "source",
        "provision",
        "dependencies",
        "locals",
        "overrides",
        "secrets",
        "retry",
        "mocks",
        "test",
    )
)
"""Keys of a component that have an effect; others are dropped without a word, as Atmos does."""


def validate_stacks(repository: Repository, *, schema: Path | None = None) -> Report:
    """Look at all manifests and collect every mistake. `schema` stands for the one that the repository says.

    Every component is built as `describe stacks` does, but no command is run.

    Raises:
        NotFound: `schema-missing`, `schemas.atmos.manifest` names no file.
        Invalid: `schema-invalid`; `not-supported` for a schema at a URL.
    """
    config = repository.config
    manifests = Manifests(config)
    rules = manifest_schema(config) if schema is None else Schema(schema, str(schema))
    findings: list[Finding] = []
    documents = list(_documents(config, manifests, findings))
    for path, document in documents:
        findings += rules.findings(document)
        findings += _imports(manifests, path, document)
        findings += _warnings(document)
    findings += _main_files(config)
    findings += _notices(repository)
    assembler = repository.assembler
    undeclared = Undeclared()
    files = list(_stack_files(assembler, manifests, findings, undeclared))
    findings += undeclared.findings()
    names = _names(assembler, files, findings)
    findings += _duplicates(names, assembler)
    return Report(ordered(findings), len(documents), len(_stacks(assembler, files)))


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


def _main_files(config: Config) -> Iterator[Finding]:
    main = main_file(config.root)
    if main is not None and (said := unread(main)):
        step = "Put both into one file, and remove the other."
        yield Finding("main-files", said, step, Position(main.name, 1), severity="warning")


def _notices(repository: Repository) -> Iterator[Finding]:
    with suppress(GaiaError):  # what hinders it is found again below
        for notice in repository.notices:
            step = "Set gaia.compat in atmos.yaml to choose the rules yourself."
            yield Finding("older-rules", notice, step, severity="warning")


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
        if "{{" in entry.path:
            continue  # what it stands for, the merge finds out
        try:
            resolve(entry, path, manifests.files, known.__contains__)
        except GaiaError as error:
            if error.code == "import-not-found":
                yield Finding.of(error)


def _warnings(document: Document) -> Iterator[Finding]:
    tree = as_map(document.value)
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


def _stack_files(
    assembler: Assembler, manifests: Manifests, findings: list[Finding], undeclared: Undeclared
) -> Iterator[StackFile]:
    """Each top-level manifest, merged, with every component of it built, its templates and functions too."""
    try:
        paths = manifests.top_level()
    except GaiaError as error:
        findings.append(Finding.of(error))
        return
    for path in paths:
        try:
            file = assembler.file(path)
        except GaiaError as error:
            findings.append(Finding.of(error))
            continue
        for kind, name in file.members():
            try:
                # A missing name is looked at with the names.
                built = assembler.builder.build(file, kind, name, listed=True, by_path=True)
                undeclared.look(built)
                assembler.finish(built)
            except GaiaError as error:
                findings.append(Finding.of(error))
        yield file


def _names(
    assembler: Assembler, files: list[StackFile], findings: list[Finding]
) -> dict[tuple[str, str, str], list[StackFile]]:
    """The manifests that define each component that is not abstract, by (stack, type, component).

    `name:` of a manifest does not count.
    """
    names: dict[tuple[str, str, str], list[StackFile]] = {}
    if files:
        try:
            assembler.refuse_unnamed()
        except Invalid as error:
            findings.append(Finding.of(error))
    for file in files:
        for kind, name in file.members():
            try:
                if file.is_abstract(kind, name):
                    assembler.stack(file, kind, name)
                    continue
                stack = assembler.names.rule(file, kind, name)
                stack = stack if stack is not None else assembler.stack(file, kind, name)
                names.setdefault((stack, kind, name), []).append(file)
            except NameMissing as missing:
                findings.append(Finding.of(missing.error))
            except GaiaError as error:
                findings.append(Finding.of(error))
    return names


def _stacks(assembler: Assembler, files: list[StackFile]) -> set[str]:
    """The stacks there are, also those that have no component yet that is not abstract."""
    names: set[str] = set()
    for file in files:
        for kind, name in file.members():
            with suppress(NameMissing, GaiaError):
                names.add(assembler.names.stack(file, kind, name))
    return names


def _duplicates(names: dict[tuple[str, str, str], list[StackFile]], assembler: Assembler) -> Iterator[Finding]:
    for (stack, kind, name), files in names.items():
        if len(files) > 1:
            try:
                assembler.refuse_different(stack, kind, name, files)
            except GaiaError as error:
                yield Finding.of(error)
