"""`gaia plan`, `gaia apply` and `gaia destroy` of several instances: planned, shown, asked about, and carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.checkout.batch import Batch
from gaia.checkout.batch_model import tally
from gaia.cli.batch_listener import Events, applying, listener_for, planning
from gaia.cli.operating import CHANGES, FAILED, PARKED
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.checkout.batch_model import Ended, Listener, Planned
    from gaia.checkout.checkout import Checkout
    from gaia.cli.session import Session
    from gaia.stacks.model import Instance

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

    if not instances:
        session.note(_NOBODY)
    listener = listener_for(session, destroy=destroy)
    batch = Batch(checkout, instances, destroy=destroy, parallel=parallel, listener=listener)
    with ending_well(checkout), planning(listener):
        planned = batch.plan()
    _show(session, planned, full=full, destroy=destroy)
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
) -> int:
    """Plan, show, ask, and apply or destroy exactly that, in as many rounds as there are values to wait for."""
    from gaia.checkout.batch_record import BatchRecord

    if not instances:
        session.note(_NOBODY)
    word = "destroy" if destroy else "apply"
    record = BatchRecord(checkout.workplace.folder, "destroy" if destroy else "apply")
    listener = listener_for(session, destroy=destroy)
    ends: dict[str, Ended] = {}
    seen: list[Planned] = []
    left = tuple(instances)
    while left:
        batch = Batch(checkout, left, destroy=destroy, parallel=parallel, listener=listener)
        planned = _round(session, batch, listener, full=full, may_protected=may_protected)
        doing = [one for one in planned if one.seen and not one.unchanged and not one.refused]
        if doing and not yes and not _asked(session, checkout, doing, word):
            session.note("Nothing was changed." if not ends else "Nothing more was changed.")
            return _told(session, checkout, listener, tuple(ends.values()), seen, destroy=destroy) if ends else FAILED
        session.going_on = f"`gaia {word} --resume` goes on with what is left."
        if not ends:
            record.begin(one.key for one in instances)
        with applying(listener, batch, planned):
            done = batch.apply(planned, record.ended)
        seen += planned
        ends |= {str(one.key): one for one in done}
        waits = {one.key for one in done if one.status == "waits"}
        if not any(one.status == "applied" for one in done) or checkout.interrupt.times:
            break
        left = tuple(one for one in left if one.key in waits)
        if left:
            session.note(f"{len(left)} had to wait for values that exist now.", "quiet")
    return _told(session, checkout, listener, tuple(ends.values()), seen, destroy=destroy)


def _round(
    session: Session, batch: Batch, listener: Listener, *, full: bool, may_protected: bool
) -> tuple[Planned, ...]:
    from gaia.checkout.change import ending_well
    from gaia.checkout.protection import check_protected

    with ending_well(batch.checkout), planning(listener):
        planned = batch.plan(changing=True)
    _show(session, planned, full=full, destroy=batch.destroy)
    if batch.destroy and not may_protected:
        check_protected([(one.instance, one.seen.plan) for one in planned if one.seen])
    return planned


def _show(session: Session, planned: Sequence[Planned], *, full: bool, destroy: bool) -> None:
    if session.format != "text":
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
    *,
    destroy: bool,
) -> int:
    if isinstance(listener, Events):
        act = "destroy" if destroy else "apply"
        listener.write("summary", act=act, totals=tally(ends), instances=[one.as_json() for one in ends])
    else:
        from gaia.cli.screens.batch import end_screen

        session.show(None, *end_screen(ends, "destroyed" if destroy else "applied", planned))
    if any(not one.fine for one in ends) and not checkout.interrupt.times:
        session.note(f"`gaia {'destroy' if destroy else 'apply'} --resume` goes on with what is left.", "quiet")
    if checkout.interrupt.times:
        raise KeyboardInterrupt
    if any(one.status in ("failed", "not tried", "waits") for one in ends):
        return FAILED
    return PARKED if any(not one.fine for one in ends) else 0


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
