"""gaia.terraform.inputs: what is not known goes to no preview as a text."""

from __future__ import annotations

import pytest

from gaia.errors import Position
from gaia.stacks.model import Unknown
from gaia.terraform.inputs import Inputs, UnknownInput

OPEN = Unknown("atmos.Component", "{{ x }}", Position("stacks/a.yaml", 1))


def test_a_template_that_is_left_open_waits_and_is_null_for_a_destruction() -> None:
    """Joined with others or alone, however deep it stands."""
    values: dict[str, object] = {"a": [{"b": OPEN}]}
    inputs = Inputs({}, {}, lambda _: None, destroy=False)
    with pytest.raises(UnknownInput, match="has no value yet"):
        inputs.wired(values, {})
    with pytest.raises(UnknownInput, match="has no value yet"):
        inputs.known(values)
    gone = Inputs({}, {}, lambda _: None, destroy=True)
    assert gone.wired(values, {}) == gone.known(values) == {"a": [{"b": None}]}
