"""`gaia group …`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.platform.model import PersonView

Person = Annotated[
    str, typer.Argument(metavar="PERSON", help="The person's name; the id of who signs in at a provider.")
]
Group = Annotated[str, typer.Argument(metavar="GROUP", help="The group's name, as rules of approval say it.")]


def add(context: typer.Context, person: Person, group: Group, output: Output = None) -> None:
    """Put a person into a group.

    Example: gaia group add grace security
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        _show(session, people.join(person, group))


def remove(context: typer.Context, person: Person, group: Group, output: Output = None) -> None:
    """Take a person out of a group.

    Example: gaia group remove grace security
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        _show(session, people.leave(person, group))


def list_groups(context: typer.Context, output: Output = None) -> None:
    """List the groups, and who is in each.

    Example: gaia group list
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        everybody = people.everybody()
    groups = {name: [one.name for one in everybody if name in one.groups] for one in everybody for name in one.groups}
    listed = sorted(groups.items())
    if session.format != "text":
        session.show({"groups": [{"name": name, "people": members} for name, members in listed]})
        return
    from gaia.cli.screens.tables import plain_table

    rows = [(name, ", ".join(members)) for name, members in listed]
    session.show(None, plain_table(("group", "people"), rows, flows=("people",)))


def _show(session: Session, person: "PersonView") -> None:
    if session.format != "text":
        session.show(asdict(person))
        return
    from rich.text import Text

    groups = ", ".join(person.groups) or "no group"
    session.show(None, Text.assemble(("✓ ", "good"), f"{person.name} is in {groups}."))
