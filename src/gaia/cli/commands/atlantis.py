"""`gaia atlantis generate repo-config`."""

import io
from pathlib import Path
from typing import Annotated

import typer

from gaia.cli.comparing import Clone, Ref, RepoPath, Sha, found_by
from gaia.cli.opening import opened
from gaia.cli.options import Directory
from gaia.cli.session import Session


def repo_config(
    context: typer.Context,
    output_path: Annotated[
        Path | None,
        typer.Option(
            "--output-path",
            metavar="PATH",
            help="Where to write it; else integrations.atlantis.path of atmos.yaml, else standard output.",
            show_default=False,
        ),
    ] = None,
    config_template: Annotated[
        str,
        typer.Option(
            "--config-template",
            metavar="NAME",
            help="One of integrations.atlantis.config_templates.",
            show_default=False,
        ),
    ] = "",
    project_template: Annotated[
        str,
        typer.Option(
            "--project-template",
            metavar="NAME",
            help="One of integrations.atlantis.project_templates.",
            show_default=False,
        ),
    ] = "",
    stacks: Annotated[
        str,
        typer.Option(
            "--stacks", metavar="STACK,…", help="Only these stacks, or paths of manifests.", show_default=False
        ),
    ] = "",
    components: Annotated[
        str, typer.Option("--components", metavar="NAME,…", help="Only these components.", show_default=False)
    ] = "",
    affected_only: Annotated[bool, typer.Option("--affected-only", help="Only what a change affects.")] = False,
    ref: Ref = None,
    sha: Sha = None,
    repo_path: RepoPath = None,
    clone_target_ref: Clone = False,  # noqa: ARG001
    directory: Directory = None,
) -> None:
    """Write the configuration of a repository for Atlantis.

    A project for each instance, from the templates of `atmos.yaml` and `settings.atlantis`.

    Example: gaia atlantis generate repo-config --config-template config-1 --project-template project-1
    """
    from gaia.cli.machine_output import write
    from gaia.stacks.atlantis import repo_config as make

    session = Session.of(context)
    repository = opened(session, directory)
    chosen, named = _listed(stacks), _listed(components)
    changed = found_by(session, repository, ref, sha, repo_path) if affected_only else None
    document = make(
        repository,
        lambda component, stack, manifest: (
            (not named or component in named)
            and (not chosen or stack in chosen or manifest in chosen)
            and (changed is None or (component, stack) in changed)
        ),
        config_template=config_template,
        project_template=project_template,
    )
    text = io.StringIO()
    write(document, "yaml", text)
    path = output_path or repository.config.setting("integrations", "atlantis", "path")
    if not path:
        session.write(text.getvalue())
        return
    from gaia.kit.files import write_atomic

    target = session.settings.cwd / str(path)
    if str(target) == "/dev/stdout":
        session.write(text.getvalue())
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(target, text.getvalue().encode(), mode=0o644)


def _listed(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())
