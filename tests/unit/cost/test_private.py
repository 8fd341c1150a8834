"""The user's own prices and discounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from gaia.cost.model import PriceKey
from gaia.cost.private import Private
from gaia.errors import Invalid

TODAY = date(2026, 11, 30)
KEY = PriceKey("AmazonEC2", "Compute Instance", "m5.large", "os=Linux;tenancy=Shared")
PRICE = {
    "service": KEY.service, "region": "us-east-1", "family": KEY.family, "key": KEY.key,
    "attrs": {"tenancy": "Shared", "os": "Linux"}, "unit": "Hrs", "usd": "0.08",
}  # fmt: skip


def test_a_private_price_is_found_by_its_exact_key() -> None:
    """With today as its age where the file does not say."""
    found = Private.read({"prices": [PRICE, {**PRICE, "region": "eu-west-1", "as_of": "2026-01"}]}, "p.yaml", TODAY)
    price, other = found.price("us-east-1", KEY), found.price("eu-west-1", KEY)
    assert price is not None
    assert other is not None
    assert (price.usd, price.as_of, other.as_of) == (Decimal("0.08"), "2026-11-30", "2026-01")
    assert found.price("us-east-1", KEY.having(os="Windows")) is None
    assert found.sources() == {"private": "p.yaml"}


def test_the_first_discount_that_fits_and_is_not_over_counts() -> None:
    """Patterns may name service, region, family and key."""
    discounts = [
        {"service": "AmazonEC2", "percent": 50, "until": "2026-11-29"},
        {"key": "m5.*", "region": "us-*", "percent": "12.5", "until": TODAY},
        {"percent": 1},
    ]
    private = Private.read({"discounts": discounts}, "p.yaml", TODAY)
    price = Private.read({"prices": [PRICE]}, "p.yaml", TODAY).price("us-east-1", KEY)
    assert price is not None
    assert private.discounted("us-east-1", KEY, price).usd == Decimal("0.07")
    assert private.discounted("eu-west-1", KEY, price).usd == Decimal("0.0792")
    assert Private().discounted("us-east-1", KEY, price) is price
    assert Private().sources() == {}


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"price": []},
        {"prices": {}},
        {"prices": [1]},
        {"prices": [{**PRICE, "usd": "cheap"}]},
        {"prices": [{**PRICE, "usd": -1}]},
        {"prices": [{**PRICE, "attrs": "os=Linux"}]},
        {"prices": [{**PRICE, "tier": 1}]},
        {"prices": [{name: value for name, value in PRICE.items() if name != "unit"}]},
        {"discounts": [{"service": "AmazonEC2"}]},
        {"discounts": [{"percent": 101}]},
        {"discounts": [{"percent": 5, "until": "soon"}]},
    ],
)
def test_a_file_that_says_something_else_is_refused(content: Any) -> None:
    """With its place; nothing of it counts."""
    with pytest.raises(Invalid) as caught:
        Private.read(content, "p.yaml", TODAY)
    assert caught.value.code == "prices-invalid"
    assert "p.yaml" in caught.value.message


def test_a_file_that_says_nothing_changes_nothing() -> None:
    """Empty lists are no mistake."""
    assert Private.read({"prices": None, "discounts": []}, "p.yaml", TODAY) == Private(place="p.yaml")
