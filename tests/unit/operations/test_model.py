"""What an operation is given and how it ends, as they are written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.operations.fakes import World, operation

from gaia.operations.model import InstanceResource, Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.kit.keys import SecretKey

WHOLE = Outcome(
    "parked",
    "the state does not hold what was approved",
    "state-incomplete",
    "Resume.",
    ("a.b: is not in the state",),
    (InstanceResource("a.c", "a", "id", "arn:c"), InstanceResource("a.d", "a", None)),
    {"name": "x", "size": 3},
    frozenset({"secret", "password", "key"}),
    {"create": 1, "import": 2},
    "sha256:0",
)


@pytest.mark.parametrize("outcome", [WHOLE, Outcome("applied"), Outcome("unchanged", outputs={"a": [None]})])
def test_an_outcome_comes_back_as_it_was(outcome: Outcome) -> None:
    """Through the text of a journal, with every part of it."""
    assert Outcome.from_json(json.loads(json.dumps(outcome.as_json()))) == outcome


def test_an_outcome_is_written_in_one_order() -> None:
    """Names that have none are sorted, so that equal outcomes are equal texts."""
    assert WHOLE.as_json()["sensitive_outputs"] == ["key", "password", "secret"]
    assert set(WHOLE.as_json()) == set(Outcome.__slots__)


def test_an_operation_shows_no_values(tmp_path: Path, key: SecretKey) -> None:
    """Variables and providers may hold secrets, and a crash prints what it holds; without a log nothing is said."""
    given = {"variables": {"password": "hunter2"}, "providers": {"aws": {"secret_key": "hunter2"}}}
    work = operation(tmp_path, World(), key, **given)
    assert "hunter2" not in repr(work)
    assert "log=" not in repr(work)
    work.log("info", "nobody listens")
