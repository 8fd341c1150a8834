"""`gaia cost what-if`."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gaia.cli.costing import CostOutput, Parity, Subject, UsageFile, session_of, show
from gaia.cli.options import Directory
from gaia.cli.plan_argument import no_stack_of_a_file, plan_file
from gaia.cli.selecting import Stacks
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.checkout.checkout import Checkout
    from gaia.cli.session import Session
    from gaia.stacks.model import Instance
    from gaia.terraform.plan import Plan

_UNPLANNED = "priced without another plan; where an expression bends the value (max(var.size, 20)), {} tells"
_INSTEAD = ("--replan", "only a plan with it")
_NAME = re.compile(r"[A-Za-z_][\w-]*")


def what_if(
    context: typer.Context,
    subject: Subject = None,
    stack: Stacks = None,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="VARIABLE=VALUE",
            help="A variable of the component, and its other value as in YAML; may be repeated.",
            show_default=False,
        ),
    ] = None,
    replan: Annotated[bool, typer.Option("--replan", help="Plan with the changed variable in any case.")] = False,
    usage_file: UsageFile = None,
    infracost_parity: Parity = False,
    directory: Directory = None,
    output: CostOutput = None,
) -> int:
    """Show by what another value of a variable would change the bill.

    A component is planned as it is; nothing is written or changed. Where the variable goes as it is into an attribute,
    the same plan is priced again with the other value; where it does not, the component is planned with it. Which of
    both it was is said.

    Example: gaia cost what-if database -s acme-use1-prod --set instance_class=db.r6g.xlarge
    """
    session = session_of(context, output)
    wanted = _values(values or [])
    if subject is None:
        raise Invalid("usage", "nothing says what is meant", next_step="Name a component and its stack.")
    no_stack_of_a_file(session, subject, stack)
    if stack is None:
        if replan:
            raise Invalid("usage", "a plan's JSON cannot be planned anew", next_step="Name a component and its stack.")
        document = session.app.plan_file_what_if(
            plan_file(session, subject), wanted, usage_file, parity=infracost_parity
        )
        why = ""
    else:
        with session.app.checkout(directory) as checkout:
            name = checkout.component_at(subject, session.settings.cwd, stack)
            document, why = session.app.instance_what_if(
                checkout,
                checkout.instance(name, stack),
                wanted,
                _planning(session, checkout),
                usage_file,
                replan=replan,
                parity=infracost_parity,
            )
    session.note(f"planned with the other value: {why}" if why else _UNPLANNED.format(_INSTEAD[stack is None]))
    show(session, document, output, "diff")
    return 0


def _planning(session: "Session", checkout: "Checkout") -> "Callable[[Instance], Plan]":
    from gaia.checkout.batch import Batch
    from gaia.checkout.change import ending_well
    from gaia.cli.batch_listener import looking, planning
    from gaia.errors import NotFound

    def planned(instance: "Instance") -> "Plan":
        listener = looking(session)
        with ending_well(checkout), planning(listener):
            [one] = Batch(checkout, [instance], listener=listener).plan(read=True)
        if one.error is not None:
            raise one.error
        if one.seen is None:
            raise NotFound(
                "output-missing",
                f"{instance.key} cannot be planned yet: {one.waits}",
                next_step="Apply first what it needs.",
            )
        return one.seen.plan

    return planned


def _values(said: list[str]) -> "Mapping[str, object]":
    from gaia.kit import yaml

    found: dict[str, Any] = {}
    for one in said:
        name, equals, text = one.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise Invalid("usage", f"{one!r} is not VARIABLE=VALUE", next_step="Give for instance --set size=large.")
        found[name] = yaml.parse(text.encode(), f"--set {name}").value
    if not found:
        raise Invalid("usage", "nothing says what to change", next_step="Add --set VARIABLE=VALUE.")
    return found
