"""What cannot be built while the rest is: noted on the way, and told at the end."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from gaia.errors import Incomplete, Next

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gaia.errors import GaiaError


@dataclass(frozen=True, slots=True)
class Failure:
    """A component that cannot be built, or given a stack, and why."""

    component: str
    where: str
    """The stack, or the manifest of a component that cannot be given one."""
    error: GaiaError

    @property
    def mistake(self) -> tuple[str, str, str]:
        """The same for failures that one mistake causes."""
        return (str(self.error.at or ""), self.error.message, self.error.code)


class Failures:
    """The failures of one snapshot, each once."""

    def __init__(self) -> None:
        self._found: dict[object, Failure] = {}

    def __iter__(self) -> Iterator[Failure]:
        return iter(self._found.values())

    def __bool__(self) -> bool:
        return bool(self._found)

    def note(self, component: str, where: str, error: GaiaError) -> None:
        """Remember why a component is left out."""
        failure = Failure(component, where, error.with_traceback(None))
        self._found.setdefault((component, where, failure.mistake), failure)

    def refuse(self, pattern: str | None = None, rest: str = "shown") -> None:
        """End a command that has shown everything else, or done it: `rest` says which.

        `pattern` says of which stacks it was asked.

        Raises:
            Incomplete: `components-failed`, if anything was noted.
        """
        found = [one for one in self if pattern is None or fnmatchcase(one.where, pattern)]
        if not found:
            return
        alike: dict[tuple[str, str, str], list[Failure]] = {}
        for one in sorted(found, key=lambda one: (one.mistake, one.where, one.component)):
            alike.setdefault(one.mistake, []).append(one)
        components = {(one.component, one.where) for one in found}
        what = "1 component" if len(components) == 1 else f"{len(components)} components"
        raise Incomplete(
            "components-failed",
            f"{what} cannot be built; everything else is {rest}",
            next_step=Next("validate stacks", words="See what to do about each"),
            facts={"failed": [_line(mistake, failures) for mistake, failures in alike.items()]},
        )


def _line(mistake: tuple[str, str, str], failures: Sequence[Failure]) -> dict[str, object]:
    """Of all failures that one mistake causes: its place, one of them, and how many more there are."""
    at, message, code = mistake
    first, more = failures[0], len(failures) - 1
    return {
        "at": at or None,
        "component": f"{first.component} in {first.where}" + (f" and {more} more" if more else ""),
        "message": message,
        "error": code,
    }
