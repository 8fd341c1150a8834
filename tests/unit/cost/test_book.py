"""The price book."""

from __future__ import annotations

import pytest

from gaia.cost.book import PriceBook, _index
from gaia.cost.model import PriceKey
from gaia.errors import Defect

STORAGE = PriceKey("AmazonS3", "Storage", "standard-first-50TB")
ROW = {
    "service": "S", "region": "r", "family": "F", "key": "k", "attrs": "", "unit": "GB",
    "usd": "1", "source": "s", "as_of": "2026", "method": "list",
}  # fmt: skip


def test_a_price_is_exact_with_its_source_and_age(book: PriceBook) -> None:
    """Nothing is rounded on the way from the file."""
    price = book.price("us-east-1", STORAGE)
    assert price is not None
    assert (str(price.usd), price.unit, price.source, price.as_of) == ("0.023", "GB-Mo", "infracost-golden", "2026-08")
    assert "infracost" in book.sources[price.source]


def test_a_price_of_another_region_is_not_taken(book: PriceBook) -> None:
    """Unknown is unknown."""
    assert book.price("ap-south-2", STORAGE) is None


@pytest.mark.parametrize(("prices", "taken"), [(["3", "2", "4"], "2"), (["0", "2"], "2"), (["2", "0"], "2")])
def test_the_cheapest_that_is_not_free_is_taken(prices: list[str], taken: str) -> None:
    """Several products match one key; the choice does not depend on their order."""
    index = _index([{**ROW, "usd": usd} for usd in prices], {"s": ""})
    assert str(index["r", PriceKey("S", "F", "k")].usd) == taken


@pytest.mark.parametrize("wrong", [{"usd": "cheap"}, {"usd": "NaN"}, {"source": "hearsay"}])
def test_a_row_that_cannot_be_trusted_is_a_defect(wrong: dict[str, str]) -> None:
    """A price without a figure or a source is not used."""
    with pytest.raises(Defect) as caught:
        _index([{**ROW, **wrong}], {"s": ""})
    assert caught.value.code == "price-book-broken"
