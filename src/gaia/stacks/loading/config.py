"""`atmos.yaml`: where stacks and components are, how stacks are named, how lists merge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Invalid, NotFound, Position
from gaia.kit import yaml
from gaia.stacks.merge import check_strategy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAMES = ("atmos.yaml", ".atmos.yaml", "atmos.yml", ".atmos.yml")


@dataclass(frozen=True, slots=True)
class Config:
    """The part of `atmos.yaml` that stacks need. Folders are absolute."""

    document: yaml.Document
    root: Path
    """The folder of `atmos.yaml`; positions are relative to it."""
    top: Path
    """What no path may leave: the git work tree around `root`, or `root`."""
    stacks: Path
    components: Path
    """The folder that holds the Terraform components."""
    components_base: str
    """`components.terraform.base_path` as written."""
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    name_pattern: str
    name_template: str
    list_strategy: str
    command: str
    workspaces: bool
    inherit_metadata: bool
    templates: bool
    env: Mapping[str, object]
    environ: Mapping[str, str]
    """The captured environment: its `ATMOS_…` variables beat the file."""

    def setting(self, *path: str) -> object:
        """Any value of `atmos.yaml`, keys in lower case; None where there is none."""
        return _Reader(self.document, self.environ).find(*path)[0]


class _Reader:
    """Access to a tree whose keys are case-insensitive, the environment's variables over it."""

    def __init__(self, document: yaml.Document, environ: Mapping[str, str]) -> None:
        self.document = document
        self.environ = environ

    def find(self, *path: str) -> tuple[object, tuple[str, ...]]:
        value = self.document.value
        real: list[str] = []
        for step in path:
            keys = {str(key).lower(): key for key in value} if isinstance(value, dict) else {}
            if step not in keys or not isinstance(value, dict):
                return None, tuple(real)
            real.append(keys[step])
            value = value[keys[step]]
        return value, tuple(real)

    def text(self, variable: str | None, *path: str, default: str = "") -> str:
        if variable and self.environ.get(variable):
            return self.environ[variable]
        value, real = self.find(*path)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.wrong(path, real, "a text")
        return value

    def flag(self, *path: str, default: bool) -> bool:
        value, real = self.find(*path)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(path, real, "true or false")
        return value

    def texts(self, variable: str, *path: str) -> tuple[str, ...]:
        if self.environ.get(variable):
            return tuple(one for one in self.environ[variable].split(",") if one)
        value, real = self.find(*path)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) or one is None for one in value):
            raise self.wrong(path, real, "a list of texts")
        return tuple(one for one in value if one)

    def wrong(self, path: tuple[str, ...], real: tuple[str, ...], wanted: str) -> Invalid:
        return Invalid(
            "config-type",
            f"{'.'.join(path)} in {self.document.file} must be {wanted}",
            at=self.document.at(real),
            next_step=f"Give {wanted}.",
        )


def read_config(root: Path, environ: Mapping[str, str]) -> Config:
    """Read the `atmos.yaml` of the repository at `root`; `ATMOS_…` variables of `environ` beat it.

    Raises:
        NotFound: `not-a-repository`.
        Invalid: `config-…`, `path-escapes`, `not-supported`, or the YAML reader's.
    """
    file = next((root / name for name in NAMES if (root / name).is_file()), None)
    if file is None:
        raise NotFound(
            "not-a-repository",
            f"there is no atmos.yaml in {root}",
            next_step="Run this in a platform repository, or make one with `gaia init DIR`.",
        )
    document = yaml.read(file, file.name)
    if document.value is not None and not isinstance(document.value, dict):
        at = Position(file.name, 1)
        raise Invalid("config-type", "atmos.yaml must be a map", at=at, next_step="Write `key: value` lines.")
    reader = _Reader(document, environ)
    imports, where = reader.find("import")
    if imports:
        raise Invalid(
            "not-supported",
            "import in atmos.yaml is not supported",
            at=document.at(where),
            next_step="Write the imported settings into atmos.yaml.",
        )
    return _build(root, reader)


def _build(root: Path, reader: _Reader) -> Config:
    base = _base_path(root, reader)
    stacks = reader.text("ATMOS_STACKS_BASE_PATH", "stacks", "base_path")
    included = reader.texts("ATMOS_STACKS_INCLUDED_PATHS", "stacks", "included_paths")
    if not stacks or not included:
        name = "included_paths" if stacks else "base_path"
        raise Invalid(
            "config-missing",
            f"stacks.{name} is not set",
            at=reader.document.at(("stacks",)),
            next_step=f"Set stacks.{name} in atmos.yaml.",
        )
    components = reader.text("ATMOS_COMPONENTS_TERRAFORM_BASE_PATH", "components", "terraform", "base_path")
    env, _ = reader.find("env")
    return Config(
        document=reader.document,
        root=root,
        top=_top(root),
        stacks=_folder(root, base / stacks, reader, ("stacks", "base_path")),
        components=_folder(root, base / components, reader, ("components", "terraform", "base_path")),
        components_base=components,
        included=included,
        excluded=reader.texts("ATMOS_STACKS_EXCLUDED_PATHS", "stacks", "excluded_paths"),
        name_pattern=reader.text("ATMOS_STACKS_NAME_PATTERN", "stacks", "name_pattern"),
        name_template=reader.text("ATMOS_STACKS_NAME_TEMPLATE", "stacks", "name_template"),
        list_strategy=check_strategy(
            reader.text("ATMOS_SETTINGS_LIST_MERGE_STRATEGY", "settings", "list_merge_strategy", default="replace")
        ),
        command=reader.text(
            "ATMOS_COMPONENTS_TERRAFORM_COMMAND", "components", "terraform", "command", default="terraform"
        ),
        workspaces=reader.flag("components", "terraform", "workspaces_enabled", default=True),
        inherit_metadata=reader.flag("stacks", "inherit", "metadata", default=True),
        templates=reader.flag("templates", "settings", "enabled", default=False),
        env=env if isinstance(env, dict) else {},
        environ=reader.environ,
    )


def _base_path(root: Path, reader: _Reader) -> Path:
    """`base_path`: with a leading dot relative to the file's folder, else to the git root where it exists there."""
    text = reader.text("ATMOS_BASE_PATH", "base_path")
    if text.startswith("."):
        return root / text
    top = _top(root)
    return top / text if (top / text).exists() else root / text


def _top(root: Path) -> Path:
    return next((one for one in (root, *root.parents) if (one / ".git").exists()), root)


def _folder(root: Path, path: Path, reader: _Reader, key: tuple[str, ...]) -> Path:
    """The folder, resolved; it may not leave the repository (the git work tree around `root`)."""
    resolved = path.resolve()
    if not resolved.is_relative_to(_top(root)):
        raise Invalid(
            "path-escapes",
            f"{'.'.join(key)} leads out of the repository",
            at=reader.document.at(key),
            next_step="Use a folder inside of the repository.",
        )
    return resolved
