"""Reading workflow files. Every mistake in them is an error with its place; nothing is run from here."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING, cast

from gaia.errors import Invalid, Next, NotFound, Position
from gaia.kit import yaml
from gaia.stacks.workflows.model import BACKOFFS, Backoff, Retry, Step, Workflow, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.stacks.loading.config import Config

SUFFIXES = (".yaml", ".yml")
REFUSED_FIELDS = ("when", "needs", "interpreter", "container", "outputs")
"""Fields that say whether or how a step runs: to ignore one would run something else than what is written."""
REFUSED_OF_ALL = ("container",)
"""The same of a whole workflow."""


class Workflows:
    """The workflow files of one folder. Positions are relative to `root`."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self._root = root

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
        return cls(config.workflows, config.root)

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
        """The workflows of all files, by file and name.

        Raises:
            Invalid: a file that cannot be read as workflows, with its position.
        """
        return tuple(workflow for file in self.files() for workflow in self.read(file))

    def read(self, file: str) -> tuple[Workflow, ...]:
        """The workflows of one file; `.yaml` may be left out.

        Raises:
            NotFound: `workflow-file-missing`.
            Invalid: `workflow-file-invalid`, `workflow-invalid`, or the YAML reader's.
        """
        path = self._path(file)
        shown = os.path.relpath(path, self._root)
        document = yaml.read(path, shown)
        tree = document.value if isinstance(document.value, dict) else {}
        listed = tree.get("workflows")
        if not isinstance(listed, dict):
            raise Invalid(
                "workflow-file-invalid",
                f"{shown} has no map `workflows`",
                at=document.at(("workflows",)),
                next_step="Write workflows: and below it NAME: with steps.",
            )
        relative = os.path.relpath(path, self.folder)
        return tuple(_Reader(document, relative).workflow(name) for name in sorted(listed))

    def find(self, name: str, file: str | None = None) -> Workflow:
        """The workflow of this name, in `file` or in any file.

        Raises:
            NotFound: `workflow-unknown`, with the nearest names; `workflow-file-missing`.
            Invalid: `workflow-ambiguous` when several files have one.
        """
        known = self.read(file) if file else self.all()
        matching = [workflow for workflow in known if workflow.name == name]
        if not matching:
            raise _unknown(name, known, file)
        if len(matching) > 1:
            files = [workflow.file for workflow in matching]
            raise Invalid(
                "workflow-ambiguous",
                f"{len(files)} files have a workflow {name!r}: {', '.join(files)}",
                next_step=Next("workflow", name, "Say which one", options=("-f", files[0])),
                facts={"files": files},
            )
        return matching[0]

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

    def workflow(self, name: str) -> Workflow:
        path = ("workflows", name)
        tree = self.map(path, "a workflow")
        listed = tree.get("steps") or []
        if not isinstance(listed, list):
            raise self.wrong((*path, "steps"), "steps must be a list")
        steps = tuple(self.step((*path, "steps", index), index) for index in range(len(listed)))
        seen: set[str] = set()
        for index, step in enumerate(steps):
            if step.name in seen:
                raise self.wrong((*path, "steps", index), f"two steps of {name} are called {step.name}")
            seen.add(step.name)
        return Workflow(
            name=name,
            file=self.file,
            description=self.text(tree, path, "description").strip(),
            steps=steps,
            at=self.document.at(path),
            stack=self.text(tree, path, "stack"),
            env=self.env(tree, path),
            working_directory=self.text(tree, path, "working_directory"),
            unsupported=next((one for one in REFUSED_OF_ALL if tree.get(one)), ""),
        )

    def step(self, path: tuple[str | int, ...], index: int) -> Step:
        tree = self.map(path, "a step")
        return Step(
            name=self.text(tree, path, "name") or f"step{index + 1}",
            kind=self.text(tree, path, "type") or "atmos",
            command=self.text(tree, path, "command").strip(),
            at=self.document.at(path),
            stack=self.text(tree, path, "stack"),
            env=self.env(tree, path),
            working_directory=self.text(tree, path, "working_directory"),
            retry=self.retry(tree, path),
            unsupported=next((one for one in REFUSED_FIELDS if tree.get(one)), ""),
        )

    def map(self, path: tuple[str | int, ...], what: str) -> dict[str, object]:
        value: object = self.document.value
        for key in path:
            value = value[key]  # type: ignore[index] # the path was walked to get here
        if not isinstance(value, dict):
            raise self.wrong(path, f"{what} must be a map")
        return value

    def text(self, tree: Mapping[str, object], path: tuple[str | int, ...], key: str) -> str:
        value = tree.get(key)
        if value is None:
            return ""
        if isinstance(value, dict | list):
            raise self.wrong((*path, key), f"{key} must be a text")
        return _written(value)

    def env(self, tree: Mapping[str, object], path: tuple[str | int, ...]) -> dict[str, str]:
        value = tree.get("env") or {}
        if not isinstance(value, dict) or any(isinstance(one, dict | list) for one in value.values()):
            raise self.wrong((*path, "env"), "env must be a map of texts")
        return {key: _written(one) for key, one in value.items()}

    def retry(self, tree: Mapping[str, object], path: tuple[str | int, ...]) -> Retry:
        value = tree.get("retry")
        if value is None:
            return Retry()
        path = (*path, "retry")
        if not isinstance(value, dict):
            raise self.wrong(path, "retry must be a map")
        attempts = value.get("max_attempts", 1)
        if not isinstance(attempts, int) or isinstance(attempts, bool) or not 1 <= attempts <= 1000:
            raise self.wrong((*path, "max_attempts"), "max_attempts must be a number from 1 to 1000")
        backoff = value.get("backoff_strategy", "constant")
        if backoff not in BACKOFFS:
            raise self.wrong((*path, "backoff_strategy"), f"backoff_strategy must be one of {', '.join(BACKOFFS)}")
        return Retry(
            max_attempts=attempts,
            initial_delay=self.time(value, path, "initial_delay") or 0.0,
            max_delay=self.time(value, path, "max_delay"),
            backoff=cast("Backoff", backoff),
            multiplier=self.number(value, path, "multiplier", 2.0),
            max_elapsed=self.time(value, path, "max_elapsed_time"),
            jitter=min(self.number(value, path, "random_jitter", 0.0), 1.0),
        )

    def time(self, tree: Mapping[str, object], path: tuple[str | int, ...], key: str) -> float | None:
        if tree.get(key) is None:
            return None
        length = seconds(str(tree[key]))
        if length is None:
            raise self.wrong((*path, key), f"{key} must be a length of time such as 1m30s")
        return length or None

    def number(self, tree: Mapping[str, object], path: tuple[str | int, ...], key: str, default: float) -> float:
        value = tree.get(key)
        if value is None:
            return default
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1000:
            raise self.wrong((*path, key), f"{key} must be a number from 0 to 1000")
        return float(value)

    def wrong(self, path: tuple[str | int, ...], message: str) -> Invalid:
        return Invalid("workflow-invalid", message, at=self.document.at(path), next_step="Correct the workflow file.")


def _written(value: object) -> str:
    """A scalar as the file has it: `true`, not Python's `True`."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _unknown(name: str, known: tuple[Workflow, ...], file: str | None) -> NotFound:
    names = sorted({workflow.name for workflow in known})
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
        at=Position(known[0].at.file, 1) if file and known else None,
        facts={"workflows": names},
    )
