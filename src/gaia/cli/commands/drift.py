"""`gaia drift`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.looking import drift_of
from gaia.cli.operating import CHANGES, FAILED, Quiet, Yes
from gaia.cli.options import Directory, Full, Output
from gaia.cli.selecting import (
    Affected,
    Components,
    Downstream,
    MaybeComponent,
    MaybeRef,
    Parallel,
    Query,
    Selected,
    Stacks,
    Upstream,
)
from gaia.cli.session import Session
from gaia.errors import GaiaError, Invalid

if TYPE_CHECKING:
    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance


def drift(
    context: typer.Context,
    component: MaybeComponent = None,
    stack: Stacks = None,
    components: Components = None,
    everything: Annotated[bool, typer.Option("--all", help="Every instance; as if nothing were said.")] = False,
    affected: Affected = False,
    ref: MaybeRef = None,
    query: Query = None,
    upstream: Upstream = False,
    downstream: Downstream = False,
    accept: Annotated[bool, typer.Option("--accept", help="Write what exists into the state.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Put back what was changed outside.")] = False,
    replacing: Annotated[
        list[str] | None,
        typer.Option(
            "--replacing",
            metavar="ADDRESS",
            help="Yes, lose the data of this one in a repair; several.",
            show_default=False,
        ),
    ] = None,
    yes: Yes = False,
    full: Full = False,
    quiet: Quiet = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit code 2 when there is drift.")
    ] = False,
    parallel: Parallel = None,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Show what is not as the stacks say, and why.

    Every instance is planned and nothing is changed; each cause is shown once. The exit code is 1 where one could not
    be looked at. --accept and --repair are for one instance: each shows a plan, asks, and applies exactly that.

    Example: gaia drift photos-bucket -s acme-use1-dev --repair
    """
    session = Session.of(context, output)
    session.quiet = quiet
    try:
        selected = Selected(component, stack, components, everything, affected, ref, query, upstream, downstream)
        _check_usage(selected, accept=accept, repair=repair, replacing=bool(replacing))
        if accept or repair:
            from gaia.cli.accept_or_repair import accept_drift, repair_drift

            with session.app.checkout(directory) as checkout:
                instance = _one(session, checkout, str(component), str(stack))
                if accept:
                    code = accept_drift(session, checkout, instance, yes=yes, full=full)
                else:
                    lost = tuple(replacing or ())
                    code = repair_drift(session, checkout, instance, yes=yes, full=full, replacing=lost)
            return FAILED if code else 0
        with session.app.checkout(directory) as checkout:
            selected = replace(selected, everything=everything or stack is None)
            report = drift_of(session, checkout, selected, parallel)
    except GaiaError as error:
        from gaia.cli.failure import report as tell

        tell(error, session, [])
        return FAILED  # 2 is for drift alone
    from gaia.cli.screens.drift import drift_screen

    session.show(report.as_json(), *drift_screen(report, full=full, brief=quiet))
    if not report.complete:
        return FAILED
    return CHANGES if detailed_exitcode and report.drift else 0


def _check_usage(selected: Selected, *, accept: bool, repair: bool, replacing: bool) -> None:
    if replacing and not repair:
        raise Invalid("usage", "--replacing is for a repair alone", next_step="Add --repair, or leave --replacing out.")
    if selected.everything and selected.component:
        raise Invalid("usage", "--all is every component", next_step="Give a component, or --all.")
    if accept and repair:
        raise Invalid("usage", "--accept and --repair are opposites", next_step="Choose one of them.")
    if (accept or repair) and not selected.one:
        word = "--accept" if accept else "--repair"
        raise Invalid("usage", f"{word} is for one instance", next_step=f"gaia drift COMPONENT -s STACK {word}")


def _one(session: Session, checkout: "Checkout", component: str, stack: str) -> "Instance":
    name = checkout.component_at(component, session.settings.cwd, stack)
    return checkout.instance(name, stack)
