"""The user's own prices and discounts."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gaia.cost.book import PriceBook
from gaia.cost.estimate import estimate
from gaia.cost.model import PriceKey
from gaia.cost.private import Private
from gaia.cost.summary import summary
from gaia.errors import Invalid
from gaia.kit import yaml

from .conftest import Estimate, change, plan_of

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


def test_what_costs_nothing_may_be_said() -> None:
    """Zero is a price; it is what is not known that has none."""
    found = Private.read({"prices": [{**PRICE, "usd": "0"}]}, "p.yaml", TODAY).price("us-east-1", KEY)
    assert found is not None
    assert found.usd == 0


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
        {"prices": [{**PRICE, "as_of": "2099-99-99"}]},
        {"prices": [{**PRICE, "as_of": "2099-01-01"}]},
        {"prices": [{**PRICE, "as_of": "lately"}]},
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


def test_the_example_of_the_page_is_taken_as_it_stands() -> None:
    """With its unquoted day, and all of it fits the book."""
    page = (Path(__file__).parents[3] / "docs/reference/configuration.md").read_text()
    [example] = [block for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "discounts:" in block]
    found = Private.read(yaml.parse(example.encode(), "own.yml").value, "own.yml", TODAY)
    PriceBook.open(private=found)
    assert len(found.discounts) == 2
    assert found.for_nothing() == ()


def test_a_price_has_the_unit_of_the_book() -> None:
    """Dollars a month taken for dollars an hour would be wrong by seven hundred times."""
    private = Private.read({"prices": [{**PRICE, "unit": "Month"}]}, "p.yaml", TODAY)
    with pytest.raises(Invalid) as caught:
        PriceBook.open(private=private)
    assert caught.value.code == "prices-invalid"
    assert "prices[0].unit is Month, and the book has this product by Hrs" in caught.value.message
    PriceBook.open(private=Private.read({"prices": [{**PRICE, "unit": "hrs"}]}, "p.yaml", TODAY))


@pytest.mark.parametrize(
    "content",
    [
        {"prices": [{name: value for name, value in PRICE.items() if name != "attrs"}]},
        {"prices": [{**PRICE, "key": "m5.lagre"}]},
        {"prices": [{**PRICE, "region": "us-esat-1"}]},
        {"discounts": [{"family": "Compute Instances", "percent": 20}]},
        {"discounts": [{"service": "EC2", "percent": 20}]},
        {"discounts": [{"region": "xx-*", "percent": 20}]},
    ],
)
def test_what_fits_nothing_is_said(content: Any) -> None:
    """It would change no price, without a word."""
    private = Private.read(content, "p.yaml", TODAY)
    book = PriceBook.open(private=private)
    plan = plan_of(change("aws_kms_key", after={}))
    document = estimate(plan, usage={}, book=book, project="x", region_default="us-east-1")
    [warning] = summary(document).warnings
    assert "[0] of p.yaml fits no product of the price book" in warning


def test_a_price_of_what_the_book_lacks_is_used(price: Estimate) -> None:
    """That is what own prices are for: nothing is said of it then."""
    own = {**PRICE, "service": "awskms", "family": "Encryption Key", "key": "key", "unit": "Keys-Mo"}
    private = Private.read({"prices": [{**own, "attrs": {}, "region": "ap-south-2"}]}, "p.yaml", TODAY)
    document = price(
        plan_of(change("aws_kms_key", after={}), region="ap-south-2"), book=PriceBook.open(private=private)
    )
    assert (summary(document).warnings, document["totalMonthlyCost"]) == ((), "0.08")
