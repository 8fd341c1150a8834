"""`gaia unlock` at a checkout whose terraform is played."""

from __future__ import annotations

import os

import pytest
from tests.unit.checkout.states import States, StateTerraform
from tests.unit.cli.conftest import Gaia

STACK = "acme-use1-dev"
PHOTOS = f"{STACK}/photos-bucket"
ONE = ("unlock", "photos-bucket", "-s", STACK)


@pytest.fixture
def states() -> States:
    """`photos-bucket` is locked, on another machine."""
    return States({}, {PHOTOS: "lock-1"})


@pytest.fixture
def locking(gaia: Gaia, states: States) -> Gaia:
    """With a backend that only terraform can ask."""
    kept = states

    class Terraform(StateTerraform):
        states = kept

    gaia.code()
    with (gaia.app.root / "stacks/orgs/acme/_defaults.yaml").open("a") as defaults:
        defaults.write("terraform: {backend_type: gcs, backend: {gcs: {bucket: states}}}\n")
    return Gaia(gaia.settings, gaia.app, gaia.program, gaia.world, played=Terraform)


def test_it_shows_who_holds_the_lock(locking: Gaia, states: States) -> None:
    """And changes nothing with --dry-run; as a document too."""
    said = locking(*ONE, "--dry-run")
    assert said.code == 0
    for part in (PHOTOS, "ada@laptop", "since 2026-11-29T19:00:00Z", "OperationTypeApply", "is not known", "lock-1"):
        assert part in said.out
    [lock] = locking(*ONE, "--dry-run", "-o", "json").json["locks"]
    assert (lock["id"], lock["holder"], lock["released"]) == ("lock-1", "unknown", False)
    assert states.locks == {PHOTOS: "lock-1"}


def test_where_it_is_not_known_the_stack_has_to_be_typed(locking: Gaia, states: States) -> None:
    """Yes is not enough, and neither is --yes."""
    said = locking(*ONE, tty=True, given="y\n")
    assert (said.code, states.locks) == (1, {PHOTOS: "lock-1"})
    assert f"The lock of {PHOTOS} stays." in said.out
    refused = locking(*ONE, "--yes")
    assert (refused.code, "confirmation-missing" in refused.err, "--holder-may-live" in refused.err) == (2, True, True)
    assert states.locks == {PHOTOS: "lock-1"}
    done = locking(*ONE, tty=True, given=f"{STACK}\n")
    assert (done.code, states.locks) == (0, {})
    assert f"Released the lock of {PHOTOS}." in done.out


def test_who_says_so_needs_no_terminal(locking: Gaia, states: States) -> None:
    """With both flags; then nothing is locked."""
    done = locking(*ONE, "--yes", "--holder-may-live", "-o", "json")
    assert (done.code, done.json["locks"][0]["released"], states.locks) == (0, True, {})
    assert "No state is locked." in locking(*ONE).out


def test_a_dead_holder_is_released_after_a_question(locking: Gaia, states: States) -> None:
    """One of this machine, where no terraform runs that is as old as the lock."""
    states.who, states.since = f"ada@{os.uname().nodename}", "2001-01-01T00:00:00Z"
    assert (locking(*ONE, tty=True, given="n\n").code, len(states.locks)) == (1, 1)
    assert "confirmation-missing" in locking(*ONE).err
    assert (locking(*ONE, tty=True, given="y\n").code, states.locks) == (0, {})


def test_in_a_container_a_stranger_of_the_same_name_is_not_dead(locking: Gaia, states: States) -> None:
    """Its processes cannot be seen from here."""
    locking.app.sees_all = False
    states.who, states.since = f"ada@{os.uname().nodename}", "2001-01-01T00:00:00Z"
    said = locking(*ONE, "--yes")
    assert (said.code, len(states.locks), "container" in said.err) == (2, 1, True)


def test_without_a_component_it_looks_at_all(locking: Gaia, states: States) -> None:
    """Those that only terraform can ask about are named, to be asked one at a time."""
    said = locking("unlock")
    assert said.code == 0
    assert PHOTOS in said.out
    assert locking("unlock", "-s", STACK, "-o", "json").json == {"locks": [], "not_asked": [PHOTOS]}
    assert states.locks == {PHOTOS: "lock-1"}
