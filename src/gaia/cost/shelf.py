"""The price book as one SQLite file: written whole and once, read only afterwards."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gaia.cost.model import Price, read_usd
from gaia.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from gaia.cost.model import PriceKey
    from gaia.cost.rows import Row

FORMAT = 1
_APPLICATION = 0x47616961  # "Gaia"
_SCHEMA = f"""
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {FORMAT};
CREATE TABLE made (digest TEXT NOT NULL);
CREATE TABLE sources (name TEXT PRIMARY KEY, place TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE origins (id INTEGER PRIMARY KEY, unit TEXT NOT NULL, source TEXT NOT NULL, as_of TEXT NOT NULL,
  method TEXT NOT NULL, facts TEXT NOT NULL);
CREATE TABLE products (id INTEGER PRIMARY KEY, service TEXT NOT NULL, family TEXT NOT NULL, key TEXT NOT NULL,
  attrs TEXT NOT NULL, UNIQUE (service, family, key, attrs));
CREATE TABLE prices (product INTEGER NOT NULL, region TEXT NOT NULL, usd TEXT NOT NULL, origin INTEGER NOT NULL,
  PRIMARY KEY (product, region)) WITHOUT ROWID;
"""
_PRICE = """
SELECT usd, unit, source, as_of, method, facts FROM products
JOIN prices ON prices.product = products.id JOIN origins ON origins.id = prices.origin
WHERE service = ? AND family = ? AND key = ? AND attrs = ? AND region = ?
"""
_ALL = """
SELECT service, region, family, key, attrs, facts, unit, usd, source, as_of, method FROM products
JOIN prices ON prices.product = products.id JOIN origins ON origins.id = prices.origin
"""
_PRODUCTS = """
SELECT service, family, key, attrs, unit, region FROM products
JOIN prices ON prices.product = products.id JOIN origins ON origins.id = prices.origin
"""
_COUNTS = """
SELECT service, region, count(*), min(as_of), max(as_of), group_concat(DISTINCT source) FROM products
JOIN prices ON prices.product = products.id JOIN origins ON origins.id = prices.origin
GROUP BY service, region ORDER BY service, region
"""


def write_shelf(path: Path, rows: Iterable[Row], sources: Mapping[str, str], *, digest: str = "") -> None:
    """Write the book beside `path` and put it there whole: others see nothing, or all of it.

    `digest` is that of what it is made from.

    Raises:
        Unavailable: `file-not-writable` when the folder takes no file.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft)) as database:
            # A draft that a crash leaves behind is never read, so nothing has to survive one.
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
            database.execute("INSERT INTO made VALUES (?)", (digest,))
            _fill(database, rows, sources)
            database.commit()
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    except (OSError, sqlite3.OperationalError) as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise Unavailable(
            "file-not-writable",
            f"the price book cannot be written to {path}: {error}",
            next_step="Make room, or name another folder with GAIA_CACHE_DIR.",
        ) from error


def _fill(database: sqlite3.Connection, rows: Iterable[Row], sources: Mapping[str, str]) -> None:
    products: dict[tuple[str, ...], int] = {}
    origins: dict[tuple[str, ...], int] = {}

    def prices() -> Iterator[tuple[int, str, str, int]]:
        for row in rows:
            product = products.setdefault((row.service, row.family, row.key, row.attrs), len(products))
            origin = origins.setdefault((row.unit, row.source, row.as_of, row.method, row.facts), len(origins))
            yield product, row.region, row.usd, origin

    database.executemany("INSERT INTO sources VALUES (?, ?)", sorted(sources.items()))
    database.executemany("INSERT INTO prices VALUES (?, ?, ?, ?)", sorted(prices()))
    database.executemany("INSERT INTO products VALUES (?, ?, ?, ?, ?)", ((n, *key) for key, n in products.items()))
    database.executemany("INSERT INTO origins VALUES (?, ?, ?, ?, ?, ?)", ((n, *key) for key, n in origins.items()))


class Shelf:
    """A book on disk. Threads may share it."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            Unavailable: `price-book-unreadable` when it is missing, broken, or of another version of Gaia.
        """
        self.path = path
        self._lock = threading.Lock()
        try:
            # Immutable: nobody writes into it, so no lock is taken and no journal is looked for.
            self._database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
            (application,), (version,) = (
                self._database.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
            )
        except sqlite3.Error as error:
            raise self._unreadable(str(error)) from error
        if (application, version) != (_APPLICATION, FORMAT):
            raise self._unreadable(f"it is not of format {FORMAT}")
        self.sources: dict[str, str] = dict(self._all("SELECT name, place FROM sources"))
        self.digest: str = self._all("SELECT digest FROM made")[0][0]
        self.newest: str = self._all("SELECT max(as_of) FROM origins")[0][0] or ""
        self.get = lru_cache(maxsize=None)(self._get)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Every price, with the fields of `rows.Row`."""
        return iter(self._all(_ALL))

    def counts(self) -> list[tuple[str, str, int, str, str, str]]:
        """By service and region: how many prices, the oldest and the newest, and their sources with commas between."""
        return self._all(_COUNTS)

    def products(self) -> Iterator[tuple[str, str, str, str, str, str]]:
        """Service, family, key, attributes, unit and region of each price: what own prices are held against."""
        return iter(self._all(_PRODUCTS))

    def _get(self, place: tuple[str, PriceKey], /) -> Price | None:
        region, key = place
        found = self._all(_PRICE, (key.service, key.family, key.key, key.attrs, region))
        if not found:
            return None
        usd = read_usd(found[0][0])
        if usd is None:
            raise self._unreadable(f"the price of {key.service} {key.key} in {region} is {str(found[0][0])[:40]}")
        return Price(usd, *found[0][1:])

    def _all(self, statement: str, values: tuple[str, ...] = ()) -> list[Any]:
        try:
            with self._lock:
                return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._unreadable(str(error)) from error

    def _unreadable(self, why: str) -> Unavailable:
        return Unavailable(
            "price-book-unreadable",
            f"the price book {self.path} cannot be read: {why}",
            next_step="Remove the file, and install Gaia again if this comes back.",
        )
