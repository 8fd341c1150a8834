"""A state of version 4, part by part."""

from __future__ import annotations

from typing import Any

import pytest

from gaia.terraform.state import Output, State, index_suffix


def _state(*instances: dict[str, Any], **more: Any) -> State:
    entry = {"mode": "managed", "type": "aws_x", "name": "a", "provider": "p", "instances": list(instances)}
    return State.parse({"version": 4, "resources": [{**entry, **more}]})


def test_an_empty_state_knows_nothing() -> None:
    """And lacks nothing that would be asked of it."""
    state = State.parse('{"version": 4}')
    assert (state.serial, state.lineage, state.resources, state.outputs) == (0, "", (), {})
    assert state.empty
    assert list(state.secrets()) == []
    assert state.output_values == {}


def test_who_wrote_it_and_what_it_gives_out() -> None:
    """Outputs that are not marked are open; sensitive ones are secrets, unless they are null."""
    outputs = {
        "a": {"value": 1}, "b": {"value": "hunter2", "sensitive": True}, "c": {"value": None, "sensitive": True},
        "d": {"value": "x", "sensitive": "yes"},
    }  # fmt: skip
    state = State.parse({"version": 4, "serial": 7, "lineage": "l", "outputs": outputs})
    assert (state.serial, state.lineage) == (7, "l")
    assert state.outputs == {
        "a": Output(1, sensitive=False), "b": Output("hunter2", sensitive=True), "c": Output(None, sensitive=True),
        "d": Output("x", sensitive=False),
    }  # fmt: skip
    assert list(state.secrets()) == ["hunter2"]
    assert state.output_values == {"a": 1, "b": "hunter2", "c": None, "d": "x"}
    assert "hunter2" not in repr(state)


def test_each_instance_of_a_resource_is_one() -> None:
    """With what is known of it; what is empty, or no text, is no id."""
    whole = {"index_key": 0, "attributes": {"id": "i", "arn": "arn:i", "n": 1}}
    bare = {"index_key": 1, "attributes": None, "status": "tainted", "deposed": "k"}
    odd = {"index_key": 2, "attributes": {"id": 5, "arn": ""}, "deposed": ""}
    one, two, three = _state(whole, bare, odd).resources
    assert (one.address, one.type, one.provider, one.id, one.arn) == ("aws_x.a[0]", "aws_x", "p", "i", "arn:i")
    assert (one.attributes, one.sensitive, one.deposed, one.tainted) == (whole["attributes"], (), None, False)
    assert (two.address, two.id, two.attributes, two.deposed, two.tainted) == ("aws_x.a[1]", None, {}, "k", True)
    assert (three.id, three.arn, three.deposed) == (None, None, None)


def test_what_is_read_is_no_resource_and_a_module_is_part_of_the_address() -> None:
    """A resource without instances is none either."""
    assert _state({"attributes": {}}, mode="data").empty
    assert _state().empty
    assert _state(instances=None).empty
    (inside,) = _state({"attributes": {}}, module="module.m").resources
    assert inside.address == "module.m.aws_x.a"


def test_secrets_are_found_where_the_state_marks_them() -> None:
    """By name and by index; a mark on what is not there, or is null, is no secret; data sources have some too."""
    password = [{"type": "get_attr", "value": "password"}]
    second = [{"type": "get_attr", "value": "list"}, {"type": "index", "value": {"value": 1, "type": "number"}}]
    gone = [{"type": "get_attr", "value": "gone"}]
    empty = [{"type": "get_attr", "value": "empty"}]
    attributes = {"password": "hunter2", "list": ["open", "closed"], "empty": None}
    instance = {"attributes": attributes, "sensitive_attributes": [password, second, gone, empty]}
    assert list(_state(instance).secrets()) == ["hunter2", "closed"]
    assert list(_state(instance, mode="data").secrets()) == ["hunter2", "closed"]
    (resource,) = _state(instance).resources
    assert resource.sensitive == (("password",), ("list", 1), ("gone",), ("empty",))
    assert list(_state({"attributes": None, "sensitive_attributes": [password]}).secrets()) == []


@pytest.mark.parametrize(
    ("key", "suffix"),
    [(None, ""), (0, "[0]"), ("a", '["a"]'), ("ö", '["ö"]'), ('"', '["\\""]'), ("%{x}", '["%%{x}"]'), ("", '[""]')],
)
def test_an_instance_key_is_written_as_terraform_does(key: object, suffix: str) -> None:
    """So that the address can be typed."""
    assert index_suffix(key) == suffix
