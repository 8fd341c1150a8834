"""`gaia plan`, `gaia apply` and `gaia destroy`: an instance of the checkout, on Gaia's screens."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.operating import CHANGES, FAILED, Yes, asked, ended, judged
from gaia.cli.options import Component, Directory, Full, Output, Stack
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.checkout.change import Change, Seen
    from gaia.checkout.checkout import Checkout

Destroy = Annotated[bool, typer.Option("--destroy", help="What destroying it would do.")]
DetailedExitcode = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit code 2 when there is something to do.")
]


def plan(
    context: typer.Context,
    component: Component,
    stack: Stack,
    destroy: Destroy = False,
    detailed_exitcode: DetailedExitcode = False,
    full: Full = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Show what would be done to an instance of the checkout.

    What matters comes first. On the files as they lie, uncommitted edits included; nothing is changed. `gaia terraform
    plan` shows terraform's own words and takes its flags.

    Example: gaia plan photos-bucket -s acme-use1-dev
    """
    session = Session.of(context, output)
    with session.app.checkout(directory) as checkout:
        change, seen = _planned(session, checkout, component, stack, destroy=destroy)
    del change
    if session.format != "text":
        session.show(seen.view.as_json())
    else:
        _show_plan(session, seen, full=full)
    return CHANGES if detailed_exitcode and seen.view.changes else 0


def apply(
    context: typer.Context,
    component: Component,
    stack: Stack,
    yes: Yes = False,
    full: Full = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Plan an instance, ask, and apply exactly that plan.

    Policies are asked and rules of settings.validation hold. What was killed half-way is found again and finished by
    the next apply.

    Example: gaia apply network -s acme-use1-dev --yes
    """
    session = Session.of(context, output)
    return _carry_out(session, component, stack, directory, destroy=False, yes=yes, full=full)


def destroy(
    context: typer.Context,
    component: Component,
    stack: Stack,
    yes: Yes = False,
    full: Full = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Plan the destruction of an instance, ask, and destroy exactly that.

    On a terminal the stack's name has to be typed. The manifests stay as they are, so the next apply makes it again. To
    destroy a service that somebody asked for, use `gaia retire`.

    Example: gaia destroy network -s acme-use1-dev
    """
    session = Session.of(context, output)
    return _carry_out(session, component, stack, directory, destroy=True, yes=yes, full=full)


def bring_in(
    context: typer.Context,
    component: Component,
    pairs: Annotated[
        list[str], typer.Argument(metavar="ADDRESS=ID", help="What is imported where; several.", show_default=False)
    ],
    stack: Stack,
    yes: Yes = False,
    full: Full = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Bring resources that exist into an instance's state.

    As `import` blocks, planned and shown first; a plan that would change anything else is refused and says what. IDs
    are those that Terraform's documentation names for the type.

    Example: gaia import photos-bucket -s acme-use1-dev 'aws_s3_bucket.this=acme-photos'
    """
    from gaia.checkout.change import Change, ending_well
    from gaia.checkout.imports import asked as wanted
    from gaia.checkout.imports import check_only_imports, files
    from gaia.checkout.words import Words

    session, imports = Session.of(context, output), wanted(pairs)
    with session.app.checkout(directory) as checkout:
        name = checkout.component_at(component, session.settings.cwd, stack)
        words = Words("import", component=name, stack=stack)
        change = Change(checkout, checkout.instance(name, stack), words, destroy=False, extra=files(imports))
        change.check()
        session.going_on = f"The same command goes on: gaia import {component} -s {stack} …"
        session.note(f"Planning {name} in {stack}, {checkout.root} {checkout.revision} …", "quiet")
        with ending_well(checkout):
            seen = change.plan()
        if session.format == "text":
            _show_plan(session, seen, full=full)
        check_only_imports(seen.saved.plan, {} if change.goes_on else imports)  # it may have brought some in already
        judged(session, seen)
        if not yes and not asked(session, checkout, change.instance, seen.view, destroy=False):
            session.note("Nothing was changed.")
            return FAILED
        outcome = change.apply(seen, lambda level, message, event=None: session.note(f"  {message}", "quiet"))  # noqa: ARG005
        return ended(session, change.outcome_view(outcome), screen=True)


def _planned(
    session: Session, checkout: "Checkout", component: str, stack: str, *, destroy: bool
) -> "tuple[Change, Seen]":
    from gaia.checkout.change import Change, ending_well
    from gaia.checkout.words import Words

    name = checkout.component_at(component, session.settings.cwd, stack)
    instance = checkout.instance(name, stack)
    change = Change(checkout, instance, Words("apply", component=name, stack=stack), destroy=destroy)
    session.note(f"Planning {name} in {stack}, {checkout.root} {checkout.revision} …", "quiet")
    with ending_well(checkout):
        seen = change.plan()
    return change, seen


def _carry_out(
    session: Session, component: str, stack: str, directory: Directory, *, destroy: bool, yes: bool, full: bool
) -> int:
    word = "destroy" if destroy else "apply"
    session.going_on = f"`gaia {word} {component} -s {stack}` goes on with what was begun."
    with session.app.checkout(directory) as checkout:
        name = checkout.component_at(component, session.settings.cwd, stack)
        _check(checkout, name, stack, destroy=destroy)
        change, seen = _planned(session, checkout, component, stack, destroy=destroy)
        if session.format == "text":
            _show_plan(session, seen, full=full)
        judged(session, seen)
        typed = destroy and session.interactive and not session.is_atmos
        if (
            seen.view.changes
            and (typed or not yes)
            and not asked(session, checkout, change.instance, seen.view, destroy=destroy)
        ):
            session.note("Nothing was changed.")
            return FAILED
        outcome = change.apply(seen, lambda level, message, event=None: session.note(f"  {message}", "quiet"))  # noqa: ARG005
        return ended(session, change.outcome_view(outcome), screen=True)


def _check(checkout: "Checkout", component: str, stack: str, *, destroy: bool) -> None:
    from gaia.checkout.change import Change
    from gaia.checkout.words import Words

    words = Words("destroy" if destroy else "apply", component=component, stack=stack)
    Change(checkout, checkout.instance(component, stack), words, destroy=destroy).check()


def _show_plan(session: Session, seen: "Seen", *, full: bool) -> None:
    from gaia.cli.screens.preview import plan_screen

    session.show(None, *plan_screen(seen.view, full=full))
