"""`gaia terraform …`: one instance, without a request, for a platform engineer."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.commands.understand import Component
from gaia.cli.options import Full, Output, Stack
from gaia.cli.session import Session
from gaia.errors import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from gaia.platform.model import InstanceChangeView, PlanView
    from gaia.platform.ports import DirectDoor

CHANGES = 2
"""What `terraform plan -detailed-exitcode` ends with when there is something to do."""
_PARKED = 6
Destroy = Annotated[bool, typer.Option("--destroy", "-destroy", help="What destroying it would do.")]
AutoApprove = Annotated[
    bool, typer.Option("--yes", "-y", "--auto-approve", "-auto-approve", help="Do not ask whether the plan is right.")
]


def plan(
    context: typer.Context,
    component: Component,
    stack: Stack,
    destroy: Destroy = False,
    detailed_exitcode: Annotated[
        bool,
        typer.Option("--detailed-exitcode", "-detailed-exitcode", help="Exit code 2 when there is something to do."),
    ] = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Show what terraform would do to an instance now.

    As the platform repository has it committed; nothing is changed and nothing is kept.

    Example: gaia terraform plan photos-bucket -s acme-use1-dev
    """
    session = Session.of(context, output)
    session.note(f"Planning {component} in {stack} …", "quiet")
    with session.acting() as platform:
        view = platform.direct(component, stack).plan(destroy=destroy)
    if session.format != "text":
        session.show(view.as_json())
    else:
        _show_plan(session, view, full=full)
    return CHANGES if detailed_exitcode and view.changes else 0


def apply(
    context: typer.Context,
    component: Component,
    stack: Stack,
    yes: AutoApprove = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Apply an instance as the platform repository has it, without a request.

    For administrators: the plan is shown, you say yes, and exactly that is applied. Policies are asked
    and rules of settings.validation hold. What was killed half-way is found again and finished by the next apply.

    Example: gaia terraform apply network -s acme-use1-dev --yes
    """
    return _change(Session.of(context, output), component, stack, destroy=False, yes=yes, full=full)


def deploy(
    context: typer.Context, component: Component, stack: Stack, full: Full = False, output: Output = None
) -> int:
    """Apply an instance and do not ask.

    `gaia terraform apply --yes` under Atmos's name.

    Example: gaia terraform deploy network -s acme-use1-dev
    """
    return _change(Session.of(context, output), component, stack, destroy=False, yes=True, full=full)


def destroy(
    context: typer.Context,
    component: Component,
    stack: Stack,
    yes: AutoApprove = False,
    full: Full = False,
    output: Output = None,
) -> int:
    """Destroy what an instance has made, without a request.

    The manifests stay as they are, so the next apply makes it again. To destroy a service that somebody asked for, use
    `gaia retire`.

    Example: gaia terraform destroy network -s acme-use1-dev
    """
    return _change(Session.of(context, output), component, stack, destroy=True, yes=yes, full=full)


def validate(context: typer.Context, component: Component, stack: Stack, output: Output = None) -> int:
    """Check the Terraform code of an instance.

    What `terraform validate` says, with places in the platform repository. Exit code 1 when there is an error.

    Example: gaia terraform validate network -s acme-use1-dev
    """
    session = Session.of(context, output)
    with session.acting() as platform:
        diagnostics = platform.direct(component, stack).diagnostics()
    valid = all(one["severity"] != "error" for one in diagnostics)
    if session.format != "text":
        session.show({"instance": f"{stack}/{component}", "valid": valid, "diagnostics": list(diagnostics)})
    else:
        from gaia.cli.screens.direct import diagnostics_screen

        session.show(None, *diagnostics_screen(f"{stack}/{component}", diagnostics))
    return 0 if valid else 1


def output(
    context: typer.Context,
    component: Component,
    stack: Stack,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One output; all if left out.", show_default=False)
    ] = None,
    output: Output = None,
) -> None:
    """Show the outputs of an instance, as its state has them.

    Sensitive ones are not shown. One output that is a text is printed alone, so that a script can use it.

    Example: gaia terraform output network -s acme-use1-dev vpc_id
    """
    session = Session.of(context, output)
    with session.acting() as platform:
        outputs = platform.direct(component, stack).outputs()
    if name is None:
        if session.format != "text":
            session.show({"instance": f"{stack}/{component}", "outputs": dict(outputs)})
            return
        from gaia.cli.screens.direct import outputs_screen

        session.show(None, *outputs_screen(outputs))
        return
    if name not in outputs:
        known = ", ".join(sorted(outputs)) or "none"
        raise NotFound(
            "output-unknown", f"{stack}/{component} has no output {name!r}", next_step=f"There are: {known}."
        )
    if session.format != "text":
        session.show({"instance": f"{stack}/{component}", "outputs": {name: outputs[name]}})
        return
    from gaia.cli.screens.format import value

    content = outputs[name]
    session.write((content if isinstance(content, str) else value(content, None)) + "\n")


def _change(session: Session, component: str, stack: str, *, destroy: bool, yes: bool, full: bool) -> int:
    word = "destroy" if destroy else "apply"
    session.going_on = f"`gaia terraform {word} {component} -s {stack}` goes on with what was begun."

    def confirm(view: "PlanView") -> bool:
        if session.format == "text":
            _show_plan(session, view, full=full)
        if yes or not view.changes:
            return True
        return _asked(session, f"{word} {component} -s {stack}", view)

    with session.acting() as platform:
        direct: DirectDoor = platform.direct(component, stack)
        session.note(f"Planning {component} in {stack} …", "quiet")
        made = direct.change(destroy=destroy, confirm=confirm, say=lambda text: session.note(f"  {text}", "quiet"))
    if made is None:
        session.note("Nothing was changed.")
        return 1
    return _show_change(session, made)


def _asked(session: Session, command: str, view: "PlanView") -> bool:
    if not session.interactive:
        raise Invalid(
            "confirmation-missing",
            "nobody is there who could say that the plan is right, so nothing was changed",
            next_step=f"Read the plan, then run `gaia terraform {command} --yes`.",
        )
    from gaia.cli.screens.target import where

    word = command.partition(" ")[0]
    question = f"\nAs {view.caller}, {word} exactly this in {where(view.target)}? [y/N] "
    return session.ask(question).strip().lower() in ("y", "yes")


def _show_plan(session: Session, view: "PlanView", *, full: bool) -> None:
    from gaia.cli.screens.preview import plan_screen

    session.show(None, *plan_screen(view, full=full))


def _show_change(session: Session, made: "InstanceChangeView") -> int:
    if session.format != "text":
        session.show(made.as_json())
        return _PARKED if made.status == "parked" else 0
    if made.status == "parked":
        raise Conflict(
            "change-parked",
            f"{made.instance}: {made.reason}",
            next_step=made.next_step,
            facts={"reason": made.code, "left": list(made.left)},
        )
    from gaia.cli.screens.direct import change_screen

    session.show(None, *change_screen(made))
    return 0
