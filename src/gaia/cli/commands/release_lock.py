"""`gaia release lock`, `gaia release unlock`."""

from typing import Annotated

import typer

from gaia.cli.options import Output, Yes
from gaia.cli.releasing import DryRun, Gitops, Service, Stage, Tenant, carry_out, place_of
from gaia.cli.session import Session


def lock(
    context: typer.Context,
    service: Service,
    tenant: Tenant,
    stage: Stage,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why nothing may be released.")],
    gitops: Gitops = ".",
    dry_run: DryRun = False,
    yes: Yes = False,
    output: Output = None,
) -> int:
    """Let nothing of a service be released to a stage.

    The lock is a file in the GitOps repository, so it holds for everybody. A rollback is let through.

    Example: gaia release lock photos --tenant acme --stage prod --why "we look into an incident" --gitops ../gitops
    """
    from gaia.bootstrap.releases import operator, releases
    from gaia.gitops import locking, locks
    from gaia.kit import clock

    session = Session.of(context, output)
    place, said = place_of(tenant, stage, service), locks.reason(why)
    found = releases(session.app, gitops)
    change = locking.lock(found, place, locks.Lock(operator(), said, clock.now()))
    return carry_out(session, found, change, dry_run=dry_run, yes=yes)


def unlock(
    context: typer.Context,
    service: Service,
    tenant: Tenant,
    stage: Stage,
    gitops: Gitops = ".",
    dry_run: DryRun = False,
    yes: Yes = False,
    output: Output = None,
) -> int:
    """Let a service be released again.

    That of somebody who locked it, and what a rollback holds.

    Example: gaia release unlock photos --tenant acme --stage prod --gitops ../gitops
    """
    from gaia.bootstrap.releases import operator, releases
    from gaia.gitops import locking

    session = Session.of(context, output)
    place, found = place_of(tenant, stage, service), releases(session.app, gitops)
    return carry_out(session, found, locking.unlock(found, place, operator()), dry_run=dry_run, yes=yes)
