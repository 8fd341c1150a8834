"""gomplate's datasources, as far as they stay inside of a repository: `file:`, `env:` and `merge:`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from gaia.errors import Invalid
from gaia.golang.gotemplate.gomplate import data, formats
from gaia.golang.gotemplate.gomplate.convert import text
from gaia.golang.gotemplate.values import Failure, Strings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TYPES: Final = {
    ".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".csv": "csv", ".env": "env",
}  # fmt: skip
_MIME: Final = {
    "application/json": "json", "application/array+json": "json", "application/x-yaml": "yaml",
    "application/yaml": "yaml", "text/yaml": "yaml", "application/toml": "toml", "text/csv": "csv",
    "application/x-env": "env", "text/plain": "text",
}  # fmt: skip
MAX_MERGED: Final = 16
"""Sources in one `merge:`, and merges in merges."""


class Files(Protocol):
    """The files that templates may read. Each method may raise `Failure`."""

    def read(self, path: str) -> bytes:
        """The content of a file."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is something."""
        ...

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""
        ...

    def names(self, path: str) -> list[str]:
        """What is in a folder, sorted."""
        ...


class Datasources:
    """The sources by their aliases."""

    def __init__(self, urls: Mapping[str, str], files: Files, environ: Mapping[str, str]) -> None:
        self._urls = dict(urls)
        self._files = files
        self._environ = environ

    def functions(self) -> dict[str, Callable[..., object]]:
        """The functions by name."""
        return {
            "datasource": self.value, "ds": self.value, "include": self.content, "datasourceExists": self.exists,
            "datasourceReachable": self.reachable, "defineDatasource": self.define, "listDatasources": self.listed,
        }  # fmt: skip

    def value(self, alias: str, *arguments: str) -> object:
        """What a source holds, parsed.

        Raises:
            Failure: there is no such source, or it cannot be read.
            Invalid: `not-supported`, for a source that lies elsewhere.
        """
        return self._value(self._url(alias), arguments, 0)

    def content(self, alias: str, *arguments: str) -> str:
        """What a source holds, as text."""
        url = self._url(alias)
        if url.scheme == "merge":
            return data.to_yaml(self._value(url, arguments, 0))
        return self._text(url, arguments)

    def exists(self, alias: str) -> bool:
        """Whether there is a source of this name."""
        return alias in self._urls

    def reachable(self, alias: str, *arguments: str) -> bool:
        """Whether a source can be read."""
        try:
            self._text(self._url(alias), arguments)
        except Failure:
            return False
        return True

    def define(self, alias: str, url: str) -> str:
        """Name a source."""
        self._urls.setdefault(alias, url)
        return ""

    def listed(self) -> Strings:
        """The names of all sources."""
        return Strings(sorted(self._urls))

    def _url(self, alias: str) -> SplitResult:
        if alias in self._urls:
            return urlsplit(self._urls[alias])
        url = urlsplit(alias)
        if url.scheme:
            return url
        raise Failure(f"Undefined datasource '{alias}'")

    def _value(self, url: SplitResult, arguments: tuple[str, ...], depth: int) -> object:
        if url.scheme == "merge":
            return self._merged(url, depth)
        kind = _MIME.get(parse_qs(url.query).get("type", [""])[0].split(";")[0].strip())
        suffix = "" if url.scheme == "env" else posixpath.splitext(self._path(url, arguments))[1]
        default = _TYPES.get(suffix, "text")
        return _parsed(kind or default, self._text(url, arguments))

    def _merged(self, url: SplitResult, depth: int) -> dict[str, object]:
        """Maps put together; the first one wins."""
        parts = url.path.split("|")
        if len(parts) < 2 or len(parts) > MAX_MERGED or depth > MAX_MERGED:
            raise Failure("merge: needs two sources or more, with | between them")
        merged: dict[str, object] = {}
        for part in reversed(parts):
            source = self._url(part) if part in self._urls or ":" in part else urlsplit(part)
            found = self._value(source, (), depth + 1)
            if not isinstance(found, dict):
                raise Failure(f"merge: {part} holds no map")
            merged = _over(merged, found)
        return merged

    def _path(self, url: SplitResult, arguments: tuple[str, ...]) -> str:
        path = unquote(url.path)
        if not arguments:
            return path
        below = urlsplit(text(arguments[0])).path
        return posixpath.join(path if path.endswith("/") else posixpath.dirname(path), below)

    def _text(self, url: SplitResult, arguments: tuple[str, ...]) -> str:
        if url.scheme == "env":
            name = (unquote(url.path) or url.netloc).lstrip("/")
            return self._environ.get(name, "")
        if url.scheme not in ("", "file"):
            raise Invalid(
                "not-supported",
                f"not supported: the datasource {url.geturl()!r}: templates reach no other place than the repository",
                next_step="Copy the data into the repository, or use a YAML function.",
            )
        content = self._files.read(self._path(url, arguments))
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Failure(f"{url.geturl()} is no UTF-8 text") from None


def _parsed(kind: str, content: str) -> object:
    if kind == "json" or kind == "yaml":
        try:
            return data.parse_map(content)
        except Failure:
            return data.parse_list(content)
    if kind == "toml":
        return data.parse_toml(content)
    if kind == "csv":
        return formats.parse_csv(content)
    return formats.parse_env(content) if kind == "env" else content


def _over(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    merged = dict(below)
    for key, value in above.items():
        known = merged.get(key)
        merged[key] = _over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return merged


def file_members(files: Files) -> dict[str, Callable[..., object]]:
    """gomplate's `file`, for reading."""

    def read(path: object) -> str:
        return files.read(text(path)).decode("utf-8", "surrogateescape")

    def walk(path: object) -> Strings:
        return Strings(_walked(files, text(path)))

    return {
        "Read": read, "Exists": lambda path: files.exists(text(path)),
        "IsDir": lambda path: files.is_folder(text(path)), "ReadDir": lambda path: Strings(files.names(text(path))),
        "Walk": walk,
    }  # fmt: skip


def _walked(files: Files, path: str) -> list[str]:
    found = [path]
    if files.is_folder(path):
        for name in files.names(path):
            found += _walked(files, posixpath.normpath(posixpath.join(path, name)))
    return found
