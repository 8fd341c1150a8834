"""What unpacked filesystem mirrors hold: `HOST/NAMESPACE/TYPE/VERSION/PLATFORM`."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

TERRAFORM_HOST = "registry.terraform.io"
TOFU_HOST = "registry.opentofu.org"
_VERSION = re.compile(r"^\d+\.\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Mirrored:
    """One version of one provider, unpacked, for this platform."""

    host: str
    namespace: str
    type: str
    version: str
    folder: Path

    @property
    def source(self) -> str:
        """`HOST/NAMESPACE/TYPE`."""
        return f"{self.host}/{self.namespace}/{self.type}"

    @property
    def place(self) -> Path:
        """Where it is in a mirror, and among the providers of an initialised directory."""
        return Path(self.host, self.namespace, self.type, self.version, self.folder.name)


def mirrored(mirrors: Iterable[Path]) -> tuple[Mirrored, ...]:
    """Every unpacked provider for this platform in the mirrors; the first mirror with a version wins."""
    releases: dict[tuple[str, str], Mirrored] = {}
    for mirror in mirrors:
        for folder in sorted(mirror.glob(f"registry.*/*/*/*/{platform_name()}")):
            version, kind, namespace, host = (folder.parents[up].name for up in range(4))
            entry = Mirrored(host, namespace, kind, version, folder)
            if _VERSION.match(version):
                releases.setdefault((entry.source, version), entry)
    return tuple(releases.values())


def platform_name() -> str:
    """`linux_amd64` and the like, as Go names them."""
    machine = platform.machine().lower()
    arch = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}_{arch}"
