"""Names of journals: whose they are can be read back, whatever slashes a component's name has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import STACK

from gaia.operations.journal import Journal
from gaia.platform.instances import journals
from gaia.platform.instances.journals import JournalName

if TYPE_CHECKING:
    from tests.unit.platform.loop import Loop

EKS, CLUSTER = f"{STACK}/eks", f"{STACK}/eks/cluster"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("req_1/dev/vpc", JournalName("dev/vpc", request="req_1")),
        ("req_1/dev/eks/1", JournalName("dev/eks/1", request="req_1")),
        ("direct/dev/vpc/7", JournalName("dev/vpc", number=7)),
        ("direct/dev/eks/cluster/12", JournalName("dev/eks/cluster", number=12)),
        ("direct/dev/eks/1/2", JournalName("dev/eks/1", number=2)),
    ],
)
def test_a_name_is_read_as_it_was_written(text: str, name: JournalName) -> None:
    """Of a request or of a numbered change."""
    assert JournalName.parse(text) == name
    assert str(name) == text


@pytest.mark.parametrize(
    "text", ["req_1", "direct/dev/vpc", "direct/7", "direct/dev/vpc/7x", "direct/dev/vpc/\u0667", ""]
)
def test_what_is_no_journals_name_is_none(text: str) -> None:
    """Strange folders beside them are passed over."""
    assert JournalName.parse(text) is None


@pytest.mark.parametrize("request_", ["req_1", ""])
def test_what_is_left_of_one_instance_keeps_no_other_waiting(loop: Loop, request_: str) -> None:
    """`eks/cluster` is not a part of `eks`."""
    document = (
        journals.of_request(loop.platform, request_, CLUSTER)
        if request_
        else journals.of_change(loop.platform, CLUSTER, 1)
    )
    journal = Journal(document)
    journal.append("begin", operation="apply", instance=CLUSTER)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    assert journals.unfinished(loop.platform, [EKS, STACK]) is None
    assert journals.numbers(loop.platform, EKS) == []
    error = journals.unfinished(loop.platform, [EKS, CLUSTER])
    assert error is not None
    assert error.facts == {
        "request": request_ or None, "instance": CLUSTER, "left": [f"{CLUSTER}: aws_kms_key.this"],
    }  # fmt: skip
    assert document.where in error.next_step
