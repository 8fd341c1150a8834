"""The emulated AWS of one GAIA_HOME, as doors start, stop and show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.sandbox import emulator
from gaia.sandbox.inventory import PENDING, inventory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SandboxView:
    """Whether it runs, and where."""

    running: bool
    url: str | None
    pid: int | None
    message: str = ""


_KEPT = " Terraform is led nowhere else until `sandbox leave`."


class Sandbox:
    """Starts and stops it, and says what it holds."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def up(self, *, port: int = 0) -> SandboxView:
        """Start it, or say that it runs."""
        started = emulator.up(self._home, port=port)
        return SandboxView(running=True, url=started.url, pid=started.identity.pid)

    def down(self) -> SandboxView:
        """Stop it."""
        ran = emulator.down(self._home)
        message = "The emulated AWS has stopped." if ran else "The emulated AWS did not run."
        kept = _KEPT if emulator.status(self._home).stopped else ""
        return SandboxView(running=False, url=None, pid=None, message=message + kept)

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
            return SandboxView(running=True, url=status.sandbox.url, pid=status.sandbox.identity.pid)
        message = "The emulated AWS runs but does not answer." if status.alive else "The emulated AWS has died."
        return SandboxView(running=False, url=status.sandbox.url, pid=None, message=message)

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
