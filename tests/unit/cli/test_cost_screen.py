"""What a screen says of costs: sums, parts of sums, and what is not known."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.cli.rendered import text

from gaia.cli.screens.cost import cost_screen, short_total, total_text
from gaia.cli.screens.requests import list_screen, request_screen
from gaia.platform.model import RequestLine
from gaia.testing import views

NOW = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
KEY = "acme-use1-dev/photos-key"


def estimated(
    *parts: dict[str, object], unsupported: dict[str, int] | None = None, **totals: str | None
) -> dict[str, object]:
    """An estimate with one resource of these parts."""
    thing = {"name": "thing", "metadata": {"region": "eu-north-9"}, "costComponents": list(parts)}
    breakdown = {"resources": [thing] if parts else []}
    return {
        "currency": "USD", "projects": [{"metadata": {}, "breakdown": breakdown}], "totalMonthlyCost": "0", **totals,
        "summary": {"unsupportedResourceCounts": unsupported or {}},
    }  # fmt: skip


def part(name: str, cost: str = "0", *, missing: bool = False, quantity: str | None = "5") -> dict[str, object]:
    """A line of an estimate; without a price it is written as Infracost writes it."""
    return {
        "name": name, "unit": "GB", "monthlyQuantity": quantity, "price": "0" if missing else "1",
        "monthlyCost": cost if quantity else None, "priceNotFound": missing,
    }  # fmt: skip


def test_an_unknown_price_is_not_nothing() -> None:
    """Its line says so, the total is a lower bound, and what is not in it is named with its region."""
    document = estimated(part("Storage", missing=True), part("Requests", "3"), totalMonthlyCost="3")
    screen = text(cost_screen(document))
    assert re.search(r"Storage +5 +GB +price unknown", screen)
    assert re.search(r"Total a month +at least \$3\.00", screen)
    assert "! Partial: 1 of 1 resource is not fully priced." in screen
    assert "! No price for thing: Storage (eu-north-9): it is not in the total." in screen
    assert total_text(document) == "at least $3.00 a month (partial: 1 of 1 resource is not fully priced)"
    assert short_total(document) == "at least $3.00, partial"


def test_how_many_resources_are_not_priced_is_said() -> None:
    """Those of types that cannot be priced and those of which a price is missing, of all that cost something."""
    document = estimated(part("Storage", missing=True), unsupported={"aws_b": 2, "aws_a": 1}, totalMonthlyCost="3")
    assert "3.00 a month (partial: 4 of 4 resources are not fully priced)" in total_text(document)
    assert "Partial: 2 of 3 resources are not fully priced." in text(
        cost_screen(estimated(part("Storage", "1"), unsupported={"aws_b": 2}, totalMonthlyCost="1"))
    )


def test_quantities_that_nobody_has_said_are_no_missing_price() -> None:
    """They depend on use, and that is said; alone they make a total that depends on use, not an unknown one."""
    document = estimated(part("Storage", "3"), part("Requests", quantity=None), totalMonthlyCost="3")
    screen = text(cost_screen(document))
    assert re.search(r"Total a month +\$3\.00", screen)
    assert "· 1 line by use whose quantity nobody has said: not in the total." in screen
    assert (total_text(document), short_total(document)) == ("$3.00 a month", "$3.00")
    alone = estimated(part("Requests", quantity=None), totalMonthlyCost=None)
    assert (total_text(alone), short_total(alone)) == ("cost by use", "by use")
    assert re.search(r"Total a month +by use", text(cost_screen(alone)))


def test_an_unknown_price_of_an_unknown_quantity_is_shown_too() -> None:
    """Among parts that cost by use, and are counted only."""
    screen = text(
        cost_screen(estimated(part("Requests", quantity=None), part("Scans", missing=True, quantity=None)), full=False)
    )
    assert re.search(r"Scans +by use +GB +price unknown", screen)
    assert "and 1 price by use" in screen


def test_a_total_of_which_nothing_is_known_is_unknown() -> None:
    """Not $0.00: neither where every price is missing nor where no type can be priced."""
    for document in (estimated(part("Storage", missing=True)), estimated(unsupported={"aws_nat_gateway": 2})):
        screen = text(cost_screen(document))
        assert re.search(r"Total a month +unknown", screen)
        assert "$0.00" not in screen
        assert total_text(document).startswith("cost unknown (partial: ")
        assert short_total(document) == "unknown"
    assert "! No prices yet for aws_nat_gateway (2): not in the total." in screen


def test_usage_that_was_said_for_nothing_is_told() -> None:
    """A quantity under a wrong name would otherwise silently cost nothing."""
    document = estimated(part("Storage", "1"), totalMonthlyCost="1")
    document["projects"][0]["metadata"]["warnings"] = [{"message": "usage of thing is not counted: x is no quantity"}]  # type: ignore[index]
    assert "usage of thing is not counted" in text(cost_screen(document))


def test_every_screen_says_that_a_price_is_missing() -> None:
    """The list, the request while it waits, and its summary afterwards."""
    cost = estimated(part("Storage", missing=True), part("Requests", "3"), totalMonthlyCost="3")
    view = replace(views.waiting(), preview=replace(views.preview(), cost=cost))
    assert "at least $3.00" in text(list_screen([RequestLine.of(view)], NOW))
    assert "No price for thing: Storage (eu-north-9)" in text(request_screen(view, NOW))
    after = text(request_screen(replace(view, status="done"), NOW))
    assert "at least $3.00 a month (partial: 1 of 1 resource is not fully priced)" in after


def test_costs_that_change_show_the_difference() -> None:
    """From what it is now."""
    document = estimated(
        part("Storage", "10"), totalMonthlyCost="10", pastTotalMonthlyCost="12.5", diffTotalMonthlyCost="-2.5"
    )
    assert "Difference from $12.50 now" in (screen := text(cost_screen(document)))
    assert "-$2.50" in screen


@pytest.mark.parametrize(
    ("past", "change", "shown"),
    [("5", "-5", "-$5.00 a month"), (None, None, "cost unknown"), ("0", "0", "$0.00 a month")],
)
def test_what_is_retired_says_what_that_saves(past: str | None, change: str | None, shown: str) -> None:
    """Where all that costs something goes, its total is zero, which tells nothing."""
    document = estimated(totalMonthlyCost="0", pastTotalMonthlyCost=past, diffTotalMonthlyCost=change)
    assert total_text(document) == shown


def test_what_a_retirement_saves_may_be_partial() -> None:
    """Where a price of what goes is missing: the total is nothing, and known; the difference is not all."""
    document = estimated(totalMonthlyCost="0", pastTotalMonthlyCost="5", diffTotalMonthlyCost="-5")
    gone = {"name": "gone", "metadata": {}, "costComponents": [part("Storage", missing=True)]}
    project = document["projects"][0]  # type: ignore[index]
    project["pastBreakdown"] = {"resources": [gone]}
    note = {"code": 1003, "message": "no prices yet", "data": {"resourceType": "aws_gizmo", "count": 1}}
    project["metadata"] = {"warnings": [note]}
    assert total_text(document) == "-$5.00 a month (partial: 2 of 2 resources are not fully priced)"
    screen = text(cost_screen(document))
    assert re.search(r"Total a month +\$0\.00", screen)
    assert re.search(r"Difference from at least \$5\.00 now +-\$5\.00, partial", screen)
    assert "! The difference is partial: it lacks what has no price." in screen
    assert "! No prices yet for aws_gizmo (1): not in the total." in screen
    assert screen.count("no prices yet") == 0
    none = {**document, "diffTotalMonthlyCost": "0"}
    assert total_text(none).startswith("cost unknown (partial")


def changing(*parts: dict[str, object], total: str = "0", change: str | None) -> dict[str, object]:
    """An estimate whose parts are all new."""
    document = estimated(*parts, totalMonthlyCost=total, diffTotalMonthlyCost=change)
    project = document["projects"][0]  # type: ignore[index]
    project["diff"] = project["breakdown"]
    return document


def test_a_difference_without_a_price_is_unknown() -> None:
    """Alone it is unknown; beside something that has one, that is shown, and that it is not all."""
    alone = changing(part("Storage", missing=True), change=None)
    assert re.search(r"Difference +unknown", text(cost_screen(alone)))
    beside = changing(part("Storage", missing=True), part("Scans", "3"), total="3", change="3")
    assert re.search(r"Difference +\+\$3.00, partial", text(cost_screen(beside)))


def test_what_has_no_price_and_stays_is_no_part_of_the_difference() -> None:
    """It makes the total a lower bound, and the difference is exact."""
    document = estimated(part("Storage", missing=True), totalMonthlyCost="3", diffTotalMonthlyCost="2")
    screen = text(cost_screen(document))
    assert re.search(r"Total a month +at least \$3\.00", screen)
    assert re.search(r"Difference +\+\$2\.00$", screen, re.MULTILINE)
    assert "difference is partial" not in screen
