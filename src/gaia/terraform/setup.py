"""Making `terraform init` cheap: not at all where nothing changed, and without hashing a 700 MB provider."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.errors import Unavailable
from gaia.kit.files import write_atomic
from gaia.terraform import lock_file, stand_ins
from gaia.terraform.component_files import LOCK_FILE
from gaia.terraform.providers import init_config, mirrored_for, open_config, without_hashes
from gaia.terraform.workdir import CODE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gaia.errors import GaiaError
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
    stood_for: frozenset[str] = frozenset()
    """Sources whose packages are stand-ins."""


@dataclass(frozen=True)
class Setup:
    """What `init` of one working directory depends on."""

    cli_config: Path
    wd: WorkingDirectory
    hashes: Path
    """Where hashes of packages are kept."""
    fingerprint: str
    locked: tuple[lock_file.Locked, ...] = ()
    """What the lock files that came with the code record, where there are some."""

    @classmethod
    def of(cls, tool: Tool, cli_config: Path, wd: WorkingDirectory, hashes: Path) -> Setup:
        """Take the fingerprint: the tool, its configuration, the workspace, and all Terraform code of the tree.

        What the mirrors hold is in the name of the mirror that stands for them.

        Raises:
            Invalid: `hcl-syntax`, `lock-file-invalid`.
        """
        sha = hashlib.sha256()
        locks = (wd.module / LOCK_FILE,) if wd.locks is None else wd.locks
        locked = tuple(entry for path in locks for entry in lock_file.read(path, wd.tree))
        configs = [path.read_text() for path in (cli_config, init_config(cli_config)) if path.is_file()]
        for part in (str(tool.path), tool.version, *configs, repr(locked), wd.workspace, str(wd.module)):
            sha.update(part.encode() + b"\0")
        folders = (wd.tree,) if wd.module.is_relative_to(wd.tree) else (wd.tree, wd.module)
        for path in sorted(path for folder in folders for path in folder.rglob("*.t*f*")):
            if path.is_file() and path.name.endswith(CODE):
                sha.update(str(path.relative_to(wd.root)).encode() + b"\0" + path.read_bytes() + b"\0")
        return cls(cli_config, wd, hashes, sha.hexdigest(), locked)

    @property
    def _memory(self) -> Path:
        return self.wd.data / "gaia-init"

    def ready(self) -> bool:
        """Whether an earlier init still holds; its lock file is put back beside the code then.

        Raises:
            Conflict: `provider-differs`: a package has been changed since, say.
        """
        try:
            known, _, written = self._memory.read_text().partition("\n")
        except OSError:
            return False
        if known != self.fingerprint:
            return False
        lock_file.verify(self.locked, self.wd.data, self.hashes)
        self._put(written)
        return True

    def attempts(self) -> Iterator[Attempt]:
        """Prepare for each way to init, fastest first.

        From the mirrors' stand-ins, whose hashes are others; from the mirrors themselves, which may hold packed
        providers too; and from the registry also what the mirrors hold, but perhaps not in the version that is wanted.

        Raises:
            Conflict: `lock-files-differ`.
        """
        locked = lock_file.agreed(self.locked).values()
        ways = [Attempt(self.cli_config)]
        if (quick := init_config(self.cli_config)).is_file():
            stood_for = frozenset(one.source for one in mirrored_for(self.cli_config))
            ways.insert(0, Attempt(quick, stood_for=stood_for))
        if (registry := open_config(self.cli_config)).is_file():
            ways.append(Attempt(registry, fallback=True))
        for attempt in ways:
            self._memory.unlink(missing_ok=True)
            self._put(lock_file.text_of(locked, attempt.stood_for))
            yield attempt

    def remember(self) -> None:
        """Note a successful init, with real providers for stand-ins and a lock file that is free of their hashes.

        Raises:
            Conflict: `provider-differs`: nothing is noted then.
        """
        stand_ins.replace(self.wd.data, mirrored_for(self.cli_config))
        lock_file.verify(self.locked, self.wd.data, self.hashes)
        path = self.wd.module / LOCK_FILE
        written = path.read_text() if path.exists() else ""
        stripped = without_hashes(written)
        self._put(stripped)
        (self.wd.data / WRITTEN).write_text(written)
        write_atomic(self._memory, f"{self.fingerprint}\n{stripped}".encode())

    def explained(self, error: GaiaError) -> GaiaError:
        """Why no provider was found, where it is the lock file that wants one which is not there."""
        if error.code != "provider-missing":
            return error
        held = mirrored_for(self.cli_config)
        for entry in self.locked:
            there = [one.version for one in held if one.source == entry.source]
            refused = entry.source in error.message and "init -upgrade" in error.message
            if (there and entry.version not in there) or refused:
                said = f"the mirrors here hold {', '.join(there)}" if there and not refused else error.message
                return Unavailable(
                    "provider-missing",
                    f"{entry.at}: the lock file wants {entry.source} {entry.version}: {said}",
                    next_step="Put that version into a mirror, or choose another with `terraform init -upgrade` and "
                    "commit the lock file.",
                    at=entry.at,
                    facts=error.facts,
                )
        return error

    def _put(self, text: str) -> None:
        """Put a lock file beside the code; where nothing was chosen there is none."""
        path = self.wd.module / LOCK_FILE
        if text:
            path.write_text(text)
        else:
            path.unlink(missing_ok=True)
