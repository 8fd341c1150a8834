"""`gaia drift`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.options import Directory, MaybeStack, Output
from gaia.cli.session import Session
from gaia.errors import GaiaError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.checkout.checkout import Checkout
    from gaia.stacks.model import Instance

_DIFFERS, _FAILED = 2, 1


def drift(
    context: typer.Context,
    component: Annotated[
        str | None,
        typer.Argument(
            metavar="[COMPONENT]",
            help="Only this component.",
            autocompletion=completion.components,
            show_default=False,
        ),
    ] = None,
    stack: MaybeStack = None,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Show which instances are not as their stacks say.

    Each is planned, one after the other: what was changed behind Terraform's back, and what an apply would change.
    Exit code 2 when there is any, 1 when one could not be planned.

    Example: gaia drift -s acme-use1-dev
    """
    from gaia.checkout.change import ending_well
    from gaia.checkout.selection import instances_meant
    from gaia.checkout.words import Words
    from gaia.cli.screens.drift import drift_screen

    session = Session.of(context, output)
    own = {"components": component} if component else {"all": "true"}
    with session.app.checkout(directory) as checkout, ending_well(checkout):
        words = Words("plan", stack=stack or "", own=own)
        found = instances_meant(checkout.files.repository, words, frozenset, reverse=False)
        lines = []
        for number, instance in enumerate(found, 1):
            session.note(f"Planning {instance.key} ({number} of {len(found)}) …", "quiet")
            lines.append(_line(checkout, instance))
    document = {"instances": lines}
    session.show(document, *drift_screen(lines))
    if any(line["status"] == "failed" for line in lines):
        return _FAILED
    return _DIFFERS if any(line["status"] != "as it should be" for line in lines) else 0


def _line(checkout: "Checkout", instance: "Instance") -> "Mapping[str, object]":
    from gaia.checkout.change import Change
    from gaia.checkout.words import Words

    key = instance.key
    try:
        seen = Change(checkout, instance, Words("plan", component=key.component, stack=key.stack), destroy=False).plan()
    except GaiaError as error:
        if error.code == "interrupted":
            raise
        return {"instance": str(key), "status": "failed", "drifted": [], "changes": [], "reason": error.message}
    drifted = seen.saved.plan.raw.get("resource_drift")
    behind = [str(one.get("address")) for one in drifted if isinstance(one, dict)] if isinstance(drifted, list) else []
    changes = [f"{change.address}: {change.action}" for change in seen.view.changes]
    status = "drifted" if behind else "differs" if changes else "as it should be"
    return {"instance": str(key), "status": status, "drifted": behind, "changes": changes, "reason": ""}
