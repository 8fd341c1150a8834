"""A state that lies elsewhere than its instance looks for it stops everything; another's state stops nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gaia.errors import Next
from gaia.stacks.model import InstanceKey
from gaia.states.guards import Claim, Lying, Makes, concerns, misplaced, nearest, shared
from gaia.states.places import Bucket, FilePlace, ObjectPlace, OtherPlace
from gaia.terraform.state import State

BUCKET = Bucket("states")
MAKES = Makes(frozenset(("aws_vpc.this", "module.net.aws_subnet.a")), frozenset(("module.logs",)))


def at(key: str) -> ObjectPlace:
    """A place in the bucket."""
    return ObjectPlace(BUCKET, key)


def claim(stack: str = "acme-dev", component: str = "vpc", *, key: str = "", empty: bool = True, **words: str) -> Claim:
    """An instance; its workspace is the stack."""
    said = words or {"tenant": "acme", "stage": stack.rpartition("-")[2]}
    place = at(key or f"{component}/{stack}/terraform.tfstate")
    return Claim(InstanceKey(stack, component), place, stack, MAKES, said, empty)


def lying(key: str, *addresses: str, **attributes: Any) -> Lying:
    """A state with resources of these addresses."""
    resources = []
    for address in addresses or ("aws_vpc.this",):
        *module, kind, name = address.split(".")
        entry = {"mode": "managed", "type": kind, "name": name, "instances": [{"attributes": attributes}]}
        resources.append({**entry, **({"module": ".".join(module)} if module else {})})
    return Lying(at(key), State.parse({"version": 4, "serial": 1, "lineage": "l", "resources": resources}))


MOVED = {
    "another prefix": ("network/acme-dev/terraform.tfstate", {}),
    "another key": ("vpc/acme-dev/state", {}),
    "another workspace": ("vpc/dev/terraform.tfstate", {"id": "acme-dev-vpc"}),
    "the default workspace": ("terraform.tfstate", {"tags": {"Stage": "dev", "Tenant": "acme"}}),
    "names that say nothing": ("vpc/old/terraform.tfstate", {"id": "vpc-0123"}),
}


@pytest.mark.parametrize(("key", "attributes"), MOVED.values(), ids=MOVED.keys())
def test_what_was_moved_is_found(key: str, attributes: dict[str, Any]) -> None:
    """Where an unclaimed state holds what the instance would make, it would be made twice."""
    [found] = misplaced([claim()], [lying(key, **attributes)])
    assert (found.key, str(found.found)) == (InstanceKey("acme-dev", "vpc"), f"s3://states/{key}")
    error = found.error()
    assert error.code == "state-misplaced"
    assert "would make everything twice" in error.message
    assert isinstance(error.next_step, Next)
    assert error.next_step.options == ("--from", str(found.found))


OTHERS = {
    "of another stack": ([claim(), claim("acme-prod", empty=False)], lying("x/acme-prod/terraform.tfstate")),
    "of a stack that has gone": ([claim()], lying("vpc/acme-old/terraform.tfstate", id="acme-old-vpc")),
    "of another repository": ([claim()], lying("vpc/evil-dev/terraform.tfstate", id="evil-dev-vpc")),
    "of a stage that others have": (
        [claim(stage="dev"), claim("b", stage="prod", empty=False)], lying("terraform.tfstate", id="prod"),
    ),
    "of other code": ([claim()], lying("vpc/old/terraform.tfstate", "aws_kms_key.this")),
    "of an instance that has its own": ([claim(empty=False)], lying("vpc/old/terraform.tfstate")),
}  # fmt: skip


@pytest.mark.parametrize(("claims", "found"), OTHERS.values(), ids=OTHERS.keys())
def test_what_is_anothers_stops_nothing(claims: list[Claim], found: Lying) -> None:
    """Its place or its content says whose it is, or the code makes nothing of the kind."""
    assert misplaced(claims, [found]) == ()


def test_modules_count() -> None:
    """Resources of local modules by their address, of others by the module's; an index does not matter."""
    state = lying("vpc/old/t", "module.net.aws_subnet.a", 'module.logs["x"].aws_s3_bucket.b', "module.no.aws_vpc.c")
    [found] = misplaced([claim()], [state])
    assert found.resources == ("module.net.aws_subnet.a", 'module.logs["x"].aws_s3_bucket.b')


def test_a_local_state_is_moved_with_mv() -> None:
    """The way out is a command to paste."""
    here, there = Path("/c/a/terraform.tfstate"), Path("/c/a/terraform.tfstate.d/dev/terraform.tfstate")
    mine = Claim(InstanceKey("dev", "a"), FilePlace(there), "dev", MAKES, {}, True)
    [found] = misplaced([mine], [Lying(FilePlace(here), lying("x").state)])
    assert str(found.found) == str(here)


def test_two_instances_with_one_state_are_named() -> None:
    """Each with the other; a backend of which not all is known is not judged."""
    one, two, three = (InstanceKey("dev", name) for name in "abc")
    other = OtherPlace("gcs", "dev")
    assert shared({one: at("x"), two: at("x"), three: at("y")}) == {one: (two,), two: (one,)}
    assert shared({one: other, two: other}) == {}


def test_the_likeliest_places_come_first() -> None:
    """So that what is cut off is the least likely; what lies in another component's folder is not looked into."""
    home, other = Path("/c/net"), Path("/c/other")
    mine = Claim(InstanceKey("dev", "net"), FilePlace(home / "x/dev/t"), "dev", MAKES, {}, True, home)
    neighbor = Claim(InstanceKey("dev", "other"), FilePlace(other / "x/dev/t"), "dev", MAKES, {}, False, other)
    far, near = FilePlace(Path("/c/a0/t")), FilePlace(Path("/c/old/x/dev/t"))
    bucket = at("net/dev/t")
    assert nearest([mine, neighbor], [bucket, far, FilePlace(other / "t"), near]) == (near, far, bucket)
    assert nearest([neighbor], [far, near]) == ()


def test_only_what_somebody_without_a_state_would_make_is_kept() -> None:
    """The rest is nobody's business."""
    assert concerns([claim()], lying("x").state)
    assert not concerns([claim(empty=False)], lying("x").state)
    assert not concerns([claim()], lying("x", "aws_kms_key.this").state)
