"""`gaia cost …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gaia.cli import completion
from gaia.cli.options import Directory
from gaia.cli.selecting import Everything, Selected, Stacks, instances
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.checkout.checkout import Checkout
    from gaia.cost.formats.rows import View
    from gaia.stacks.failures import Failures
    from gaia.stacks.model import Instance

CostFormat = Literal["table", "text", "json", "yaml", "infracost", "markdown", "html"]
Subject = Annotated[
    str | None,
    typer.Argument(
        metavar="[PLAN.json | COMPONENT]",
        help="The JSON of a plan, or a component's name.",
        autocompletion=completion.components,
        show_default=False,
    ),
]
UsageFile = Annotated[
    Path | None,
    typer.Option(
        "--usage-file", metavar="FILE", help="How much is used, in Infracost's usage format.", show_default=False
    ),
]
Parity = Annotated[bool, typer.Option("--infracost-parity", help="Price only what Infracost prices, and as it does.")]
CostOutput = Annotated[
    CostFormat | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FORMAT",
        help="table, json, yaml, infracost, markdown or html.",
        show_default=False,
    ),
]


def breakdown(
    context: typer.Context,
    subject: Subject = None,
    stack: Stacks = None,
    everything: Everything = False,
    usage_file: UsageFile = None,
    infracost_parity: Parity = False,
    directory: Directory = None,
    output: CostOutput = None,
) -> int:
    """Show what there is to pay for, resource by resource.

    It is what there is once the plan is applied. A file is what `terraform show -json` prints, and needs no repository.
    Components are planned first; nothing is changed. A price that is missing is said, and never shown as nothing.

    Example: gaia cost breakdown plan.json --usage-file infracost-usage.yml
    """
    session = session_of(context, output)
    document, code = _estimated(
        session, Selected(subject, stack, everything=everything), usage_file, directory, parity=infracost_parity
    )
    show(session, document, output, "breakdown")
    return code


def diff(
    context: typer.Context,
    subject: Subject = None,
    stack: Stacks = None,
    everything: Everything = False,
    usage_file: UsageFile = None,
    infracost_parity: Parity = False,
    directory: Directory = None,
    output: CostOutput = None,
) -> int:
    """Show by what a plan changes the bill.

    What is there now is held against what would be.

    Example: gaia cost diff vpc -s acme-use1-dev --output markdown
    """
    session = session_of(context, output)
    document, code = _estimated(
        session, Selected(subject, stack, everything=everything), usage_file, directory, parity=infracost_parity
    )
    show(session, document, output, "diff")
    return code


def session_of(context: typer.Context, output: CostFormat | None) -> Session:
    """The session of a command, which knows more formats than the others."""
    return Session.of(context, output if output in ("json", "yaml") else None)


def _estimated(
    session: Session, selected: Selected, usage: Path | None, directory: Path | None, *, parity: bool
) -> "tuple[Mapping[str, Any], int]":
    """The estimate, and the exit code: 1 where some could not be planned."""
    if selected.component is not None and selected.stack is None and not selected.everything:
        return session.app.plan_file_cost(plan_file(session, selected.component), usage, parity=parity), 0
    from gaia.cost.combine import combine

    with session.app.checkout(directory) as checkout:
        found, unbuilt = _meant(session, checkout, selected)
        documents, failed = _of_instances(session, checkout, found, usage, parity=parity)
    for one in unbuilt:
        session.note(f"{one.where}/{one.component} has no estimate: {one.error.message}", "warn")
    return (documents[0] if len(documents) == 1 else combine(documents)), int(failed or any(True for _ in unbuilt))


def plan_file(session: Session, subject: str) -> Path:
    """The file that was named; refused where it looks like a component without its stack."""
    path = Path(subject)
    if not (session.settings.cwd / path).exists() and not path.suffix:
        raise Invalid(
            "usage",
            f"there is no file {subject}, and nothing says in which stack a component of this name is meant",
            next_step="Give the JSON of a plan, or add -s STACK.",
        )
    return path


def _meant(session: Session, checkout: "Checkout", selected: Selected) -> "tuple[Sequence[Instance], Failures]":
    from gaia.stacks.failures import Failures

    if selected.one:
        name = checkout.component_at(str(selected.component), session.settings.cwd, str(selected.stack))
        return [checkout.instance(name, str(selected.stack))], Failures()
    return instances(session, checkout, selected, reverse=False)


def _of_instances(
    session: Session, checkout: "Checkout", found: "Sequence[Instance]", usage: Path | None, *, parity: bool
) -> "tuple[list[Mapping[str, Any]], bool]":
    """An estimate each of those that can be planned, and whether some cannot."""
    from gaia.checkout.batch import Batch
    from gaia.checkout.change import ending_well
    from gaia.cli.batch_listener import looking, planning

    listener = looking(session)
    with ending_well(checkout), planning(listener):
        planned = Batch(checkout, found, listener=listener).plan(read=True)
    documents = []
    for one in planned:
        if one.seen is not None:
            documents.append(session.app.instance_cost(checkout, one.instance, one.seen.plan, usage, parity=parity))
            continue
        said = one.error.message if one.error else f"it cannot be planned yet: {one.waits}"
        session.note(f"{one.instance.key} has no estimate: {said}", "warn")
        if len(found) == 1 and one.error:
            raise one.error
    return documents, len(documents) < len(found)


def show(session: Session, document: "Mapping[str, Any]", form: CostFormat | None, view: "View") -> None:
    """Write an estimate in the format that was asked for."""
    if form in ("infracost", "markdown", "html"):
        from gaia.cost.formats import rendered

        session.write(rendered(document, form, view))
        return
    if session.format != "text":
        from gaia.cost.formats.figures import figures

        session.show(figures(document, view))
        return
    from gaia.cli.screens.cost import cost_diff_screen, cost_screen

    session.show(None, *(cost_diff_screen(document) if view == "diff" else cost_screen(document)))
