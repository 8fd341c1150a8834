"""The layers of `atmos.yaml`: where they are looked for, how they are merged, which variables beat them.

Keys are case-insensitive, so all of them are lowered, except in maps whose keys are names of the user's own choice.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound, Position
from gaia.kit import yaml
from gaia.kit.shapes import as_map
from gaia.stacks.layers import Layer, merged
from gaia.stacks.loading.config_tags import config_tag, without_unset
from gaia.stacks.loading.globs import compiled, is_glob
from gaia.stacks.loading.imports import REMOTE
from gaia.stacks.loading.tags import not_supported
from gaia.stacks.loading.variables import overrides
from gaia.stacks.mainfile import NAMES, NAMING, main_file, root_near

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gaia.stacks.loading.config_tags import Execute

FOLDERS = ("atmos.d", ".atmos.d")
SYSTEM = Path("/usr/local/etc/atmos")
NAMED_BY_USERS = frozenset(("env", "commands", "auth", "integrations", "toolchain", "stores", "vars", "aliases"))
"""Maps below these keys keep the case of their keys."""
MAX_FILES = 200
DEFAULT = {
    "base_path": "",
    "components": {"terraform": {"base_path": "components/terraform"}},
    "stacks": {
        "base_path": "stacks",
        "included_paths": ["orgs/**/*"],
        "excluded_paths": ["**/_defaults.yaml"],
        "name_pattern": "{tenant}-{environment}-{stage}",
    },
    "templates": {"settings": {"enabled": True, "sprig": {"enabled": True}, "gomplate": {"enabled": True}}},
}
"""What holds where no configuration file was found at all; with any file nothing of it does."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """All layers merged: what `describe config` shows, and where each value is written."""

    layer: Layer
    root: Path
    """The nearest folder with a main file at or above the working directory, or the working directory."""
    files: tuple[Path, ...]
    """The files that were read, weakest first."""
    commands: tuple[Layer, ...] = ()
    """The custom commands of the first level, each as its file has it, weakest first."""

    @property
    def value(self) -> Mapping[str, object]:
        """The merged tree, keys in lower case."""
        value = self.layer.value
        return as_map(value)

    def get(self, *path: str) -> object:
        """The value at a path, or None."""
        value: object = self.value
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def at(self, path: Sequence[str | int] = ()) -> Position:
        """Where the value at `path`, or the nearest one above it, is written."""
        layer: Layer | None = self.layer
        node = self.layer
        for key in path:
            layer = layer.child(key) if layer else None
            node = layer or node
        return node.position

    def folder_of(self, *path: str) -> Path | None:
        """The folder of the file that a value is written in; None for a value from a variable or from nowhere."""
        layer = self.layer.at(path)
        file = self.root / layer.position.file if layer else None
        return file.parent if file in self.files else None


class Reader:
    """Reads the files of all layers once, each in its place."""

    def __init__(self, cwd: Path, environ: Mapping[str, str], *, execute: Execute | None = None) -> None:
        self._cwd = cwd
        self._environ = environ
        self._execute = execute
        self._layers: list[Layer] = []
        self._read: list[Path] = []
        self._root = cwd

    def resolve(self) -> Resolved:
        """The layers merged, the environment's variables over them.

        Where `ATMOS_CONFIG` or `ATMOS_CONFIG_PATH` (`--config`, `--config-path`) name files or folders, nothing else is
        read: first the files, then the folders.

        Raises:
            NotFound: `config-file-missing`, something named is not there.
            Invalid: a file that cannot be read or that holds no map, with its position.
        """
        self._root = root_near(self._cwd) or self._cwd
        files, folders = named(self._cwd, self._environ)
        for path in files:
            if not path.is_file():
                raise _missing(path, "file")
            self._file(path)
        for place in folders:
            if main_file(place) is None:
                raise _missing(place / NAMES[0], "folder")
            self._folder(place)
        if not (files or folders):
            for place in list(self._places()):
                self._folder(place)
        self._profiles()
        if not self._layers:
            self._layers.append(_synthetic("(defaults)", DEFAULT))
        self._layers.extend(_synthetic(name, tree) for name, tree in overrides(self._environ))
        layer = _with_commands(merged(self._layers, "replace") or Layer({}), self._layers)
        commands = tuple(command for one in self._layers for command in _commands(one))
        return Resolved(without_unset(layer), self._root, tuple(self._read), commands)

    def _places(self) -> Iterator[Path]:
        """The folders to look into, weakest first."""
        environ = self._environ
        named = environ.get("ATMOS_CLI_CONFIG_PATH")
        if environ.get("HOME"):
            yield SYSTEM
            yield Path(environ["HOME"]) / ".atmos"
        own = main_file(self._cwd) is not None
        if not own and not named:
            above = root_near(self._cwd)
            if above is not None:
                yield above
        top = git_root(self._cwd)
        if top and not named and environ.get("ATMOS_GIT_ROOT_BASEPATH") != "false" and top != self._cwd:
            yield top
        yield self._cwd
        if named:
            folder = self._cwd / named
            yield folder if folder.is_dir() else folder.parent

    def _folder(self, folder: Path) -> None:
        main = main_file(folder)
        if main is not None:
            self._file(main)
        for name in FOLDERS:
            below = folder / name
            if below.is_dir():
                for path in sorted(below.rglob("*"), key=lambda one: (len(one.parts), str(one))):
                    if path.suffix in (".yaml", ".yml") and path.is_file():
                        self._file(path)

    def _profiles(self) -> None:
        for name in _listed(self._environ.get("ATMOS_PROFILE", "")):
            candidates = (self._root / ".atmos" / "profiles" / name, self._root / "profiles" / name)
            folder = next((one for one in candidates if one.is_dir()), None)
            if folder is None:
                raise NotFound(
                    "profile-unknown",
                    f"there is no profile {name!r}",
                    next_step=f"Make {candidates[0]}, or correct ATMOS_PROFILE.",
                )
            for path in sorted(folder.rglob("*")):
                if path.suffix in (".yaml", ".yml") and path.is_file():
                    self._file(path)

    def _file(self, path: Path, chain: tuple[Path, ...] = ()) -> None:
        """Add a file, what it imports below it."""
        if path in self._read:
            return
        shown = self._shown(path)
        try:
            document = yaml.read(path, shown, config_tag(self._cwd, path.parent, self._environ, self._execute))
        except OSError as error:
            raise Invalid(
                "file-not-readable",
                f"cannot read {shown}: {error.strerror}",
                at=Position(shown, 1),
                next_step="Check that the file exists, its owner and its rights.",
            ) from error
        if document.value is not None and not isinstance(document.value, dict):
            raise Invalid(
                "config-type", f"{shown} must be a map", at=Position(shown, 1), next_step="Write `key: value` lines."
            )
        document = _lowered(document)
        self._imports(document, path, (*chain, path))
        self._read.append(path)
        if len(self._read) > MAX_FILES:
            raise Invalid(
                "import-too-many",
                f"atmos.yaml is made of more than {MAX_FILES} files",
                at=document.at(),
                next_step="Import fewer files.",
            )
        self._layers.append(Layer(document.value or {}, document=document).without(("import",)))

    def _imports(self, document: yaml.Document, path: Path, chain: tuple[Path, ...]) -> None:
        tree = document.value
        listed = tree.get("import") if isinstance(tree, dict) else None
        if isinstance(listed, str):
            listed = [listed]
        for index, entry in enumerate(listed if isinstance(listed, list) else ()):
            at = document.at(("import", index))
            if not isinstance(entry, str):
                raise Invalid("section-type", "an import is a path", at=at, next_step="Give a path.")
            if any(entry.startswith(one) or (one == "://" and one in entry) for one in REMOTE):
                raise not_supported("remote imports", at, "Copy the file into the repository.")
            for file in _matching(path.parent, entry, at):
                if file in chain:
                    raise Invalid(
                        "import-cycle",
                        f"{self._shown(file)} imports itself",
                        at=at,
                        next_step="Remove this import.",
                    )
                self._file(file, chain)

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self._root)) if path.is_relative_to(self._root) else str(path)


def _with_commands(layer: Layer, layers: Sequence[Layer]) -> Layer:
    """The merged layer, its commands put together by name: a later one replaces the one of its name only."""
    lists = [one.value["commands"] for one in layers if isinstance(one.value, dict) and "commands" in one.value]
    if len(lists) < 2 or not all(isinstance(one, list) for one in lists):
        return layer
    named: dict[object, object] = {}
    for index, command in enumerate(command for one in lists for command in one):
        named[command.get("name", index) if isinstance(command, dict) else index] = command
    value = as_map(layer.value)
    return Layer({**value, "commands": list(named.values())}, sources=(layer,))


def _commands(layer: Layer) -> Iterator[Layer]:
    listed = layer.child("commands")
    if listed is not None and isinstance(listed.value, list):
        yield from (one for index in range(len(listed.value)) if (one := listed.child(index)) is not None)


def named(cwd: Path, environ: Mapping[str, str]) -> tuple[list[Path], list[Path]]:
    """The files and the folders that stand for all layers, where variables name any."""
    return tuple([cwd / one for one in _listed(environ.get(name, ""))] for name in NAMING)  # type: ignore[return-value]


def _missing(path: Path, what: str) -> NotFound:
    step = f"Correct --config or {NAMING[0]}." if what == "file" else f"Correct --config-path or {NAMING[1]}."
    return NotFound("config-file-missing", f"there is no configuration {path}", next_step=step)


def git_root(folder: Path) -> Path | None:
    """The git work tree around a folder, or None."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _listed(text: str) -> list[str]:
    return [one for one in text.split(",") if one]


def _matching(folder: Path, entry: str, at: Position) -> list[Path]:
    path = posixpath.normpath(posixpath.join(str(folder), entry))
    if is_glob(path):
        pattern = compiled(path if posixpath.splitext(path)[1] else path + ".yaml")
        files = [one for one in folder.rglob("*") if pattern.match(str(one)) and one.is_file()]
    else:
        files = [one for one in (Path(path), Path(path + ".yaml"), Path(path + ".yml")) if one.is_file()][:1]
    if not files:
        raise NotFound(
            "import-not-found",
            f"the import {entry!r} matches no file",
            at=at,
            next_step="Paths are relative to the importing file.",
        )
    return sorted(files)


def _lowered(document: yaml.Document) -> yaml.Document:
    value, mark = _lower(document.value, document.mark)
    return yaml.Document(document.file, value, mark)


def _lower(value: object, mark: yaml.Mark) -> tuple[object, yaml.Mark]:
    if not isinstance(value, dict) or not isinstance(mark.children, dict):
        return value, mark
    lowered: dict[str, object] = {}
    marks: dict[str, yaml.Mark] = {}
    for key, inner in value.items():
        name = key.lower()
        lowered[name], marks[name] = inner, mark.children[key]
        if name not in NAMED_BY_USERS:
            lowered[name], marks[name] = _lower(inner, mark.children[key])
    return lowered, mark._replace(children=marks)


def _synthetic(name: str, tree: Mapping[str, object]) -> Layer:
    """A layer that no file holds; `name` stands in its positions."""
    return Layer(tree, document=yaml.Document(name, tree, yaml.NOWHERE))
