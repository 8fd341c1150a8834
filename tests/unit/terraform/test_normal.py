"""The normal form of a plan, value by value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gaia.errors import Invalid
from gaia.kit.keys import SecretKey
from gaia.stacks.model import InstanceKey
from gaia.terraform.normal import NormalChange, NormalForm, Secret, Unknown, mac
from gaia.terraform.plan import Plan

KEY = SecretKey("key-000000000000", bytes(range(32)))
VPC, DB = InstanceKey("t-dev", "vpc"), InstanceKey("t-dev", "db")


def _plan(*changes: dict[str, Any], **outer: Any) -> Plan:
    entries = [
        {"address": f"aws_x.{'ba'[number % 2]}{number}", "mode": "managed", "type": "aws_x", "change": change, **outer}
        for number, change in enumerate(changes)
    ]
    return Plan.parse({"format_version": "1.2", "resource_changes": entries})


def _one(change: dict[str, Any], **outer: Any) -> NormalChange:
    ((only,),) = NormalForm.of({VPC: _plan(change, **outer)}, KEY).parts.values()
    return only


def _secret(value: object) -> Secret:
    return Secret(mac(value, VPC, "aws_x.b0", KEY), value)


def test_values_are_joined_with_their_marks() -> None:
    """Unknown, secret, both, and neither; below lists and maps; where a value is absent its mark tells what comes."""
    after = {
        "open": 1, "password": "hunter2", "none": None, "map": {"a": 1}, "list": ["a", None, {"k": "hunter2"}],
        "whole": {"a": 1},
    }  # fmt: skip
    unknown = {
        "arn": True,
        "map": {"b": True, "c": False},
        "list": [False, True, {}],
        "later": {"x": True},
        "rows": [True],
    }
    sensitive = {"password": True, "none": True, "arn": True, "list": [False, False, {"k": True}], "whole": True}
    found = _one({"actions": ["create"], "after": after, "after_unknown": unknown, "after_sensitive": sensitive})
    assert found.before is None
    assert found.after == {
        "open": 1, "password": _secret("hunter2"), "none": None, "map": {"a": 1, "b": Unknown(sensitive=False)},
        "list": ["a", Unknown(sensitive=False), {"k": _secret("hunter2")}], "whole": _secret({"a": 1}),
        "arn": Unknown(sensitive=True), "later": {"x": Unknown(sensitive=False)}, "rows": [Unknown(sensitive=False)],
    }  # fmt: skip


def test_a_mark_of_one_side_hides_on_both() -> None:
    """What was a secret is still one when the mark is gone, and was one before it came."""
    change = {"actions": ["update"], "before": {"a": "x", "b": "y"}, "after": {"a": "x", "b": "y"}}
    found = _one({**change, "before_sensitive": {"a": True}, "after_sensitive": {"b": True}})
    assert found.before == found.after == {"a": _secret("x"), "b": _secret("y")}


def test_what_moves_by_itself_is_no_part_of_it() -> None:
    """A database can be restored to a later second at each look: a change that was shown is still that change."""
    moment = {"latest_restorable_time": "2026-12-01T00:53:22Z"}
    change: dict[str, Any] = {"actions": ["update"], "before": {"size": 1, **moment}, "after": {"size": 2, **moment}}
    found = _one(change, type="aws_db_instance")
    assert (found.before, found.after) == ({"size": 1}, {"size": 2})
    made = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {"latest_restorable_time": True}}
    assert _one(made, type="aws_db_instance").after == {}
    assert _one(change).after == {"size": 2, "latest_restorable_time": "2026-12-01T00:53:22Z"}


def test_a_side_that_is_not_there_is_nothing() -> None:
    """Before a creation, after a deletion; a replacement has both."""
    sides = {"before": {"a": 1}, "after": {"a": 2}}
    assert (_one({"actions": ["create"], **sides}).before, _one({"actions": ["create"], **sides}).after) == (
        None,
        {"a": 2},
    )
    for action in ("delete", "forget"):
        gone = _one({"actions": [action], **sides})
        assert (gone.before, gone.after) == ({"a": 1}, None)
    both = _one({"actions": ["delete", "create"], **sides})
    assert (both.before, both.after, both.actions) == ({"a": 1}, {"a": 2}, ("delete", "create"))


def test_moves_imports_and_deposed_objects_are_told() -> None:
    """A resource that has always been there has moved from nowhere."""
    change = {"actions": ["update"], "before": {}, "after": {}}
    moved = _one({**change, "importing": {"id": "i"}}, previous_address="aws_x.old", deposed="k1")
    assert (moved.previous_address, moved.import_id, moved.deposed) == ("aws_x.old", "i", "k1")
    assert moved.sort_key == ("aws_x.b0", "k1")
    stayed = _one(change, previous_address="aws_x.b0")
    assert (stayed.previous_address, stayed.import_id, stayed.deposed) == (None, None, None)
    assert stayed.sort_key == ("aws_x.b0", "")
    assert stayed.as_json().keys() == {"address", "type", "actions", "before", "after"}
    assert moved.as_json().keys() == stayed.as_json().keys() | {"previous_address", "import_id", "deposed"}


def test_a_form_is_sorted_and_read_back() -> None:
    """Instances and addresses; secrets as their HMAC, and keys that look like ours as they were."""
    odd = {"$unknown": True, "$sensitive": "x", "$$": 1, "list": [{"$a": None}]}
    create = {
        "actions": ["create"],
        "after": {**odd, "s": "x"},
        "after_sensitive": {"s": True},
        "after_unknown": {"u": True},
    }
    form = NormalForm.of({VPC: _plan(create, create), DB: _plan(create)}, KEY)
    assert list(form.parts) == [DB, VPC]
    assert [change.address for change in form.parts[VPC]] == ["aws_x.a1", "aws_x.b0"]
    written = json.loads(json.dumps(form.as_json()))
    assert "hunter" not in str(written)
    again = NormalForm.from_json(written)
    assert (again, again.digest, again.key) == (form, form.digest, None)
    assert again.as_json() == form.as_json()
    after = again.parts[DB][0].after
    assert isinstance(after, dict)
    assert {name: after[name] for name in odd} == odd
    assert (after["u"], after["s"].value if isinstance(after["s"], Secret) else None) != ("x", "x")


def test_a_part_is_the_form_of_one_instance() -> None:
    """Nothing of the others; of one that is not in it, nothing at all."""
    create = {"actions": ["create"], "after": {}}
    form = NormalForm.of({VPC: _plan(create), DB: _plan()}, KEY)
    assert form.part(VPC).parts == {VPC: form.parts[VPC]}
    assert form.part(VPC).key is KEY
    assert (form.empty, form.part(DB).empty, form.part(InstanceKey("t-dev", "x")).parts) == (False, True, {})


def test_what_is_known_to_be_secret_is_hidden_without_a_mark() -> None:
    """Wherever the text stands; other texts and other values stay."""
    after = {"a": "hunter2", "list": ["hunter2", {"deep": "hunter2"}], "n": 5, "open": "x"}
    plan = _plan({"actions": ["create"], "after": after})
    ((found,),) = NormalForm.of({VPC: plan}, KEY, hide=lambda text: text == "hunter2").parts.values()
    hidden = _secret("hunter2")
    assert found.after == {"a": hidden, "list": [hidden, {"deep": hidden}], "n": 5, "open": "x"}
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    "wrong",
    [{"version": 99}, {"version": None}, {"instances": None}, {"instances": {"t-dev/vpc": [5]}}, {"instances": [1]},
     {"instances": {"t-dev/vpc": [{"address": "a"}]}}],
)  # fmt: skip
def test_a_damaged_document_is_refused(wrong: dict[str, Any]) -> None:
    """Never taken for one without changes."""
    whole = NormalForm.of({VPC: _plan()}, KEY).as_json()
    with pytest.raises(Invalid) as caught:
        NormalForm.from_json({**whole, **wrong})
    assert caught.value.code == "preview-unreadable"


def test_why_something_is_replaced_stands_beside_the_form() -> None:
    """It explains what is approved and is no part of it: the digest is the same with and without, and it comes back."""
    change = {"actions": ["delete", "create"], "before": {"a": 1}, "after": {"a": 2}}
    paths = [["engine"], ["rule", 0, "name"]]
    bare = NormalForm.of({VPC: _plan(change)}, KEY)
    full = NormalForm.of(
        {VPC: _plan({**change, "replace_paths": paths}, action_reason="replace_because_cannot_update")}, KEY
    )
    assert full.digest == bare.digest
    assert full.parts == bare.parts
    assert bare.reasons() == {"t-dev/vpc": {}}
    told = {"aws_x.b0": {"reason": "replace_because_cannot_update", "forced_by": ["engine", "rule[0].name"]}}
    assert full.reasons() == {"t-dev/vpc": told}
    again = NormalForm.from_json(full.as_json()).explained(json.loads(json.dumps(full.reasons())))
    ((change_again,),) = again.parts.values()
    assert (change_again.forced_by, change_again.reason) == (("engine", "rule[0].name"), told["aws_x.b0"]["reason"])
    assert again.digest == bare.digest


def test_a_deposed_object_takes_no_reason_of_the_object_that_stands() -> None:
    """Both have one address, and only the one that stands is replaced."""
    change = {"actions": ["delete"], "before": {"a": 1}, "after": None}
    form = NormalForm.of({VPC: _plan(change, deposed="d1", action_reason="delete_because_no_module")}, KEY)
    assert form.reasons() == {"t-dev/vpc": {}}
    ((left,),) = form.explained({"t-dev/vpc": {"aws_x.b0": {"reason": "other", "forced_by": ["a"]}}}).parts.values()
    assert left.forced_by == ()
