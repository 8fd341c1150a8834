"""Reading workflow files. Every mistake in them is an error with its place; nothing is run from here."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Next, NotFound, Position
from gaia.kit import yaml
from gaia.kit.shapes import as_map
from gaia.stacks.loading.tags import not_supported
from gaia.stacks.workflows.model import Workflow
from gaia.stacks.workflows.steps import StepReader, waits_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.stacks.loading.config import Config

SUFFIXES = (".yaml", ".yml")
REFUSED_OF_ALL = ("container",)
"""Fields of a whole workflow that say how it runs: to ignore one would run something else than what is written."""


class Workflows:
    """The workflow files of one folder. Positions are relative to `root`."""

    def __init__(self, folder: Path, root: Path, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._root = root
        self._tag = _tag(environ or {})

    @classmethod
    def of(cls, config: Config) -> Workflows:
        """Those of a repository: in `workflows.base_path`, or where `ATMOS_WORKFLOWS_BASE_PATH` says.

        Raises:
            Invalid: `workflows-not-configured`.
        """
        if config.workflows is None:
            raise Invalid(
                "workflows-not-configured",
                "workflows.base_path is not set",
                at=config.document.at(("workflows",)),
                next_step="Set workflows.base_path in atmos.yaml to the folder of the workflow files.",
            )
        return cls(config.workflows, config.root, config.environ)

    def files(self) -> tuple[str, ...]:
        """Every workflow file, relative to the folder, sorted; none where the folder is missing."""
        return tuple(
            sorted(
                os.path.relpath(f"{folder}/{name}", self.folder)
                for folder, _, names in os.walk(self.folder)
                for name in names
                if name.endswith(SUFFIXES)
            )
        )

    def all(self) -> tuple[Workflow, ...]:
        """The workflows of all files, by file and name. A file without a map `workflows` is none of them.

        Raises:
            Invalid: a workflow that cannot be read, with its position.
        """
        return tuple(workflow for file in self.documents() for workflow in self.read(file))

    def documents(self) -> dict[str, dict[str, object]]:
        """The files that hold workflows, as they are written, by their names.

        Raises:
            Invalid: of the YAML reader, with its position.
        """
        trees = {file: self._document(self.folder / file).value for file in self.files()}
        return {file: tree for file, tree in trees.items() if isinstance(tree, dict) and "workflows" in tree}

    def read(self, file: str) -> tuple[Workflow, ...]:
        """The workflows of one file; `.yaml` may be left out.

        Raises:
            NotFound: `workflow-file-missing`.
            Invalid: `workflow-file-invalid`, `workflow-invalid`, or the YAML reader's.
        """
        reader, names = self._reader(file)
        return tuple(reader.workflow(name) for name in names)

    def _reader(self, file: str) -> tuple[_Reader, list[str]]:
        """What reads the workflows of a file, and their names."""
        path = self._path(file)
        shown = os.path.relpath(path, self._root)
        document = self._document(path)
        tree = as_map(document.value)
        listed = tree.get("workflows")
        if not isinstance(listed, dict):
            raise Invalid(
                "workflow-file-invalid",
                f"{shown} has no map `workflows`",
                at=document.at(("workflows",)),
                next_step="Write workflows: and below it NAME: with steps.",
            )
        return _Reader(document, os.path.relpath(path, self.folder)), sorted(listed)

    def _document(self, path: Path) -> yaml.Document:
        return yaml.read(path, os.path.relpath(path, self._root), self._tag)

    def find(self, name: str, file: str | None = None) -> Workflow:
        """The workflow of this name, in `file` or in any file. Mistakes elsewhere do not matter where it is found.

        Raises:
            NotFound: `workflow-unknown`, with the nearest names; `workflow-file-missing`.
            Invalid: `workflow-ambiguous` when several files have one; what is wrong with it, or with a file that could
                have held it.
        """
        known: list[str] = []
        matching: list[tuple[_Reader, str]] = []
        mistakes: list[Invalid] = []
        for one in [file] if file else self.files():
            try:
                reader, names = self._reader(one)
            except Invalid as error:
                if file or error.code != "workflow-file-invalid":
                    mistakes.append(error)
                continue
            known += names
            matching += [(reader, one) for known_name in names if known_name == name]
        if not matching:
            raise mistakes[0] if mistakes else _unknown(name, known, file)
        if len(matching) > 1:
            files = [found for _, found in matching]
            raise Invalid(
                "workflow-ambiguous",
                f"{len(files)} files have a workflow {name!r}: {', '.join(files)}",
                next_step=Next("workflow", name, "Say which one", options=("-f", files[0])),
                facts={"files": files},
            )
        return matching[0][0].workflow(name)

    def _path(self, file: str) -> Path:
        names = [file] if file.endswith(SUFFIXES) else [file + suffix for suffix in SUFFIXES]
        existing = next((path for path in (self.folder / name for name in names) if path.is_file()), None)
        if existing is None:
            known = self.files()
            near = difflib.get_close_matches(names[0], known, n=1)
            there = ", ".join(known[:8]) or "none"
            raise NotFound(
                "workflow-file-missing",
                f"there is no workflow file {file!r} in {os.path.relpath(self.folder, self._root)}",
                next_step=f"Did you mean {near[0]}?" if near else f"Files there: {there}.",
                facts={"files": list(known)},
            )
        return existing


class _Reader:
    """The workflows of one document."""

    def __init__(self, document: yaml.Document, file: str) -> None:
        self.document = document
        self.file = file
        self.reader = StepReader(document.at, self.wrong)

    def workflow(self, name: str) -> Workflow:
        path = ("workflows", name)
        tree = self.document.value["workflows"][name]  # type: ignore[index] # a map of maps
        if not isinstance(tree, dict):
            raise self.wrong(path, "a workflow must be a map")
        reader = self.reader
        return Workflow(
            name=name,
            file=self.file,
            description=reader.text(tree, path, "description").strip(),
            steps=reader.steps(tree.get("steps") or [], (*path, "steps"), "atmos"),
            at=self.document.at(path),
            stack=reader.text(tree, path, "stack"),
            env=reader.env(tree, path),
            working_directory=reader.text(tree, path, "working_directory"),
            unsupported=next((one for one in REFUSED_OF_ALL if tree.get(one)), waits_for(tree)),
        )

    def wrong(self, path: tuple[str | int, ...], message: str) -> Invalid:
        return Invalid("workflow-invalid", message, at=self.document.at(path), next_step="Correct the workflow file.")


def _tag(environ: Mapping[str, str]) -> Callable[[str, object, Position], object]:
    """What gives the value of a tagged node: a CEL expression stays one, `!env` is answered."""

    def value(tag: str, given: object, at: Position) -> object:
        if tag == "!literal":
            return given
        if tag in ("!cel", "!env") and isinstance(given, str) and given.strip():
            if tag == "!cel":
                return f"{tag} {given}"
            name, _, fallback = given.strip().partition(" ")
            return environ.get(name, fallback.strip().strip("\"'"))
        raise not_supported(f"{tag} in a workflow", at, "Write the value out.")

    return value


def _unknown(name: str, known: list[str], file: str | None) -> NotFound:
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=3)
    if near:
        step = f"Did you mean {' or '.join(near)}?"
    else:
        step = f"Known: {', '.join(names[:12])}." if names else "There are no workflows."
    where = f" in {file}" if file else ""
    return NotFound(
        "workflow-unknown",
        f"there is no workflow {name!r}{where}",
        next_step=step,
        facts={"workflows": names},
    )
