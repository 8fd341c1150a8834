"""Where providers come from: filesystem mirrors that are already on this machine, else the registry.

An unpacked mirror is linked into a working directory by `init`, where a download or `TF_PLUGIN_CACHE_DIR` would cost a
copy of some 700 MB; and `init` itself sees `stand_ins`. Mirrors are searched for: Terraform's implied directories, the
user's own CLI configuration, and folders named after a registry where system images keep them.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.kit.files import write_atomic
from gaia.terraform import stand_ins
from gaia.terraform.mirrors import TERRAFORM_HOST, TOFU_HOST, Mirrored, mirrored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gaia.terraform.tool import Tool

SYSTEM_ROOTS = (Path("/opt"), Path("/srv"), Path("/usr/local/share"), Path("/usr/share"), Path("/usr/local/lib"))
"""Where images keep provider mirrors that are in no configuration."""
_DEPTH = 4
_MOST_FOLDERS = 4000


def find_mirrors(environ: Mapping[str, str], *, roots: Iterable[Path] | None = None) -> tuple[Path, ...]:
    """Folders with the layout of a filesystem mirror (`HOST/NAMESPACE/TYPE/VERSION/PLATFORM`), best first.

    `roots` are searched some levels deep, by default `SYSTEM_ROOTS`.
    """
    mirrors: list[Path] = []
    for candidate in (*_configured(environ), *_implied(environ), *_searched(SYSTEM_ROOTS if roots is None else roots)):
        if candidate not in mirrors and any((candidate / host).is_dir() for host in (TERRAFORM_HOST, TOFU_HOST)):
            mirrors.append(candidate)
    return tuple(mirrors)


def write_cli_config(home: Path, tool: Tool, environ: Mapping[str, str]) -> Path:
    """Write (or find unchanged) the CLI configuration for one tool, and return its path.

    A provider that a mirror holds is taken from there and nowhere else, so an offline machine never asks the registry;
    any other provider comes from the registry. A user's own configuration with something other than filesystem
    mirrors (a network mirror, development overrides) is used as it is; else `init_config` and `open_config` are beside
    what is returned, if there are mirrors.
    """
    own = _user_file(environ)
    if own is not None and _is_special(own):
        return own
    folder = home / "terraform"
    mirrors = _cached_mirrors(folder / "mirrors.json", environ)
    if tool.flavor == "tofu":
        mirrors = (*mirrors, *_tofu_mirror(folder / "mirror-tofu", mirrored(mirrors)))
    path = folder / f"{tool.flavor}.tfrc"
    held = mirrored(mirrors)
    _write_changed(path, cli_config(mirrors, held))
    if held:
        _write_changed(init_config(path), cli_config((stand_ins.mirror_of(folder, held),), held))
        _write_changed(open_config(path), cli_config(mirrors, held, registry_too=True))
    else:  # a mirror that has gone since: nothing stands for it any more
        init_config(path).unlink(missing_ok=True)
        open_config(path).unlink(missing_ok=True)
    return path


def init_config(cli_config: Path) -> Path:
    """Beside a configuration: the one for `init`, in which `stand_ins` take the place of the mirrors' providers."""
    return cli_config.with_name(f"{cli_config.stem}-init{cli_config.suffix}")


def open_config(cli_config: Path) -> Path:
    """Beside a configuration: the one in which the registry is asked also for providers that a mirror holds."""
    return cli_config.with_name(f"{cli_config.stem}-open{cli_config.suffix}")


def _write_changed(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:
        write_atomic(path, text.encode())


def cli_config(mirrors: Iterable[Path], providers: Iterable[Mirrored], *, registry_too: bool = False) -> str:
    """The text of a configuration file."""
    lines = ["disable_checkpoint = true"]
    sources = sorted({entry.source for entry in providers})
    if sources:
        lines.append("provider_installation {")
        for mirror in mirrors:
            held = sorted({entry.source for entry in mirrored([mirror])})
            if held:
                lines += ["  filesystem_mirror {", f"    path    = {json.dumps(str(mirror))}"]
                lines += [f"    include = {json.dumps(held)}", "  }"]
        exclude = [] if registry_too else [f"    exclude = {json.dumps(sources)}"]
        lines += ["  direct {", *exclude, "  }", "}"]
    return "\n".join(lines) + "\n"


def without_hashes(lock_file: str) -> str:
    """The same selections without hashes and constraints.

    Terraform compares hashes at every command where the file has some, and reading a provider of 700 MB for that takes
    half a second each time. It would protect nothing here: the file was made from the same mirror.
    """
    kept = re.findall(r'^provider "([^"]+)" \{\s*version\s*=\s*"([^"]+)"', lock_file, re.MULTILINE)
    return "".join(f'provider "{source}" {{\n  version = "{version}"\n}}\n' for source, version in kept)


def _cached_mirrors(cache: Path, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The search walks system folders, so its result is kept until a mirror vanishes or the environment differs."""
    key = [environ.get(name, "") for name in ("HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS", "TF_CLI_CONFIG_FILE")]
    try:
        data = json.loads(cache.read_text())
        known = tuple(Path(entry) for entry in data["mirrors"])
        if data["key"] == key and known and all(path.is_dir() for path in known):
            return known
    except (OSError, ValueError, KeyError, TypeError):
        pass
    mirrors = find_mirrors(environ)
    write_atomic(cache, json.dumps({"key": key, "mirrors": [str(path) for path in mirrors]}).encode())
    return mirrors


def _user_file(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("TF_CLI_CONFIG_FILE")
    home = Path(environ.get("HOME") or "~").expanduser()
    for path in (Path(named) if named else None, home / ".terraformrc", home / ".tofurc"):
        if path is not None and path.is_file():
            return path
    return None


def _settings_of(path: Path) -> Iterator[tuple[str, str]]:
    """(kind, path) of each installation method in a CLI configuration; one that cannot be read has none."""
    from gaia.errors import Invalid
    from gaia.kit import hcl

    try:
        root = hcl.parse(path.read_text("utf-8", "replace"), path.name)
    except (Invalid, OSError):
        return
    for block in root.all("provider_installation"):
        yield from ((name, "") for name in block.attributes)
        for method in block.blocks:
            yield method.type, str(method.literal("path") or "")


def _is_special(path: Path) -> bool:
    return any(kind not in ("filesystem_mirror", "direct") for kind, _ in _settings_of(path))


def _configured(environ: Mapping[str, str]) -> Iterator[Path]:
    own = _user_file(environ)
    if own is not None:
        yield from (Path(path).expanduser() for kind, path in _settings_of(own) if kind == "filesystem_mirror" and path)


def _implied(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME") or "~").expanduser()
    data = [Path(environ.get("XDG_DATA_HOME") or home / ".local/share")]
    data += [Path(part) for part in (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":") if part]
    yield home / ".terraform.d/plugins"
    for folder in data:
        yield folder / "terraform/plugins"
        yield folder / "opentofu/plugins"


def _searched(roots: Iterable[Path]) -> Iterator[Path]:
    seen = 0
    level = [root for root in roots if root.is_dir()]
    for _ in range(_DEPTH):
        deeper: list[Path] = []
        for folder in level:
            for child in _folders(folder):
                seen += 1
                if seen > _MOST_FOLDERS:
                    return
                if child.name in (TERRAFORM_HOST, TOFU_HOST):
                    yield folder
                elif not child.name.startswith("."):
                    deeper.append(child)
        level = deeper


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _tofu_mirror(folder: Path, providers: Iterable[Mirrored]) -> tuple[Path, ...]:
    """A mirror that serves Terraform's providers under the name of OpenTofu's registry, by links."""
    for entry in providers:
        if entry.host == TERRAFORM_HOST:
            link = folder / TOFU_HOST / entry.namespace / entry.type / entry.version / entry.folder.name
            if not link.is_symlink() or link.readlink() != entry.folder:
                link.parent.mkdir(parents=True, exist_ok=True)
                link.unlink(missing_ok=True)
                link.symlink_to(entry.folder)
    return (folder,) if folder.is_dir() else ()


def mirrored_for(cli_config: Path) -> tuple[Mirrored, ...]:
    """The providers in the filesystem mirrors that a CLI configuration names."""
    return mirrored(Path(path) for kind, path in _settings_of(cli_config) if kind == "filesystem_mirror" and path)
