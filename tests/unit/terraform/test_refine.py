"""gaia.terraform.normal and gaia.terraform.refine."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid
from gaia.kit.keys import SecretKey
from gaia.stacks.model import InstanceKey
from gaia.terraform.normal import NormalForm
from gaia.terraform.plan import Plan
from gaia.terraform.refine import Difference, refines

KEY = SecretKey("key-000000000000", bytes(range(32)))
VPC = InstanceKey("t-dev", "vpc")


def change(address: str = "aws_x.a", **parts: Any) -> dict[str, object]:
    """One entry of `resource_changes`; a creation unless `actions` says otherwise."""
    body: dict[str, object] = {
        "actions": ["create"],
        "before": None,
        "after": {},
        "after_unknown": {},
        "before_sensitive": False,
        "after_sensitive": {},
    }
    outer = {name: parts.pop(name) for name in ("mode", "deposed", "previous_address") if name in parts}
    return {"address": address, "mode": "managed", "type": "aws_x", "change": body | parts} | outer


def form(*changes: dict[str, object], instance: InstanceKey = VPC, key: SecretKey = KEY) -> NormalForm:
    """The normal form of a plan with these changes."""
    return NormalForm.of({instance: Plan.parse({"format_version": "1.2", "resource_changes": list(changes)})}, key)


def stored(normal: NormalForm) -> NormalForm:
    """What is left of a form that was written and read."""
    return NormalForm.from_json(json.loads(json.dumps(normal.as_json())))


def kinds(differences: tuple[Difference, ...]) -> list[str]:
    """What kinds of difference were found."""
    return [difference.kind for difference in differences]


scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6)
names = st.text("ab$", min_size=1, max_size=3)
nested = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=8
)
documents = st.dictionaries(names, nested, min_size=1, max_size=4)


@st.composite
def marks(draw: st.DrawFn, value: object) -> object:
    """A mark tree for a value."""
    if draw(st.integers(0, 3)) == 0:
        return True
    if isinstance(value, dict):
        return {key: draw(marks(child)) for key, child in value.items()}
    if isinstance(value, list):
        return [draw(marks(child)) for child in value]
    return False


def leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all scalars, empty lists and empty maps."""
    children: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [leaf for key, child in children for leaf in leaves(child, (*path, key))] if children else [path]


def put(value: Any, path: tuple[str | int, ...], new: object) -> object:
    """A copy of `value` with another value at `path`."""
    if not path:
        return new
    copy = deepcopy(value)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return copy


@given(st.data(), documents)
def test_reflexive(data: st.DataObject, after: dict[str, object]) -> None:
    """A plan refines itself, whatever is unknown or sensitive in it, also after the approved form was stored."""
    one = change(after=after, after_unknown=data.draw(marks(after)), after_sensitive=data.draw(marks(after)))
    assert refines(form(one), form(one)) == ()
    assert refines(stored(form(one)), form(one)) == ()
    assert refines(stored(form(one)), stored(form(one))) == ()
    assert stored(form(one)).digest == form(one).digest


@given(st.data(), documents)
def test_any_changed_known_value_is_found(data: st.DataObject, after: dict[str, object]) -> None:
    """Whichever value is changed, and however the two plans mark it: there is a difference, and it tells no secret."""
    path = data.draw(st.sampled_from(leaves(after)))
    other = put(after, path, "another-value-entirely")
    was = change(after=after, after_sensitive=data.draw(marks(after)))
    now = change(after=other, after_sensitive=data.draw(marks(other)))
    found = refines(stored(form(was)), form(now))
    assert kinds(found) == ["value"]
    secret = change(after=after, after_sensitive=True)
    text = str(refines(stored(form(secret)), form(now))) + str(refines(stored(form(was)), form(now | {
        "change": {**now["change"], "after_sensitive": True}  # type: ignore[dict-item]
    })))  # fmt: skip
    assert "another-value-entirely" not in text


@given(st.data(), documents)
def test_unknown_may_become_known_and_not_the_reverse(data: st.DataObject, after: dict[str, object]) -> None:
    """Any unknown value may become known, sensitive or not; a known one may not become unknown."""
    unknown = data.draw(marks(after))
    before = form(change(after=after, after_unknown=unknown, after_sensitive=data.draw(marks(after))))
    known = form(change(after=after, after_sensitive=data.draw(marks(after))))
    assert refines(stored(before), known) == ()
    path = data.draw(st.sampled_from(leaves(after)))
    top = {str(path[0]): True}
    assert kinds(refines(stored(known), form(change(after=after, after_unknown=top)))) == ["value"]


@given(st.permutations(["aws_x.a", "aws_x.b", "module.m.aws_x.a", 'aws_x.c["k"]']))
def test_order_does_not_matter(order: list[str]) -> None:
    """The digest and the comparison do not depend on the order in which a plan lists its resources."""
    shuffled = form(*(change(address, after={"name": address}) for address in order))
    ordered = form(*(change(address, after={"name": address}) for address in sorted(order)))
    assert shuffled.digest == ordered.digest
    assert refines(shuffled, ordered) == ()


@pytest.mark.parametrize(
    ("approved", "actual", "kind"),
    [
        ([change()], [change(), change("aws_x.b")], "extra"),
        ([change(), change("aws_x.b")], [change()], "missing"),
        ([change()], [change(actions=["update"], before={})], "action"),
        ([change()], [change(actions=["delete", "create"], before={})], "action"),
        ([change()], [change(importing={"id": "i-1"})], "action"),
        ([change(actions=["delete", "create"])], [change(actions=["create", "delete"])], "action"),
        ([change(after={"n": 1})], [change(after={"n": True})], "value"),
        ([change(after={"n": 1})], [change(after={"n": "1"})], "value"),
        ([change(after={"n": None})], [change(after={"n": ""})], "value"),
        ([change(after={"n": [1, 2]})], [change(after={"n": [2, 1]})], "value"),
        ([change(after={"n": [1]})], [change(after={"n": [1, 1]})], "value"),
        ([change(after={"n": {}})], [change(after={"n": {"a": 1}})], "value"),
        ([change(actions=["update"], before={"n": 1})], [change(actions=["update"], before={"n": 2})], "value"),
        ([change(actions=["delete"], before={})], [change(actions=["forget"], before={})], "action"),
    ],
)
def test_differences(approved: list[dict[str, object]], actual: list[dict[str, object]], kind: str) -> None:
    """Another set of resources, another action, another type or value: each is told by kind."""
    assert kinds(refines(stored(form(*approved)), form(*actual)))[:1] == [kind]


def test_what_does_not_count() -> None:
    """Data sources, no-ops and instances that the plan does not speak about are no difference."""
    approved = form(change())
    reads = form(change(), change("data.aws_x.d", mode="data", actions=["read"]), change("aws_x.n", actions=["no-op"]))
    assert refines(approved, reads) == ()
    other = NormalForm({**approved.parts, **form(change(), instance=InstanceKey("t-dev", "db")).parts}, KEY.id)
    assert refines(other, form(change())) == ()
    assert refines(other.part(VPC), form(change())) == ()
    assert kinds(refines(form(), form(change()))) == ["extra"]


def test_done() -> None:
    """What this run has finished may be absent, imported, or updated to exactly what was approved; not made again."""
    approved = stored(form(change(after={"name": "a"}, after_unknown={"id": True})))
    assert kinds(refines(approved, form())) == ["missing"]
    assert refines(approved, form(), done={"aws_x.a"}) == ()
    whole = {"name": "a", "id": "i-1"}
    imported = change(actions=["no-op"], before=whole, after=whole, importing={"id": "i-1"})
    assert refines(approved, form(imported), done={"aws_x.a"}) == ()
    tagged = change(actions=["update"], before={"name": "b", "id": "i-1"}, after=whole)
    assert refines(approved, form(tagged), done={"aws_x.a"}) == ()
    wrong = change(actions=["update"], before=whole, after={"name": "b", "id": "i-1"})
    assert kinds(refines(approved, form(wrong), done={"aws_x.a"})) == ["value"]
    replaced = change(actions=["delete", "create"], before=whole, after=whole)
    assert kinds(refines(approved, form(replaced), done={"aws_x.a"})) == ["action"]


def test_marks_of_either_side_hide() -> None:
    """A value that only the preview marked (it was wired as sensitive) compares with the plain one of the real plan."""
    approved = stored(form(change(after={"password": "hunter2", "n": 1}, after_sensitive={"password": True})))
    assert "hunter2" not in json.dumps(approved.as_json())
    assert refines(approved, form(change(after={"password": "hunter2", "n": 1}))) == ()
    (found,) = refines(approved, form(change(after={"password": "hunter3", "n": 1})))
    assert found.path == ("after", "password")
    assert "hunter" not in str(found) + json.dumps(found.as_json())
    whole = form(change(after={"password": "hunter2", "n": 1}, after_sensitive=True))
    assert refines(approved, whole) == ()
    assert refines(stored(whole), form(change(after={"password": "hunter2", "n": 1}))) == ()
    (found,) = refines(stored(form(change(after={"l": ["a", "s"]}, after_sensitive={"l": [False, True]}))),
                       form(change(after={"l": ["a", "s3cret", "b"]})))  # fmt: skip
    assert "s3cret" not in str(found)


def test_hmac_depends_on_key_and_place() -> None:
    """The same secret in two resources, or under two keys, does not look the same."""
    secret: dict[str, Any] = {"after": {"p": "hunter2"}, "after_sensitive": {"p": True}}
    two = form(change("aws_x.a", **secret), change("aws_x.b", **secret)).as_json()
    changes = two["instances"]["t-dev/vpc"]  # type: ignore[index]
    assert changes[0]["after"] != changes[1]["after"]
    other = form(change(**secret), key=SecretKey("key-111111111111", b"x" * 32))
    assert kinds(refines(stored(form(change(**secret))), other)) == ["key"]


def test_markers_in_user_data_are_data() -> None:
    """A tag that is named like a marker is compared like any other tag."""
    approved = stored(form(change(after={"tags": {"$unknown": True, "$sensitive": "x", "$$a": "b"}})))
    assert refines(approved, form(change(after={"tags": {"$unknown": True, "$sensitive": "x", "$$a": "b"}}))) == ()
    assert kinds(refines(approved, form(change(after={"tags": {}})))) == ["value"] * 3


def test_deposed_objects_are_their_own() -> None:
    """The deletion of a deposed object stands beside the change of the current one."""
    both = form(change(), change(actions=["delete"], before={"n": 1}, after=None, deposed="0a1b2c3d"))
    assert refines(stored(both), both) == ()
    assert kinds(refines(both, form(change()))) == ["missing"]


ADDRESSES: list[object] = [f"10.0.{n}.1/32" for n in reversed(range(1001))]
"""As many as a firewall's set of addresses may well have."""


@pytest.mark.parametrize(
    ("approved", "unknown", "actual", "fits"),
    [
        (["sg-5", None], [False, True], ["sg-1", "sg-5"], True),
        (["sg-5", None, None], [False, True, True], ["sg-5", "sg-9"], True),  # two of them turned out to be one
        ([{"id": "b"}, {"n": 1}], [{}, {"id": True}], [{"id": "a", "n": 1}, {"id": "b"}], True),
        ([{"n": 1}, {}, {"n": 1}], [{"id": True}] * 3, [{"id": "a"}, *({"id": x, "n": 1} for x in "bc")], True),
        (["sg-5", None], [False, True], ["sg-1", "sg-6"], False),
        (["sg-5", None], [False, True], ["sg-1"], False),
        (["sg-5", None], [False, True], ["sg-1", "sg-5", "sg-6"], False),
        ([{"n": 1}, {"n": 2}], [{"id": True}] * 2, [{"id": "a", "n": 1}, {"id": "b", "n": 1}], False),
        (["sg-5", "sg-6"], [False, False], ["sg-5"], False),
        ([*(f"10.0.{n}.1/32" for n in range(1000)), None], [*[False] * 1000, True], ADDRESSES, True),
        ([f"10.1.{n}.1/32" for n in range(1001)], [False] * 1001, ADDRESSES, False),
    ],
)
def test_a_set_has_no_order(approved: list[object], unknown: list[object], actual: list[object], *, fits: bool) -> None:
    """Known elements stay, unknown ones may become any, or equal to another; in a list each has its place."""
    was = stored(form(change(after={"r": [{"s": approved}]}, after_unknown={"r": [{"s": unknown}]})))
    now = form(change(after={"r": [{"s": actual}]}))
    asked: list[tuple[InstanceKey, str, object]] = []

    def is_set(*where: Any) -> bool:
        asked.append(where)
        return bool(where[2] == ("r", 0, "s"))

    assert (refines(was, now, is_set=is_set) == ()) is fits
    assert ((VPC, "aws_x", ("r", 0, "s")) in asked) is fits
    assert refines(was, now) != ()


def test_a_provider_is_not_asked_about_lists_that_are_equal() -> None:
    """Its answer costs seconds."""
    was = stored(form(change(after={"s": ["a", None]}, after_unknown={"s": [False, True]})))

    def is_set(*where: object) -> bool:
        raise AssertionError(where)

    assert refines(was, form(change(after={"s": ["a", "b"]})), is_set=is_set) == ()
    assert kinds(refines(was, form(change(after={"s": ["c", "b"]})), is_set=is_set)) == ["value"]


@pytest.mark.parametrize("document", [{}, {"version": 2}, {"version": 1}, {"version": 1, "key": "k", "instances": 3}])
def test_unreadable(document: dict[str, object]) -> None:
    """A stored preview of another version, or a damaged one, is refused."""
    with pytest.raises(Invalid) as refused:
        NormalForm.from_json(document)
    assert refused.value.code == "preview-unreadable"


def test_a_known_secret_without_a_mark_is_hidden() -> None:
    """Terraform loses the mark of a secret that was wired in; what Gaia knows to be secret is stored as an HMAC."""
    change = {"actions": ["create"], "before": None, "after": {"text": ["so correct horse"]}, "after_unknown": {}}
    entry = {"address": "x.y", "type": "x", "name": "y", "mode": "managed", "change": change}
    plan = Plan.parse({"format_version": "1.2", "resource_changes": [entry]})
    instance = InstanceKey("dev", "note")
    form = NormalForm.of({instance: plan}, SecretKey("k", b"0" * 32), hide=lambda text: "horse" in text)
    assert "horse" not in str(form.as_json())
    assert not refines(form, NormalForm.of({instance: plan}, SecretKey("k", b"0" * 32)))


def test_a_difference_says_what_was_approved_and_what_is_planned() -> None:
    """In words: actions in their order, an import with its id, a move with where from, or that there is nothing."""
    made, moved = change(), change(actions=["no-op"], before={}, previous_address="aws_x.old")
    taken = change(actions=["update"], before={"a": 1}, after={"a": 2}, importing={"id": "abc"})
    replaced = change(actions=["delete", "create"], before={})

    def said(approved: NormalForm, actual: NormalForm) -> list[tuple[str, str, str]]:
        return [(found.kind, found.approved, found.actual) for found in refines(approved, actual)]

    assert said(form(made), form()) == [("missing", "create", "(absent)")]
    assert said(form(), form(made)) == [("extra", "(absent)", "create")]
    assert said(form(made), form(replaced)) == [("action", "create", "delete then create")]
    assert said(form(made), form(taken)) == [("action", "create", "update (import abc)")]
    assert said(form(made), form(moved)) == [("action", "create", "no-op (moved from aws_x.old)")]
    (found,) = refines(form(made), form(replaced))
    assert str(found) == f"{VPC} aws_x.a: approved create, now delete then create"
