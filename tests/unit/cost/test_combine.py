"""One document from several estimates."""

from __future__ import annotations

from typing import Any

import pytest

from gaia.cost.combine import combine, part_of
from gaia.cost.document import document
from gaia.cost.summary import summary


def _one(name: str, count: int) -> dict[str, Any]:
    made = document(
        project=name,
        past=(),
        current=(),
        changes=(),
        unsupported=(False, False),
        summary={"totalDetectedResources": count, "unsupportedResourceCounts": {"aws_x": count}},
        errors=(),
        warnings=(),
        generated="2026-01-01T00:00:00Z",
    )
    return {**made, "totalMonthlyCost": "0.1", "diffTotalMonthlyCost": f"-{count}"}


def test_totals_and_counts_are_exact_sums() -> None:
    """Decimals are added as decimals, negative differences too; counts by type are added by type."""
    both = combine([_one("dev/a", 1), _one("dev/b", 2)])
    assert [project["name"] for project in both["projects"]] == ["dev/a", "dev/b"]
    assert (both["totalMonthlyCost"], both["diffTotalMonthlyCost"]) == ("0.2", "-3")
    assert both["summary"] == {"totalDetectedResources": 3, "unsupportedResourceCounts": {"aws_x": 3}}


def test_two_projects_of_one_name_are_a_mistake() -> None:
    """Readers of the format pair projects by name."""
    with pytest.raises(ValueError, match="project names"):
        combine([_one("dev/a", 1), _one("dev/a", 2)])


def test_every_total_is_summed_for_itself() -> None:
    """Past and difference too; null only where no document has a figure."""
    one, two = _one("dev/a", 1), _one("dev/b", 2)
    names = [name for name in one if "otal" in name]
    assert len(names) == 9
    for number, name in enumerate(names):
        one[name], two[name] = str(number), f"0.{number}"
    both = combine([one, two])
    assert [both[name] for name in names] == ["0", *(f"{number}.{number}" for number in range(1, 9))]
    nothing = combine([{**one, "totalMonthlyCost": None}, {**two, "totalMonthlyCost": None}])
    assert nothing["totalMonthlyCost"] is None
    assert combine([{**one, "totalHourlyCost": None}, two])["totalHourlyCost"] == combine([two])["totalHourlyCost"]
    assert (one["summary"]["totalDetectedResources"], len(one["projects"])) == (1, 1)


def test_nothing_costs_nothing() -> None:
    """No document is an estimate of no project: zero, with the keys of any other."""
    nothing = combine([])
    assert nothing["projects"] == []
    assert set(nothing) == set(_one("dev/a", 1))
    assert {nothing[name] for name in nothing if "otal" in name} == {"0"}
    assert summary(nothing).totals()["monthly"] == "0"
    assert summary(nothing).complete


def test_money_of_many_digits_stays_exact() -> None:
    """More digits than decimals keep by themselves."""
    one, two = _one("dev/a", 1), _one("dev/b", 2)
    one["totalMonthlyCost"], two["totalMonthlyCost"] = "123456789012345678901234567890", "0.000000001"
    assert combine([one, two])["totalMonthlyCost"] == "123456789012345678901234567890.000000001"


def _priced(name: str, was: str | None, now: str | None) -> dict[str, Any]:
    """An estimate whose project has the totals of its root."""
    one = _one(name, 1)
    (project,) = one["projects"]
    project["summary"] = one["summary"]
    for prefix, at, amount in (("past", "pastBreakdown", was), ("", "breakdown", now), ("diff", "diff", "0.5")):
        total = f"{prefix}{'T' if prefix else 't'}otalMonthlyCost"
        one[total] = project[at]["totalMonthlyCost"] = amount
        for other in ("otalHourlyCost", "otalMonthlyUsageCost"):
            one[f"{prefix}{'T' if prefix else 't'}{other}"] = project[at][f"t{other}"]
    return one


def test_a_part_of_an_estimate_is_the_estimate_of_that_part() -> None:
    """With totals, past, difference and counts of its own; null where nobody knows; zero of no project."""
    one, two, three = _priced("dev/a", "1", "2"), _priced("dev/b", None, "0.25"), _priced("dev/c", "4", None)
    whole = combine([one, two, three])
    assert part_of(whole, ["dev/a", "dev/b", "dev/c"]) == whole
    assert part_of(whole, {"dev/a", "dev/b"}) == combine([one, two])
    assert part_of(whole, {"dev/c"})["totalMonthlyCost"] is None
    assert part_of(whole, {"dev/c"})["pastTotalMonthlyCost"] == "4"
    nothing = part_of(whole, {"dev/none"})
    assert (nothing["projects"], nothing["totalMonthlyCost"]) == ([], "0")
