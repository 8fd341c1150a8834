"""Reads the public price lists of AWS: one CSV file a service and region, hundreds of megabytes, a line at a time.

Five lines say what the file is, the sixth names the columns. A line is one price of one product.
"""

from __future__ import annotations

import csv
import itertools
import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gaia.errors import ToolFailed
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

HOST = "https://pricing.us-east-1.amazonaws.com"
_NEEDED = ("sku", "termtype", "unit", "priceperunit", "currency", "product family", "usagetype")
_HEAD_LINES = 5


def index_address(service: str, host: str = HOST) -> str:
    """Where AWS says which list of a service is the newest in each region."""
    return f"{host.rstrip('/')}/offers/v1.0/aws/{service}/current/region_index.json"


def lists(index: Path, host: str = HOST) -> dict[str, str]:
    """The address of the newest list in each region, of an index on disk. An address is of one version for ever.

    Raises:
        ToolFailed: `price-list-invalid`.
    """
    try:
        regions = json.loads(index.read_bytes())["regions"]
        paths = {name: region["currentVersionUrl"].removesuffix(".json") for name, region in regions.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise invalid(index, "it names no regions") from error
    return {name: f"{host.rstrip('/')}{path}.csv" for name, path in paths.items()}


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of a list. Columns are found by name, in any letters: AWS adds some and moves others."""

    columns: dict[str, int]
    cells: Sequence[str]

    def __getitem__(self, name: str) -> str:
        """The text in a column; empty where the service has no such column."""
        place = self.columns.get(name, -1)
        return self.cells[place] if 0 <= place < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class OfferFile:
    """A list on disk."""

    path: Path
    service: str
    published: str
    """The day on which AWS published it."""
    version: str

    @classmethod
    def open(cls, path: Path, service: str) -> OfferFile:
        """Read what the list says of itself.

        Raises:
            ToolFailed: `price-list-invalid` for something else, or the list of another service.
        """
        lines = itertools.islice(_lines(path), _HEAD_LINES)
        head = dict(line[:2] for line in lines if line[1:])
        published = head.get("Publication Date", "")[:10]
        if head.get("OfferCode") != service or not published:
            raise invalid(path, f"it does not begin as the list of {service}")
        if not _is_past(published):
            raise invalid(path, f"it was published on {published}, a day that has not come or is none")
        return cls(path, service, published, head.get("Version", ""))

    def offers(self) -> Iterator[Offer]:
        """Every price.

        Raises:
            ToolFailed: `price-list-invalid` when columns are missing, or a line is cut off.
        """
        lines = itertools.islice(_lines(self.path), _HEAD_LINES, None)
        names = [name.strip().lower() for name in next(lines, [])]
        lacking = [name for name in _NEEDED if name not in names]
        if lacking:
            raise invalid(self.path, f"it has no column {', '.join(lacking)}")
        columns = {name: place for place, name in enumerate(names)}
        for number, cells in enumerate(lines, _HEAD_LINES + 2):
            if len(cells) != len(names):
                raise invalid(self.path, f"line {number} has {len(cells)} columns, not {len(names)}")
            yield Offer(columns, cells)


def _is_past(day: str) -> bool:
    """Whether it is a day that has begun somewhere."""
    try:
        return date.fromisoformat(day) <= clock.now().date() + timedelta(days=1)
    except ValueError:
        return False


def _lines(path: Path) -> Iterator[list[str]]:
    """The cells of each line, one line in memory at a time. A file that ends within a cell is an error."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.reader(file, strict=True)
    except (csv.Error, UnicodeDecodeError) as error:
        raise invalid(path, str(error)) from error


def invalid(path: Path, why: str) -> ToolFailed:
    """The error of something else than a list, or a list that cannot be believed."""
    return ToolFailed(
        "price-list-invalid",
        f"{path.name} is not a price list that Gaia knows: {why}",
        next_step="Try again; if it comes back, AWS has changed its lists: report this.",
    )
