"""`gaia move`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.operating import Yes
from gaia.cli.options import Component, Directory, Output, Stack
from gaia.cli.session import Session
from gaia.cli.streams import say_where
from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.checkout.moving import Planned


def move(
    context: typer.Context,
    component: Component,
    stack: Stack,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ADDRESS[=NEW]]...", help="Which resources; all if left out.", show_default=False),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="SOURCE",
            help="STACK/COMPONENT, the path of a state, or s3://BUCKET/KEY.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Finish a move that was interrupted.")] = False,
    yes: Yes = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be moved.")] = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Move resources into an instance's state, from another state.

    That of another instance, or one that lies elsewhere. For a component that was renamed or split, and for a key, a
    prefix or a workspace that was changed. Nothing in the cloud is touched. What is killed half-way is finished with
    --resume; until then neither instance is changed.

    Example: gaia move photos-bucket -s acme-use1-dev --from acme-use1-dev/pictures-bucket
    """
    from gaia.checkout.moving import Move, Source

    session = Session.of(context, output)
    with session.app.checkout(directory) as checkout:
        name = checkout.component_at(component, session.settings.cwd, stack)
        target = checkout.instance(name, stack)
        one = Move(checkout, target)
        say_where(session, checkout, target)
        session.going_on = f"`gaia move {name} -s {stack} --resume` finishes what was begun."
        if resume:
            planned = one.resume()
        elif source is None:
            raise Invalid("usage", "nothing says where from", next_step="Give --from SOURCE, or --resume.")
        else:
            planned = one.plan(Source.parse(source, session.settings.cwd), tuple(addresses or ()))
            if dry_run:
                session.show(_document(planned, "would_move"), *_lines(planned), "Nothing was moved.")
                return 0
            for line in _lines(planned):
                session.note(line)
            if not yes and not _agreed(session, planned):
                session.note("Nothing was moved.")
                return 1
            one.carry_out(planned)
    number = len(planned.managed)
    session.show(
        _document(planned, "moved"),
        f"Moved {number} resource{'s' * (number != 1)} to {planned.target}. Plan it: nothing should change.",
    )
    return 0


def _document(planned: "Planned", what: str) -> dict[str, object]:
    """Addresses as the target calls them."""
    return {"target": planned.target, "source": str(planned.source), what: [one.new for one in planned.managed]}


def _lines(planned: "Planned") -> list[str]:
    named = [one.old if one.old == one.new else f"{one.old} as {one.new}" for one in planned.managed]
    return [f"From {planned.source} to {planned.target}:", *(f"  {one}" for one in named)]


def _agreed(session: Session, planned: "Planned") -> bool:
    if not session.interactive:
        raise Invalid(
            "confirmation-missing",
            "nobody is there who could say that this is right, so nothing was moved",
            next_step="Read the list, then run it with --yes.",
        )
    number = len(planned.managed)
    what = f"{number} resource{'s' * (number != 1)} from the state of {planned.source} to that of {planned.target}"
    return session.ask(f"\nMove {what}? [y/N] ").strip().lower() in ("y", "yes")
