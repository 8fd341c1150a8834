"""Which terraform (or OpenTofu) is used."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gaia.errors import Invalid, Next, Unavailable
from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.settings import Settings

Flavor = Literal["terraform", "tofu"]
FLAVORS: tuple[Flavor, ...] = ("terraform", "tofu")
OLDEST = (1, 11)
"""Of both: the S3 backend's lock file is no experiment any more; the blueprint's components ask for it too."""
_INSTALL = Next("tools install", "terraform", "Install terraform or OpenTofu on PATH, or a copy for Gaia alone")


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that speaks Terraform, known to run here."""

    path: Path
    flavor: Flavor
    version: str

    @property
    def registry(self) -> str:
        """The host that its providers come from when a source names none."""
        return "registry.opentofu.org" if self.flavor == "tofu" else "registry.terraform.io"


def find_tool(settings: Settings, command: str = "") -> Tool:
    """GAIA_TERRAFORM, `terraform` on PATH, `tofu` on PATH, then what `gaia tools install` put into the cache.

    `command` is the program that the repository names; GAIA_TERRAFORM goes before it, and nothing stands in for it.

    Raises:
        Unavailable: `terraform-missing`, also when what was found does not run.
    """
    wanted = settings.environ.get("GAIA_TERRAFORM")
    if command and not wanted:
        return _probe(_named(command, settings), settings)
    if wanted:
        path = settings.cwd / wanted if "/" in wanted else _which(wanted, settings)
        if path is None or not os.access(path, os.X_OK):
            raise Unavailable(
                "terraform-missing",
                f"GAIA_TERRAFORM is {wanted!r}, which is not a program",
                next_step="Set GAIA_TERRAFORM to a terraform or tofu, or unset it.",
            )
        return _probe(path, settings)
    for path in _candidates(settings):
        return _probe(path, settings)
    raise Unavailable("terraform-missing", "there is no terraform and no tofu", next_step=_INSTALL)


def _named(command: str, settings: Settings) -> Path:
    """The program that `components.terraform.command`, or `command` of a component, names."""
    path = settings.cwd / command if "/" in command else _which(command, settings)
    if path is None and command in FLAVORS:
        path = next(_installed(command, settings), None)
    if path is not None and os.access(path, os.X_OK):
        return path
    words = f"Install {command}, change the setting, or set GAIA_TERRAFORM to another program"
    raise Unavailable(
        "terraform-missing",
        f"there is no program {command!r}, which `command` in atmos.yaml (components.terraform) or in a manifest names",
        next_step=Next("tools install", command, words) if command in FLAVORS else f"{words}.",
        facts={"command": command},
    )


def _candidates(settings: Settings) -> Iterator[Path]:
    for name in FLAVORS:
        if found := _which(name, settings):
            yield found
    for name in FLAVORS:
        yield from _installed(name, settings)


def _installed(name: str, settings: Settings) -> Iterator[Path]:
    """What `gaia tools install` put into the cache, the newest first."""
    installed = [path for path in settings.cache.glob(f"tools/{name}/*/{name}") if os.access(path, os.X_OK)]
    yield from sorted(installed, key=lambda path: _order(path.parent.name), reverse=True)


def _which(name: str, settings: Settings) -> Path | None:
    found = shutil.which(name, path=settings.environ.get("PATH", os.defpath))
    return Path(found) if found else None


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _probe(path: Path, settings: Settings) -> Tool:
    env = process.child_environment(settings.environ, CHECKPOINT_DISABLE="1", TF_CLI_CONFIG_FILE=os.devnull)
    done = process.run([path, "version", "-json"], cwd=Path("/"), env=env, timeout=30)
    try:
        version = str(json.loads(done.stdout)["terraform_version"])
    except (ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            "terraform-missing", f"{path} does not answer `version -json` like a terraform", next_step=_INSTALL
        ) from error
    return checked(Tool(path, "tofu" if _is_tofu(path, settings) else "terraform", version))


def _is_tofu(path: Path, settings: Settings) -> bool:
    """OpenTofu's JSON has Terraform's key names, so its name or its human version line decides."""
    if path.resolve().name.startswith("tofu"):
        return True
    if path.resolve().name.startswith("terraform"):
        return False
    env = process.child_environment(settings.environ, CHECKPOINT_DISABLE="1", TF_CLI_CONFIG_FILE=os.devnull)
    return process.run([path, "version"], cwd=Path("/"), env=env, timeout=30).stdout.startswith("OpenTofu")


def checked(tool: Tool) -> Tool:
    """Refuse versions that do not know what Gaia and the blueprint use."""
    if _order(tool.version)[:2] < OLDEST:
        raise Invalid(
            "terraform-too-old",
            f"{tool.path} is {tool.flavor} {tool.version}; Gaia needs {OLDEST[0]}.{OLDEST[1]} or newer",
            next_step=_INSTALL,
        )
    return tool
