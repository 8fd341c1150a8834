"""The blueprint's own components, as terraform plans them: modules, outputs, and ids that are not known yet."""

from __future__ import annotations

import json
import lzma
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.estimate import estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.cost.book import PriceBook

FOLDER = Path(__file__).parent / "blueprint"
PLANS: dict[str, Any] = json.loads(lzma.decompress((FOLDER / "plans.json.xz").read_bytes()))
TODAY = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("root", sorted(PLANS))
def test_the_components_are_counted(root: str, book: PriceBook, request: pytest.FixtureRequest) -> None:
    """Every type is known, nothing is assumed, and each line has the quantity that the components ask for."""
    document = estimate(PLANS[root], usage={}, book=book, project=root, region_default="eu-west-1", now=TODAY)
    resources = sorted(document["projects"][0]["breakdown"]["resources"], key=lambda one: str(one["name"]))
    assert document["summary"]["unsupportedResourceCounts"] == {}
    assert {one["name"]: one["metadata"]["assumed"] for one in resources if "assumed" in one["metadata"]} == {}
    assert {one["metadata"]["region"] for one in resources} == {"us-east-1"}
    found = "".join(f"{line}\n" for one in resources for line in _lines(one))
    file = FOLDER / f"{root}.txt"
    if request.config.getoption("--update", default=False):
        file.write_text(found)
    assert found == file.read_text()


def _lines(node: Mapping[str, Any], path: str = "") -> Iterator[str]:
    place = f"{path}{node['name']} / "
    for line in node.get("costComponents", ()):
        yield f"{place}{line['name']}: {line['monthlyQuantity'] or '?'} {line['unit']}"
    for group in node.get("subresources", ()):
        yield from _lines(group, place)
