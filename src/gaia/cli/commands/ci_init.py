"""`gaia ci init`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gaia.cli.options import Directory, Output
from gaia.cli.session import Session
from gaia.errors import Invalid, NotFound

if TYPE_CHECKING:
    from gaia.ci.hosts.host import HostName
    from gaia.ci.shipped_files import Step
    from gaia.kit.git import Git

_SLUG = re.compile(r"(?:.*[/:])?([^/:]+/[^/:]+?)(?:\.git)?/?")


def init(
    context: typer.Context,
    host: Annotated[
        Literal["github", "gitlab"] | None,
        typer.Option("--host", metavar="HOST", help="github or gitlab; else the remote's.", show_default=False),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(
            "--project", metavar="OWNER/NAME", help="The repository on GitHub; else the remote's.", show_default=False
        ),
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option(
            "--branch",
            metavar="BRANCH",
            help="What pull requests are merged into; else the remote's main branch; where git does not know "
            "it, main or what is checked out.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be written, as a diff.")] = False,
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Write the files that a repository's CI needs.

    A workflow that plans pull requests, applies what was reviewed and looks for drift. Nothing is committed, and
    nothing is written over a file that somebody has changed.

    Example: gaia ci init --host github --dry-run
    """
    session = Session.of(context, output)
    from gaia.ci.shipped_files import files_for, steps_to, write
    from gaia.kit.git import Git

    here = session.settings.cwd / directory if directory else session.settings.cwd
    root, folder = _platform_of(here, session)
    git = Git(root, session.settings.environ)
    found = git.attempt("remote", "get-url", "origin")
    remote = "" if found.returncode else found.stdout.strip()
    named: HostName = host or _host(remote)
    slug = _SLUG.fullmatch(remote)
    filled_in = {
        "REPOSITORY": project or (slug[1] if slug else ""),
        "BRANCH": branch or _main_branch(git),
        "FOLDER": folder,
    }
    steps = steps_to(root, files_for(named, filled_in))
    if not dry_run:
        write(root, steps)
    if session.format != "text":
        session.show({"host": named, "written": not dry_run, "files": [one.as_json() for one in steps]})
        return
    _show(session, steps, filled_in["BRANCH"], dry_run=dry_run)


def _platform_of(here: Path, session: Session) -> tuple[Path, str]:
    """The top of the git repository, and where the platform repository lies in it."""
    from gaia.ci.code.commits import top_of
    from gaia.stacks.mainfile import root_near

    root = root_near(here)
    if root is None:
        raise NotFound(
            "not-a-repository",
            f"there is no atmos.yaml in {here} or above it",
            next_step="Go to your platform repository, or name it with -C.",
        )
    top = top_of(root, session.settings.environ).resolve()
    return top, root.resolve().relative_to(top).as_posix()


def _host(remote: str) -> "HostName":
    from gaia.ci.hosts.choosing import kind_of

    if found := kind_of(remote):
        return found
    raise Invalid(
        "usage", "the remote does not say which host it is", next_step="gaia ci init --host github, or --host gitlab"
    )


def _main_branch(git: "Git") -> str:
    """The remote's, if git knows it; `main` if there is one; else the one that is checked out."""
    found = git.attempt("symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    if not found.returncode:
        return found.stdout.strip().removeprefix("origin/")
    if git("for-each-ref", "refs/heads/main", "refs/remotes/origin/main").strip():
        return "main"
    here = git.attempt("symbolic-ref", "--short", "HEAD")
    return "main" if here.returncode else here.stdout.strip()


def _show(session: Session, steps: tuple["Step", ...], branch: str, *, dry_run: bool) -> None:
    from gaia.cli.screens.ci_files import files_screen

    session.show(None, *files_screen(steps, branch, dry_run=dry_run))
