"""What a repair would apply besides what it puts back."""

from __future__ import annotations

from typing import Any

import pytest

from gaia.operations.drift.waiting import waiting
from gaia.terraform.plan import Plan

BUCKET = {"address": "aws_s3_bucket.this", "mode": "managed", "type": "aws_s3_bucket", "name": "this"}


def found(
    stored: dict[str, Any] | None, real: dict[str, Any] | None, wanted: dict[str, Any], unknown: object = False
) -> list[str]:
    """Of a bucket: as the state has it, as it is, as the code wants it."""
    drift = {**BUCKET, "change": {"actions": ["update"], "before": stored, "after": real}}
    back = {"actions": ["update" if real else "create"], "before": real, "after": wanted, "after_unknown": unknown}
    document = {"format_version": "1.2", "resource_drift": [drift], "resource_changes": [{**BUCKET, "change": back}]}
    return [one.removeprefix("aws_s3_bucket.this.") for one in waiting(Plan.parse(document))]


@pytest.mark.parametrize(
    ("stored", "real", "wanted", "waits"),
    [
        pytest.param({"a": 1}, {"a": 2}, {"a": 1}, [], id="put back"),
        pytest.param({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 5}, ["b"], id="another attribute"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 3}, ["a"], id="the same attribute, and another value"),
        pytest.param({"t": {"o": 1}}, {"t": {"o": 2}}, {"t": {"o": 1, "n": 1}}, ["t.n"], id="another tag"),
        pytest.param(
            {"tags": {"o": 1}, "tags_all": {"o": 1}},
            {"tags": {"o": 2}, "tags_all": {"o": 2}},
            {"tags": {"o": 1, "n": 1}, "tags_all": {"o": 1, "n": 1}},
            ["tags.n"],
            id="what only repeats another one",
        ),
        pytest.param({"l": [1]}, {"l": [1, 2]}, {"l": [1]}, [], id="an element that is too many"),
        pytest.param({"l": [1, 3]}, {"l": [1, 2]}, {"l": [3, 1]}, [], id="in another order"),
        pytest.param({"l": [1]}, {"l": [1, 2]}, {"l": [1, 5]}, ["l[1]"], id="an element that waits"),
        pytest.param({"a": 1, "d": ""}, {"a": 2, "d": "x"}, {"a": 1, "d": None}, [], id="nothing, written otherwise"),
        pytest.param({"p": '{"a":1}'}, {"p": "{}"}, {"p": '{ "a": 1 }'}, [], id="a document laid out otherwise"),
    ],
)
def test_what_is_neither_so_nor_was_so_waits_in_the_code(
    stored: dict[str, Any], real: dict[str, Any], wanted: dict[str, Any], waits: list[str]
) -> None:
    """Attribute by attribute."""
    assert found(stored, real, wanted) == waits


def test_what_is_replaced_has_nothing_of_what_the_old_one_was_given_by_itself() -> None:
    """So only what the code writes counts."""
    stored, real = {"key": "a", "ttl": [{"on": False}]}, {"key": "b", "ttl": [{"on": False}]}
    wanted: dict[str, object] = {"ttl": []}
    drift = {**BUCKET, "change": {"actions": ["update"], "before": stored, "after": real}}
    expressions = {"key": {"references": ["var.key"]}}
    document: dict[str, object] = {"format_version": "1.2", "resource_drift": [drift]}
    document["configuration"] = {"root_module": {"resources": [{**BUCKET, "expressions": expressions}]}}
    for key, waits in (("a", ()), ("c", ("aws_s3_bucket.this.key",))):
        back = {"actions": ["delete", "create"], "before": real, "after": {**wanted, "key": key}}
        assert waiting(Plan.parse({**document, "resource_changes": [{**BUCKET, "change": back}]})) == waits


def test_what_is_not_known_yet_tells_nothing() -> None:
    """Nor what is gone and made anew: that takes the code as it is."""
    assert found({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1}, {"b": True}) == []
    assert found({"a": 1}, None, {"a": 5}) == []
