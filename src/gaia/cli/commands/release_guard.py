"""`gaia release guard`, `gaia release incidents`."""

from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.arriving import DEFAULT, Timeout
from gaia.cli.options import Output, duration
from gaia.cli.releasing import Gitops, Policies, Service, Stage, Tenant, place_of
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.gitops.incidents import Incident
    from gaia.gitops.rollout.model import Progress


def guard(
    context: typer.Context,
    service: Service,
    tenant: Tenant,
    stage: Stage,
    gitops: Gitops = ".",
    window: Annotated[
        str, typer.Option("--window", metavar="TIME", help="How long it is looked on once it runs: 10m, 30m, 2h.")
    ] = "30m",
    timeout: Timeout = DEFAULT,
    tries: Annotated[
        int,
        typer.Option(
            "--tries", metavar="N", min=1, max=10, help="Releases that are gone back before a person is called."
        ),
    ] = 2,
    alerts: Annotated[
        str,
        typer.Option(
            "--alerts", metavar="HOST:PORT", help="Take alerts of Alertmanager at this address.", show_default=False
        ),
    ] = "",
    policies: Policies = None,
    output: Output = None,
) -> None:
    """Watch a service's newest release, and take it back by itself where it is not well.

    That is where Argo CD or Kubernetes gave up on it, its smoke test is not passed, it does not run in time, or, for as
    long as it is looked on, is not healthy any more or an alert fires. Nobody is asked: one commit brings the release
    before back and holds the service, as `gaia release rollback` does; it is watched until it runs; the incident is
    written down beside it. Where that does not help, those are called whom GAIA_PAGE_FILE names. Begun again after it
    was killed, it goes on. The exit code is 0 where the release was well, 7 where it was not.

    Example: gaia release guard photos --tenant acme --stage prod --window 30m --gitops ../gitops
    """
    from gaia.bootstrap import guarding
    from gaia.gitops.rollout.healing import Terms

    session = Session.of(context, output)
    place = place_of(tenant, stage, service)
    arrives, looked_on = duration(timeout), duration(window)
    assert arrives is not None and looked_on is not None  # noqa: S101, PT018  texts were given
    terms = Terms(arrives.total_seconds(), looked_on.total_seconds(), tries)
    session.going_on = f"`gaia release guard {service} --tenant {tenant} --stage {stage}` goes on."
    with guarding.guard(session.app, gitops, place, terms, alerts=alerts, policies=policies) as (made, notes):
        for note in notes:
            session.note(note, "warn")
        for one in made.run():
            _show(session, one)
    session.note(f"{place} was well for {window}.", "quiet")


def incidents(
    context: typer.Context,
    service: Annotated[
        str | None, typer.Argument(metavar="[SERVICE]", help="Only those of this service.", show_default=False)
    ] = None,
    gitops: Gitops = ".",
    output: Output = None,
) -> None:
    """List releases that were not well, and what was done by itself.

    They lie in the GitOps repository, each with what was wrong, the commit that was taken back, and how it ended.

    Example: gaia release incidents --gitops ../gitops
    """
    from gaia.bootstrap.releases import releases
    from gaia.gitops.incidents import listed

    session = Session.of(context, output)
    found = listed(releases(session.app, gitops), service)
    if session.format != "text":
        session.show({"incidents": [one.as_json() for one in found]})
        return
    from gaia.cli.screens.release import incidents_screen

    session.show(None, *incidents_screen(found))


def _show(session: Session, one: "Progress | Incident") -> None:
    """A line an event; for machines, what was done has the field `incident`."""
    from gaia.cli.machine_output import write_entry
    from gaia.gitops.incidents import Incident

    is_incident = isinstance(one, Incident)
    if session.format != "text":
        write_entry({"incident": one.as_json()} if is_incident else one.as_json(), session.format, session.stdout)
        return
    from gaia.cli.screens.release import incident_line, progress_line

    line = incident_line(one) if isinstance(one, Incident) else progress_line(one)
    session.err.print(line, crop=False, soft_wrap=not session.stderr.isatty())
