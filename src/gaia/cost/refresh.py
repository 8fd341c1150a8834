"""Fetches prices anew: AWS's public lists into a shelf that lies before the shipped book.

Each list is downloaded, read, and held against what is known; the new shelf is written aside and takes the old one's
place at once. Whatever fails leaves everything as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from hashlib import sha256
from typing import TYPE_CHECKING

from gaia.cost import offer_rules, offers
from gaia.cost.model import PriceKey
from gaia.cost.rows import Row
from gaia.cost.shelf import Shelf, write_shelf
from gaia.errors import Conflict, Invalid, Unavailable
from gaia.kit.files import exclusive

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from gaia.cost.book import Prices

    Fetch = Callable[[str, Path], None]
    """Brings what is at an address into a file."""

_FEWEST = Decimal("0.5")
"""Of the prices that were fetched the last time: a list with fewer is broken off, or has another form."""
_JUMPS = Decimal("0.1")
"""The part of prices that may jump. Price lists change in a few places at a time."""
_TIMES = Decimal(2)
"""What is dearer or cheaper than that is a jump."""
_NEVER = Decimal(20)
"""So many times dearer or cheaper is a mistake, be it of one price."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of one list."""

    service: str
    region: str
    prices: int
    changed: int
    """Those that cost something else than before."""
    published: str
    version: str


def refresh(
    shelf: Path,
    known: Prices,
    work: Path,
    fetch: Fetch,
    *,
    regions: Sequence[str],
    services: Sequence[str],
    accept: bool = False,
    host: str = offers.HOST,
    tell: Callable[[str], object] = lambda _: None,
) -> list[Fetched]:
    """Fetch these services in these regions into `shelf`; what it holds of others stays. `known` is what is shipped.

    `work` keeps lists that came only in part, for the next time. `accept`: take prices that look wrong.

    Raises:
        Unavailable: `download-failed`, `download-interrupted`, `file-not-writable`. ToolFailed: `price-list-invalid`.
        Invalid: `prices-implausible`, `prices-service-unknown`, `prices-region-unknown`. Conflict: `prices-refreshing`.
    """
    odd = sorted(set(services) - set(offer_rules.services()))
    if odd:
        raise Invalid(
            "prices-service-unknown",
            f"no prices are fetched of {', '.join(odd)}",
            next_step=f"Name one of {', '.join(offer_rules.services())}.",
        )
    with exclusive(shelf.with_name(f"{shelf.name}.lock")) as mine:
        if not mine:
            raise Conflict("prices-refreshing", "prices are being fetched already", next_step="Wait for its end.")
        old = _rows(shelf)
        new: list[Row] = []
        reports = []
        listed: dict[str, dict[str, str]] = {}
        for service in services:
            tell(service)
            listed[service] = _lists(work, fetch, host, service)
        _check_regions(regions, {*(row.region for row in old), *(one for lists in listed.values() for one in lists)})
        for service, lists in listed.items():
            for region in (region for region in regions if region in lists):
                tell(f"{service} in {region}")
                rows, file = _fetched(work, fetch, lists[region], service, region)
                before = [row for row in old if (row.service, row.region) == (service, region)]
                changed = _check(f"{service} in {region}", rows, before, known, accept=accept)
                reports.append(Fetched(service, region, len(rows), changed, file.published, file.version))
                new += rows
        replaced = {(report.service, report.region) for report in reports}
        kept = [row for row in old if (row.service, row.region) not in replaced]
        write_shelf(shelf, [*kept, *new], {offer_rules.SOURCE: offer_rules.WHERE})
    return reports


def _rows(shelf: Path) -> list[Row]:
    """What was fetched before; nothing of a shelf that is damaged, which is written anew."""
    if not shelf.exists():
        return []
    try:
        opened = Shelf(shelf)
        rows = [Row(*fields) for fields in opened.rows()]
    except Unavailable:
        return []
    opened.close()
    return rows


def _check_regions(wanted: Sequence[str], known: Collection[str]) -> None:
    """Refuse a region that no list names: a shelf without a price would be made of it."""
    for region in wanted:
        if region not in known:
            near = get_close_matches(region, sorted(known), 1)
            raise Invalid(
                "prices-region-unknown",
                f"AWS lists no prices of these services in {region}. Nothing was changed",
                next_step=f"Did you mean {near[0]}?" if near else "Name a region as AWS does: eu-west-1.",
            )


def _lists(work: Path, fetch: Fetch, host: str, service: str) -> dict[str, str]:
    """Where the newest lists of a service are, by region. A region that is not there does not have the service."""
    target = work / f"{service}.json"
    target.unlink(missing_ok=True)
    fetch(offers.index_address(service, host), target)
    return offers.lists(target, host)


def _fetched(work: Path, fetch: Fetch, url: str, service: str, region: str) -> tuple[list[Row], offers.OfferFile]:
    # An address is of one version, and so is what lies here: a download that was interrupted may go on.
    target = work / f"{service}-{region}-{sha256(url.encode()).hexdigest()[:12]}.csv"
    fetch(url, target)
    try:
        file = offers.OfferFile.open(target, service)
        return offer_rules.rows(file, region), file
    finally:
        # A whole list is of no use again, and a broken one less so: the next call would only add to it.
        target.unlink(missing_ok=True)


def _check(name: str, rows: Sequence[Row], before: Sequence[Row], known: Prices, *, accept: bool) -> int:
    """How many prices changed; refuses a list that lacks half of what there was, or in which much jumps."""
    changed, jumped, never = 0, [], []
    past = {(row.family, row.key, row.attrs): (Decimal(row.usd), row.unit) for row in before}
    compared = 0
    for row in rows:
        old = past.get((row.family, row.key, row.attrs))
        if old is None:
            price = known.get((row.region, PriceKey(row.service, row.family, row.key, row.attrs)))
            old = (price.usd, price.unit) if price else None
        if old is None:
            continue
        usd = Decimal(row.usd)
        compared += 1
        changed += usd != old[0]
        if not old[0] / _TIMES <= usd <= old[0] * _TIMES or row.unit.lower() != old[1].lower():
            jumped.append(_jump(row, old))
        if not old[0] / _NEVER <= usd <= old[0] * _NEVER:
            never.append(_jump(row, old))
    wrong = ""
    if not rows or len(rows) < len(before) * _FEWEST:
        wrong = f"{len(rows)} prices, where there were {len(before)}"
    elif never:
        wrong = f"nobody changes a price so much: {'; '.join(never[:3])}"
    elif len(jumped) > compared * _JUMPS:
        wrong = f"{len(jumped)} of {compared} prices jump: {'; '.join(jumped[:3])}"
    if wrong and not accept:
        raise Invalid(
            "prices-implausible",
            f"the list of {name} looks wrong: {wrong}. Nothing was changed",
            next_step="Look at AWS's pricing page; take them with --accept where they are right.",
        )
    return changed


def _jump(row: Row, old: tuple[Decimal, str]) -> str:
    name = f"{row.key} ({row.attrs})" if row.attrs else row.key
    return f"{name} from {old[0]} a {old[1]} to {row.usd} a {row.unit}"
