"""`gaia bootstrap`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.operating import FAILED, Yes, asked, ended, judged
from gaia.cli.options import Directory, Full, Output, Stack
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.checkout.bootstrap import Bootstrap, Standing
    from gaia.checkout.change import Change, Seen


def bootstrap(
    context: typer.Context,
    stack: Stack,
    yes: Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be made.")] = False,
    full: Full = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Make the bucket that a stack's states lie in.

    For an account that has none. The instance that makes it is planned, shown and applied with its state on this
    machine; then its state goes into the bucket. Killed at any point, the same command goes on. Where the bucket is
    there nothing is done.

    Example: gaia bootstrap -s acme-use1-dev
    """
    from gaia.checkout.bootstrap import Bootstrap

    session = Session.of(context, output)
    with session.app.checkout(directory) as checkout:
        one = Bootstrap(checkout, stack)
        found = []
        for bucket in one.buckets:
            standing = one.look(bucket)
            made = _carry_out(session, one, standing, yes=yes, dry_run=dry_run, full=full)
            if made is None:
                session.note("Nothing was changed.")
                return FAILED
            found.append(_document(standing, *made))
    session.show({"stack": stack, "buckets": found}, *map(_line, found))
    return 0


def _carry_out(
    session: Session, one: "Bootstrap", standing: "Standing", *, yes: bool, dry_run: bool, full: bool
) -> "tuple[str, tuple[Seen, ...]] | None":
    """What became of a bucket, and the plans that were shown; None where somebody said no."""
    if standing.status == "there":
        return "there", ()
    stack = one.stack
    seen_all = []
    if not dry_run:
        session.going_on = f"`gaia bootstrap -s {stack}` goes on with what was begun."
    for instance in standing.instances:
        if one.is_handed_over(instance):
            continue
        change = one.change(instance)
        change.check()
        seen = _planned(session, one, standing, change)
        if seen is None:  # it reads what the one before it would give
            continue
        seen_all.append(seen)
        _show(session, seen, full=full)
        judged(session, seen, refuse=not dry_run)
        if dry_run:
            one.checkout.held.let_go(instance.key)
            continue
        if not _applied(session, one, change, seen, yes=yes):
            return None
    if dry_run:
        return "would be made", tuple(seen_all)
    for instance in standing.instances:
        session.note(f"Writing the state of {instance.key} to s3://{standing.bucket.name} …", "quiet")
        one.hand_over(instance)
    return "made", tuple(seen_all)


def _planned(session: Session, one: "Bootstrap", standing: "Standing", change: "Change") -> "Seen | None":
    """The plan of one of the instances; the last one's has to make the bucket."""
    from gaia.checkout.bootstrap import check_makes
    from gaia.checkout.change import ending_well
    from gaia.errors import NotFound

    instance = change.instance
    session.note(f"Planning {instance.key} with its state on this machine …", "quiet")
    try:
        with ending_well(one.checkout):
            seen = change.plan(read=True)
    except NotFound as error:
        one.checkout.held.let_go(instance.key)
        if error.code != "output-missing" or instance.key == standing.instances[0].key:
            raise
        session.note(f"{instance.key} is planned once what it needs is made.")
        return None
    if instance.key == standing.instances[-1].key and not change.goes_on:
        check_makes(seen.plan, instance, standing.bucket)
    return seen


def _show(session: Session, seen: "Seen", *, full: bool) -> None:
    from gaia.cli.screens.preview import plan_screen

    if session.format == "text":
        session.show(None, *plan_screen(seen.view, full=full))


def _applied(session: Session, one: "Bootstrap", change: "Change", seen: "Seen", *, yes: bool) -> bool:
    """Whether it was applied, which somebody was asked."""
    if seen.plan.changes and not yes and not asked(session, one.checkout, change.instance, seen.view, destroy=False):
        return False
    one.begin(change.instance)
    outcome = change.apply(seen, lambda level, message, event=None: session.note(f"  {message}", "quiet"))  # noqa: ARG005
    if outcome.status == "parked":
        one.give_up(change.instance)
        ended(session, change.outcome_view(outcome))
    return outcome.status != "parked"


def _document(standing: "Standing", became: str, plans: "tuple[Seen, ...]") -> dict[str, object]:
    return {
        "bucket": standing.bucket.name,
        "region": standing.bucket.region,
        "status": became,
        "instances": [str(one.key) for one in standing.instances],
        "plans": [one.as_json() for one in plans],
    }


def _line(found: dict[str, object]) -> str:
    """What people are told in the end."""
    name, instances = f"s3://{found['bucket']}", found["instances"]
    named = ", ".join(map(str, instances if isinstance(instances, list) else ()))
    if found["status"] == "there":
        return f"{name} is there. Nothing was done."
    if found["status"] == "made":
        return f"{name} is there, and the state of {named} is in it. Plan it: nothing should change."
    return f"{name} would be made by {named}. Nothing was changed."
