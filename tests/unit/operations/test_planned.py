"""What a recovery sees of a plan."""

from __future__ import annotations

from typing import Any

from gaia.operations.planned import Planned, read_planned
from gaia.terraform.plan import Plan


def _planned(change: dict[str, Any], **more: Any) -> tuple[Planned, ...]:
    entry = {"address": "aws_kms_key.this", "mode": "managed", "type": "aws_kms_key", "name": "this", "change": change}
    return read_planned(Plan.parse({"format_version": "1.2", "resource_changes": [{**entry, **more}]}))


def test_what_is_known_is_neither_unknown_nor_sensitive() -> None:
    """At any depth: a name that is not known yet, or must not be told, is no way to look for something."""
    after = {"name": "lab", "arn": None, "tags": {"a": "x"}, "password": "hunter2", "rules": [{"key": "hunter2"}]}
    change = {
        "actions": ["create"], "before": None, "after": after,
        "after_unknown": {"arn": True, "tags": {"b": True}},
        "after_sensitive": {"password": True, "rules": [{"key": True}], "name": False},
    }  # fmt: skip
    (item,) = _planned(change)
    assert item.known == {"name": "lab"}
    assert item.after == after
    assert item.before == {}
    assert (item.importing, item.tainted, item.actions) == ("", False, ("create",))


def test_secrets_stay_out_of_what_is_printed_of_it() -> None:
    """A traceback or a log of a planned resource tells its address, no values."""
    (item,) = _planned({"actions": ["update"], "before": {"a": "hunter2"}, "after": {"a": "hunter3"}})
    assert "hunter" not in repr(item)
    assert "aws_kms_key.this" in repr(item)


def test_what_is_read_and_what_is_left_over_is_nothing_to_recover() -> None:
    """Data sources, and old objects that wait for their deletion."""
    change = {"actions": ["no-op"], "before": {"id": "a"}, "after": {"id": "a"}}
    assert len(_planned(change)) == 1
    assert _planned(change, mode="data") == ()
    assert _planned({**change, "actions": ["delete"], "after": None}, deposed="k1") == ()


def test_an_import_and_a_taint_are_told() -> None:
    """By its id, and by terraform's reason for the replacement; another reason is no taint."""
    change = {"actions": ["no-op"], "before": {}, "after": {}, "importing": {"id": "abc"}}
    assert _planned(change)[0].importing == "abc"
    replaced = {"actions": ["delete", "create"], "before": {"id": "a"}, "after": {}}
    assert _planned(replaced, action_reason="replace_because_tainted")[0].tainted
    assert not _planned(replaced, action_reason="replace_because_cannot_update")[0].tainted
