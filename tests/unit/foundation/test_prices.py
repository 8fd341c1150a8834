"""The price book as a process opens it: with what was fetched and with the user's own prices."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gaia.bootstrap.prices import fetched, prices
from gaia.cost.book import shipped
from gaia.cost.model import PriceKey
from gaia.cost.shelf import write_shelf
from gaia.errors import Invalid, NotFound, Unavailable
from gaia.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

KEY = PriceKey("awskms", "Encryption Key", "key")


def _settings(tmp_path: Path, **environ: str) -> Settings:
    return Settings.capture({"HOME": str(tmp_path), "GAIA_HOME": str(tmp_path / "home"), **environ}, tmp_path)


def test_the_shipped_prices_are_there_without_any_setting(tmp_path: Path) -> None:
    """Nothing is written to the home for it."""
    price = prices(_settings(tmp_path)).price("us-east-1", KEY)
    assert price is not None
    assert price.usd == Decimal(1)
    assert not (tmp_path / "home").exists()


def test_own_prices_and_discounts_count(tmp_path: Path) -> None:
    """From the file that GAIA_PRICES names."""
    (tmp_path / "own.yaml").write_text("discounts:\n- {service: awskms, percent: 50}\n")
    book = prices(_settings(tmp_path, GAIA_PRICES="own.yaml"))
    price = book.price("us-east-1", KEY)
    assert price is not None
    assert price.usd == Decimal("0.5")
    assert book.sources["private"] == str(tmp_path / "own.yaml")


def test_a_file_that_is_not_there_is_no_empty_one(tmp_path: Path) -> None:
    """A misspelled name would let every discount go unseen."""
    with pytest.raises(NotFound) as caught:
        prices(_settings(tmp_path, GAIA_PRICES="own.yaml"))
    assert caught.value.code == "prices-missing"


def test_what_was_fetched_is_in_the_home(tmp_path: Path) -> None:
    """A broken file there is an error: falling back to older prices would go unseen."""
    settings = _settings(tmp_path)
    write_shelf(fetched(settings), [], {"aws": "the price list"})
    assert prices(settings).sources["aws"] == "the price list"
    fetched(settings).write_bytes(b"nonsense")
    with pytest.raises(Unavailable) as caught:
        prices(settings)
    assert caught.value.code == "price-book-unreadable"


def test_the_limit_of_age_is_a_number_of_days(tmp_path: Path) -> None:
    """What is older is refused; another word is, too."""
    assert prices(_settings(tmp_path, GAIA_PRICES_MAX_DAYS="100000")).prices is not None
    with pytest.raises(Invalid) as caught:
        prices(_settings(tmp_path, GAIA_PRICES_MAX_DAYS="a year"))
    assert caught.value.code == "prices-invalid"
    assert shipped().newest > "2026"
