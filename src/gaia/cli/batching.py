"""`gaia plan`, `gaia apply` and `gaia destroy` of several instances: planned, shown, asked about, and carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gaia.checkout.batch import Batch
from gaia.checkout.batch_model import tally
from gaia.cli.batch_listener import Events, applying, listener_for, planning
from gaia.cli.operating import CHANGES, FAILED, PARKED
from gaia.errors import GaiaError, Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.checkout.batch_model import Ended, Listener, Planned
    from gaia.checkout.checkout import Checkout
    from gaia.cli.session import Session
    from gaia.stacks.model import Instance, InstanceKey


@dataclass(frozen=True, slots=True)
class _Act:
    """What is done, in words, and what its exit code says."""

    word: Literal["apply", "destroy"]
    done: str
    detailed: bool


_NOBODY = "No instance is meant: nothing was done."


def plan(
    session: Session,
    checkout: Checkout,
    instances: Sequence[Instance],
    *,
    destroy: bool,
    parallel: int | None,
    full: bool,
) -> int:
    """Plan and show; the exit code of `terraform plan -detailed-exitcode`."""
    from gaia.checkout.change import ending_well

    listener = listener_for(session, destroy=destroy)
    if not instances:
        return _nobody(session, listener, "plan")
    batch = Batch(checkout, instances, destroy=destroy, parallel=parallel, listener=listener)
    with ending_well(checkout), planning(listener):
        planned = batch.plan()
    _show(session, planned, full=full, destroy=destroy, brief=session.quiet)
    if isinstance(listener, Events):
        listener.write("summary", act="plan", totals=tally(planned), instances=[one.as_json() for one in planned])
    if any(one.error is not None or one.refused for one in planned):
        return FAILED
    return CHANGES if any(not one.unchanged for one in planned) else 0


def carry_out(
    session: Session,
    checkout: Checkout,
    instances: Sequence[Instance],
    *,
    destroy: bool,
    parallel: int | None,
    yes: bool,
    full: bool,
    may_protected: bool,
    words: str,
    detailed: bool = False,
) -> int:
    """Plan, show, ask, and apply or destroy exactly that, in as many rounds as there are values to wait for."""
    from gaia.checkout.batch_record import BatchRecord

    act = _Act("destroy", "destroyed", detailed) if destroy else _Act("apply", "applied", detailed)
    word = act.word
    listener = listener_for(session, destroy=destroy)
    if not instances:
        return _nobody(session, listener, word)
    record = BatchRecord(checkout.workplace.folder, word)
    ends: dict[InstanceKey, Ended] = {}
    broken: GaiaError | None = None
    seen: list[Planned] = []
    left = tuple(instances)
    while left:
        batch = Batch(checkout, left, destroy=destroy, parallel=parallel, listener=listener)
        shown = not (session.quiet and yes)  # what is asked about is shown
        try:
            planned = _round(session, batch, listener, full=full, may_protected=may_protected, shown=shown)
        except GaiaError as error:
            if not ends:
                raise
            broken = error
            break
        doing = [one for one in planned if one.seen and not one.unchanged and not one.refused]
        if doing and not yes and not _asked(session, checkout, doing, word):
            session.note("Nothing was changed." if not ends else "Nothing more was changed.")
            return _told(session, checkout, listener, tuple(ends.values()), seen, act) if ends else FAILED
        session.going_on = f"`gaia {word} --resume` goes on with what is left."
        if not ends:
            record.begin((one.key for one in instances), words)
        with applying(listener, batch, planned):
            done = batch.apply(planned, lambda one: record.done(one.key) if one.fine else None)
        seen += planned
        ends |= {one.key: one for one in done}
        broken = batch.broken
        waits = {one.key for one in done if one.status == "waits"}
        if not any(one.status == "applied" for one in done) or checkout.interrupt.times or broken:
            break
        left = tuple(one for one in left if one.key in waits)
        if left:
            session.note(f"{len(left)} had to wait for values that exist now.", "quiet")
    code = _told(session, checkout, listener, tuple(ends.values()), seen, act)
    if broken is not None:  # once it is known what was done until then
        raise broken
    return code


def _nobody(session: Session, listener: Listener, act: str) -> int:
    """Say it once, and to a program as the summary that it waits for."""
    session.note(_NOBODY)
    if isinstance(listener, Events):
        listener.write("summary", act=act, totals={}, instances=[])
    return 0


def _round(
    session: Session, batch: Batch, listener: Listener, *, full: bool, may_protected: bool, shown: bool
) -> tuple[Planned, ...]:
    from gaia.checkout.change import ending_well
    from gaia.checkout.protection import check_protected

    with ending_well(batch.checkout), planning(listener):
        planned = batch.plan(changing=True)
    if shown:
        _show(session, planned, full=full, destroy=batch.destroy)
    if not may_protected:
        check_protected([(one.instance, one.seen.plan) for one in planned if one.seen])
    return planned


def _show(session: Session, planned: Sequence[Planned], *, full: bool, destroy: bool, brief: bool = False) -> None:
    if session.format != "text":
        return
    if brief:
        from gaia.cli.screens.batch import brief_screen

        session.show(None, *brief_screen(planned))
        return
    from gaia.cli.screens.batch import plan_screen
    from gaia.cli.screens.preview import plan_screen as details

    if full:
        for one in planned:
            if one.seen and one.seen.view.changes:
                session.show(None, *details(one.seen.view, full=True))
    session.show(None, *plan_screen(planned, destroy=destroy))


def _told(
    session: Session,
    checkout: Checkout,
    listener: Listener,
    ends: Sequence[Ended],
    planned: Sequence[Planned],
    act: _Act,
) -> int:
    if isinstance(listener, Events):
        listener.write("summary", act=act.word, totals=tally(ends), instances=[one.as_json() for one in ends])
    else:
        from gaia.cli.screens.batch import end_screen

        session.show(None, *end_screen(ends, act.done, planned, brief=session.quiet))
    if any(not one.fine for one in ends) and not checkout.interrupt.times:
        session.note(f"`gaia {act.word} --resume` goes on with what is left.", "quiet")
    if checkout.interrupt.times:
        raise KeyboardInterrupt
    if any(one.status in ("failed", "not tried", "waits") for one in ends):
        return FAILED
    if any(not one.fine for one in ends):
        return PARKED
    return CHANGES if act.detailed and any(one.status == "applied" for one in ends) else 0


def _asked(session: Session, checkout: Checkout, doing: Sequence[Planned], word: str) -> bool:
    """Whether the person at the terminal says that this is right. `doing`: those of which something would be changed.

    Raises:
        Invalid: `confirmation-missing` where nobody sits there.
    """
    if not session.interactive:
        raise Invalid(
            "confirmation-missing",
            "nobody is there who could say that the plans are right, so nothing was changed",
            next_step=f"Read the plans, then {word} them with --yes.",
        )
    from gaia.cli.screens.format import count
    from gaia.cli.screens.target import where

    targets = dict.fromkeys(where(one.seen.view.target) for one in doing if one.seen)
    stacks = dict.fromkeys(one.instance.key.stack for one in doing)
    who = next((one.seen.view.caller for one in doing if one.seen), "")
    said = f"\nAs {who}, {word} exactly this of {count(len(doing), 'instance')} in {', '.join(stacks)}"
    said += f", {checkout.root} {checkout.revision}, in {', and '.join(targets)}?"
    if word == "apply":
        return session.ask(f"{said} [y/N] ").strip().lower() in ("y", "yes")
    wanted = next(iter(stacks)) if len(stacks) == 1 else f"{word} {len(doing)}"
    what = "the stack's name" if len(stacks) == 1 else f"`{wanted}`"
    return session.ask(f"{said} Type {what}: ").strip() == wanted
