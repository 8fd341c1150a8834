"""Each builder alone: resources in, bills out, without prices. See pairs/README.md."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia.cost.plan import PlanReader
from gaia.cost.priced import divided
from gaia.cost.resources import MODULES, builder
from gaia.cost.usage import Usage

from .conftest import change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.cost.model import Bill, Component, PriceKey

PAIRS = Path(__file__).parent / "pairs"
TODAY = date(2026, 11, 1)


@pytest.mark.parametrize("name", sorted(path.stem for path in PAIRS.glob("*.json")))
def test_a_builder_bills_what_is_expected(name: str, request: pytest.FixtureRequest) -> None:
    """Names, quantities, units and the keys of prices, with our own additions and without them."""
    file = PAIRS / f"{name}.json"
    pair = json.loads(file.read_text())
    bills, parity = _bills(pair, parity=False), _bills(pair, parity=True)
    found = {
        "expected": bills,
        "parity": {address: bill for address, bill in parity.items() if bills[address] != bill},
    }
    if request.config.getoption("--update", default=False):
        file.write_text(json.dumps({**pair, **found}, indent=2) + "\n")
    else:
        assert found == {key: pair.get(key) for key in found}


def test_every_type_has_a_pair() -> None:
    """No builder goes without an example of what it bills."""
    billed = {address.partition(".")[0] for file in PAIRS.glob("*.json") for address in _expected(file)}
    priced = {kind for kinds in MODULES.values() for kind in kinds}
    assert sorted(priced - billed - _ELSEWHERE) == []


_ELSEWHERE = {"aws_kms_external_key", "aws_kms_key", "aws_s3_bucket"}
"""Types whose pairs are Infracost's own, in goldens."""


def _expected(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text()).get("expected", {})  # type: ignore[no-any-return]


def _bills(pair: dict[str, Any], *, parity: bool) -> dict[str, list[str] | str]:
    usage = Usage({"resource_usage": pair.get("usage", {})})
    today = date.fromisoformat(pair["today"]) if "today" in pair else TODAY
    reader = PlanReader(_plan(pair), pair.get("region", "us-east-1"), today, parity=parity)
    bills: dict[str, list[str] | str] = {}
    for resource in reader.resources("after", usage):
        one = builder(resource.type)
        if one:
            bill = one.bill(resource)
            bills[resource.address] = "free" if bill.free else list(_listed(bill))
            assert not resource.usage.ignored(), f"{resource.address} does not read these quantities"
    assert not usage.unmatched()
    return bills


def _plan(pair: dict[str, Any]) -> dict[str, Any]:
    changes, configured = [], []
    for address, values in pair["resources"].items():
        kind, _, name = address.partition(".")
        changes.append(change(kind, name, after=values))
        said = _expressions(pair.get("references", {}).get(address, {}))
        constants = {attribute: {"constant_value": value} for attribute, value in values.items()}
        configured.append({"address": address, "expressions": {**constants, **said}})
    return {
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": configured}},
    }


def _expressions(references: dict[str, Any]) -> dict[str, Any]:
    """References by attribute, or by attribute of the only block: `{"alias": {"name": "aws_lb.this.dns_name"}}`."""
    found: dict[str, Any] = {}
    for attribute, said in references.items():
        if isinstance(said, dict):
            found[attribute] = [_expressions(said)]
        else:
            every = [said] if isinstance(said, str) else said
            found[attribute] = {"references": [one for full in every for one in (full, full.rpartition(".")[0])]}
    return found


def _listed(bill: Bill, path: str = "") -> Iterator[str]:
    for component in bill.components:
        yield f"{path}{component.name}: {_quantity(component)} {component.unit} at {_key(component.price)}" + "".join(
            f", {word}"
            for word, said in (
                ("by usage", component.usage_based),
                ("optional", component.optional),
                (f"else {_key(component.fallback)}" if component.fallback else "", bool(component.fallback)),
                (f"in {component.region}", bool(component.region)),
            )
            if said
        )
    for name, group in bill.groups:
        yield from _listed(group, f"{path}{name} / ")


def _quantity(component: Component) -> str:
    quantity = component.monthly
    if quantity is None and component.hourly is not None:
        quantity = component.hourly * 730
    return "?" if quantity is None else f"{divided(quantity, component.multiplier).normalize():f}"


def _key(key: PriceKey) -> str:
    return f"{key.service}/{key.family}/{key.key}" + (f"[{key.attrs}]" if key.attrs else "")
