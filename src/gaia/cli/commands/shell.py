"""`gaia version|completion|link-atmos`: what a shell needs of Gaia."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gaia import __version__
from gaia.cli.options import Output
from gaia.cli.program import ATMOS, own_program
from gaia.cli.session import Session
from gaia.errors import Conflict, NotFound


def version(
    context: typer.Context,
    form: Annotated[
        Literal["json", "yaml"] | None,
        typer.Option("--format", metavar="FORMAT", help="json or yaml.", show_default=False),
    ] = None,
    check: Annotated[  # noqa: ARG001 - Atmos's scripts may give it
        bool, typer.Option("--check", "-c", help="Taken as Atmos takes it; nothing is asked over the network.")
    ] = False,
    output: Output = None,
) -> None:
    """Show the version and the machine it runs on.

    Example: gaia version --format json
    """
    import platform

    from gaia.cli.machine_output import write

    session = Session.of(context, output)
    arch = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    document = {"version": __version__, "os": platform.system().lower(), "arch": arch}
    wanted = form or (session.format if session.format != "text" else None)
    if wanted:
        write(document, wanted, session.stdout)
    else:
        session.write(f"gaia {__version__} on {document['os']}/{arch}\n")


def completion(
    context: typer.Context,
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"],
        typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell."),
    ],
    output: Output = None,
) -> None:
    """Print the completion script of a shell.

    Evaluate it in the shell's start-up file: `source <(gaia completion bash)`. `gaia --install-completion` does that
    for you. Called by the name `atmos`, it completes that name.

    Example: gaia completion bash
    """
    from typer._completion_shared import get_completion_script

    session = Session.of(context, output)
    name = ATMOS if session.is_atmos else "gaia"
    session.write(get_completion_script(prog_name=name, complete_var="_GAIA_COMPLETE", shell=shell) + "\n")


def link_atmos(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder on PATH, e.g. ~/bin.")],
    output: Output = None,
) -> None:
    """Make a link called atmos, for scripts that call it.

    Called by that name, Gaia answers as Atmos does: exit code 1 for what fails, terraform's own for terraform, Atmos's
    formats. A program of that name that is there already is left alone.

    Example: gaia link-atmos /usr/local/bin
    """
    session = Session.of(context, output)
    folder = session.settings.cwd / directory
    link, program = folder / ATMOS, own_program()
    if not folder.is_dir():
        raise NotFound("folder-missing", f"there is no folder {folder}", next_step="Make it, and put it on PATH.")
    if link.is_symlink() and link.resolve() == program:
        pass
    elif link.exists() or link.is_symlink():
        raise Conflict("link-taken", f"{link} is there already", next_step="Choose another folder, or take it away.")
    else:
        link.symlink_to(program)
    session.show({"link": str(link), "program": str(program)}, f"{link} is Gaia now.")
