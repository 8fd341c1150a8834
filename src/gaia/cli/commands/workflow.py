"""`gaia workflow`."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion, failure
from gaia.cli.commands.understand import Repository
from gaia.cli.options import MaybeStack, Output
from gaia.cli.session import Session
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from gaia.stacks.workflows.model import Workflow
    from gaia.stacks.workflows.running import Command


def workflow(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="The workflow; `gaia list workflows` has all.", autocompletion=completion.workflows
        ),
    ],
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
    repository: Repository = None,
    output: Output = None,
) -> int:
    """Run a workflow of the platform repository.

    Its steps run one after the other on this machine and with your environment; the first that fails ends it, with its
    own exit code. A shell step runs whatever is written there: run only workflows that you trust.

    Example: gaia workflow plan-photos -s acme-use1-dev --dry-run
    """
    from gaia.stacks.workflows.model import StepFailed
    from gaia.stacks.workflows.reading import Workflows
    from gaia.stacks.workflows.running import commands, run

    session = Session.of(context, output)
    config = session.app.repository(repository).config
    chosen = Workflows.of(config).find(name, file)
    todo = commands(
        chosen,
        base=config.base,
        environ=session.settings.environ,
        stack=stack,
        from_step=from_step,
        takes_stack=takes_stack,
    )
    if dry_run:
        _print(session, chosen, todo)
        return 0
    try:
        run(chosen, todo, launch=partial(_launch, config.base), sleep=_sleep, on_step=_announcer(session), stack=stack)
    except StepFailed as error:
        failure.report(error, session, ())
        return error.status
    return 0


def takes_stack(words: Sequence[str]) -> bool:
    """Whether one of our commands has the option --stack; what is no command may have it, and will say so itself."""
    from inspect import signature

    from gaia.cli import menu
    from gaia.cli.app import function_of

    listed = menu.entries()
    for word in words:
        entry = next((one for one in listed if one.name == word), None)
        if entry is None:
            return True
        if not entry.entries:
            return entry.raw or "stack" in signature(function_of(entry)).parameters
        listed = entry.entries
    return True


def _launch(base: Path, command: "Command") -> int:
    from gaia.kit.process import hand_over
    from gaia.platform.registration import AROUND

    own = [sys.executable, "-m", "gaia"] if command.step.kind == "atmos" else []
    return hand_over([*own, *command.words], cwd=command.cwd, env={**command.env, AROUND: str(base)})


def _sleep(delay: float) -> None:
    import time

    time.sleep(delay)


def _announcer(session: Session) -> Callable[["Command", int], None]:
    def announce(command: "Command", attempt: int) -> None:
        again = f" (attempt {attempt} of {command.step.retry.max_attempts})" if attempt > 1 else ""
        session.note(f"── {command.step.name}: {command.shown}{again}", "quiet")

    return announce


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
