"""From the plan of the blueprint's production any one zone is taken away, and everything goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.terraform.offline import COMPONENTS, Terraform, good
from tests.terraform.test_stacks import GIVEN, INSTANCES
from tests.terraform.zones import Network, table

from gaia.stacks.model import Reference

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PAGE = Path(__file__).resolve().parents[2] / "docs/explanation/high-availability.md"
MOCKS = Path(__file__).with_name("zones.tftest.hcl")
ZONAL = ("alb", "eks", "rds", "security-group", "vpc")
"""Components whose resources stand in zones, and what connects them."""

AURORA = {
    "name": "aurora", "engine": "aurora-mysql", "engine_version": "8.0.mysql_aurora.3.08.2", "instance_class": None,
}  # fmt: skip
"""The component chooses the class: development's is too small for Aurora."""


def _root(stack: str) -> dict[str, object]:
    """Those instances of a stack as one root module: their outputs wired to each other, all else pretended.

    The database comes twice, the second time as an Aurora cluster.
    """
    members = {one.key.component: one for component in ZONAL for one in INSTANCES[component] if one.key.stack == stack}
    modules = {
        name: {
            "source": f"../components/{one.component_path}",
            **{variable: _wired(value, members) for variable, value in one.vars.items()},
        }
        for name, one in members.items()
    }
    modules["aurora"] = modules["shop-database"] | AURORA
    return {"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}}, "module": modules}


def _wired(value: object, members: Collection[str]) -> object:
    if isinstance(value, Reference):
        wired = value.component in members
        return f"${{module.{value.component}.{value.expression}}}" if wired else GIVEN[value.expression]
    if isinstance(value, dict):
        return {key: _wired(inner, members) for key, inner in value.items()}
    return [_wired(inner, members) for inner in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def networks(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Network]:
    """The plans of two stacks, by their names. Providers are mocked so that ids are known while planning."""
    tree = tmp_path_factory.mktemp("zones")
    shutil.copytree(COMPONENTS, tree / "components", ignore=shutil.ignore_patterns(".terraform*"))
    found = {}
    for stack in ("acme-use1-prod", "acme-use1-dev"):
        (tree / stack / "tests").mkdir(parents=True)
        (tree / stack / "main.tf.json").write_text(json.dumps(_root(stack)), "utf-8")
        shutil.copy(MOCKS, tree / stack / "tests")
        good(terraform(tree / stack, "init", "-backend=false", "-input=false", "-no-color"))
        done = terraform(tree / stack, "test", "-json", "-verbose")
        said = [json.loads(line) for line in done.stdout.splitlines()]
        assert [one["diagnostic"] for one in said if "diagnostic" in one] == []
        (plan,) = (one["test_plan"] for one in said if one["type"] == "test_plan")
        found[stack] = Network(plan["resource_changes"])
    return found


def test_production_survives_each_zone(networks: Mapping[str, Network]) -> None:
    """Subnets that are left have a way out, the load balancer two zones, node groups nodes, databases a copy."""
    network = networks["acme-use1-prod"]
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


def test_a_development_stack_would_be_noticed(networks: Mapping[str, Network]) -> None:
    """One NAT gateway in the first zone, one of everything else: with that zone the ways out of the others are gone."""
    network = networks["acme-use1-dev"]
    alone = "a database is left with 0 of 1 copies"
    small = ["a node group is left with 0 of 1 nodes", alone, alone]
    assert network.without("us-east-1a").broken == [
        "2 private subnets have no way out",
        *small,
    ]
    assert network.without("us-east-1b").broken == small
