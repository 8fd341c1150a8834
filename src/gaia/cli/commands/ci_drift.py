"""`gaia ci drift`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.operating import CHANGES, FAILED, Quiet
from gaia.cli.options import Directory, Full, Output
from gaia.cli.selecting import Components, Parallel, Selected, Stacks
from gaia.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.ci.hosts.host import Host
    from gaia.operations.drift.model import Report


def drift(
    context: typer.Context,
    stack: Stacks = None,
    components: Components = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit code 2 when there is drift.")
    ] = False,
    parallel: Parallel = None,
    quiet: Quiet = False,
    full: Full = False,
    directory: Directory = None,
    output: Output = None,
) -> int:
    """Look for drift, and keep one issue about it up to date.

    Every instance is planned and nothing is changed. The issue is opened where something is not as the stacks say, or
    could not be looked at; it is closed when all is well again. The exit code is 1 where one could not be looked at.

    Example: gaia ci drift -s 'acme-*-prod'
    """
    session = Session.of(context, output)
    session.quiet = quiet
    from gaia.bootstrap.pull_requests import PullRequests
    from gaia.cli.looking import drift_of

    settings = session.settings
    host = PullRequests(session.app, settings.cwd / directory if directory else settings.cwd).host()
    selected = Selected(None, stack, components, everything=stack is None)
    with session.app.checkout(directory) as checkout:
        report = drift_of(session, checkout, selected, parallel)
        url = _issue(host, report, checkout.redact, part=stack or components or "")
    from gaia.cli.screens.drift import drift_screen

    session.show({**report.as_json(), "issue": url}, *drift_screen(report, full=full, brief=quiet))
    if url:
        session.note(url)
    if not report.complete:
        return FAILED
    return CHANGES if detailed_exitcode and report.drift else 0


def _issue(host: "Host", report: "Report", redact: "Callable[[str], str]", *, part: str) -> str | None:
    """One issue for each selection: a look at some does not close what was found in others."""
    import hashlib

    from gaia.ci.reports.drift_issue import MARKER, drift_issue

    title, text = drift_issue(report, redact)
    marker = f"{MARKER}:{hashlib.sha256(part.encode()).hexdigest()[:12]}" if part else MARKER
    return host.put_issue(marker, f"{title} of {part}" if part else title, text)
