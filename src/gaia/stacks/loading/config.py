"""The part of `atmos.yaml` that stacks need: where they are, how they are named, how lists merge."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gaia.errors import Invalid, Next, NotFound
from gaia.kit.files import real_path
from gaia.kit.shapes import as_map
from gaia.stacks.layers import Layer
from gaia.stacks.loading.atmosyaml import Reader, Resolved, git_root
from gaia.stacks.loading.variables import TYPES
from gaia.stacks.mainfile import NAMES, NAMING
from gaia.stacks.merge import check_strategy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.stacks.loading.config_tags import Execute


CURRENT, OLDER, STRICT = COMPATS = ("current", "pre-2025-12", "strict")
"""Which rules stacks are read by."""


@dataclass(frozen=True, slots=True)
class Templates:
    """`templates.settings`: whether and how Go templates are rendered at the component stage."""

    enabled: bool
    evaluations: int
    sprig: bool
    gomplate: bool
    delimiters: tuple[str, str]
    ignore_missing: bool
    env: Mapping[str, object]
    datasources: Mapping[str, object] = field(default_factory=dict)
    """gomplate's, by alias: a map with `url`."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one repository. Folders are absolute."""

    document: Resolved
    """`atmos.yaml` with all its layers: what `describe config` shows."""
    root: Path
    """The folder of `atmos.yaml`; positions are relative to it."""
    top: Path
    """What no path may leave: the git work tree around the base path, or the base path."""
    base: Path
    """`base_path`."""
    stacks: Path
    components: Path
    """The folder that holds the Terraform components."""
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    name_pattern: str
    name_template: str
    list_strategy: str
    workspaces: bool
    inherit_metadata: bool
    templates: bool
    """Whether the component stage renders templates; details in `rendering`."""
    under: Mapping[str, Layer]
    """By section, what lies below all layers of every component."""
    rendering: Templates
    compat: str
    """`current`, `pre-2025-12`, `strict` (defects of Atmos too), or empty: what the tree shows decides."""
    folders: Mapping[str, Path] = field(default_factory=dict)
    """The folder of the components of each type."""
    commands: Mapping[str, str] = field(default_factory=dict)
    """What runs the components of each type; empty where nothing is configured."""
    workflows: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The captured environment: its `ATMOS_…` variables beat the files."""

    def older(self) -> Config:
        """The same by the rules of before December 2025."""
        return replace(self, compat=OLDER, inherit_metadata=False)

    def setting(self, *path: str) -> object:
        """Any value of `atmos.yaml`, keys in lower case; None where there is none."""
        return self.document.get(*path)


class _Settings:
    """Typed access to the resolved tree."""

    def __init__(self, resolved: Resolved) -> None:
        self.resolved = resolved

    def text(self, *path: str, default: str = "") -> str:
        value = self.resolved.get(*path)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.wrong(path, "a text")
        return value

    def flag(self, *path: str, default: bool) -> bool:
        value = self.resolved.get(*path)
        if value is None:
            return default
        if value in ("true", "false"):
            return value == "true"
        if not isinstance(value, bool):
            raise self.wrong(path, "true or false")
        return value

    def number(self, *path: str, default: int) -> int:
        value = self.resolved.get(*path)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(path, "a number")
        return value

    def texts(self, *path: str) -> tuple[str, ...]:
        value = self.resolved.get(*path)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) or one is None for one in value):
            raise self.wrong(path, "a list of texts")
        return tuple(one for one in value if one)

    def map(self, *path: str) -> Mapping[str, object]:
        value = self.resolved.get(*path)
        return as_map(value)

    def wrong(self, path: tuple[str, ...], wanted: str) -> Invalid:
        at = self.resolved.at(path)
        return Invalid(
            "config-type", f"{'.'.join(path)} in {at.file} must be {wanted}", at=at, next_step=f"Give {wanted}."
        )


def read_config(
    root: Path, environ: Mapping[str, str], *, stacks_needed: bool = True, execute: Execute | None = None
) -> Config:
    """Read the configuration of the repository at `root`; `ATMOS_…` variables of `environ` beat its files.

    Workflows and custom commands need no stacks: without `stacks_needed` nothing has to say where they are. What lies
    outside of the repository (`~/.atmos`, the system's folder) is read only when `environ` names a home. `execute` runs
    what `!exec` names, and is there for a trusted caller on this machine only.

    Raises:
        NotFound: `not-a-repository`, `config-file-missing`.
        Refused: `exec-refused`.
        Invalid: `config-…`, `path-escapes`, `not-supported`, or the YAML reader's.
    """
    resolved = Reader(root, environ, execute=execute).resolve()
    if not resolved.files and not (root / "stacks").is_dir():
        raise NotFound(
            "not-a-repository",
            f"there is no {NAMES[0]} in {root}",
            next_step=Next("init", "DIR", "Run this in a platform repository, or make one"),
        )
    return _build(root, resolved, environ, stacks_needed=stacks_needed)


def _build(cwd: Path, resolved: Resolved, environ: Mapping[str, str], *, stacks_needed: bool) -> Config:
    settings = _Settings(resolved)
    base, top = _base(cwd, settings, environ)
    stacks = settings.text("stacks", "base_path")
    included = settings.texts("stacks", "included_paths")
    if stacks_needed and not (stacks and included):
        name = "included_paths" if stacks else "base_path"
        raise Invalid(
            "config-missing",
            f"stacks.{name} is not set",
            at=resolved.at(("stacks",)),
            next_step=f"Set stacks.{name} in atmos.yaml.",
        )
    paths = {one: settings.text("components", one, "base_path") for one in TYPES}
    workflows = settings.text("workflows", "base_path")
    rendering = _rendering(settings)
    compat = _compat(settings)
    folder = _folder if stacks_needed else _anywhere
    return Config(
        document=resolved,
        root=resolved.root,
        top=top,
        base=base,
        stacks=folder(top, base / stacks, resolved, ("stacks", "base_path")),
        components=folder(top, base / paths["terraform"], resolved, ("components", "terraform", "base_path")),
        included=included,
        excluded=settings.texts("stacks", "excluded_paths"),
        name_pattern=settings.text("stacks", "name_pattern"),
        name_template=settings.text("stacks", "name_template"),
        list_strategy=_strategy(settings),
        workspaces=settings.flag("components", "terraform", "workspaces_enabled", default=True),
        inherit_metadata=compat != OLDER and settings.flag("stacks", "inherit", "metadata", default=True),
        templates=rendering.enabled,
        under=_under(resolved),
        rendering=rendering,
        compat=compat,
        folders={one: real_path(base / path) for one, path in paths.items() if path},
        commands={one: settings.text("components", one, "command") for one in TYPES},
        workflows=real_path(base / workflows) if workflows else None,
        environ=environ,
    )


def _rendering(settings: _Settings) -> Templates:
    path = ("templates", "settings")
    delimiters = settings.texts(*path, "delimiters")
    if len(delimiters) not in (0, 2):
        raise settings.wrong((*path, "delimiters"), "a list of two texts")
    return Templates(
        enabled=settings.flag(*path, "enabled", default=False),
        evaluations=settings.number(*path, "evaluations", default=1),
        sprig=settings.flag(*path, "sprig", "enabled", default=False),
        gomplate=settings.flag(*path, "gomplate", "enabled", default=False),
        delimiters=(delimiters[0], delimiters[1]) if delimiters else ("{{", "}}"),
        ignore_missing=settings.flag(*path, "ignore_missing_template_values", default=False),
        env=settings.map(*path, "env"),
        datasources=settings.map(*path, "gomplate", "datasources"),
    )


def _under(resolved: Resolved) -> Mapping[str, Layer]:
    """`env`, and `integrations.github`, which is shown below `settings`."""
    layers: dict[str, Layer] = {}
    for section, path in (("env", ("env",)), ("settings", ("integrations", "github"))):
        layer = resolved.layer.at(path)
        if layer is not None and isinstance(layer.value, dict) and layer.value:
            whole = Layer({"integrations": {"github": layer.value}}, sources=(resolved.layer,))
            layers[section] = whole if section == "settings" else _environment(layer)
    return layers


def _environment(layer: Layer) -> Layer:
    """Variables are texts: numbers and switches as Go writes them, null is none, and what has parts is empty."""
    values = as_map(layer.value)
    return Layer({key: _variable(value) for key, value in values.items() if value is not None}, sources=(layer,))


def _variable(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and math.isfinite(value):
        return f"{Decimal(repr(value)).normalize():f}"
    return str(value) if isinstance(value, (str, int, float)) else ""


def _strategy(settings: _Settings) -> str:
    path = ("settings", "list_merge_strategy")
    try:
        return check_strategy(settings.text(*path) or "replace")
    except Invalid as error:
        error.at = settings.resolved.at(path)
        raise


def _compat(settings: _Settings) -> str:
    compat = settings.text("gaia", "compat")
    if compat and compat not in COMPATS:
        raise settings.wrong(("gaia", "compat"), "one of " + ", ".join(COMPATS))
    return compat


def _base(cwd: Path, settings: _Settings, environ: Mapping[str, str]) -> tuple[Path, Path]:
    """`base_path`, and what no path may leave.

    With a leading dot it is relative to the folder of the file that says it, empty it is the git root, another is
    relative to the git root where it exists there. A variable's is relative to the working directory, and may lead
    elsewhere: who sets it chooses the repository. So does who names a file in another one by a variable.
    """
    text = settings.text("base_path")
    written_in = settings.resolved.folder_of("base_path")
    top = git_root(cwd) if environ.get("ATMOS_GIT_ROOT_BASEPATH") != "false" else None
    if text and text.split("/", 1)[0] in (".", "..", ""):
        base = (written_in or cwd) / text
    elif not text:
        base = top or settings.resolved.root
    else:
        base = top / text if top and (top / text).exists() else cwd / text
    base = real_path(base)
    if settings.resolved.at(("base_path",)).file == "ATMOS_BASE_PATH":
        limit = base
    else:
        limit = real_path(settings.resolved.root)
        elsewhere = written_in is not None and not real_path(written_in).is_relative_to(limit)
        if written_in and elsewhere and any(environ.get(one) for one in ("ATMOS_CLI_CONFIG_PATH", *NAMING)):
            limit = real_path(written_in)
    return base, git_root(limit) or limit


def _anywhere(_top: Path, path: Path, _resolved: Resolved, _key: tuple[str, ...]) -> Path:
    """The folder, links followed; what needs no stacks does not mind where they are."""
    return real_path(path)


def _folder(top: Path, path: Path, resolved: Resolved, key: tuple[str, ...]) -> Path:
    """The folder, links followed; it may not leave the repository."""
    folder = real_path(path)
    if not folder.is_relative_to(top):
        raise Invalid(
            "path-escapes",
            f"{'.'.join(key)} leads out of the repository",
            at=resolved.at(key),
            next_step="Use a folder inside of the repository.",
        )
    return folder
