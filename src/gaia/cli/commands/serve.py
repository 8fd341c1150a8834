"""`gaia serve`."""

from importlib import import_module
from typing import Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", min=0, max=65535, help="0 takes a free one.")] = 8080,
    engine: Annotated[
        bool, typer.Option("--engine/--no-engine", help="Carry out what is asked for, or leave it to workers.")
    ] = True,
    output: Output = None,
) -> None:
    """Serve the page and the API, and carry out what is asked for.

    Until Ctrl-C or SIGTERM: then calls are answered to their end, and terraform ends what it is doing. Where another
    process carries out what is asked for, this one takes over when that ends. The log is a line of JSON a call, on the
    error stream.

    Example: gaia serve --port 8080
    """
    session = Session.of(context, output)

    def began(address: str, token: str | None, link: str | None) -> None:
        if session.format != "text":
            session.show_once(
                {"address": address, "api": f"{address}/api/v1", "admin_token": token, "admin_link": link}
            )
        else:
            session.show_once(None, *serving_screen(address, token, link))
        session.stdout.flush()
        if host not in _LOOPBACK:
            session.note("Others can reach it, and nothing is encrypted: put a proxy with TLS before it.", "warn")

    def write(line: str) -> None:
        session.stderr.write(line)
        session.stderr.flush()

    from gaia.cli.screens.welcome import serving_screen

    # By their names, as a service manager would start them: each is a door of its own, and doors share nothing.
    page, run = import_module("gaia.console.app").Console, import_module("gaia.api.server").run
    run(session.app, host, port, began=began, write=write, carries_out=engine, page=page)
