"""`gaia release watch`."""

import typer

from gaia.cli.arriving import DEFAULT, Timeout, arrive
from gaia.cli.options import Output
from gaia.cli.releasing import Gitops, Service, Stage, Tenant, place_of
from gaia.cli.session import Session


def watch(
    context: typer.Context,
    service: Service,
    tenant: Tenant,
    stage: Stage,
    gitops: Gitops = ".",
    timeout: Timeout = DEFAULT,
    output: Output = None,
) -> None:
    """Watch a service's newest release until it runs.

    It has arrived when Argo CD compared what runs with its commit, found it so and healthy, and applied it. With
    `--output json` each line is an event. The exit code tells how it went: 0 deployed, 6 another release came after it,
    7 failed, 8 not in time or nobody answers.

    Example: gaia release watch photos --tenant acme --stage prod --gitops ../gitops
    """
    from gaia.bootstrap.releases import released, releases

    session = Session.of(context, output)
    place, found = place_of(tenant, stage, service), releases(session.app, gitops)
    arrive(session, found, place, released(found, place), timeout)
