"""`gaia ci`: pull requests."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.operating import CHANGES, FAILED, Quiet
from gaia.cli.options import Directory, Output
from gaia.cli.selecting import Parallel
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.bootstrap.pull_requests import PullRequests
    from gaia.checkout.batch_model import Listener
    from gaia.ci.jobs.job import Job

Base = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="REF",
        help="The base branch; else the one that CI names, or the remote's main branch.",
        show_default=False,
    ),
]
Before = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="REF",
        help="What the base branch was before the merge; else what CI says, or the commit's first parent.",
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
    from gaia.ci.jobs.show import show
    from gaia.cli.batch_listener import planning

    requests, job = _job(session, directory, number, kept)
    target = session.settings.cwd / out
    sides = requests.sides(base or job.base, head, target)
    listener = _listener(session)
    with planning(listener):
        shown = show(job, sides, target, parallel=parallel, listener=listener)
    if session.format == "text":
        session.write(shown.text)
    else:
        document = {"denied": shown.denied, "against": list(shown.against), "out": str(target)}
        session.show({**shown.made.preview.as_json(), **document})
    for one in shown.against:
        session.note(one, "bad")
    if shown.denied:
        return FAILED
    return CHANGES if detailed_exitcode and not shown.made.empty else 0


def apply(
    context: typer.Context,
    base: Before = None,
    branch: Annotated[
        str | None,
        typer.Option(
            "--branch",
            metavar="NAME",
            help="Whose pull requests are applied; else the repository's default branch.",
            show_default=False,
        ),
    ] = None,
    comment: Annotated[
        str | None,
        typer.Option(
            "--comment",
            metavar="ID",
            help="The comment /gaia apply of an open pull request; else the one that CI says was written.",
            show_default=False,
        ),
    ] = None,
    kept: Keep = None,
    number: Number = None,
    parallel: Parallel = None,
    quiet: Quiet = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Apply what was reviewed of a pull request.

    For the commit that the base branch got by its merge, or, where somebody has commented /gaia apply, for what merging
    it now would give. All is planned anew: where that does not refine the preview that owners approved, nothing is
    applied, and a comment says what differs and why. What a killed job began is looked at first, and finished.

    Example: gaia ci apply --kept s3://acme-states/gaia-ci
    """
    session = Session.of(context, output)
    session.quiet = quiet
    from gaia.ci.code.commits import BEFORE
    from gaia.ci.jobs.apply import apply_merged
    from gaia.ci.jobs.apply_asked import apply_asked
    from gaia.ci.reports.reasons import reasons
    from gaia.cli.batch_listener import planning

    requests, job = _job(session, directory, number, kept, always=True)
    listener, of_branch = _listener(session), branch or ""
    if comment or job.event.called:
        asking = replace(job, event=replace(job.event, comment=comment or job.event.comment))
        with planning(listener):
            found = apply_asked(asking, of_branch, parallel=parallel, listener=listener)
        if found is None:
            session.show({"result": "ignored", "digest": None, "reasons": [], "instances": []})
            session.note("This is no comment that says /gaia apply: nothing is to be done.")
            return 0
        applied, text = found
    else:
        sides = requests.sides(base or job.event.before or BEFORE, "HEAD")
        with planning(listener):
            applied, text = apply_merged(job, sides, of_branch, parallel=parallel, listener=listener)
    if session.format == "text":
        session.write(text)
    else:
        ends = [one.as_json() for one in applied.ends]
        reviewed = {"digest": applied.reviewed.digest, "reasons": list(reasons(applied))}
        session.show({"result": applied.result, **reviewed, "instances": ends})
    return 0 if applied.fine else FAILED


def _job(
    session: Session, directory: Path | None, number: int | None, kept: str | None, *, always: bool = False
) -> "tuple[PullRequests, Job]":
    """What CI says that this is about; the host is asked where there is a pull request, or `always`."""
    from gaia.bootstrap.pull_requests import PullRequests
    from gaia.ci.jobs.event import event_of

    settings = session.settings
    requests = PullRequests(session.app, settings.cwd / directory if directory else settings.cwd)
    event = event_of(settings.environ)
    event = replace(event, number=number) if number is not None else event
    return requests, requests.job(event, kept, always=always)


def _listener(session: Session) -> "Listener":
    """Told on the error stream alone."""
    from gaia.checkout.batch_model import Listener
    from gaia.cli.batch_listener import listener_for

    return listener_for(session, destroy=False) if session.format == "text" else Listener()
