"""Kills at seeded moments of plan, apply, destroy, adopt and import, over twelve resources in three instances.

180 in `make nightly`, the kills of publishing aside: 140 on `terraform_data` and 40 on the AWS provider; a handful in
`make test-cloud`. GAIA_POINTS=2/8 takes every eighth round from the second one on.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.integration.checkout.killed_set import KilledSet, round_of

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.sandbox import Sandbox

STEPS = {
    "local": ("plan", "apply", "adopt", "apply", "apply", "import", "destroy"),
    "aws": ("plan", "apply", "apply", "import", "destroy"),
}
ROUNDS = {"local": 20, "aws": 8}
NUMBER, _, COUNT = os.environ.get("GAIA_POINTS", "1/1").partition("/")
"""Read here, because tests run without the environment's GAIA_*."""


def mine(kind: str) -> range:
    """The rounds of this shard."""
    return range(1, ROUNDS[kind] + 1)[int(NUMBER) - 1 :: int(COUNT)]


def test_the_kills_add_up() -> None:
    """With the twenty of publishing there are two hundred."""
    kills = {kind: ROUNDS[kind] * len(steps) for kind, steps in STEPS.items()}
    assert kills == {"local": 140, "aws": 40}


@pytest.mark.cloud
@pytest.mark.long(2)
def test_a_handful_of_kills(tmp_path: Path, emulator: Sandbox) -> None:
    """One round without a cloud."""
    round_of(KilledSet(tmp_path, emulator, "local", 0), ("plan", "apply", "adopt", "import", "destroy"))


@pytest.mark.chaos
@pytest.mark.long(3)
@pytest.mark.parametrize("seed", mine("local"))
def test_killed_without_a_cloud(tmp_path: Path, emulator: Sandbox, seed: int) -> None:
    """States in the bucket, resources in the states alone."""
    round_of(KilledSet(tmp_path, emulator, "local", seed), STEPS["local"])


@pytest.mark.chaos
@pytest.mark.long(5)
@pytest.mark.parametrize("seed", mine("aws"))
def test_killed_with_the_provider(tmp_path: Path, emulator: Sandbox, seed: int) -> None:
    """Topics, parameters, roles and their policies, counted in the emulator."""
    round_of(KilledSet(tmp_path, emulator, "aws", seed), STEPS["aws"])
