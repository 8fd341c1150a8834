"""`gaia new …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.options import Directory, Output, Yes
from gaia.cli.questions import ask_questions, collect
from gaia.cli.session import Session
from gaia.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.scaffold.drafts import Draft

Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called.", show_default=False)]
Answer = Annotated[
    list[str] | None,
    typer.Option("--answer", "-a", metavar="KEY=VALUE", help="An answer to the template; may be repeated."),
]
Answers = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Answers in a YAML or JSON file.", show_default=False)
]
Ask = Annotated[bool, typer.Option("--ask", help="Ask what has a default too.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")]


def _adding(kind: str, what: str) -> "Callable[..., int]":
    """The command that adds one kind of part; `what` is its help. All of them take the same."""

    def add(
        context: typer.Context,
        name: Name,
        answer: Answer = None,
        answers: Answers = None,
        ask: Ask = False,
        dry_run: DryRun = False,
        yes: Yes = False,
        directory: Directory = None,
        output: Output = None,
    ) -> int:
        return _new(Session.of(context, output), kind, name, (answer, answers), (ask, dry_run, yes), directory)

    add.__name__, add.__doc__ = kind, what
    return add


tenant = _adding(
    "tenant",
    """Add a tenant: whose bill, whose accounts, whose people.

One file of facts; `gaia new environment` makes its stacks. On a terminal what has no default is asked. Nothing is
written before you have seen it, nothing over what is there, nothing is committed.

Example: gaia new tenant zeta --answers zeta.yaml --dry-run
""",
)
stage = _adding(
    "stage",
    """Add a stage that is like another one.

One file, in which stands what it does otherwise. Nothing is written before you have seen it, nothing over what is
there, nothing is committed.

Example: gaia new stage qa -a like=staging --dry-run
""",
)
region = _adding(
    "region",
    """Add a region of AWS.

One file: its provider, and the zones of its networks. Nothing is written before you have seen it, nothing over what
is there, nothing is committed.

Example: gaia new region us-west-2 --dry-run
""",
)
environment = _adding(
    "environment",
    """Add a stack of a tenant, named as stacks are.

One file of choices. What it makes is resolved first, in a copy: its instances have an order and all that they need,
its network overlaps none, and policies about manifests are asked. Nothing is written before you have seen it,
nothing over what is there, nothing is committed. Exit code 1 where it is not sound.

Example: gaia new environment acme-euw1-dev -a region=eu-west-1 -a domain=eu-dev.acme.example.com --dry-run
""",
)
component = _adding(
    "component",
    """Add a component, with a catalog, an example and tests.

It has the files that all components of the repository have alike. Nothing is written before you have seen it,
nothing over what is there, nothing is committed.

Example: gaia new component lambda-function -a "description=A function." --dry-run
""",
)


def _new(
    session: Session,
    kind: str,
    name: str,
    given: tuple[list[str] | None, Path | None],
    switches: tuple[bool, bool, bool],
    directory: Path | None,
) -> int:
    ask, dry_run, yes = switches
    answers = collect(session.settings.cwd, given[0] or [], given[1])
    templater = session.app.templater(directory)
    if session.interactive:
        answers = ask_questions(session, templater.template(kind, name, answers), answers, every=ask)
    draft = templater.scaffold_environment(kind, {**answers, "name": name})
    if session.format == "text":
        from gaia.cli.screens.drafts import draft_screen

        session.show(None, *draft_screen(draft))
    if not draft.sound or dry_run:
        return _end(session, draft, written=False)
    if not yes and not _agreed(session, draft):
        return _end(session, draft, written=False)
    templater.write(draft)
    return _end(session, draft, written=True)


def _agreed(session: Session, draft: "Draft") -> bool:
    if not session.interactive:
        raise Invalid(
            "confirmation-missing",
            "nobody is there who could say that this is right, so nothing was written",
            next_step="Read it with --dry-run, then run it with --yes.",
        )
    files = "this file" if len(draft.files) == 1 else f"these {len(draft.files)} files"
    return session.ask(f"\nWrite {files}? [y/N] ").strip().lower() in ("y", "yes")


def _end(session: Session, draft: "Draft", *, written: bool) -> int:
    if session.format != "text":
        session.show({**draft.as_json(), "written": written})
    else:
        from gaia.cli.screens.drafts import end_screen

        session.show(None, *end_screen(draft, written=written))
    return 0 if draft.sound else 1
