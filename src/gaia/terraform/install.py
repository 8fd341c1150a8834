"""Puts a pinned release of terraform or tofu into the cache: verified, resumable, and never half there.

The release archive is fetched into `tools/NAME/VERSION_PLATFORM.zip.part`, which a later call continues; it is unpacked
only when its SHA-256 is the pinned one, and the program appears in `tools/NAME/VERSION/NAME` by a rename.
"""

from __future__ import annotations

import hashlib
import os
import platform as machine
import tomllib
import zipfile
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from gaia.errors import Invalid, ToolFailed, Unavailable
from gaia.kit import files
from gaia.terraform import download

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_LARGEST = 1 << 30
"""Bytes of an unpacked program; more than five times of what there is today."""
_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Release:
    """A pinned release. `url` holds `{version}` and `{platform}`; `sha256` has the archive's sum for each platform."""

    name: str
    version: str
    url: str
    sha256: Mapping[str, str]


def releases() -> Mapping[str, Release]:
    """What `pins.toml` lists, by name."""
    text = resources.files("gaia.terraform").joinpath("pins.toml").read_text("utf-8")
    return {
        name: Release(name, pin["version"], pin["url"], dict(pin["sha256"]))
        for name, pin in tomllib.loads(text).items()
    }


def this_platform() -> str:
    """E.g. `linux_amd64`, in the words of the release archives; of a platform that is not pinned too."""
    architecture = machine.machine().lower()
    return f"{machine.system().lower()}_{_ARCHITECTURES.get(architecture, architecture)}"


def install(
    name: str,
    *,
    cache: Path,
    environ: Mapping[str, str],
    on_progress: Callable[[int, int | None], None] | None = None,
    pins: Mapping[str, Release] | None = None,
    platform: str | None = None,
) -> Path:
    """Return the path of the pinned program, fetching it when it is not in `cache` yet.

    `on_progress` gets the bytes that are here and the bytes of the whole archive (None when the server does not say).
    Proxies are taken from `environ` (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, also in capitals), and a
    mirror of the release sites from `GAIA_TOOLS_MIRROR` (archives are looked for in `MIRROR/NAME/VERSION/ARCHIVE`).

    Raises:
        Invalid: `tool-unknown`.
        Unavailable: `platform-unsupported`, `install-running`, `download-failed`, `download-interrupted` (what came
            is kept, and the next call goes on from there), `disk-full`, `file-not-writable`.
        ToolFailed: `checksum-mismatch` (what came is thrown away), `archive-damaged`, `download-too-large`.
    """
    release = _release(name, pins if pins is not None else releases())
    here = platform or this_platform()
    if here not in release.sha256:
        raise Unavailable(
            "platform-unsupported",
            f"no release of {name} is pinned for {here}",
            next_step=f"Install {name} yourself and put it on PATH, or set GAIA_TERRAFORM to its path.",
        )
    program = cache / "tools" / name / release.version / name
    try:
        with files.exclusive(program.parent.with_name(f"{release.version}.lock")) as mine:
            if not mine:
                raise Unavailable(
                    "install-running",
                    f"another process is installing {name} {release.version} into {cache}",
                    next_step="Wait for it to end, then try again.",
                )
            if not os.access(program, os.X_OK):
                _fetch_and_unpack(release, here, program, environ, on_progress)
    except OSError as error:
        raise files.write_failed(program, error) from error
    return program


def _release(name: str, pins: Mapping[str, Release]) -> Release:
    if name not in pins:
        raise Invalid(
            "tool-unknown", f"gaia cannot install {name!r}", next_step=f"Choose one of: {', '.join(sorted(pins))}."
        )
    return pins[name]


def _fetch_and_unpack(
    release: Release,
    platform: str,
    program: Path,
    environ: Mapping[str, str],
    on_progress: Callable[[int, int | None], None] | None,
) -> None:
    url = release.url.format(version=release.version, platform=platform)
    if environ.get("GAIA_TOOLS_MIRROR"):
        archive_name = url.rpartition("/")[2]
        url = f"{environ['GAIA_TOOLS_MIRROR'].rstrip('/')}/{release.name}/{release.version}/{archive_name}"
    # The platform is in the name so that a cache on a shared disk never resumes another machine's archive.
    archive = program.parent.with_name(f"{release.version}_{platform}.zip.part")
    resumed = archive.exists()
    download.fetch(url, archive, environ=environ, on_progress=on_progress)
    checksum = _sum_of(archive)
    if checksum != release.sha256[platform] and resumed:
        archive.unlink()  # the beginning may have been another file's: once more from the start before accusing anybody
        download.fetch(url, archive, environ=environ, on_progress=on_progress)
        checksum = _sum_of(archive)
    if checksum != release.sha256[platform]:
        archive.unlink()
        raise ToolFailed(
            "checksum-mismatch",
            f"{url} is not the pinned release: its SHA-256 is {checksum}, not {release.sha256[platform]}",
            next_step=download.SOMEBODY_CHANGES_IT,
        )
    _unpack(archive, program)
    archive.unlink()


def _sum_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(archive: Path, program: Path) -> None:
    """Take one regular member, by its exact name, and nothing else; so no name in the archive can lead anywhere."""
    program.parent.mkdir(parents=True, exist_ok=True)
    draft = program.with_name(f".{program.name}.draft")
    draft.unlink(missing_ok=True)
    try:
        with zipfile.ZipFile(archive) as content:
            member = content.getinfo(program.name)
            with content.open(member) as source, draft.open("xb") as target:
                # The declared size bounds what is written, whatever the compressed data would swell to.
                left = min(member.file_size, _LARGEST)
                while chunk := source.read(min(1 << 20, left)):
                    target.write(chunk)
                    left -= len(chunk)
                target.flush()
                os.fsync(target.fileno())
    except (zipfile.BadZipFile, KeyError, EOFError) as error:
        draft.unlink(missing_ok=True)
        archive.unlink()
        raise ToolFailed(
            "archive-damaged",
            f"the archive of {program.name} cannot be unpacked: {error}",
            next_step="Report it: the pinned sum belongs to an archive that is no release.",
        ) from error
    draft.chmod(0o755)
    draft.replace(program)
