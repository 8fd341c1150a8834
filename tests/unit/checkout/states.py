"""A terraform for tests that move resources: states are documents, by their place, and locks are held by id."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tests.unit.platform.played import PlayedTerraform

from gaia.errors import Conflict, ToolFailed
from gaia.terraform.diagnostics import LockInfo
from gaia.terraform.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.checkout.conftest import Ground

    from gaia.terraform.command import Terraform
    from gaia.terraform.workdir import WorkingDirectory


class Died(BaseException):
    """In place of a SIGKILL."""


@dataclass
class States:
    """What the backends hold, and what was done to them."""

    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By `STACK/COMPONENT`, or the place that the backend's file names."""
    locks: dict[str, str] = field(default_factory=dict)
    who: str = "ada@laptop"
    since: str = "2026-11-29T19:00:00Z"
    done: list[str] = field(default_factory=list)
    die_at: int = 0
    """The number of the step that nobody outlives; each reading and each writing is one, and its end is another."""
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    """What somebody else does just before the step with this number."""
    passed: int = 0
    backends: list[dict[str, Any]] = field(default_factory=list)
    """Of the states that lie at a place of their own, each time that one is used."""

    def step(self, what: str) -> None:
        """Pass one."""
        self.passed += 1
        self.before.pop(self.passed, lambda: None)()
        if self.passed == self.die_at:
            raise Died(what)


class StateTerraform(PlayedTerraform):
    """Reads and writes them; by terraform's rules for lineage and serial."""

    states: States

    def _place(self, wd: WorkingDirectory) -> str:
        if wd.workspace != "default":
            return wd.name
        backend = json.loads((wd.module / "backend_override.tf.json").read_text())["terraform"]["backend"]
        [(kind, body)] = backend.items()
        self.states.backends.append(body)
        return f"s3://{body['bucket']}/{body['key']}" if kind == "s3" else str(body["path"])

    def state_pull(self, wd: WorkingDirectory) -> State | None:
        """As it is."""
        place = self._place(wd)
        self.states.step(f"pull {place}")
        known = self.states.held.get(place)
        return State.parse(json.loads(json.dumps(known))) if known else None

    def state_push(self, wd: WorkingDirectory, content: bytes) -> None:
        """Unless it is locked, or does not go on from what is there."""
        place, new = self._place(wd), json.loads(content)
        self.states.step(f"push {place}")
        if lock := self.states.locks.get(place):
            raise Conflict("state-locked", place, next_step="Wait.", facts={"lock": {"id": lock}})
        old = self.states.held.get(place, new)
        behind = new["serial"] < old["serial"] or (new["serial"] == old["serial"] and new != old)
        if behind or new["lineage"] != old["lineage"]:
            raise ToolFailed("terraform-failed", f"{place}: lineage or serial", next_step="Look.")
        if new != self.states.held.get(place):
            self.states.done.append(place)
        self.states.held[place] = new
        self.states.step(f"pushed {place}")

    def untaint(self, wd: WorkingDirectory, address: str, *, may_miss: bool = False) -> None:
        """Of nothing: it only tells who has the lock, as `who`."""
        assert may_miss, address
        if lock := self.states.locks.get(self._place(wd)):
            info = LockInfo(lock, self.states.who, self.states.since, "OperationTypeApply")
            raise Conflict("state-locked", "locked", next_step="Wait.", facts={"lock": info.as_json()})

    def force_unlock(self, wd: WorkingDirectory, lock_id: str) -> None:
        """Compares the id."""
        place = wd.name if wd.name in self.states.locks else self._place(wd)
        assert self.states.locks.pop(place) == lock_id


def with_states(ground: Ground, states: States) -> None:
    """Let the checkouts of a ground have this terraform."""

    def make(redact: Any, command: str) -> Terraform:
        played = cast("PlayedTerraform", ground.terraform(redact, command))
        made = StateTerraform(**{name: getattr(played, name) for name in played.__dataclass_fields__})
        object.__setattr__(made, "states", states)
        return cast("Terraform", made)

    ground.more["make_terraform"] = make


def resource(name: str, identity: str = "", **more: object) -> dict[str, Any]:
    """`aws_kms_key.NAME`."""
    one = {"attributes": {"id": identity or name, **more}}
    return {"mode": "managed", "type": "aws_kms_key", "name": name, "provider": "p", "instances": [one]}


def document(*names: str, lineage: str, **more: object) -> dict[str, Any]:
    """A state with these keys."""
    known = {"version": 4, "serial": 4, "lineage": lineage, "outputs": {}, "resources": [*map(resource, names)]}
    return {**known, **more}


def owners(states: States) -> dict[str, list[str]]:
    """Who has which object, by id."""
    found: dict[str, list[str]] = {}
    for place, state in states.held.items():
        for one in State.parse(state).resources:
            found.setdefault(str(one.id), []).append(place)
    return found
