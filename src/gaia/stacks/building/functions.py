"""YAML functions of a finished instance: what can be answered here is, references stay, the rest is refused."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Refused
from gaia.stacks.loading.tags import function_of, not_supported
from gaia.stacks.merge import APPENDED, is_append
from gaia.stacks.model import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.errors import Position

    Path = tuple[str | int, ...]


UNSET = object()


def _labels(metadata: Mapping[str, object]) -> dict[str, object]:
    labels = metadata.get("labels")
    return {key: labels[key] for key in sorted(labels)} if isinstance(labels, dict) else {}


LABELS: Mapping[str, Callable[[Mapping[str, object]], object]] = {
    "labels": _labels,
    "labels.keys": lambda metadata: list(_labels(metadata)),
    "labels.values": lambda metadata: list(_labels(metadata).values()),
    "tags": lambda metadata: metadata.get("tags") or [],
}


class Functions:
    """Resolves the functions in the sections of one instance.

    `locate(path)` gives the place of a value; it is asked only where a function or an error needs it.
    """

    def __init__(
        self,
        *,
        stack: str,
        env: Mapping[str, object],
        metadata: Mapping[str, object],
        environ: Mapping[str, str],
        untrusted: bool,
        templates: bool,
        locate: Callable[[Path], Position],
    ) -> None:
        self._stack = stack
        self._env = env
        self._metadata = metadata
        self._environ = environ
        self._untrusted = untrusted
        self._templates = templates
        self._locate = locate
        self.references: list[tuple[Path, Reference]] = []

    def walk(self, value: object, path: Path) -> object:
        """`value` with its functions resolved; the same object where there are none.

        Raises:
            Refused: `exec-refused`, `exec` in an untrusted repository.
            Invalid: `not-supported`, `function-arguments`.
        """
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, dict):
            if is_append(value):
                return self.walk(value[APPENDED], path)
            changed = {key: new for key, old in value.items() if (new := self.walk(old, (*path, key))) is not old}
            if not changed:
                return value
            return {key: new for key, new in (value | changed).items() if new is not UNSET}
        if isinstance(value, list):
            if any(isinstance(one, str) and function_of(one) == "unset" for one in value):
                raise not_supported("!unset in a list", self._locate(path), "Write the list without the element.")
            items = [self.walk(old, (*path, index)) for index, old in enumerate(value)]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    def _text(self, text: str, path: Path) -> object:
        if self._templates and "{{" in text:
            raise not_supported(
                "templates (templates.settings.enabled)", self._locate(path), "Write the value out, or switch them off."
            )
        name = function_of(text) if text[:1] == "!" else None
        if name is None:
            return text
        arguments = text[len(name) + 1 :].strip()
        if name in ("terraform.state", "terraform.output"):
            return self._reference(name, arguments, text, path)
        if name == "env":
            return self._environment(arguments, path)
        if name == "template":
            return _decoded(arguments)
        if name == "unset":
            return UNSET
        if name in LABELS:
            return LABELS[name](self._metadata)
        if name == "exec" and self._untrusted:
            raise Refused(
                "exec-refused",
                "!exec would run a command, and this repository's content is not trusted",
                at=self._locate(path),
                next_step="Write the value out.",
            )
        raise not_supported(f"!{name}", self._locate(path), "Write the value out.")

    def _reference(self, name: str, arguments: str, text: str, path: Path) -> Reference:
        words = self._words(arguments, path)
        if len(words) not in (2, 3):
            raise self._wrong(f"!{name} needs COMPONENT [STACK] OUTPUT", path)
        stack = words[1] if len(words) == 3 else self._stack
        reference = Reference(name, words[0], stack, words[-1], text, self._locate(path))
        self.references.append((path, reference))
        return reference

    def _environment(self, arguments: str, path: Path) -> object:
        words = self._words(arguments, path)
        if len(words) not in (1, 2):
            raise self._wrong("!env needs NAME [DEFAULT]", path)
        own = self._env.get(words[0])
        if own is not None and not (isinstance(own, str) and function_of(own)):
            return own
        return self._environ.get(words[0], words[1] if len(words) > 1 else "")

    def _words(self, arguments: str, path: Path) -> list[str]:
        """The arguments, divided by blanks; double quotes hold one together."""
        try:
            rows = list(csv.reader([arguments], delimiter=" ", skipinitialspace=True, strict=True))
        except csv.Error as error:
            raise self._wrong(f"the quotes in {arguments!r} do not match", path) from error
        return [word for word in (rows[0] if rows else ()) if word]

    def _wrong(self, message: str, path: Path) -> Invalid:
        return Invalid("function-arguments", message, at=self._locate(path), next_step="Correct the arguments.")


def _decoded(text: str) -> object:
    """The text as JSON, or as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text
