"""`gaia drift --accept` and `--repair`: the two ways to end drift, each by a plan that is shown and exactly applied."""

from typing import TYPE_CHECKING

from gaia.cli.operating import FAILED, asked, ended, judged
from gaia.cli.session import Session
from gaia.errors import Conflict, Invalid, Next

if TYPE_CHECKING:
    from gaia.checkout.change import Change, Seen
    from gaia.checkout.checkout import Checkout
    from gaia.operations.drift.model import Scan
    from gaia.stacks.model import Instance


def accept_drift(session: Session, checkout: "Checkout", instance: "Instance", *, yes: bool, full: bool) -> int:
    """Write what exists into the state; what an apply would still put back is said before."""
    from gaia.checkout.drift import accepting
    from gaia.cli.screens.drift import accepting_screen

    change = accepting(checkout, instance)
    checkout.records.check_finished(instance, [])  # what a killed apply made is not looked for here
    scan, _ = _looked(session, checkout, instance, change)
    session.note(f"Planning what the state of {instance.key} would take over …", "quiet")
    seen = _planned(checkout, change)
    if not seen.view.changes and not change.goes_on:
        session.show(_nothing(instance), f"The state of {instance.key} has everything as it is.")
        return 0
    if session.format == "text":
        session.draw(*accepting_screen(seen.view, scan, full=full))
    judged(session, seen)
    if seen.view.changes and not yes and not _agreed(session, checkout, seen):
        session.note("Nothing was changed.")
        return FAILED
    return _carried_out(session, change, seen, "--accept")


def repair_drift(
    session: Session,
    checkout: "Checkout",
    instance: "Instance",
    *,
    yes: bool,
    full: bool,
    replacing: tuple[str, ...],
) -> int:
    """Put back what was changed outside or is gone, and do nothing else."""
    from gaia.checkout.drift import applying, losses, repairing, taken_along, targets
    from gaia.cli.screens.drift import both_ways_screen, drift_screen
    from gaia.cli.screens.preview import plan_screen
    from gaia.operations.drift.together import together

    change = applying(checkout, instance)
    scan, whole = _looked(session, checkout, instance, change)
    only = targets(scan.findings)
    if only == () and not change.goes_on:
        session.show(
            _nothing(instance), *drift_screen(together([scan])), "There is nothing that an apply would put back."
        )
        return 0
    if only == () and whole.view.changes:
        raise _only_code_left(instance)
    if only:
        checkout.records.check_finished(instance, [])  # nor where the plan is limited
        session.note(f"Planning {instance.key} again, without what is no repair …", "quiet")
        change = repairing(checkout, instance, only)
        whole = _planned(checkout, change)
    if session.format == "text":
        session.draw(*plan_screen(whole.view, full=full))
    if only and (along := taken_along(whole.plan, only)):
        raise _too_wide(instance, only, along)
    judged(session, whole)
    lost = losses(whole.plan)
    if lost:
        if session.format == "text":
            session.draw(*both_ways_screen(scan, lost))
        way = _way(session, instance, lost, replacing)
        if way == "accept":
            return accept_drift(session, checkout, instance, yes=False, full=full)
        if way == "named" and not yes and not asked(session, checkout, instance, whole.view, destroy=False):
            way = ""  # what may be lost is one thing, that this is right another
        if way not in ("named", "revert"):
            session.note("Nothing was changed.")
            return FAILED
    elif whole.view.changes and not yes and not asked(session, checkout, instance, whole.view, destroy=False):
        session.note("Nothing was changed.")
        return FAILED
    return _carried_out(session, change, whole, "--repair")


def _looked(session: Session, checkout: "Checkout", instance: "Instance", change: "Change") -> "tuple[Scan, Seen]":
    """What there is to accept or to repair, once nothing stands against a change.

    Raises:
        Conflict: see `Change.check`; `drift-not-checked`.
    """
    from gaia.checkout.change import ending_well
    from gaia.checkout.drift import Scanner
    from gaia.kit import clock

    key = instance.key
    change.check()
    session.note(f"Planning {key.component} in {key.stack}, {checkout.root} {checkout.revision} …", "quiet")
    with ending_well(checkout):
        scan, seen = Scanner(checkout, clock.now().date()).look(instance)
    if seen is None:
        raise Conflict(
            "drift-not-checked",
            f"{key} was not checked: {scan.reason}",
            next_step=scan.next_step or "Repair the cause, then look again.",
            facts={"reason": scan.code},
        )
    return scan, seen


def _planned(checkout: "Checkout", change: "Change") -> "Seen":
    from gaia.checkout.change import ending_well

    with ending_well(checkout):
        return change.plan()


def _way(session: Session, instance: "Instance", lost: tuple[str, ...], replacing: tuple[str, ...]) -> str:
    """`named` by --replacing, typed `revert` or `accept`, or nothing: --yes alone never loses data.

    Raises:
        Invalid: `drift-needs-choice` where nobody sits there who could choose.
    """
    if set(lost) <= set(replacing):
        return "named"
    if not session.interactive:
        flags = " ".join(f"--replacing '{address}'" for address in lost)
        raise Invalid(
            "drift-needs-choice",
            f"putting {instance.key} back would lose the data of {', '.join(lost)}, so nothing was changed",
            next_step=f"Accept what exists with --accept, or name what may be lost: {flags}",
            facts={"loses": list(lost)},
        )
    answer = session.ask(f"\n{instance.key}: type revert to lose that, accept to keep what exists, or nothing: ")
    return answer.strip().lower()


def _agreed(session: Session, checkout: "Checkout", seen: "Seen") -> bool:
    if not session.interactive:
        raise Invalid(
            "confirmation-missing",
            "nobody is there who could say that the plan is right, so nothing was changed",
            next_step="Read the plan, then accept it with --yes.",
        )
    place = f"{checkout.root} {checkout.revision}"
    question = f"\nAs {seen.view.caller}, write exactly this into the state of {seen.view.instance}, {place}? [y/N] "
    return session.ask(question).strip().lower() in ("y", "yes")


def _carried_out(session: Session, change: "Change", seen: "Seen", option: str) -> int:
    key = change.instance.key
    session.going_on = f"`gaia drift {key.component} -s {key.stack} {option}` goes on with what was begun."
    outcome = change.apply(seen, lambda level, message, event=None: session.note(f"  {message}", "quiet"))  # noqa: ARG005
    return ended(session, change.outcome_view(outcome), screen=True)


def _only_code_left(instance: "Instance") -> Conflict:
    key = instance.key
    return Conflict(
        "operation-unfinished",
        f"an earlier repair of {key} was begun and has put everything back; what is left to apply is none",
        next_step=Next("apply", key.component, "End it with what the code says", stack=key.stack),
    )


def _too_wide(instance: "Instance", only: tuple[str, ...], along: tuple[str, ...]) -> Conflict:
    key = instance.key
    return Conflict(
        "repair-too-wide",
        f"putting back {', '.join(only)} of {key} would also change {', '.join(along)}, which waits to be applied",
        next_step=Next("apply", key.component, "Apply what the code says as well", stack=key.stack),
        facts={"targets": list(only), "besides": list(along)},
    )


def _nothing(instance: "Instance") -> dict[str, object]:
    return {"instance": str(instance.key), "status": "unchanged", "changed": {}}
