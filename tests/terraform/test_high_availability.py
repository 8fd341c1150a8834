"""From the plan of a production stack any one zone is taken away, and everything goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.terraform.offline import COMPONENTS, Terraform, good
from tests.terraform.zones import Network, table

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/explanation/high-availability.md"
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def networks(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Network]:
    """Each run of `roots/production`, by its name. Providers are mocked so that ids are known while planning."""
    tree = tmp_path_factory.mktemp("production")
    ignored = shutil.ignore_patterns(".terraform*")
    shutil.copytree(COMPONENTS, tree / COMPONENTS.relative_to(ROOT), ignore=ignored)
    folder = tree / (HERE / "roots/production").relative_to(ROOT)
    shutil.copytree(HERE / "roots/production", folder, ignore=ignored)
    good(terraform(folder, "init", "-backend=false", "-input=false", "-no-color"))
    done = terraform(folder, "test", "-json", "-verbose")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one for one in said if one["@level"] == "error"] == []
    return {
        one["@testrun"]: Network(one["test_plan"]["resource_changes"]) for one in said if one["type"] == "test_plan"
    }


def test_production_survives_each_zone(networks: Mapping[str, Network]) -> None:
    """Subnets that are left have a way out, the load balancer two zones, node groups nodes, databases a copy."""
    network = networks["production"]
    assert network.zones == ["us-east-1a", "us-east-1b", "us-east-1c"]
    for zone in network.zones:
        left = network.without(zone)
        assert left.broken == []
        assert (left.routes, left.load_balancers, left.nodes) == ((2, 2), (2,), ((2, 3),))
        assert left.databases == ((1, 2), (1, 2))


def test_the_page_shows_the_result(networks: Mapping[str, Network]) -> None:
    """docs/explanation/high-availability.md has exactly these tables."""
    page = PAGE.read_text("utf-8")
    for name, network in networks.items():
        shown = table([network.without(zone) for zone in network.zones])
        assert shown in page, f"{name}:\n{shown}"


def test_two_zones_are_too_few_for_two_to_be_left(networks: Mapping[str, Network]) -> None:
    """Subnets and nodes go on; the load balancer has one zone until the other is back."""
    network = networks["production_over_two_zones"]
    for zone in network.zones:
        assert network.without(zone).broken == ["a load balancer is left with 1 zone"]


def test_a_development_stack_would_be_noticed(networks: Mapping[str, Network]) -> None:
    """One NAT gateway in the first zone, one of everything else: with that zone the ways out of the others are gone."""
    network = networks["development"]
    alone = "a database is left with 0 of 1 copies"
    small = ["a node group is left with 0 of 1 nodes", alone, alone]
    assert network.without("us-east-1a").broken == [
        "2 private subnets have no way out",
        *small,
    ]
    assert network.without("us-east-1b").broken == small
