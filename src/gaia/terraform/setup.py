"""Making `terraform init` cheap: not at all where nothing changed, and without hashing a 700 MB provider."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.kit.files import write_atomic
from gaia.terraform.providers import mirrored_for, open_config, seed_lock, without_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.terraform.tool import Tool
    from gaia.terraform.workdir import WorkingDirectory

_LOCK = ".terraform.lock.hcl"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to init."""

    cli_config: Path
    fallback: bool = False
    """Its error says less than the one before."""


@dataclass(frozen=True)
class Setup:
    """What `init` of one working directory depends on."""

    cli_config: Path
    wd: WorkingDirectory
    fingerprint: str
    seed: str
    """A lock file without hashes made from the mirrors; empty when there are none."""

    @classmethod
    def of(cls, tool: Tool, cli_config: Path, wd: WorkingDirectory) -> Setup:
        """Take the fingerprint: the tool, its configuration, the workspace, and all Terraform code of the tree."""
        sha = hashlib.sha256()
        for part in (str(tool.path), tool.version, cli_config.read_text(), wd.workspace, str(wd.module)):
            sha.update(part.encode() + b"\0")
        folders = (wd.tree,) if wd.module.is_relative_to(wd.tree) else (wd.tree, wd.module)
        for path in sorted(path for folder in folders for path in folder.rglob("*.t*f*")):
            if path.is_file() and path.name.endswith((".tf", ".tf.json", ".tofu", ".tofu.json")):
                sha.update(str(path.relative_to(wd.root)).encode() + b"\0" + path.read_bytes() + b"\0")
        return cls(cli_config, wd, sha.hexdigest(), seed_lock(tool.registry, mirrored_for(cli_config)))

    @property
    def _memory(self) -> Path:
        return self.wd.data / "gaia-init"

    def ready(self) -> bool:
        """Whether an earlier init still holds; its lock file is put back beside the code then."""
        try:
            known, _, lock_file = self._memory.read_text().partition("\n")
        except OSError:
            return False
        if known != self.fingerprint:
            return False
        (self.wd.module / _LOCK).write_text(lock_file)
        return True

    def attempts(self) -> Iterator[Attempt]:
        """Prepare for each way to init, fastest first.

        A lock file seeded from the mirrors; none, since a version constraint may refuse the seed; and the registry also
        for providers that the mirrors hold, but perhaps not in the version that is wanted.
        """
        ways = [(self.seed, Attempt(self.cli_config))] if self.seed else []
        ways.append(("", Attempt(self.cli_config)))
        if (registry := open_config(self.cli_config)).is_file():
            ways.append(("", Attempt(registry, fallback=True)))
        path = self.wd.module / _LOCK
        for content, attempt in ways:
            self._memory.unlink(missing_ok=True)
            path.unlink(missing_ok=True)
            if content:
                path.write_text(content)
            yield attempt

    def remember(self) -> None:
        """Note a successful init, and free its lock file of hashes, which each later command would compare."""
        path = self.wd.module / _LOCK
        lock_file = without_hashes(path.read_text()) if path.exists() else ""
        path.write_text(lock_file)
        write_atomic(self._memory, f"{self.fingerprint}\n{lock_file}".encode())
