"""Fields of a YAML file that people write: each is read once, with its type and place, and no other is passed over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.kit.ids import NAME
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.errors import GaiaError, Position
    from gaia.kit.marks import Document

    Wrong = Callable[[Position, str, str], GaiaError]

_SHOWN = 60
"""Characters of a wrong value in an error."""
LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
"""RFC 1035: what every kind of object of Kubernetes may be called."""
LINE = re.compile(r"[^\n\t]*")
"""What else nobody sees, `is_plain` finds."""


@dataclass(frozen=True, slots=True)
class Fields:
    """A map in the file."""

    document: Document
    path: tuple[str | int, ...]
    held: Mapping[str, object]
    error: Wrong
    """Makes the error of this kind of file."""

    @classmethod
    def of(cls, document: Document, error: Wrong) -> Fields:
        """The whole file."""
        return cls(document, (), {}, error).of_value(document.value, ())

    def of_value(self, value: object, path: tuple[str | int, ...]) -> Fields:
        """A map below."""
        here = Fields(self.document, path, value if isinstance(value, dict) else {}, self.error)
        if not isinstance(value, dict):
            name = str(path[-1]) if path else self.document.file
            raise here.wrong("", f"{name} is no map of fields", "Write `name: value` in lines below each other.")
        return here

    def only(self, *names: str) -> None:
        """Refuse every other field: one that is passed over would not do what somebody meant."""
        unknown = sorted(str(name) for name in self.held if name not in names)
        if unknown:
            raise self.wrong(unknown[0], f"there is no field {shown(unknown[0])}", f"Known are {', '.join(names)}.")

    def wrong(self, name: str | int, what: str, step: str) -> GaiaError:
        """The error of the file, at one of its fields."""
        return self.error(self.document.at((*self.path, name) if name != "" else self.path), what, step)

    def text(self, name: str, default: str | None = None, *, form: re.Pattern[str] = LINE, as_in: str = "") -> str:
        """A text of this form; without a default the field has to be there."""
        if name not in self.held:
            if default is None:
                raise self.wrong("", f"{name} is missing", f"Add it, as in `{name}: {as_in}`.")
            return default
        value = self.held[name]
        if not isinstance(value, str) or not form.fullmatch(value) or not is_plain(value):
            raise self.wrong(name, f"{name} is {shown(value)}", f"Write it as in `{name}: {as_in}`.")
        return value

    def name(self, name: str, default: str | None = None, *, as_in: str = "") -> str:
        """A name by the house rule that Kubernetes takes too."""
        found = self.text(name, default, as_in=as_in)
        if not NAME.fullmatch(found) or not LABEL.fullmatch(found):
            step = "Use lower-case letters, digits and hyphens, a letter first and no hyphen last, 63 at most."
            raise self.wrong(name, f"{name} is {shown(found)}, which is no name", step)
        return found

    def number(self, name: str, default: int | None, least: int, most: int) -> int:
        """A whole number in this range."""
        value = self.held.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            found = f"{name} is {'missing' if value is None else shown(value)}"
            raise self.wrong(name if name in self.held else "", found, f"Write a whole number from {least} to {most}.")
        return value

    def below(self, name: str) -> Fields | None:
        """A map in a field; None where the field is not there."""
        return self.of_value(self.held[name], (*self.path, name)) if name in self.held else None

    def list(self, name: str) -> tuple[object, ...]:
        """A list in a field, empty where the field is not there."""
        value = self.held.get(name, [])
        if not isinstance(value, list):
            raise self.wrong(name, f"{name} is no list", f"Write it as `{name}: [one, other]`.")
        return tuple(value)

    def maps(self, name: str) -> tuple[Fields, ...]:
        """A list of maps."""
        return tuple(self.of_value(one, (*self.path, name, n)) for n, one in enumerate(self.list(name)))

    def texts(self, name: str, form: re.Pattern[str], as_in: str) -> tuple[str, ...]:
        """A list of texts of one form, each of them once."""
        found = []
        for one in self.list(name):
            if not isinstance(one, str) or not form.fullmatch(one):
                raise self.wrong(name, f"{shown(one)} stands in {name}", f"Write it as in `{name}: [{as_in}]`.")
            found.append(one)
        return tuple(dict.fromkeys(found))


def is_plain(text: str) -> bool:
    """Whether all of it is to be seen: what turns the writing would hide from a reviewer what a release does."""
    return visible(text) == text


def shown(value: object) -> str:
    """A wrong value, as it may stand in an error: nobody learns a secret or another's terminal from it."""
    return visible(cut(repr(value) if isinstance(value, str) else str(value), _SHOWN))
