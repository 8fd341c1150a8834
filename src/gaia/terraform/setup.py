"""Making `terraform init` cheap: not at all where nothing changed, and without hashing a 700 MB provider."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.kit.files import write_atomic
from gaia.terraform import stand_ins
from gaia.terraform.component_files import LOCK_FILE
from gaia.terraform.providers import init_config, mirrored_for, open_config, without_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.terraform.tool import Tool
    from gaia.terraform.workdir import WorkingDirectory

WRITTEN = "gaia-lock.hcl"
"""In the data folder: the lock file as `init` wrote it, constraints and hashes included."""


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
    chosen: str = ""
    """The lock file that came with the code, where it did: its versions are taken again."""

    @classmethod
    def of(cls, tool: Tool, cli_config: Path, wd: WorkingDirectory) -> Setup:
        """Take the fingerprint: the tool, its configuration, the workspace, and all Terraform code of the tree.

        What the mirrors hold is in the name of the mirror that stands for them.
        """
        sha = hashlib.sha256()
        lock = wd.module / LOCK_FILE
        chosen = lock.read_text("utf-8", "replace") if lock.is_file() else ""
        configs = [path.read_text() for path in (cli_config, init_config(cli_config)) if path.is_file()]
        for part in (str(tool.path), tool.version, *configs, chosen, wd.workspace, str(wd.module)):
            sha.update(part.encode() + b"\0")
        folders = (wd.tree,) if wd.module.is_relative_to(wd.tree) else (wd.tree, wd.module)
        for path in sorted(path for folder in folders for path in folder.rglob("*.t*f*")):
            if path.is_file() and path.name.endswith((".tf", ".tf.json", ".tofu", ".tofu.json")):
                sha.update(str(path.relative_to(wd.root)).encode() + b"\0" + path.read_bytes() + b"\0")
        return cls(cli_config, wd, sha.hexdigest(), chosen)

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
        self._put(lock_file)
        return True

    def attempts(self) -> Iterator[Attempt]:
        """Prepare for each way to init, fastest first.

        From the mirrors' stand-ins; from the mirrors themselves, which may hold packed providers too; and from the
        registry also what the mirrors hold, but perhaps not in the version that is wanted.
        """
        ways = [Attempt(self.cli_config)]
        if (quick := init_config(self.cli_config)).is_file():
            ways.insert(0, Attempt(quick))
        if (registry := open_config(self.cli_config)).is_file():
            ways.append(Attempt(registry, fallback=True))
        for attempt in ways:
            self._memory.unlink(missing_ok=True)
            self._put(without_hashes(self.chosen))  # those of stand-ins are others
            yield attempt

    def remember(self) -> None:
        """Note a successful init, with real providers for stand-ins and a lock file that is free of their hashes."""
        stand_ins.replace(self.wd.data, mirrored_for(self.cli_config))
        path = self.wd.module / LOCK_FILE
        written = path.read_text() if path.exists() else ""
        lock_file = without_hashes(written)
        self._put(lock_file)
        (self.wd.data / WRITTEN).write_text(written)
        write_atomic(self._memory, f"{self.fingerprint}\n{lock_file}".encode())

    def _put(self, lock_file: str) -> None:
        """Put a lock file beside the code; where nothing was chosen there is none."""
        path = self.wd.module / LOCK_FILE
        if lock_file:
            path.write_text(lock_file)
        else:
            path.unlink(missing_ok=True)
