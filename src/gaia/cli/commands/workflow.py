"""`gaia workflow`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion, failure
from gaia.cli.options import Directory, MaybeStack, Output
from gaia.cli.session import Session
from gaia.errors import Invalid
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from gaia.stacks.workflows.job import Command
    from gaia.stacks.workflows.model import Workflow
    from gaia.stacks.workflows.reading import Workflows


def workflow(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="The workflow; `gaia list workflows` has all.",
            autocompletion=completion.workflows,
            show_default=False,
        ),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option(
            "--file", "-f", metavar="FILE", help="The file it is in, below the workflows folder.", show_default=False
        ),
    ] = None,
    stack: MaybeStack = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the commands and run none.")] = False,
    from_step: Annotated[
        str | None,
        typer.Option("--from-step", metavar="STEP", help="Begin with this step.", show_default=False),
    ] = None,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Run a workflow of the platform repository.

    Its steps run one after the other on this machine and with your environment; the first that fails ends it, with its
    own exit code. A shell step runs whatever is written there: run only workflows that you trust.

    Example: gaia workflow plan-photos -s acme-use1-dev --dry-run
    """
    from gaia.cli import steps
    from gaia.stacks.workflows.job import of_workflow, previewed
    from gaia.stacks.workflows.model import StepFailed
    from gaia.stacks.workflows.reading import Workflows
    from gaia.stacks.workflows.running import go_on, run, steps_to_run

    session = Session.of(context, output)
    config = session.app.configuration(directory)
    reader = Workflows.of(config)
    if name is None:
        raise _nameless(reader, file)
    found = reader.find(name, file)
    environ = session.environ_of_steps(config.under.get("env"))
    job = of_workflow(found, base=config.base, environ=environ, stack=stack, own=steps.own(session))
    todo = job.checked(from_step)
    if dry_run:
        _print(session, found, previewed(job, steps_to_run(job, todo)))
        return 0
    try:
        run(job, todo, steps.Terminal(session, config.base, announced=True), again=go_on(found.name, found.file, stack))
    except StepFailed as error:
        failure.report(error, session, ())
        return error.status
    return 0


def _nameless(reader: "Workflows", file: str | None) -> Invalid:
    names = sorted({each.name for each in (reader.read(file) if file else reader.all())})
    known = f"Known: {', '.join(names[:12])}." if names else "There are no workflows."
    return Invalid(
        "workflow-nameless", "no workflow is named", next_step=f"Name one. {known}", facts={"workflows": names}
    )


def _print(session: Session, chosen: "Workflow", todo: Sequence["Command"]) -> None:
    if session.format == "text":
        session.write("".join(f"{visible(command.shown)}\n" for command in todo))
        return
    session.show(
        {
            "workflow": chosen.name,
            "file": chosen.file,
            "steps": [
                {
                    "name": command.step.name,
                    "type": command.step.kind,
                    "command": command.shown,
                    "working_directory": str(command.cwd),
                    "at": str(command.step.at),
                }
                for command in todo
            ],
        }
    )
