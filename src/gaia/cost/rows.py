"""Rows of prices, and the CSV files of the repository that hold them.

One file a service, `SERVICE.csv`: a line is one product from one source, with its price in each region
(`us-east-1=0.023 eu-west-1=0.023`). `attrs` tell products of one key apart, `facts` tell more about them and select
nothing. What is priced alike everywhere has the region `global`. `sources.csv` says where each source is.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gaia.cost.model import attributes_of, attributes_text, read_usd
from gaia.errors import Defect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SOURCES = "sources.csv"


@dataclass(frozen=True, slots=True)
class Row:
    """One price of one product in one region."""

    service: str
    region: str
    family: str
    key: str
    attrs: str
    facts: str
    unit: str
    usd: str
    source: str
    as_of: str
    method: str


@dataclass(frozen=True, slots=True)
class PriceFiles:
    """A folder of such files, by name."""

    files: Mapping[str, bytes]

    @classmethod
    def of(cls, folder: Path) -> PriceFiles:
        """What lies in a folder."""
        return cls({path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))})

    def digest(self) -> str:
        """Of names and contents."""
        digest = hashlib.sha256()
        for name, content in self.files.items():
            digest.update(f"{name} {len(content)}\n".encode() + content)
        return digest.hexdigest()

    def sources(self) -> dict[str, str]:
        """Where each source is, by name."""
        return {row["source"]: row["where"] for row in self._lines(SOURCES)}

    def rows(self) -> Iterator[Row]:
        """Every price.

        Raises:
            Defect: `price-book-broken` when a price has no known source, cannot be read, or is there twice.
        """
        sources = self.sources()
        seen: set[tuple[str, ...]] = set()
        for name in sorted(set(self.files) - {SOURCES}):
            service = name.removesuffix(".csv")
            for line in self._lines(name):
                for region, _, usd in (part.partition("=") for part in line["usd"].split(" ")):
                    row = _row(service, region, usd, line)
                    place = (service, region, row.family, row.key, row.attrs)
                    if place in seen or row.source not in sources:
                        raise broken(row)
                    seen.add(place)
                    yield row

    def _lines(self, name: str) -> Iterator[dict[str, str]]:
        return csv.DictReader(self.files[name].decode("utf-8").splitlines())


def _row(service: str, region: str, usd: str, line: Mapping[str, str]) -> Row:
    row = Row(
        service=service,
        region=region,
        family=line["family"],
        key=line["key"],
        attrs=line["attrs"],
        facts=line["facts"],
        unit=line["unit"],
        usd=usd,
        source=line["source"],
        as_of=line["as_of"],
        method=line["method"],
    )
    # Attributes that are not sorted would never be found.
    if read_usd(usd) is None or not region or row.attrs != attributes_text(attributes_of(row.attrs)):
        raise broken(row)
    return row


def broken(row: Row) -> Defect:
    """The error of a row that cannot be trusted."""
    return Defect(
        "price-book-broken",
        f"{row} has no known source, no readable price, attributes that are not sorted, or is there twice",
        next_step="Install Gaia again, and report this if it comes back.",
    )
