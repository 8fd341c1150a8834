"""`gaia list …`."""

from collections.abc import Sequence

import typer

from gaia.cli.commands.understand import Repository
from gaia.cli.options import MaybeStack, Output
from gaia.cli.session import Session


def stacks(context: typer.Context, repository: Repository = None, output: Output = None) -> None:
    """List the stacks."""
    session = Session.of(context, output)
    found = session.wiring.repository(session.settings, repository)
    tally = dict.fromkeys(found.stacks, 0)
    for key in found.instances:
        tally[key.stack] = tally.get(key.stack, 0) + 1
    rows = [(name, str(number)) for name, number in tally.items()]
    _show(session, {"stacks": list(found.stacks)}, ("stack", "instances"), rows)


def instances(
    context: typer.Context, stack: MaybeStack = None, repository: Repository = None, output: Output = None
) -> None:
    """List the components of each stack."""
    session = Session.of(context, output)
    keys = session.wiring.repository(session.settings, repository).instances
    rows = [(key.stack, key.component) for key in keys if stack in (None, key.stack)]
    document = {"instances": [{"stack": stack, "component": component} for stack, component in rows]}
    _show(session, document, ("stack", "component"), rows)


def components(context: typer.Context, repository: Repository = None, output: Output = None) -> None:
    """List the Terraform components."""
    session = Session.of(context, output)
    root = session.wiring.repository(session.settings, repository).components_path
    names = sorted(
        {path.parent.relative_to(root).as_posix() for path in root.rglob("*.tf") if ".terraform" not in path.parts}
    )
    _show(session, {"components": names}, ("component",), [(name,) for name in names])


def templates(context: typer.Context, output: Output = None) -> None:
    """List what can be requested, with the questions."""
    session = Session.of(context, output)
    found = session.wiring.templates(session.settings)
    if session.format != "text":
        session.show(
            {
                "templates": [
                    {
                        "name": each.name, "version": each.version, "title": each.title,
                        "description": each.description,
                        "questions": [
                            {
                                "name": question.name, "type": question.type, "help": question.help,
                                "default": question.default, "choices": list(question.choices),
                                "required": question.required,
                            }
                            for question in each.questions
                        ],
                    }
                    for each in found
                ]
            }
        )  # fmt: skip
        return
    from gaia.cli.screens.tables import templates_screen

    session.show(None, *templates_screen(found))


def _show(session: Session, document: object, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if session.format != "text":
        session.show(document)
        return
    from gaia.cli.screens.tables import plain_table

    session.show(None, plain_table(titles, rows))
