"""Reading steps, of workflows and of custom commands: the same fields, the same mistakes, each with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gaia.kit.shapes import as_map
from gaia.stacks.workflows.conditions import NoCondition, condition
from gaia.stacks.workflows.model import BACKOFFS, Backoff, Retry, Step, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.errors import Invalid, Position

    Path = tuple[str | int, ...]

REFUSED_FIELDS = (
    "if",
    "identity",
    "interpreter",
    "script",
    "container",
    "inputs",
    "artifacts",
    "preconditions",
    "background",
    "matrix",
    "password",
    "multiple",
)
"""Fields that say whether or how a step runs: to ignore one would run something else than what is written."""
OF_TYPES = (
    "title",
    "content",
    "level",
    "fields",
    "code",
    "vars",
    "count",
    "data",
    "columns",
    "url",
    "method",
    "headers",
    "query",
    "body",
    "form",
    "expect",
    "max_concurrency",
    "fail",
    "output",
    "tty",
    "interactive",
    "prompt",
    "default",
    "options",
)
"""Fields that only some types read."""


class StepReader:
    """Reads the steps of one file. `at` gives the place of a path, `wrong` the error for a mistake there."""

    def __init__(self, at: Callable[[Path], Position], wrong: Callable[[Path, str], Invalid]) -> None:
        self.at = at
        self.wrong = wrong

    def steps(self, listed: object, path: Path, kind: str, *, unique: bool = True) -> tuple[Step, ...]:
        """A list of steps; `kind` is the type of one that names none. Names are unique where they are names."""
        if not isinstance(listed, list):
            raise self.wrong(path, "steps must be a list")
        steps = tuple(self.step(one, (*path, index), index, kind) for index, one in enumerate(listed))
        seen: set[str] = set()
        for index, step in enumerate(steps):
            if unique and step.name in seen:
                raise self.wrong((*path, index), f"two steps are called {step.name}")
            seen.add(step.name)
        return steps

    def step(self, tree: object, path: Path, index: int, kind: str) -> Step:
        """One step; a text is a command where that is the shell's."""
        if isinstance(tree, str) and kind == "shell":
            return Step(f"step{index + 1}", "shell", tree, self.at(path))
        if not isinstance(tree, dict):
            raise self.wrong(path, "a step must be a map")
        when = forgiven = None
        misread = ""
        try:
            when, forgiven = condition(tree.get("when")), condition(tree.get("continue"))
        except NoCondition as error:  # refused when the step is to run: what stands beside it is not to blame
            misread = f"the condition ({error})"
        return Step(
            name=self.text(tree, path, "name") or f"step{index + 1}",
            kind=self.text(tree, path, "type") or kind,
            command=self.text(tree, path, "command").strip(),
            at=self.at(path),
            stack=self.text(tree, path, "stack"),
            env=self.env(tree, path),
            working_directory=self.text(tree, path, "working_directory"),
            retry=self.retry(tree, path),
            when=when,
            forgiven=forgiven,
            outputs=self.texts(tree, path, "outputs"),
            timeout=self.time(tree, path, "timeout"),
            needs=self.names(tree, path, "needs"),
            steps=self.steps(tree["steps"], (*path, "steps"), "shell") if tree.get("steps") else (),
            fields={name: tree[name] for name in OF_TYPES if tree.get(name) is not None},
            unsupported=next((one for one in REFUSED_FIELDS if tree.get(one)), misread),
        )

    def text(self, tree: Mapping[str, object], path: Path, key: str) -> str:
        """A scalar as the file has it."""
        value = tree.get(key)
        if isinstance(value, dict | list):
            raise self.wrong((*path, key), f"{key} must be a text")
        return written(value)

    def texts(self, tree: Mapping[str, object], path: Path, key: str) -> dict[str, str]:
        """A map of scalars."""
        value = tree.get(key) or {}
        if not isinstance(value, dict) or any(isinstance(one, dict | list) for one in value.values()):
            raise self.wrong((*path, key), f"{key} must be a map of texts")
        return {name: written(one) for name, one in value.items()}

    def env(self, tree: Mapping[str, object], path: Path) -> dict[str, str]:
        """Variables."""
        return self.texts(tree, path, "env")

    def names(self, tree: Mapping[str, object], path: Path, key: str) -> tuple[str, ...]:
        """A list of texts, or one."""
        value = tree.get(key) or []
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise self.wrong((*path, key), f"{key} must be a list of texts")
        return tuple(listed)

    def flag(self, tree: Mapping[str, object], path: Path, key: str) -> bool:
        """A switch."""
        value = tree.get(key)
        if value not in (None, True, False):
            raise self.wrong((*path, key), f"{key} must be true or false")
        return bool(value)

    def retry(self, tree: Mapping[str, object], path: Path) -> Retry:
        """When it is tried again."""
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
            conditions=self.names(value, path, "conditions"),
        )

    def time(self, tree: Mapping[str, object], path: Path, key: str) -> float | None:
        """A length of time in seconds; None where there is none."""
        if tree.get(key) is None:
            return None
        length = seconds(str(tree[key]))
        if length is None:
            raise self.wrong((*path, key), f"{key} must be a length of time such as 1m30s")
        return length or None

    def number(self, tree: Mapping[str, object], path: Path, key: str, default: float) -> float:
        """A number from 0 to 1000."""
        value = tree.get(key)
        if value is None:
            return default
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1000:
            raise self.wrong((*path, key), f"{key} must be a number from 0 to 1000")
        return float(value)


def waits_for(tree: Mapping[str, object]) -> str:
    """A field of a workflow or a custom command that says what runs before it; empty where there is none."""
    dependencies = tree.get("dependencies")
    found = as_map(dependencies)
    return next((f"dependencies.{one}" for one in ("commands", "workflows") if found.get(one)), "")


def written(value: object) -> str:
    """A scalar as the file has it: `true`, not Python's `True`."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
