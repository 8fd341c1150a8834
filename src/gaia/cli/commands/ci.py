"""`gaia ci`: pull requests."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.operating import CHANGES, FAILED, Quiet
from gaia.cli.options import Directory, Output
from gaia.cli.selecting import Parallel
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.ci.event import Event

Base = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="REF",
        help="The base branch; else the one that CI names, or the remote's main branch.",
        show_default=False,
    ),
]
Head = Annotated[str, typer.Option("--head", metavar="REF", help="What is planned: the commit that is checked out.")]
Out = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="Where comment.md, findings.sarif, preview.json and others are written."),
]
Keep = Annotated[
    str | None,
    typer.Option(
        "--kept",
        metavar="PLACE",
        envvar="GAIA_KEPT",
        help="Where the preview is kept, sealed: a folder, or s3://BUCKET/PREFIX.",
        show_default=False,
    ),
]
Number = Annotated[
    int | None,
    typer.Option(
        "--pull-request", metavar="NUMBER", min=1, help="Its number; else the one that CI names.", show_default=False
    ),
]


def plan(
    context: typer.Context,
    base: Base = None,
    head: Head = "HEAD",
    out: Out = Path("gaia-ci"),
    kept: Keep = None,
    number: Number = None,
    parallel: Parallel = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit code 2 when there is something to do.")
    ] = False,
    quiet: Quiet = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Show in a pull request what it would do.

    All instances that differ from where the branch began are planned together. Policies, waivers and budgets are those
    of the base branch. Nothing is changed. The exit code is 1 where a policy says no or an instance cannot be planned.

    Example: gaia ci plan --base origin/main --out review
    """
    session = Session.of(context, output)
    session.quiet = quiet
    from gaia.bootstrap.pull_requests import PullRequests
    from gaia.checkout.batch_model import Listener
    from gaia.ci.comment import comment
    from gaia.ci.event import event_of
    from gaia.ci.planning import make_preview
    from gaia.ci.written import COMMENT, files_of, write
    from gaia.cli.batch_listener import listener_for, planning

    settings = session.settings
    requests = PullRequests(session.app, settings.cwd / directory if directory else settings.cwd)
    event = event_of(settings.environ)
    target = settings.cwd / out
    sides = requests.sides(_base(event, base), head, target)
    keeping = requests.kept(kept)
    listener = listener_for(session, destroy=False) if session.format == "text" else Listener()
    with requests.ground(sides) as ground:
        from gaia.checkout.change import ending_well

        with ending_well(ground.checkout), planning(listener):
            made, _ = make_preview(ground, parallel=parallel, listener=listener)
        text = comment(made, ground.checkout.redact)
        write(files_of(made, ground.checkout, text), target)
        if keeping is not None:
            keeping.keep(number or event.number, made.preview)
    if session.format == "text":
        session.write(text)
    else:
        session.show({**made.preview.as_json(), "denied": made.denied, "comment": str(target / COMMENT)})
    if made.denied:
        return FAILED
    return CHANGES if detailed_exitcode and not made.empty else 0


def _base(event: "Event", given: str | None) -> str:
    """What to compare with: what was typed, what CI says, the remote's main branch."""
    from gaia.graph.base import DEFAULT

    return given or event.base or DEFAULT
