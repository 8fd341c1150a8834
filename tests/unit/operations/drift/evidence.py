"""Plans and states that terraform 1.11.4 and the AWS provider 5.100 wrote on the emulated AWS (see `recorded/`)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaia.operations.drift.classify import classify
from gaia.operations.drift.model import Evidence
from gaia.terraform.plan import Plan
from gaia.terraform.state import State

if TYPE_CHECKING:
    from gaia.operations.drift.model import Finding

RECORDED = Path(__file__).with_name("recorded")
TODAY = date(2026, 11, 29)
NET = {"subnet": ("dev/net output subnet",)}


def evidence(name: str, instance: str = "dev/photos", *, stored: bool = True, **more: Any) -> Evidence:
    """One recorded plan, with the state that it was made on."""
    plan = Plan.parse((RECORDED / f"{name}.plan.json").read_text())
    state = State.parse((RECORDED / f"{name}.state.json").read_text()) if stored else None
    return Evidence(instance, plan, TODAY, state, **more)


def found(name: str, **more: Any) -> tuple[Finding, ...]:
    """What is found in a recorded plan."""
    return classify(evidence(name, **more))


def places(finding: Finding) -> list[tuple[str, str]]:
    """Addresses and roles."""
    return [(one.address, one.role) for one in finding.places]
