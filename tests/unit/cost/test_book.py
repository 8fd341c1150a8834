"""The price book: files, the shelf that is made of them, what is nearer, what is older."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gaia.cost.book import SHIPPED, PriceBook, shipped
from gaia.cost.model import Price, PriceKey, attributes_of
from gaia.cost.private import Discount, Private, days_old
from gaia.cost.rows import PriceFiles
from gaia.cost.shelf import Shelf, write_shelf
from gaia.errors import Defect, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

STORAGE = PriceKey("AmazonS3", "Storage", "standard-first-50TB")
INSTANCE = PriceKey("AmazonEC2", "Compute Instance", "m5.large").having(tenancy="Shared", os="Linux")
SOURCES = b"source,where,note\ns,somewhere,\n"
HEAD = "family,key,attrs,facts,unit,source,as_of,method,usd\n"
LINE = "F,k,a=1;b=2,vcpu=2,GB,s,2026-08,list,r=1 q=0.10\n"


def _files(*lines: str) -> PriceFiles:
    return PriceFiles({"S.csv": (HEAD + "".join(lines)).encode(), "sources.csv": SOURCES})


def test_a_price_is_exact_with_its_source_and_age(book: PriceBook) -> None:
    """Nothing is rounded on the way from the file."""
    price = book.price("us-east-1", STORAGE)
    assert price is not None
    assert (str(price.usd), price.unit, price.source, price.as_of) == ("0.023", "GB-Mo", "infracost-golden", "2026-08")
    assert "infracost" in book.sources[price.source]


def test_a_price_of_another_region_or_with_other_attributes_is_not_taken(book: PriceBook) -> None:
    """Unknown is unknown: there is no cheapest that matches."""
    assert book.price("ap-south-2", STORAGE) is None
    assert book.price("us-east-1", INSTANCE.having(os="Windows")) is None
    assert book.price("us-east-1", replace(INSTANCE, attrs="")) is None


def test_attributes_are_one_text_however_they_are_given(book: PriceBook) -> None:
    """And what a source tells besides selects nothing."""
    assert PriceKey("AmazonEC2", "Compute Instance", "m5.large").having(os="Linux").having(tenancy="Shared") == INSTANCE
    price = book.price("us-east-1", INSTANCE)
    assert price is not None
    assert (price.usd, attributes_of(price.facts)["vcpu"]) == (Decimal("0.096"), "2")


def test_what_is_priced_alike_everywhere_is_found_from_every_region(book: PriceBook) -> None:
    """Hosted zones belong to no region."""
    zone = PriceKey("AmazonRoute53", "DNS Zone", "hosted-zone-first-25")
    prices = {book.price(region, zone) for region in ("us-east-1", "eu-west-2", "global")}
    assert len(prices) == 1
    assert None not in prices


def test_every_row_of_the_repository_can_be_trusted() -> None:
    """Each has a figure, a known source, a day, and is there once; every source is used."""
    files = PriceFiles.of(SHIPPED)
    rows = list(files.rows())
    assert len(rows) > 70_000
    assert {row.source for row in rows} == set(files.sources())
    assert {row.method for row in rows} <= {"list", "quoted", "golden-exact", "golden-2dp", "golden-derived"}
    assert all(days_old(row.as_of, date(2026, 12, 1)) is not None for row in rows)


@pytest.mark.parametrize(
    "lines",
    [
        [LINE.replace("r=1", "r=cheap")],
        [LINE.replace("r=1", "r=NaN")],
        [LINE.replace("r=1", "=1")],
        [LINE.replace("a=1;b=2", "b=2;a=1")],
        [LINE.replace(",s,", ",hearsay,")],
        [LINE, LINE.replace("q=0.10", "p=1")],
    ],
)
def test_a_row_that_cannot_be_trusted_is_a_defect(lines: list[str]) -> None:
    """A price without a figure, region or source is not used, nor is one of two for the same thing."""
    with pytest.raises(Defect) as caught:
        list(_files(*lines).rows())
    assert caught.value.code == "price-book-broken"


def test_a_shelf_holds_what_it_was_made_of(tmp_path: Path) -> None:
    """Prices, sources, counts by service and region, and the digest of the files."""
    files = _files(LINE)
    write_shelf(tmp_path / "new/book.sqlite", files.rows(), files.sources(), digest=files.digest())
    shelf = Shelf(tmp_path / "new/book.sqlite")
    key = PriceKey("S", "F", "k", "a=1;b=2")
    assert shelf.get(("q", key)) == Price(Decimal("0.10"), "GB", "s", "2026-08", "list", "vcpu=2")
    assert shelf.get(("z", key)) is None
    assert shelf.sources == {"s": "somewhere"}
    assert shelf.digest == files.digest()
    assert [row[:3] for row in shelf.counts()] == [("S", "q", 1), ("S", "r", 1)]
    assert {row[1] for row in shelf.rows()} == {"q", "r"}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["book.sqlite"], "no draft is left"


def test_the_book_of_a_checkout_is_made_once_and_again_after_a_change(tmp_path: Path) -> None:
    """The digest tells; a broken file is made anew; without files the book that is there is read."""
    folder = tmp_path / "prices"
    folder.mkdir()
    for name, content in _files(LINE).files.items():
        (folder / name).write_bytes(content)
    first = shipped(folder=folder)
    made = (folder / "book.sqlite").stat().st_ino
    assert shipped(folder=folder).digest == first.digest
    assert (folder / "book.sqlite").stat().st_ino == made
    (folder / "book.sqlite").write_bytes(b"nonsense")
    assert shipped(folder=folder).digest == first.digest
    (folder / "S.csv").write_text(HEAD + LINE.replace("r=1", "r=2"))
    assert shipped(folder=folder).digest != first.digest
    for path in folder.glob("*.csv"):
        path.unlink()
    assert shipped(folder=folder).get(("r", PriceKey("S", "F", "k", "a=1;b=2"))) is not None


def test_a_folder_that_takes_no_file_leaves_the_book_in_the_cache(tmp_path: Path) -> None:
    """Named by what it is made of."""
    folder = tmp_path / "prices"
    folder.mkdir()
    for name, content in _files(LINE).files.items():
        (folder / name).write_bytes(content)
    shelf = shipped(tmp_path / "cache", folder, writable=False)
    assert shelf.path == tmp_path / "cache/prices" / f"{shelf.digest[:16]}.sqlite"
    assert not (folder / "book.sqlite").exists()
    assert shipped(tmp_path / "another", folder, writable=True).path == folder / "book.sqlite"


@pytest.mark.parametrize("spoil", ["missing", "nonsense", "cut", "another"])
def test_a_book_that_cannot_be_read_is_one_clear_error(spoil: str, tmp_path: Path) -> None:
    """Whether it is found when it is opened or when a price is looked up."""
    path = tmp_path / "book.sqlite"
    files = _files(*(LINE.replace(",k,", f",k{number},") for number in range(500)))
    write_shelf(path, files.rows(), files.sources())
    if spoil == "missing":
        path.unlink()
    elif spoil == "nonsense":
        path.write_bytes(b"nonsense" * 1000)
    elif spoil == "cut":
        path.write_bytes(path.read_bytes()[:8192])
    else:
        import sqlite3

        with sqlite3.connect(path) as database:
            database.execute("PRAGMA user_version = 99")
        database.close()
    with pytest.raises(Unavailable) as caught:
        Shelf(path).get(("r", PriceKey("S", "F", "k499", "a=1;b=2")))
    assert caught.value.code == "price-book-unreadable"


def test_a_folder_that_is_a_file_takes_no_book(tmp_path: Path) -> None:
    """Said as what it is."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable) as caught:
        write_shelf(tmp_path / "file/book.sqlite", [], {})
    assert caught.value.code == "file-not-writable"


def test_what_was_fetched_is_nearer_than_what_was_shipped(tmp_path: Path) -> None:
    """And tells where it is from; what it does not hold is still in the shipped book."""
    line = "Storage,standard-first-50TB,,,GB-Mo,s,2026-11,list,us-east-1=0.03\n"
    files = PriceFiles({"AmazonS3.csv": (HEAD + line).encode(), "sources.csv": SOURCES})
    write_shelf(tmp_path / "fetched.sqlite", files.rows(), files.sources())
    book = PriceBook.open(fetched=tmp_path / "fetched.sqlite")
    near, far = book.price("us-east-1", STORAGE), book.price("eu-west-1", STORAGE)
    assert near is not None
    assert far is not None
    assert (near.usd, far.usd, book.sources["s"]) == (Decimal("0.03"), Decimal("0.023"), "somewhere")
    assert PriceBook.open(fetched=tmp_path / "none.sqlite").nearer == ()


def test_own_prices_are_nearest_and_discounts_count_for_the_rest(book: PriceBook) -> None:
    """A discounted price says so, and keeps its source and age."""
    own = Price(Decimal("0.01"), "GB-Mo", "private", "2026", "private")
    private = Private({("us-east-1", STORAGE): own}, (Discount(Decimal(10), service="AmazonEC2", key="m5.*"),))
    mine = replace(book, private=private)
    assert mine.price("us-east-1", STORAGE) == own
    less = mine.price("us-east-1", INSTANCE)
    assert less is not None
    assert (less.usd, less.method, less.source) == (Decimal("0.0864"), "discounted", "ec2shop")


@pytest.mark.parametrize(
    ("as_of", "today", "allowed"),
    [
        ("2026-08-01", date(2026, 8, 31), True),
        ("2026-08-01", date(2026, 9, 1), False),
        ("2026-08", date(2026, 8, 31), True),
        ("2099-01-01", date(2026, 8, 31), False),
        ("2026-08-02", date(2026, 8, 1), True),
        ("", date(2026, 8, 1), False),
    ],
)
def test_a_price_that_is_used_may_not_be_older_than_the_limit(as_of: str, today: date, *, allowed: bool) -> None:
    """Whatever else the book holds; one of a day that has not come is of no known age. Without a limit any will do."""
    key = PriceKey("S", "F", "k")
    old, new = (Price(Decimal(1), "Hrs", "s", day, "list") for day in (as_of, today.isoformat()))
    book = PriceBook({("r", key): old, ("other", key): new}, {}, today=today, most_days=30)
    assert book.price("other", key) == new
    assert replace(book, most_days=None).price("r", key) == old
    if allowed:
        assert book.price("r", key) == old
        return
    with pytest.raises(Unavailable) as caught:
        book.price("r", key)
    assert caught.value.code == "price-book-old"
    assert "S k in r" in caught.value.message
    assert caught.value.next_step.options == ("--region", "r")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("as_of", "days"), [("2026-08-31", 1), ("2026-08", 31), ("2026", 243), ("", None), ("2026-13", None), ("x", None)]
)
def test_the_age_of_a_price(as_of: str, days: int | None) -> None:
    """A month counts from its first day: a price is never said to be younger than it is."""
    assert days_old(as_of, date(2026, 9, 1)) == days


def test_the_shipped_book_can_be_copied_and_read_alone(tmp_path: Path) -> None:
    """It is one file."""
    shutil.copy(shipped().path, tmp_path / "copy.sqlite")
    assert Shelf(tmp_path / "copy.sqlite").get(("us-east-1", STORAGE)) is not None
