"""Infracost's own expectations, line by line."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import Estimate, lines, resources

if TYPE_CHECKING:
    from typing import Any

GOLDENS = Path(__file__).parent / "goldens"


@pytest.mark.parametrize("case", sorted(path.stem for path in GOLDENS.glob("*.json")))
def test_every_line_of_infracosts_golden_file_is_matched(case: str, price: Estimate) -> None:
    """Same components, same units, same quantities, same costs to the cent, same shown unit prices; none besides."""
    golden = json.loads((GOLDENS / f"{case}.json").read_text())
    document = price(golden["plan"], golden["usage"].get("resource_usage"), region_default="eu-west-1")
    found = {
        (address, name): line for address, item in resources(document).items() for name, line in lines(item).items()
    }
    expected: dict[tuple[str, str], Any] = {
        (row["resource"], " / ".join([*row["path"], row["name"]])): row for row in golden["rows"]
    }
    assert set(found) == set(expected)
    for key, row in expected.items():
        line = found[key]
        assert line["unit"] == row["unit"]
        if row["monthlyCost"] is None:
            assert (line["monthlyQuantity"], line["monthlyCost"]) == (None, None), key
            # Golden files show small prices with up to six decimals, larger ones with two.
            assert Decimal(line["price"]) == Decimal(row["unitPrice"]), key
        else:
            assert Decimal(line["monthlyQuantity"]) == Decimal(row["monthlyQuantity"]), key
            assert abs(Decimal(line["monthlyCost"]) - Decimal(row["monthlyCost"])) <= Decimal("0.01"), key
    assert round(Decimal(document["totalMonthlyCost"]), 2) == Decimal(golden["total"])
    assert "errors" not in document["projects"][0]["metadata"]
