"""`gaia docs`."""

from typing import Annotated

import typer

from gaia.cli import completion
from gaia.cli.options import Directory, Output
from gaia.cli.session import Session
from gaia.errors import Invalid, NotFound
from gaia.kit.visible import visible

NAMES = ("README.md", "readme.md", "Readme.md")


def docs(
    context: typer.Context,
    component: Annotated[
        str,
        typer.Argument(
            metavar="COMPONENT", help="A folder of the components' folder.", autocompletion=completion.components
        ),
    ],
    directory: Directory = None,
    output: Output = None,
) -> None:
    """Show a component's README.

    Drawn on a terminal, as it is written elsewhere.

    Example: gaia docs s3-bucket
    """
    session = Session.of(context, output)
    base = session.app.configuration(directory).components
    folder = (base / component).resolve()
    if not folder.is_relative_to(base):
        raise Invalid("path-escapes", f"{component} is not below {base}", next_step="Name a component's folder.")
    if not folder.is_dir():
        import difflib

        names = [one.name for one in base.iterdir() if one.is_dir()] if base.is_dir() else []
        near = difflib.get_close_matches(component, names, n=1)
        step = f"Did you mean {near[0]}?" if near else f"Look into {base}."
        raise NotFound("component-folder-missing", f"there is no component {component!r} in {base}", next_step=step)
    file = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if file is None:
        raise NotFound("readme-missing", f"{folder} has no {NAMES[0]}", next_step=f"Write {folder / NAMES[0]}.")
    text = file.read_text(errors="replace")
    if session.format == "text" and session.stdout.isatty():
        from rich.markdown import Markdown

        session.draw(Markdown(text))
        return
    if session.format == "text":
        session.write(visible(text))
    else:
        session.show({"component": component, "file": str(file), "text": text})
