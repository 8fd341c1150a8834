"""`gaia release …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gaia.cli.arriving import DEFAULT, Timeout, Wait, arrive
from gaia.cli.options import Output, Yes
from gaia.cli.releasing import DryRun, Gitops, Outputs, Policies, Service, Tenant, carry_out, place_of
from gaia.cli.session import Session

if TYPE_CHECKING:
    from gaia.gitops.model import Release
    from gaia.gitops.releasing import Releases

File = Annotated[Path, typer.Argument(metavar="FILE", help="The release: its release.yaml; - for standard input.")]
Image = Annotated[
    str | None,
    typer.Option("--image", metavar="IMAGE", help="Another image, REPOSITORY@sha256:…", show_default=False),
]


def render(
    context: typer.Context,
    file: File,
    gitops: Gitops = ".",
    image: Image = None,
    outputs: Outputs = None,
    output: Output = None,
) -> None:
    """Show the objects of Kubernetes that a release is made into.

    Nothing is written and nobody is asked. What kustomize builds of the files in the repository is the same.

    Example: gaia release render photos.yaml --gitops ../gitops
    """
    from gaia.gitops.objects import objects_of
    from gaia.gitops.written import documents

    session = Session.of(context, output)
    found, release = _read(session, file, gitops, image, outputs)
    objects = objects_of(release, found.layout)
    if session.format == "text":
        session.write(documents(objects))
        return
    session.show({"namespace": release.place.namespace, "objects": objects})


def diff(
    context: typer.Context,
    file: File,
    gitops: Gitops = ".",
    image: Image = None,
    outputs: Outputs = None,
    output: Output = None,
) -> int:
    """Show what a release would change in the GitOps repository.

    Nothing is written. A usual release changes the digest and nothing else.

    Example: gaia release diff photos.yaml --gitops ../gitops
    """
    session = Session.of(context, output)
    found, release = _read(session, file, gitops, image, outputs)
    return carry_out(session, found, found.change(release), dry_run=True, yes=False)


def make(
    context: typer.Context,
    file: File,
    gitops: Gitops = ".",
    image: Image = None,
    outputs: Outputs = None,
    request: Annotated[
        str, typer.Option("--request", metavar="REQUEST", help="The request that it is for.", show_default=False)
    ] = "",
    template: Annotated[
        str,
        typer.Option("--template", metavar="NAME@VERSION", help="The template it comes from.", show_default=False),
    ] = "",
    policies: Policies = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    timeout: Timeout = DEFAULT,
    yes: Yes = False,
    output: Output = None,
) -> int:
    """Release a service: one commit, pushed when you agree.

    It is judged by the policies about objects of Kubernetes first. Nothing is pushed by force: where another release
    came first, this one is refused, and can be made again on top of it.

    Example: gaia release make photos.yaml --gitops ../gitops --yes
    """
    from gaia.bootstrap.releases import judged

    session = Session.of(context, output)
    found, release = _read(session, file, gitops, image, outputs)
    judged(session.app, release, found, policies)
    change = found.change(release, request=request, template=template)
    code = carry_out(session, found, change, dry_run=dry_run, yes=yes)
    return _waited(session, found, release, timeout) if wait and not dry_run and not code else code


def promote(
    context: typer.Context,
    service: Service,
    tenant: Tenant,
    stage: Annotated[str, typer.Option("--from", metavar="STAGE", help="Where its image was tried.")],
    gitops: Gitops = ".",
    policies: Policies = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    timeout: Timeout = DEFAULT,
    yes: Yes = False,
    output: Output = None,
) -> int:
    """Bring a service's image to the next stage.

    The digest is copied, and all else of the next stage stays as it is there.

    Example: gaia release promote photos --tenant acme --from dev --gitops ../gitops
    """
    from gaia.bootstrap.releases import judged, releases

    session = Session.of(context, output)
    found, place = releases(session.app, gitops), place_of(tenant, stage, service)
    change, release = found.promotion(place)
    judged(session.app, release, found, policies)
    code = carry_out(session, found, change, dry_run=dry_run, yes=yes)
    return _waited(session, found, release, timeout) if wait and not dry_run and not code else code


def status(
    context: typer.Context,
    service: Annotated[
        str | None, typer.Argument(metavar="[SERVICE]", help="Only this service.", show_default=False)
    ] = None,
    gitops: Gitops = ".",
    output: Output = None,
) -> None:
    """Show what is released where.

    And whether the files are still what the release is made into: somebody may have changed them by hand.

    Example: gaia release status --gitops ../gitops
    """
    from gaia.bootstrap.releases import releases
    from gaia.gitops.standing import standings

    session = Session.of(context, output)
    found = standings(releases(session.app, gitops), session.settings.cache, service)
    if session.format != "text":
        session.show({"releases": [one.as_json() for one in found]})
        return
    from gaia.cli.screens.release import standings_screen

    session.show(None, *standings_screen(found))


def prepare(
    context: typer.Context,
    gitops: Gitops = ".",
    policies: Policies = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    output: Output = None,
) -> int:
    """Write what clusters and Argo CD need for the tenants' stages.

    Namespaces with quotas, limits and a network that is shut; a project of Argo CD for each tenant, and the application
    sets that find releases; with `admission`, the policies about objects of Kubernetes as Gatekeeper asks them.
    All of it follows from gitops.yaml and the policies; run it again when those have changed.

    Example: gaia release prepare --gitops ../gitops --dry-run
    """
    from gaia.bootstrap.releases import prepared, releases

    session = Session.of(context, output)
    found = releases(session.app, gitops)
    return carry_out(session, found, prepared(session.app, found, policies), dry_run=dry_run, yes=yes)


def _waited(session: Session, found: "Releases", release: "Release", timeout: str) -> int:
    """Look on until what was released just now, or before, runs."""
    from gaia.bootstrap.releases import as_it_is_now, released

    now = as_it_is_now(found)
    arrive(session, now, release.place, released(now, release.place), timeout, release.smoke)
    return 0


def _read(
    session: Session, file: Path, gitops: str, image: str | None, outputs: Path | None
) -> "tuple[Releases, Release]":
    from gaia.bootstrap.releases import outputs_of, read_given, releases

    found = releases(session.app, gitops)
    given = outputs_of(read_given(session.app, outputs), str(outputs)) if outputs else None
    content = read_given(session.app, file)
    return found, found.read(content, str(file), image=image, outputs=given)
