"""`gaia person …`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.platform.model import PersonView

Person = Annotated[str, typer.Argument(metavar="PERSON", help="A name or an id, from `gaia person list`.")]
Role = Annotated[str, typer.Argument(metavar="ROLE", help="viewer, developer, approver or admin.")]
Tenant = Annotated[str, typer.Option(metavar="TENANT", help="The role holds for this tenant.")]
Stage = Annotated[str, typer.Option(metavar="STAGE", help="The role holds for this stage.")]


def list_people(context: typer.Context, output: Output = None) -> None:
    """List the people, with the roles that they were given.

    What they have by their groups is known only while they call: `gaia whoami`.

    Example: gaia person list
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        everybody = people.everybody()
    if session.format != "text":
        session.show({"people": [asdict(one) for one in everybody]})
        return
    from gaia.cli.screens.tables import plain_table

    rows = [
        (
            one.name,
            ", ".join(f"{each.role} in {each.tenant}/{each.stage}" for each in one.grants),
            "shut out" if one.disabled else "",
            one.id,
        )
        for one in everybody
    ]
    session.show(None, plain_table(("person", "roles", "", "id"), rows, flows=("roles",)))


def give(
    context: typer.Context, person: Person, role: Role, tenant: Tenant = "*", stage: Stage = "*", output: Output = None
) -> None:
    """Give somebody a role.

    Of who is there already: `gaia token create` makes a person.

    Example: gaia person give dana approver --tenant acme
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        _show_roles(session, people.give(person, role, tenant=tenant, stage=stage))


def withdraw(
    context: typer.Context, person: Person, role: Role, tenant: Tenant = "*", stage: Stage = "*", output: Output = None
) -> None:
    """Take a role from somebody.

    It has to be one that they were given, of exactly that tenant and stage: `gaia person list` shows them. What they
    have by their groups, the provider of identities says. The last who may administer everything keeps that.

    Example: gaia person withdraw dana approver --tenant acme
    """
    session = Session.of(context, output)
    with session.app.people() as people:
        _show_roles(session, people.withdraw(person, role, tenant=tenant, stage=stage))


def _show_roles(session: Session, person: "PersonView") -> None:
    if session.format != "text":
        session.show(asdict(person))
        return
    from rich.text import Text

    roles = ", ".join(f"{each.role} in {each.tenant}/{each.stage}" for each in person.grants) or "no role"
    session.show(None, Text.assemble(("✓ ", "good"), (person.name, "name"), f" has {roles}."))


def disable(context: typer.Context, person: Person, output: Output = None) -> None:
    """Shut somebody out at once, however they call.

    Their tokens and sessions count for nothing, nor does what a provider of identities says of them.

    Example: gaia person disable dana
    """
    _set(Session.of(context, output), person, disabled=True)


def enable(context: typer.Context, person: Person, output: Output = None) -> None:
    """Let somebody in again.

    Example: gaia person enable dana
    """
    _set(Session.of(context, output), person, disabled=False)


def _set(session: Session, person: str, *, disabled: bool) -> None:
    with session.app.people() as people:
        done = people.set_disabled(person, disabled)
    if session.format != "text":
        session.show(asdict(done))
        return
    from rich.text import Text

    what = " is shut out." if disabled else " may call again."
    session.show(None, Text.assemble(("✓ ", "good"), (done.name, "name"), what))
