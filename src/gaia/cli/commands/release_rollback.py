"""`gaia release rollback`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.arriving import DEFAULT, Timeout, arrive
from gaia.cli.options import Output, Yes
from gaia.cli.releasing import DryRun, Gitops, Outputs, Policies, Service, Stage, Tenant, carry_out, place_of
from gaia.cli.session import Session
from gaia.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gaia.gitops.model import Place, Release
    from gaia.gitops.releasing import Releases

_TRIES = 5
"""Where another release comes first each time."""


def rollback(
    context: typer.Context,
    service: Service,
    tenant: Tenant,
    stage: Stage,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="RELEASE", help="Which, by its commit or digest; else the one before.", show_default=False
        ),
    ] = "",
    gitops: Gitops = ".",
    outputs: Outputs = None,
    policies: Policies = None,
    dry_run: DryRun = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not watch until it runs.")] = False,
    timeout: Timeout = DEFAULT,
    yes: Yes = False,
    output: Output = None,
) -> int:
    """Take a release back, and hold it.

    One commit brings the release before, or the one that is named, back, and locks the service: what was taken back is
    not released or promoted there until `gaia release unlock`. Then it is watched until it runs, and its smoke test is
    made. Done twice, or by two at once, it is done once.

    Example: gaia release rollback photos --tenant acme --stage prod --gitops ../gitops
    """
    from gaia.bootstrap.releases import as_it_is_now, check_watchable, outputs_of, read_given, released, releases

    session = Session.of(context, output)
    place = place_of(tenant, stage, service)
    if not (no_wait or dry_run):
        check_watchable(session.settings)
    given = outputs_of(read_given(session.app, outputs), str(outputs)) if outputs else None
    found = releases(session.app, gitops)
    for tried in range(1, _TRIES + 1):
        try:
            code, release = _taken_back(session, found, place, to, given, policies, dry_run=dry_run, yes=yes)
            break
        except Conflict as error:
            if error.code != "gitops-overtaken" or tried == _TRIES:
                raise
        found = as_it_is_now(found)  # perhaps somebody did it
    if code or dry_run or no_wait:
        return code
    now = as_it_is_now(found)
    arrive(session, now, place, released(now, place), timeout, release.smoke)
    return 0


def _taken_back(
    session: Session,
    found: "Releases",
    place: "Place",
    to: str,
    outputs: "Mapping[str, str] | None",
    policies: "Path | None",
    *,
    dry_run: bool,
    yes: bool,
) -> "tuple[int, Release]":
    from gaia.bootstrap.releases import judged, operator
    from gaia.gitops.rolling_back import rollback as taken_back

    change, release = taken_back(found, place, operator(), to=to, outputs=outputs)
    if not change.is_empty:
        judged(session.app, release, found, policies)
    return carry_out(session, found, change, dry_run=dry_run, yes=yes), release
