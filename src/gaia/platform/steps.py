"""How a step of a run is carried out: written down, logged, and ended by a result instead of an exception.

DBOS remembers what a step returned, not what it touched; results are therefore ids and JSON scalars, and an error is a
result like any other. Every step may run again after a crash, so each is idempotent.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gaia.errors import Defect, GaiaError
from gaia.kit import clock
from gaia.platform.log import RunLog
from gaia.records import requests, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.platform.engine import StepCaller
    from gaia.platform.parts import Parts
    from gaia.records.model import Request, Run

PREVIEW_STEPS = ("admit", "render", "resolve", "preview", "judge")
"""The names of a preview's steps, shown before it begins."""
APPLY, DESTROY = "apply", "destroy"
"""How the names of the steps begin that change an instance: `apply STACK/COMPONENT`."""
End = Literal["denied", "parked", "failed", "void"]
"""How a run ends before its last step. `void`: what was approved is no longer what would be done."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A step's word that the run ends here."""

    end: End
    code: str
    reason: str
    left: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The form in which DBOS remembers it."""
        return {"stop": self.end, "code": self.code, "reason": self.reason, "left": list(self.left)}


@dataclass(frozen=True, slots=True)
class At:
    """Where a step stands: its run, the request as it is now, and the log."""

    parts: Parts
    run: Run
    request: Request
    log: RunLog
    step: str

    def say(self, message: str, **more: Any) -> None:  # noqa: ANN401 - handed through to the log
        """One line in the run's log."""
        self.log.write(self.step, message, **more)


@dataclass(frozen=True, slots=True)
class Step:
    """A named piece of a run. `parks`: a failure here leaves something half-done, so the run is parked, not failed."""

    name: str
    work: Callable[[At], Stop | Mapping[str, Any] | None]
    parks: bool = False


def carry_out(
    parts: Parts, run: str, call: StepCaller, steps: Sequence[Step], settle: Callable[[At, Stop | None], None]
) -> None:
    """Run the steps in order until one stops; `settle` then writes down how the run and its request ended."""
    call("begin", lambda: _begin(parts, run))
    stop: Stop | None = None
    for step in steps:
        result = call(step.name, lambda step=step: _perform(parts, run, step))  # type: ignore[misc]
        if "stop" in result:
            stop = Stop(result["stop"], result["code"], result["reason"], tuple(result["left"]))
            break
    call("settle", lambda: _settle(parts, run, stop, settle))


def _begin(parts: Parts, run: str) -> dict[str, Any]:
    with parts.database.begin() as tx:
        runs.move(tx, run, ["queued", "running"], "running", at=clock.now())
    return {}


def _settle(parts: Parts, run: str, stop: Stop | None, settle: Callable[[At, Stop | None], None]) -> dict[str, Any]:
    """Not guarded: when the end cannot be written down the workflow breaks off, and the next engine goes on here."""
    settle(_at(parts, run, "settle"), stop)
    return {}


def _at(parts: Parts, run_id: str, step: str) -> At:
    with parts.database.read() as tx:
        run = runs.get(tx, run_id)
        request = requests.get(tx, run.subject)
    return At(parts, run, request, RunLog.of(parts.home, run_id, parts.redact), step)


def _perform(parts: Parts, run_id: str, step: Step) -> dict[str, Any]:
    with parts.database.begin() as tx:
        runs.start_step(tx, run_id, step.name, at=clock.now())
    at = _at(parts, run_id, step.name)
    try:
        outcome = step.work(at)
    except GaiaError as error:
        if error.code.startswith("database-"):  # then this end could not be written down either
            raise
        outcome = _stopped(at, step, error)
    except Exception as error:  # noqa: BLE001 - whatever a room raises ends the run, never the engine
        at.say(parts.redact("".join(traceback.format_exception(error))), level="error")
        outcome = _stopped(
            at, step, Defect("defect", f"{type(error).__name__}: {error}", next_step="Report it with the run's log.")
        )
    if isinstance(outcome, Stop):
        return outcome.as_json()
    result = dict(outcome or {})
    with parts.database.begin() as tx:
        runs.end_step(tx, run_id, step.name, at=clock.now(), result=result)
    return result


def _stopped(at: At, step: Step, error: GaiaError) -> Stop:
    reason = at.parts.redact(". ".join(part for part in (error.message.rstrip("."), error.next_step) if part))
    at.say(reason, level="error")
    return Stop("parked" if step.parks else "failed", error.code, reason)
