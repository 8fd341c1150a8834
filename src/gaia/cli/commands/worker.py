"""`gaia worker`."""

from typing import Annotated

import typer

from gaia.cli.session import Session


def worker(
    context: typer.Context,
    metrics: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where Prometheus reads its figures; nobody is asked who they are."),
    ] = None,
) -> None:
    """Carry out what is queued, until it is told to end.

    With GAIA_DATABASE_URL any number of workers, each with a GAIA_HOME of its own, share the records: a run is one
    worker's, and goes on with another when its host dies. A new home needs the key of the one that made the records
    (keys/repository.key); it clones the repositories by itself. Without, it is the engine of this home.

    Ctrl-C or SIGTERM: begin nothing more, let terraform end what it is doing, leave the rest to the next; twice: at
    once. The log is a line of JSON for each step and each terraform, on the error stream.

    Example: gaia worker --metrics 127.0.0.1:9464
    """
    session = Session.of(context, None)

    def write(line: str) -> None:
        session.stderr.write(line)
        session.stderr.flush()

    session.note("Working. Ctrl-C ends it well.")
    session.app.work(write, metrics=metrics)
