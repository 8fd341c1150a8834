"""How a step of a run is carried out: written down, logged, and ended by a result instead of an exception.

DBOS remembers what a step returned, not what it touched; results are therefore ids and JSON scalars, and an error is a
result like any other. Every step may run again after a crash, so each is idempotent.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from gaia.errors import Defect, GaiaError
from gaia.kit import clock, telemetry
from gaia.platform.context import RunContext, any_run
from gaia.platform.engine.beside import Beside
from gaia.records import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gaia.platform.context import AnyRun, PlatformContext
    from gaia.platform.engine.engine import StepCaller
    from gaia.records.model import Request

PREVIEW_STEPS = ("admit", "render", "resolve", "preview", "judge")
"""The names of a preview's steps, shown before it begins."""
APPLY, DESTROY = "apply", "destroy"
"""How the names of the steps begin that change an instance: `apply STACK/COMPONENT`."""
UNDO = "undo"
"""How the name of a step begins that undoes another one: `undo apply STACK/COMPONENT`."""
REBASE = "rebase"
"""The last step before anything is changed."""
AFTER = ("publish",)
"""The names of the steps that follow when all instances are changed: `after.WORK` says what they do."""
END = "settle"
"""The name of the step that ends a run. Engines have it in their files: renamed, the step would be done again."""
End = Literal["stopped", "denied", "void"]
"""How a run ends before its last step: a preview that was stopped fails, an application is parked. `denied`: a policy
said no. `void`: what was approved is no longer what would be done."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What a step returns to end the run here."""

    end: End
    code: str
    reason: str
    left: tuple[str, ...] = ()
    instead: str | None = None
    """Of a `void` one: the digest of what would be done now, for somebody to decide on."""
    undone: bool = False
    """Whether all that the run had done was undone since."""

    def as_json(self) -> dict[str, Any]:
        """The form in which DBOS remembers it."""
        left = list(self.left)
        return {"stop": self.end, "code": self.code, "reason": self.reason, "left": left, "instead": self.instead}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Stop:
        """The inverse of `as_json`."""
        return cls(data["stop"], data["code"], data["reason"], tuple(data["left"]), data["instead"])


CANCELLED = Stop("stopped", "cancelled", "it was cancelled")
"""The end of a run that somebody ended."""


def apply_steps(request: Request) -> tuple[str, ...]:
    """The names of an application's steps: what is destroyed goes in reverse, and last."""
    made = () if request.is_retirement else request.staying
    gone = request.instances if request.is_retirement else request.leaving
    steps = (*(f"{APPLY} {key}" for key in made), *(f"{DESTROY} {key}" for key in reversed(gone)))
    return ("hold", REBASE, *steps, *AFTER)


Work = Callable[[Any], "Stop | Mapping[str, Any] | None"]


@dataclass(frozen=True, slots=True)
class Step:
    """A named piece of a run."""

    name: str
    work: Work
    """Called with the run's context: a `RunContext` where it is a request's."""
    beside: bool = False
    """Whether it is carried out side by side with the others of which this is said."""
    uncertain: bool = False
    """Whether it may have done its work though it failed: then nothing before it is undone, and the run is parked."""
    undo: Work | None = None
    """Undoes what it did, or began to do; called again where that was cut off. None: it cannot be undone."""


_NOT_TRIED, _LEFT_OUT = _FOLLOWS = ("not-tried", "interrupted")
"""Codes of stops that only follow from another."""
Needs = Callable[[Any], Mapping[str, Collection[str]]]
"""By the name of each step that is carried out side by side, which others have to end well before."""
Undoes = Callable[["PlatformContext", str], bool]
"""Whether the preview of this digest, which was signed, says that what cannot be finished is undone."""


def carry_out(
    platform: PlatformContext,
    run: str,
    call: StepCaller,
    steps: Sequence[Step],
    end: Callable[[Any, Stop | None], None],
    needs: Needs | None = None,
    undoes: Undoes | None = None,
) -> None:
    """Run the steps in order until one stops; `end` then writes down how the run, and its request, ended.

    Those that are carried out side by side begin when the first of them is due; a failure stops those that need it, and
    the run once the others have ended.
    """
    with any_run(platform, run) as context:
        call("begin", lambda: _begin(context))
        stop: Stop | None = None
        results: dict[str, Mapping[str, Any]] = {}
        together: Beside | None = None
        try:
            for step in steps:
                if step.beside and needs:
                    together = together or _together(context, steps, needs, dict(results))
                    work = partial(together.result, step.name)
                else:
                    work = partial(_perform, context, step, dict(results))
                result = call(step.name, work)
                if "stop" in result:
                    stop = Stop.from_json(result)
                    break
                results[step.name] = result
        except BaseException:
            if together:
                together.abandon()
            raise
        finally:
            if together:
                together.close()
        if stop and together:
            stop = _joined(stop, map(Stop.from_json, together.stops()))
        if stop and not step.uncertain and isinstance(context, RunContext) and _undoes(context, stop, results, undoes):
            stop = _undone(context, call, steps, results, stop)
        call(END, lambda: _end(context, stop, results, end))


def _undoes(context: RunContext, stop: Stop, results: Mapping[str, Mapping[str, Any]], signed: Undoes | None) -> bool:
    """Whether what was signed says so, and anything may have been changed; not where somebody ended it."""
    if stop.end != "stopped" or REBASE not in results or stop.code in (CANCELLED.code, _LEFT_OUT):
        return False
    return signed is not None and signed(context.platform, str(results["hold"]["digest"]))


def _undone(
    context: RunContext,
    call: StepCaller,
    steps: Sequence[Step],
    results: Mapping[str, Mapping[str, Any]],
    stop: Stop,
) -> Stop:
    """Undo each step that can be undone, the last one first; what cannot be undone is left as it is, with the rest."""
    for step in reversed(steps):
        if step.undo is None or not (step.beside or step.name in results):
            continue
        name = f"{UNDO} {step.name}"
        result = call(name, partial(_perform, context, Step(name, step.undo), dict(results)))
        if "stop" in result:
            failed = Stop.from_json(result)
            reason = f"{stop.reason.rstrip('.')}. It could not be undone: {failed.reason}"
            return replace(stop, reason=reason, left=failed.left or (name,))
    return replace(stop, undone=True)


def _joined(first: Stop, stops: Iterable[Stop]) -> Stop:
    """The first stop, with what the others that came of themselves say and left."""
    others = [one for one in stops if one != first and one.code not in _FOLLOWS]
    reasons = dict.fromkeys([first.reason, *(one.reason for one in others)])
    left = dict.fromkeys([*first.left, *(each for one in others for each in one.left)])
    return replace(first, reason="; ".join(reasons), left=tuple(left))


def _together(context: AnyRun, steps: Sequence[Step], needs: Needs, results: Mapping[str, Mapping[str, Any]]) -> Beside:
    """The steps that are carried out side by side, once `results` are there."""
    by_name = {step.name: step for step in steps}
    return Beside(
        lambda: needs(context.at("", results)),
        lambda name: _perform(context, by_name[name], results),
        skipped=lambda _, because: Stop("stopped", _NOT_TRIED, f"it needs {because}").as_json(),
        left=lambda _: Stop("stopped", _LEFT_OUT, "it was interrupted before its turn").as_json(),
        parallel=context.platform.slots.count,
        stopped=lambda: context.interrupt.times > 0,
    )


def _begin(context: AnyRun) -> dict[str, Any]:
    with context.platform.database.begin() as tx:
        runs.move(tx, context.run.id, ["queued", "running"], "running", at=clock.now())
    return {}


def _end(
    context: AnyRun,
    stop: Stop | None,
    results: Mapping[str, Mapping[str, Any]],
    end: Callable[[Any, Stop | None], None],
) -> dict[str, Any]:
    """Not guarded: when the end cannot be written down the workflow breaks off, and the next engine goes on here."""
    now = context.at(END, results)
    if now.run.cancelled and stop is not None and stop.code in _FOLLOWS:
        stop = replace(CANCELLED, left=stop.left)
    end(now, stop)
    return {}


def _perform(run: AnyRun, step: Step, results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    word, _, instance = step.name.partition(" ")
    with telemetry.span("step", run=run.run.id, step=word, instance=instance) as told:
        result = _performed(run, step, results)
        told.note(outcome=result.get("stop", "done"), code=result.get("code"))
        return result


def _performed(run: AnyRun, step: Step, results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    with run.platform.database.begin() as tx:
        if run.platform.shared and (done := runs.done(tx, run.run.id, step.name)) is not None:
            return dict(done)  # by another worker, whose DBOS this one has not
        runs.start_step(tx, run.run.id, step.name, at=clock.now())
    context = run.at(step.name, results)
    if context.run.cancelled:
        return CANCELLED.as_json()
    try:
        outcome = step.work(context)
        if isinstance(outcome, Stop) and outcome.end == "denied":
            context.say(outcome.reason, level="error")
    except GaiaError as error:
        if error.code.startswith("database-"):  # then this end could not be written down either
            raise
        outcome = _stopped(context, error)
    except Exception as error:  # noqa: BLE001 - whatever a room raises ends the run, never the engine
        context.say("".join(traceback.format_exception(error)), level="error")
        outcome = _stopped(
            context, Defect("defect", f"{type(error).__name__}: {error}", next_step="Report it with the run's log.")
        )
    if isinstance(outcome, Stop):
        return outcome.as_json()
    result = dict(outcome or {})
    with context.platform.database.begin() as tx:
        runs.end_step(tx, context.run.id, step.name, at=clock.now(), result=result)
    return result


def _stopped(context: AnyRun, error: GaiaError) -> Stop:
    place = f" (at {error.at})" if error.at is not None and str(error.at) not in error.message else ""
    said = (f"{error.message.rstrip('.')}{place}", error.next_step)
    reason = context.redact(". ".join(part for part in said if part))
    context.say(reason, level="error")
    return Stop("stopped", error.code, reason)
