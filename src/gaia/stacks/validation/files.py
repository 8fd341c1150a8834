"""`validate schema`: YAML files of any kind by the JSON schemas that `schemas:` of `atmos.yaml` names for them."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound
from gaia.kit.shapes import as_map
from gaia.stacks.loading.atmosyaml import FOLDERS
from gaia.stacks.loading.globs import compiled
from gaia.stacks.mainfile import NAMES
from gaia.stacks.validation.findings import Finding, Report, ordered
from gaia.stacks.validation.schema import Schema, read_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gaia.stacks.loading.config import Config

ENGINES = ("cue", "opa", "jsonschema")
"""Keys of `schemas:` that are for `validate component`."""
CONFIG = "config"
"""The entry that there is without being written: the configuration itself, which was checked when it was read."""
OWN = [*NAMES, *(f"{folder}/**/*.{suffix}" for folder in FOLDERS for suffix in ("yaml", "yml"))]
SHIPPED = "atmos://schema/atmos/manifest/1.0"
_PASSED_OVER = frozenset((".git", ".terraform"))


def validate_files(config: Config, key: str | None = None, schema: Path | None = None) -> Report:
    """Every file that the entries of `schemas:` match, each by its schema; `key` chooses one entry.

    `schema` stands for the schema of that entry.

    Raises:
        NotFound: `schema-unknown`, `schema-missing`. Invalid: `schema-invalid`; `not-supported` for a schema at a URL.
    """
    entries = {CONFIG: {}, **_entries(config)}
    if key is not None and key not in entries:
        raise NotFound(
            "schema-unknown", f"schemas of atmos.yaml has no {key!r}", next_step=f"There is {', '.join(entries)}."
        )
    findings: list[Finding] = []
    read: set[str] = set()
    listed = list(_files(config.base))
    for name in [key] if key is not None else sorted(entries):
        rules = Schema(schema, str(schema)) if schema else _schema(config, name, entries[name])
        if rules is None and name != CONFIG:
            continue
        patterns = _patterns(entries[name]) or (OWN if name == CONFIG else [])
        chosen = [one for one in listed if any(compiled(posixpath.normpath(each)).match(one) for each in patterns)]
        read.update(chosen)
        if not chosen and (patterns or key):
            findings.append(_nothing(config, name, patterns))
        for one in chosen:
            try:
                document = read_plain(config.base / one, config.root)
                findings += rules.findings(document) if rules else ()
            except Invalid as error:
                if error.code == "schema-invalid":
                    raise
                findings.append(Finding.of(error))
    return Report(ordered(findings), len(read), None)


def _entries(config: Config) -> dict[str, Mapping[str, object]]:
    section = config.setting("schemas")
    found = as_map(section)
    return {name: value for name, value in found.items() if name not in ENGINES and isinstance(value, dict)}


def _schema(config: Config, name: str, entry: Mapping[str, object]) -> Schema | None:
    """The schema of an entry; None where it names none and none is shipped."""
    source = entry.get("schema") or entry.get("manifest")
    if not source:
        return Schema.manifests() if name == "atmos" else None
    if source == SHIPPED:
        return Schema.manifests()
    if "://" in str(source):
        raise Invalid(
            "not-supported",
            f"not supported: the schema {source}",
            at=config.document.at(("schemas", name)),
            next_step="Download it, and give its path.",
        )
    return Schema(config.base / str(source), str(source))


def _patterns(entry: Mapping[str, object]) -> list[str]:
    matches = entry.get("matches")
    return [matches] if isinstance(matches, str) else [str(one) for one in matches] if isinstance(matches, list) else []


def _nothing(config: Config, name: str, patterns: list[str]) -> Finding:
    what = f"no file matches {', '.join(patterns)}" if patterns else f"schemas.{name} has no matches"
    step = f"Correct schemas.{name}.matches: patterns of files, relative to the base path."
    return Finding("schema-without-files", what, step, config.document.at(("schemas", name)))


def _files(base: Path) -> Iterator[str]:
    """Every file below the base path, relative to it."""
    for folder, folders, names in os.walk(base):
        folders[:] = sorted(set(folders) - _PASSED_OVER)
        for name in sorted(names):
            yield posixpath.relpath(posixpath.join(folder, name), str(base))
