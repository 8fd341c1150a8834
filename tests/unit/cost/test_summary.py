"""The figures of an Infracost document, ours or Infracost's own, whose parts may be absent or null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gaia.cost.summary import CostRange, CostSummary, summary


def _component(name: str, **more: Any) -> dict[str, Any]:
    known = {"unit": "GB", "monthlyQuantity": "2", "price": "0.5", "monthlyCost": "1"}
    return {"name": name, **known, **more}


def _document(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    project = {"metadata": {}, "breakdown": {"resources": list(resources)}, **more.pop("project", {})}
    return {"currency": "USD", "projects": [project], "summary": {}, **more}


def _resource(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "aws_x.a", "metadata": {}, "costComponents": list(components), **more}


def test_an_empty_document_knows_nothing_and_lacks_nothing() -> None:
    """Totals that are not there are unknown, not zero; usage that nobody counts is none."""
    found = summary(_document(project={"breakdown": None}))
    assert found == CostSummary(
        "USD", None, None, None, (), {}, (), (), (), (), (), None, 0, 0,
        total_complete=True, past_complete=True, difference_complete=True, range=CostRange(None, None, None, ()),
    )  # fmt: skip
    assert found.complete


def test_figures_are_the_documents() -> None:
    """Each total where it belongs."""
    found = summary(
        _document(
            totalMonthlyCost="1", pastTotalMonthlyCost="2", diffTotalMonthlyCost="-1",
            summary={"unsupportedResourceCounts": {"aws_y": 1}},
            project={"metadata": {"warnings": [{"message": "look"}]}},
        )
    )  # fmt: skip
    assert (found.monthly, found.past_monthly, found.diff_monthly) == (Decimal(1), Decimal(2), Decimal(-1))
    assert (found.unsupported, found.warnings) == ({"aws_y": 1}, ("look",))
    assert not found.complete


def test_a_total_is_known_when_one_line_is() -> None:
    """Nothing with a figure: the total that the document holds is no figure either."""
    lost = _component("B", monthlyCost=None)
    assert summary(_document(_resource(_component("A"), lost), totalMonthlyCost="1")).monthly == Decimal(1)
    assert summary(_document(_resource(lost), totalMonthlyCost="0")).monthly is None


def test_parts_are_named_with_their_groups_and_those_without_a_quantity_wait() -> None:
    """Groups of groups too; zero is not pending, and neither is what has no price."""
    inner = {"name": "inner", "costComponents": [_component("C", monthlyQuantity=None, monthlyCost=None)]}
    outer = {"name": "outer", "costComponents": [_component("B")], "subresources": [inner]}
    unpriced = _component("D", priceNotFound=True, monthlyQuantity=None)
    zero = _component("E", monthlyQuantity="0", monthlyCost="0")
    found = summary(_document(_resource(_component("A"), unpriced, zero, subresources=[outer])))
    assert found.pending == ("aws_x.a: outer / inner / C",)
    assert found.unpriced == ("aws_x.a: D (unknown region)",)


def test_what_had_no_price_before_is_told_too() -> None:
    """Once, sorted, with its region."""
    lost = _component("A", priceNotFound=True)
    now, before = (
        {"resources": [_resource(lost, name=name, metadata={"region": "eu-west-9"}) for name in names]}
        for names in (["aws_x.b"], ["aws_x.b", "aws_x.a"])
    )
    found = summary(_document(project={"breakdown": now, "pastBreakdown": before}))
    assert found.unpriced == ("aws_x.a: A (eu-west-9)", "aws_x.b: A (eu-west-9)")
    assert not found.complete


def test_prices_are_as_old_as_the_oldest() -> None:
    """Of all resources; a document that does not say is of unknown age."""
    aged = [
        _resource(metadata={"prices": [{"asOf": month} for month in months]})
        for months in (["2026-08", "2025-11"], [], ["2026-01"])
    ]
    assert summary(_document(*aged)).prices_as_of == "2025-11"
    assert summary(_document(_resource(_component("A")))).prices_as_of is None


def test_use_that_nobody_has_said_lacks_no_price() -> None:
    """It is told, and in no total: with a price it would not be in one either. With a quantity it would."""
    used = _component("Restores", price="0", monthlyCost=None, priceNotFound=True, usageBased=True)
    found = summary(_document(_resource({**used, "monthlyQuantity": None}), totalMonthlyCost="0"))
    assert (found.unpriced, found.complete) == (("aws_x.a: Restores (unknown region)",), True)
    assert found.pending == ("aws_x.a: Restores",)
    assert not summary(_document(_resource(used), totalMonthlyCost="0")).complete
