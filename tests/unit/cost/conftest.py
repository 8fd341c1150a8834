"""The shipped price book, and small plans."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from gaia.cost.book import PriceBook
from gaia.cost.estimate import estimate

from .schema import DOCUMENT

PLANS = Path(__file__).parents[2] / "plans"
BUCKET = "module.orders-bucket.aws_s3_bucket.this"
Estimate = Callable[..., dict[str, Any]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update` writes the expected part of each pair in `pairs`, and the figures of the corpus."""
    parser.addoption("--update", action="store_true", help="write what builders bill as what is expected")


@pytest.fixture(scope="session")
def book() -> PriceBook:
    """The book in the package."""
    return PriceBook.open()


@pytest.fixture
def preview() -> dict[str, Any]:
    """The preview of an object store: bucket, key and identity, everything still to be created."""
    return json.loads((PLANS / "object_store_preview.json").read_text())  # type: ignore[no-any-return]


@pytest.fixture
def price(book: PriceBook) -> Estimate:
    """An estimate that has been held against the schema of the format."""

    def priced(plan: Mapping[str, Any], usage: Mapping[str, Any] | None = None, **options: Any) -> dict[str, Any]:
        said = {"version": "0.1", "resource_usage": usage or {}}
        settings = {"usage": said, "book": book, "project": "acme-use1-dev/orders", "region_default": "us-east-1"}
        document = estimate(plan, **{**settings, **options})
        jsonschema.Draft202012Validator(DOCUMENT).validate(document)
        return document

    return priced


def plan_of(*changes: dict[str, Any], region: str | None = "us-east-1", **more: Any) -> dict[str, Any]:
    """A plan with these changes and one provider configuration."""
    resources = [
        {"address": f"{item['type']}.{item['name']}", "provider_config_key": "aws", "expressions": {}}
        for item in changes
    ]
    expressions = {"region": {"constant_value": region}} if region else {}
    configuration = {
        "provider_config": {"aws": {"name": "aws", "expressions": expressions}},
        "root_module": {"resources": resources},
    }
    return {
        "format_version": "1.2",
        "resource_changes": list(changes),
        "configuration": configuration,
        **more,
    }


def change(
    kind: str,
    name: str = "this",
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One change of one managed resource."""
    unknown = more.pop("after_unknown", {})
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "change": {"before": before, "after": after, "after_unknown": unknown, "actions": ["update"]},
        **more,
    }


def resources(document: Mapping[str, Any], part: str = "breakdown") -> dict[str, dict[str, Any]]:
    """The resources of the only project, by address, in the document's order."""
    (project,) = document["projects"]
    return {item["name"]: item for item in project[part]["resources"]}


def lines(resource: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Components by `GROUP / NAME`."""
    found = {item["name"]: item for item in resource.get("costComponents", ())}
    for group in resource.get("subresources", ()):
        found |= {f"{group['name']} / {name}": item for name, item in lines(group).items()}
    return found
