"""`gaia unlock`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli import completion
from gaia.cli.operating import FAILED
from gaia.cli.options import Directory, MaybeStack, Output, Yes
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.checkout.checkout import Checkout
    from gaia.checkout.unlocking import Locked, Locks
    from gaia.stacks.model import Instance


def unlock(
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
    yes: Yes = False,
    holder_may_live: Annotated[
        bool,
        typer.Option(
            "--holder-may-live", help="Release it too where its holder lives, or nobody can know: two may then write."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show who holds which lock.")] = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Show who holds a state's lock, and release that of a dead process.

    Who, since when, doing what, on which machine, and whether that process lives: by Gaia's journal for its own, by
    what the lock says for others; "not known" is an answer. Nothing else is touched: journals and states stay, and an
    apply that was cut off is finished by the next one.

    Example: gaia unlock network -s acme-use1-dev
    """
    from gaia.checkout.unlocking import Locks
    from gaia.cli.screens.locks import locks_screen
    from gaia.cli.selecting import Selected

    session = Session.of(context, output)
    Selected(component, stack)  # an empty name is nobody
    with session.app.checkout(directory) as checkout:
        locks = Locks(checkout)
        found, unasked = _found(session, checkout, locks, component, stack)
        shown = locks_screen([one.as_json() for one in found], unasked)
        if dry_run or not found:
            session.show(_document(found, unasked, ()), *shown)
            return 0
        if session.format == "text":
            session.draw(*shown)
        released = _released(session, locks, found, yes=yes, even_alive=holder_may_live)
    left = [one for one in found if one not in released]
    said = [f"Released the lock of {one.instance.key}." for one in released]
    said += [f"The lock of {one.instance.key} stays." for one in left]
    session.show(_document(found, unasked, released), *said)
    return FAILED if left else 0


def _found(
    session: Session, checkout: "Checkout", locks: "Locks", component: str | None, stack: str | None
) -> "tuple[list[Locked], list[str]]":
    """What is locked, and what was not asked about: of one instance terraform is asked where nobody else can."""
    if component and stack:
        one = locks.of(locks.instance(checkout.component_at(component, session.settings.cwd, stack), stack))
        return ([one] if one else []), []
    found, unasked = locks.every(_meant(checkout, component, stack))
    return found, [str(one.key) for one in unasked]


def _meant(checkout: "Checkout", component: str | None, stack: str | None) -> "Sequence[Instance]":
    from gaia.checkout.selection import Selection, instances_meant

    return instances_meant(checkout.files.repository, Selection(stack or "", (component,) if component else None))


def _released(
    session: Session, locks: "Locks", found: "Sequence[Locked]", *, yes: bool, even_alive: bool
) -> "list[Locked]":
    from gaia.checkout.unlocking import alive

    wanted = [one for one in found if even_alive or one.holder.life != "alive"]
    if not wanted and len(found) == 1:
        raise alive(found[0])
    agreed = [one for one in wanted if _agreed(session, one, yes=yes, even_alive=even_alive)]
    for one in agreed:  # once everything is said: an error in between would hide what is released
        locks.release(one, even_alive=even_alive)
    return agreed


def _agreed(session: Session, one: "Locked", *, yes: bool, even_alive: bool) -> bool:
    """Whether somebody says so: where the holder is not known to be dead, by typing the stack's name.

    Raises:
        Invalid: `confirmation-missing` where nobody sits there.
    """
    dead = one.holder.life == "dead"
    if yes and (dead or even_alive):
        return True
    if yes or not session.interactive:
        flag = "--yes" if dead else "--yes --holder-may-live"
        reason = "" if dead else f"; {one.holder.why}"
        raise Invalid(
            "confirmation-missing",
            f"nobody is there who could say that the lock of {one.instance.key} may be released{reason}",
            next_step=f"Make sure that its holder is dead, then run it with {flag}.",
            facts={"lock": one.as_json()},
        )
    key = one.instance.key
    if dead:
        return session.ask(f"\nRelease the lock of {key}? [y/N] ").strip().lower() in ("y", "yes")
    question = f"\nIf its holder still works, two will write the state of {key}. Type the stack's name to release it: "
    return session.ask(question).strip() == key.stack


def _document(found: "Sequence[Locked]", unasked: "Sequence[str]", released: "Sequence[Locked]") -> dict[str, object]:
    locks = [{**one.as_json(), "released": one in released} for one in found]
    return {"locks": locks, "not_asked": list(unasked)}
