"""`gaia prices …`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from gaia.cli.options import Output
from gaia.cli.session import Session

Regions = Annotated[
    list[str] | None, typer.Option("--region", metavar="REGION", help="Only this region; may be given again.")
]


Each = Annotated[bool, typer.Option("--full", help="A line for each region, with where its prices are from.")]


def status(context: typer.Context, region: Regions = None, full: Each = False, output: Output = None) -> None:
    """Show what the price book holds, how old it is and where it is from.

    A line for each service; `--full`, json and yaml list each service in each region. Prices that were fetched go
    before those that came with Gaia, and your own (GAIA_PRICES) before both.

    Example: gaia prices status --region eu-west-1
    """
    from gaia.cli.screens.prices import holdings_screen

    session = Session.of(context, output)
    held = session.app.holdings()
    stocks = [stock for stock in held.stocks if not region or stock.region in (*region, "global")]
    if held.damaged:
        session.note(f"{held.damaged}. `gaia prices refresh --region REGION` makes it anew.", "warn")
    if session.format != "text":
        told = {
            "damaged": held.damaged or None,
            "newest": held.newest,
            "days": held.days,
            "files": held.files,
            "private": held.private,
        }
        session.show({**told, "prices": [asdict(stock) for stock in stocks]})
        return
    for lacking in sorted(set(region or ()) - {stock.region for stock in stocks}):
        words = "has no prices of its own; those below are of everything that costs the same everywhere"
        session.note(f"{lacking} {words}. `gaia prices refresh --region {lacking}` fetches what AWS lists.", "warn")
    session.show(None, *holdings_screen(held, stocks, full=full))


def refresh(
    context: typer.Context,
    region: Annotated[
        list[str] | None,
        typer.Option(metavar="REGION", help="Of this region; may be given again. Without: those of the last time."),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(metavar="SERVICE", help="Only this service (AmazonRDS); may be given again."),
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Take prices that look wrong.")] = False,
    output: Output = None,
) -> None:
    """Fetch prices anew from AWS's public price lists.

    They go before those that came with Gaia. A list in which much is missing, or many prices jump, is refused; nothing
    is changed then. The list of AmazonEC2 has some hundred megabytes; an interrupted download goes on.

    Example: gaia prices refresh --region eu-west-1 --service AmazonRDS
    """
    from gaia.cli.screens.prices import fetched_screen

    session = Session.of(context, output)
    session.going_on = "`gaia prices refresh` goes on with the download."
    with _bar(session) as on_progress:
        reports = session.app.refresh_prices(region or (), service or (), accept=accept, on_progress=on_progress)
    if session.format != "text":
        session.show([asdict(report) for report in reports])
        return
    session.show(None, *fetched_screen(reports))


@contextmanager
def _bar(session: Session) -> Iterator[Callable[[str, int, int | None], None]]:
    if not session.stderr.isatty():
        session.note("Fetching prices …")
        yield lambda _name, _here, _whole: None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=session.err, transient=True) as progress:
        task = progress.add_task("Fetching prices", total=None)
        yield lambda name, here, whole: progress.update(task, description=name, completed=here, total=whole)
