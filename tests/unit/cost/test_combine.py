"""One document from several estimates."""

from __future__ import annotations

from typing import Any

import pytest

from gaia.cost.combine import combine
from gaia.cost.document import document


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


@pytest.mark.parametrize("prefix", ["total", "pastTotal", "diffTotal"])
@pytest.mark.parametrize("name", ["HourlyCost", "MonthlyCost", "MonthlyUsageCost"])
def test_every_total_of_every_moment_is_added_up(prefix: str, name: str) -> None:
    """Now, before and the difference; to the last of many digits, and null where none is known."""
    long = "123456789012345678901234567890.000000000001"
    one, two = ({**_one(project, 1), f"{prefix}{name}": long} for project in ("dev/a", "dev/b"))
    assert combine([one, two])[f"{prefix}{name}"] == "246913578024691357802469135780.000000000002"
    unknown = {**two, f"{prefix}{name}": None}
    assert combine([one, unknown])[f"{prefix}{name}"] == long
    assert combine([{**one, f"{prefix}{name}": None}, unknown])[f"{prefix}{name}"] is None
