"""The emulated AWS of one GAIA_HOME, as doors start, stop and show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gaia.kit.shapes import as_list
from gaia.sandbox import emulator, snapshots
from gaia.sandbox.inventory import PENDING, inventory
from gaia.sandbox.recording import requests_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from gaia.sandbox.recording import Kept
    from gaia.sandbox.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class SandboxView:
    """Whether it runs, and where."""

    running: bool
    url: str | None
    pid: int | None
    message: str = ""
    kept: Kept | None = None
    """What it could come back with after a restart; None where it does not run."""

    @property
    def doubts(self) -> tuple[str, ...]:
        """In what it is not, or will not be, what it was."""
        if self.kept is None:
            return ()
        found = []
        if self.kept.ended:
            found.append(f"Nothing more is recorded ({self.kept.ended}): what it holds is lost when it stops.")
        if names := self.kept.differing:
            found.append(f"Not all that it held is back as it was: {', '.join(names)}.")
        return tuple(found)

    def as_json(self) -> dict[str, object]:
        """The documented machine form."""
        return {
            "running": self.running,
            "url": self.url,
            "pid": self.pid,
            "message": self.message,
            "kept": self.kept and self.kept.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Held:
    """How much would be lost with what the emulated AWS holds."""

    requests: int
    """That it was told, and would be told again."""
    resources: int | None = None
    """That it is known to have, objects of states among them; None where it does not run."""

    @property
    def nothing(self) -> bool:
        """Whether nobody would miss anything."""
        return not self.requests and not self.resources


_KEPT = " Until `sandbox leave`, terraform is still led to it, and to no cloud."


class Sandbox:
    """Starts and stops it, and says what it holds."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def up(self, *, port: int = 0) -> SandboxView:
        """Start it, or say that it runs."""
        return self._runs(emulator.up(self._home, port=port))

    def down(self) -> SandboxView:
        """Stop it."""
        status = emulator.status(self._home)
        ended = emulator.kept(self._home).ended if status.healthy else ""
        ran = emulator.down(self._home)
        message = "The emulated AWS has stopped." if ran else "The emulated AWS did not run."
        if ran:
            message += " What it held is lost." if ended else " What it held comes back with `sandbox up`."
        kept = _KEPT if emulator.status(self._home).stopped else ""
        return SandboxView(running=False, url=None, pid=None, message=message + kept)

    def held(self) -> Held:
        """What a reset, a snapshot that is gone back to, and leaving take away."""
        status, requests = emulator.status(self._home), requests_in(emulator.recording(self._home))
        if not status.healthy:
            return Held(requests)
        found = self.inventory()
        kinds = found["resources"]
        things = sum(map(len, kinds.values())) if isinstance(kinds, dict) else 0
        return Held(requests, things + len(as_list(found["state_objects"])))

    def reset(self) -> SandboxView:
        """Have it forget everything, also what it would come back with. It goes on where it runs."""
        status = emulator.status(self._home)
        if status.sandbox is not None and status.alive:
            emulator.reset(self._home)
            return replace(self._runs(status.sandbox), message="The emulated AWS is empty")
        forgot = emulator.forget(self._home)
        message = "What the emulated AWS held is forgotten." if forgot else "There was nothing to forget."
        return SandboxView(running=False, url=None, pid=None, message=message)

    def leave(self) -> SandboxView:
        """Stop it for good: from now on terraform is led to the caller's own cloud."""
        used = emulator.leave(self._home)
        message = "This home uses your own cloud from now on." if used else "This home did not use the emulated AWS."
        return SandboxView(running=False, url=None, pid=None, message=message)

    def status(self) -> SandboxView:
        """Whether it runs."""
        status = emulator.status(self._home)
        if status.sandbox is None:
            stopped = f"The emulated AWS does not run.{_KEPT}" if status.stopped else ""
            return SandboxView(running=False, url=None, pid=None, message=stopped)
        if status.healthy:
            return self._runs(status.sandbox)
        message = "The emulated AWS runs but does not answer." if status.alive else "The emulated AWS has died."
        return SandboxView(running=False, url=status.sandbox.url, pid=None, message=message)

    def snapshots(self) -> Sequence[Snapshot]:
        """What can be gone back to."""
        return snapshots.snapshots(self._home)

    def save(self, name: str, *, replace: bool = False) -> Snapshot:
        """Keep what it holds now under a name."""
        return snapshots.save(self._home, name, replace=replace)

    def restore(self, name: str) -> SandboxView:
        """Go back to what it held then."""
        started = snapshots.restore(self._home, name)
        if started is not None:
            return self._runs(started)
        message = f"`sandbox up` begins with the snapshot {name}."
        return SandboxView(running=False, url=None, pid=None, message=message)

    def remove(self, name: str) -> None:
        """Throw a snapshot away."""
        snapshots.remove(self._home, name)

    def _runs(self, sandbox: emulator.Sandbox) -> SandboxView:
        kept = emulator.kept(self._home)
        return SandboxView(running=True, url=sandbox.url, pid=sandbox.identity.pid, kept=kept)

    def environment(self) -> Mapping[str, str] | None:
        """The variables that lead tools to it; None where there is none."""
        return emulator.environment(self._home)

    def inventory(self) -> Mapping[str, object]:
        """`{resources, state_objects, excepted}`: what people made, and what stays after everything was undone."""
        resources = inventory(self._home)
        doomed = [name for name, state in resources.keys.items() if state == PENDING]
        states = [f"{name}/{key}" for name in emulator.STATE_BUCKETS for key in resources.buckets.get(name) or ()]
        return {
            "resources": {
                "buckets": [name for name in resources.buckets if name not in emulator.PLATFORM_BUCKETS],
                "keys": [name for name in resources.keys if name not in doomed],
                "aliases": list(resources.aliases),
                "roles": list(resources.roles),
                "policies": list(resources.policies),
            },
            "state_objects": states,
            "excepted": {"keys pending deletion": doomed, "state objects": states},
        }
