"""`gaia tools …`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session


def install(
    context: typer.Context,
    name: Annotated[Literal["terraform", "tofu"], typer.Argument(metavar="terraform|tofu", help="Which program.")],
    output: Output = None,
) -> None:
    """Install a pinned terraform or tofu, verified.

    It is put into the user's cache; one on PATH, or GAIA_TERRAFORM, goes before it. An interrupted download goes on.

    Example: gaia tools install terraform
    """
    session = Session.of(context, output)
    session.going_on = f"`gaia tools install {name}` goes on with the download."
    with _bar(session, name) as on_progress:
        path = session.app.install_tool(name, on_progress)
    if session.format != "text":
        session.show({"name": name, "path": str(path)})
        return
    from rich.text import Text

    session.show(None, Text.assemble(("✓ ", "good"), f"{name} is at ", (str(path), "name")))


@contextmanager
def _bar(session: Session, name: str) -> Iterator[Callable[[int, int | None], None]]:
    if not session.stderr.isatty():
        session.note(f"Installing {name} …")
        yield lambda _here, _whole: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=session.err, transient=True) as progress:
        task = progress.add_task(f"Installing {name}", total=None)
        yield lambda here, whole: progress.update(task, completed=here, total=whole)
