"""Single resources come into a state by `import` blocks; what is asked for is read, and more than that is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gaia.checkout.command import ASKED_IMPORTS, WRITTEN_BY_GAIA
from gaia.checkout.imports import asked, check_only_imports, files
from gaia.errors import Conflict, Invalid
from gaia.terraform.plan import Plan


@pytest.mark.parametrize(
    ("pair", "address", "identifier"),
    [
        ("aws_s3_bucket.this=photos", "aws_s3_bucket.this", "photos"),
        ("a_b.c[0]=x", "a_b.c[0]", "x"),
        ('a_b.c["k=v"]=x=y', 'a_b.c["k=v"]', "x=y"),
        ('a_b.c["]="]=x', 'a_b.c["]="]', "x"),
        ('module.m["a.b"].module.n[1].a_b.c-d=x', 'module.m["a.b"].module.n[1].a_b.c-d', "x"),
        ("a_b.c=arn:aws:iam::1:role/x y,z", "a_b.c", "arn:aws:iam::1:role/x y,z"),
        ("a_b.c==", "a_b.c", "="),
    ],
)
def test_what_is_asked_for(pair: str, address: str, identifier: str) -> None:
    """The address ends at the first equals sign outside of a key; all after that is the id."""
    assert asked([pair, "z_z.z=1"]) == {address: identifier, "z_z.z": "1"}


@pytest.mark.parametrize(
    "pairs",
    [
        ["a_b.c"],
        ["a_b.c="],
        ["=x"],
        ["a_b=x"],
        ["a_b.c.id=x"],
        ["a_b.c[x]=y"],
        ["module.m=x"],
        ["data.a_b.c=x"],
        ["module.m.data.a_b.c=x"],
        ["a_b.c=x", "a_b.c=y"],
    ],
)
def test_what_says_nothing_that_can_be_imported(pairs: list[str]) -> None:
    """It is quoted, with the form to write."""
    with pytest.raises(Invalid) as caught:
        asked(pairs)
    assert caught.value.code == "import-invalid"
    assert pairs[0].partition("=")[0] in caught.value.message


def test_the_file_is_one_that_never_stays_in_a_checkout() -> None:
    """An id is a template there, and escaped."""
    [(name, content)] = files({"a_b.c": "x${y}%{z}"}).items()
    assert name == ASKED_IMPORTS
    assert name in WRITTEN_BY_GAIA
    assert json.loads(content) == {"import": [{"to": "a_b.c", "id": "x$${y}%%{z}"}]}


def change(name: str, action: str = "no-op", **more: Any) -> dict[str, Any]:
    """One of `a_b.NAME`; imported, unless it says otherwise."""
    imported = {"importing": {"id": name}} if more.pop("imported", True) else {}
    inner = {"actions": action.split(), "before": {}, "after": {}, "after_unknown": {}, **imported}
    return {"address": f"a_b.{name}", "mode": "managed", "type": "a_b", "name": name, "change": inner, **more}


def plan(*changes: dict[str, Any]) -> Plan:
    """That would do these."""
    return Plan.parse({"format_version": "1.2", "resource_changes": [*changes]})


WANTED = {"a_b.x": "x", "a_b.y": "y"}


def test_a_plan_that_only_imports_is_let_through() -> None:
    """With what stays as it is, and what is read."""
    read = {**change("z", "read", imported=False), "mode": "data"}
    check_only_imports(plan(change("x"), change("y"), change("w", imported=False), read), WANTED)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (change("z", "create", imported=False), "a_b.z: create"),
        (change("z", "delete", imported=False), "a_b.z: delete"),
        (change("z", "delete create", imported=False), "a_b.z: replace"),
        (change("z", imported=False, previous_address="a_b.before"), "a_b.z: moved"),
        (change("z", "update", imported=False), "a_b.z: update"),
        (change("z", "update"), "a_b.z: update"),
    ],
)
def test_a_plan_that_would_do_more_is_refused(more: dict[str, Any], said: str) -> None:
    """With all that it would do besides; an import that changes what it imports is one too."""
    with pytest.raises(Conflict) as caught:
        check_only_imports(plan(change("x"), change("y"), more), WANTED)
    assert (caught.value.code, caught.value.facts) == ("import-changes", {"changes": [said]})
    assert "1 resource would" in caught.value.message


def test_what_would_not_be_imported_is_named() -> None:
    """It is in the state already, or the code has it not."""
    with pytest.raises(Conflict) as caught:
        check_only_imports(plan(change("x"), change("y", imported=False)), WANTED)
    assert (caught.value.code, caught.value.facts) == ("import-missing", {"addresses": ["a_b.y"]})
