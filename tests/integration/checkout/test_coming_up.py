"""All of production comes up from an account without anything, is as its stacks say, and goes down again.

Through `gaia`, with its policies, prices and guards: nothing is mocked and nothing skipped. The instances are those
that `gaia list instances` names.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.checkout.killed_set import client
from tests.integration.checkout.operating import Ground, events

from gaia import sandbox
from gaia.kit import clock
from gaia.policy.model import Finding
from gaia.policy.violating import PlainValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.sandbox import Sandbox

pytestmark = [pytest.mark.chaos, pytest.mark.long(40)]
BLUEPRINT = Path(__file__).parents[3] / "blueprint"
STACK = os.environ.get("GAIA_STACK") or "acme-use1-prod"
FAULTS: list[list[str]] = tomllib.loads(Path(__file__).with_name("faults.toml").read_text("utf-8"))["faults"]
ZONE = "Z0ACME0EXAMPLE0"
"""As the blueprint calls the one zone that an account brings along."""
ENDS_LAST = '.metadata.component != "tfstate-backend"'
"""The bucket of states stays: it holds the history of all that was."""
PRICES = """
prices:
- {service: awskms, region: eu-west-1, family: Encryption Key, key: key, unit: Keys-Mo, usd: "1"}
"""
"""What the book lacks of the second region, as `gaia prices refresh` would fetch it."""
WAIVER = """
waivers:
  - rule: plan.change_windows
    resource: "-"
    instance: "*/*"
    value: {value}
    reason: The account is new, so nothing is lost while nobody is there.
    owner: platform
    expires: "{expires}"
"""
UNPROTECTED = """
components:
  terraform:
    alb: {vars: {deletion_protection: false}}
    dynamodb-table: {vars: {deletion_protection: false}}
    rds: {vars: {deletion_protection: false}}
"""


GUARD = re.compile(r"condition += .*\bdeletion_protection\)?$", re.MULTILINE)
"""The precondition of what must not be deleted by accident."""


@dataclass(frozen=True)
class Account:
    """An account, empty but for the zone that its certificates are proven in, and the blueprint around an operator."""

    ground: Ground
    emulator: Sandbox

    def gaia(self, *words: str, fine: tuple[int, ...] = (0,)) -> str:
        """What a command says."""
        return self.ground.run(*words, fine=fine)

    def planned(self) -> list[dict[str, Any]]:
        """What a plan says of each instance of the stack."""
        found = events(self.gaia("plan", "-s", STACK, "-o", "json"))
        return [one for one in found if one["event"] == "planned"]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """The blueprint as `gaia init` copies it, with the facts of this account."""
    ground = Ground(tmp_path / "repository", environ={"GAIA_PRICES": str(tmp_path / "prices.yml")}, longest=3600)
    shutil.rmtree(ground.root)
    shutil.copytree(BLUEPRINT, ground.root)
    (tmp_path / "prices.yml").write_text(PRICES)
    window = Finding("plan.change_windows", "deny", "", "medium", "", None, (), "")
    value, expires = PlainValues({}).of(window, "", [6, 18]), f"{clock.now() + timedelta(days=30):%Y-%m-%d}"
    ground.write("waivers/coming-up.yaml", WAIVER.format(value=value, expires=expires))
    emulator = sandbox.up(tmp_path / "home", buckets=())
    zones = client(emulator, "route53")
    zone = zones.create_hosted_zone(Name="acme.example.com", CallerReference="test")["HostedZone"]["Id"]
    facts = [path for path in ground.root.glob("stacks/**/*.yaml") if ZONE in path.read_text()]
    assert facts
    for path in facts:
        path.write_text(path.read_text().replace(ZONE, zone.rpartition("/")[2]))
    yield Account(ground, emulator)
    sandbox.down(tmp_path / "home")


def test_production_comes_up_from_nothing_and_goes_down(account: Account) -> None:
    """Bootstrap, one command for the rest with what it needs of the second region; then no plan has anything to say."""
    account.gaia("bootstrap", "-s", STACK, "--yes")
    account.gaia("apply", "-s", STACK, "--upstream", "--yes", "--parallel", "3")
    named = {
        f"{one['stack']}/{one['component']}"
        for one in json.loads(account.gaia("list", "instances", "-s", STACK, "-o", "json"))["instances"]
    }
    planned = account.planned()
    assert {one["instance"] for one in planned} == named
    assert [one for one in planned if one["status"] not in ("unchanged", "changes")] == []
    _only_faults(planned)

    _unprotect(account)
    account.gaia("apply", "-s", STACK, "--yes", "--parallel", "3")
    account.gaia(
        "destroy", "-s", STACK, "--query", ENDS_LAST, "--production", "--protected", "--yes", "--parallel", "3"
    )
    states = _states(account, re.sub(r"-\w+-", "-", STACK) + "-tfstate")
    assert {name: held for name, held in states.items() if held and STACK in name} == {
        f"{STACK}-state": states[f"{STACK}-state"]
    }


def _only_faults(planned: list[dict[str, Any]]) -> None:
    """What is planned once more is what the emulator is known to forget, and all of that."""
    seen = {
        (change["type"], name)
        for one in planned
        for change in one["changes"]
        for name in {**change["before"], **change["after"]}
        if change["before"].get(name) != change["after"].get(name)
    }
    assert seen == {(kind, name) for kind, name, _ in FAULTS}


def _unprotect(account: Account) -> None:
    """Somebody means it: what guards production is taken out of her checkout, and an apply lifts the protections first.

    Components and rules both refuse production without them, and no input says otherwise.
    """
    root = account.ground.root
    for name in ("nothing_is_lost", "production_survives"):
        for path in root.glob(f"policies/plan/{name}*.rego"):
            path.unlink()
    guarded = [path for path in root.glob("components/terraform/*/*.tf") if GUARD.search(path.read_text())]
    assert {path.parent.name for path in guarded} == {"alb", "dynamodb-table", "rds"}
    for path in guarded:
        path.write_text(GUARD.sub('condition = var.stage != ""', path.read_text()))
    account.ground.write("stacks/mixins/going-down.yaml", UNPROTECTED)
    path, stage = root / "stacks/mixins/stack.yaml", "mixins/stage/{{ .stage }}\n"
    assert stage in path.read_text()
    path.write_text(path.read_text().replace(stage, f"{stage}  - mixins/going-down\n"))


def _states(account: Account, bucket: str) -> dict[str, int]:
    """How many resources each workspace's state holds."""
    s3, found = client(account.emulator, "s3"), {}
    for one in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        state = json.loads(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())
        found[one["Key"].split("/")[1]] = len([each for each in state["resources"] if each["mode"] == "managed"])
    return found
