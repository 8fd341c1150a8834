"""Sizes of machines."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gaia.cost.book import shipped
from gaia.cost.model import attributes_of
from gaia.cost.shapes import vcpus


def test_names_tell_what_the_price_list_tells() -> None:
    """Of every instance and class whose vCPU are in the book, but for bare metal."""
    told = {(row[3], attributes_of(row[5])["vcpu"]) for row in shipped().rows() if "vcpu=" in row[5]}
    assert len(told) > 1000
    assert {
        (name, count, vcpus(name)) for name, count in told if "metal" not in name and vcpus(name) != Decimal(count)
    } == set()


@pytest.mark.parametrize("name", ["m5.metal", "db.serverless", "", "m5"])
def test_a_name_that_does_not_tell_is_unknown(name: str) -> None:
    """Nothing is guessed."""
    assert vcpus(name) is None
