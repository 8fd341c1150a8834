"""gomplate's URLs: Go's url.URL, and paths of the operating system, which have slashes on every machine."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.gomplate.convert import text
from gaia.golang.gotemplate.sprig import paths
from gaia.golang.gotemplate.values import MISSING, Failure, Object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UUID: Final = re.compile(
    r"(?:urn:uuid:|\{)?([0-9a-fA-F]{8})-?" + r"([0-9a-fA-F]{4})-?" * 3 + r"([0-9a-fA-F]{12})\}?\Z"
)


class Url(Object):
    """Go's *url.URL."""

    go_type = "*url.URL"

    def __init__(self, given: str) -> None:
        self._parts = paths.url_parse(given)

    def member(self, name: str) -> object:
        """A field, or a method by its Go name."""
        parts = {key: str(value) for key, value in self._parts.items()}
        fields = {
            "Scheme": parts["scheme"], "Host": parts["host"], "Path": parts["path"], "RawQuery": parts["query"],
            "Fragment": parts["fragment"], "Opaque": parts["opaque"],
        }  # fmt: skip
        if name in fields:
            return fields[name]
        host = parts["host"]
        port = host.rpartition(":")[2] if ":" in host.rpartition("]")[2] else ""
        methods: dict[str, Callable[[], object]] = {
            "Hostname": lambda: parts["hostname"], "Port": lambda: port, "String": lambda: str(self),
            "IsAbs": lambda: bool(parts["scheme"]),
        }  # fmt: skip
        return methods.get(name, MISSING)

    def __str__(self) -> str:
        return paths.url_join(dict(self._parts))


def url(value: object) -> Url:
    """`conv.URL TEXT`"""
    return Url(text(value))


def relative(base: object, target: object) -> str:
    """`filepath.Rel BASE TARGET`

    Raises:
        Failure: one of them begins at the root and the other does not.
    """
    start, end = text(base), text(target)
    if start.startswith("/") is not end.startswith("/"):
        raise Failure(f"Rel: can't make {end} relative to {start}")
    return posixpath.relpath(end or ".", start or ".")


def _parsed(value: object) -> str | None:
    match = _UUID.match(text(value))
    return "-".join(match.groups()).lower() if match else None


def parse_uuid(value: object) -> str:
    """`uuid.Parse TEXT`

    Raises:
        Failure: it is none.
    """
    found = _parsed(value)
    if found is None:
        raise Failure(f"invalid UUID {text(value)!r}")
    return found


FILEPATH: Final[Mapping[str, Callable[..., object]]] = {
    "Rel": relative, "ToSlash": text, "FromSlash": text, "VolumeName": lambda _path: "",
}  # fmt: skip
UUID: Final[Mapping[str, Callable[..., object]]] = {
    "IsValid": lambda value: _parsed(value) is not None, "Parse": parse_uuid,
    "Nil": lambda: "00000000-0000-0000-0000-000000000000",
}  # fmt: skip
