"""The price book: what it holds, and what was fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import count
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from gaia.cost.refresh import Fetched
    from gaia.cost.stock import Holdings, Stock

_HELD = (
    Column("Service", "name"), Column("Regions", right=True), Column("Prices", right=True), Column("From"),
    Column("To"),
)  # fmt: skip
_EACH = (
    Column("Service", "name"), Column("Region"), Column("Prices", right=True), Column("From"),
    Column("To"), Column("Sources", "quiet", flows=True),
)  # fmt: skip
_FETCHED = (
    Column("Service", "name"), Column("Region"), Column("Prices", right=True), Column("Changed", right=True),
    Column("Published", "quiet"),
)  # fmt: skip


def holdings_screen(held: Holdings, stocks: Sequence[Stock], *, full: bool = False) -> list[RenderableType]:
    """A line a service, or where it is `full` one for each of its regions; the age of the whole and where it lies."""
    rows: list[tuple[str, ...]] = []
    if full:
        rows = [
            (one.service, one.region, str(one.prices), one.oldest, one.newest, ", ".join(one.sources)) for one in stocks
        ]
    for service in () if full else sorted({stock.service for stock in stocks}):
        own = [stock for stock in stocks if stock.service == service]
        rows.append(
            (
                service,
                str(len({stock.region for stock in own})),
                str(sum(stock.prices for stock in own)),
                min(stock.oldest for stock in own),
                max(stock.newest for stock in own),
            )
        )
    age = "of unknown age" if held.days is None else f"{count(held.days, 'day')} old"
    if held.days is not None and held.days < -1:
        age = "a day that has not come"
    total = sum(stock.prices for stock in stocks)
    screen: list[RenderableType] = [Rows(_EACH if full else _HELD, rows)] if rows else []
    screen.append(Text(f"{count(total, 'price')}; the newest is of {held.newest or 'no day'}, {age}."))
    screen += [Text(file, "quiet") for file in held.files]
    if held.private:
        screen.append(Text(f"Your own prices, {held.private}, go before these.", "quiet"))
    return screen


def fetched_screen(reports: Sequence[Fetched]) -> list[RenderableType]:
    """A line for each list."""
    rows = [
        (report.service, report.region, str(report.prices), str(report.changed), report.published) for report in reports
    ]
    total = sum(report.prices for report in reports)
    said = Text.assemble(("✓ ", "good"), f"{count(total, 'price')} fetched.")
    return [Rows(_FETCHED, rows), said]
