"""gaia.terraform.generated and gaia.terraform.wiring: what Gaia writes into Terraform's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid, Position
from gaia.terraform import generated
from gaia.terraform.wiring import Default, Wiring, parse_wiring

if TYPE_CHECKING:
    from collections.abc import Sequence


@given(st.text("${}%a", max_size=8))
def test_no_template_is_left(text: str) -> None:
    """In escaped text every `${` and `%{` has its introducer doubled, and undoing that gives the text back."""
    escaped = str(generated.data(text))
    assert escaped.replace("$${", "_").replace("%%{", "_").count("${") == 0
    assert escaped.replace("$${", "_").replace("%%{", "_").count("%{") == 0
    assert escaped.replace("$${", "${").replace("%%{", "%{") == text


def test_keys_are_escaped_and_other_values_kept() -> None:
    """Keys are templates too; numbers, booleans and null are not."""
    assert generated.data({"${k}": [1, True, None, "${v}"]}) == {"$${k}": [1, True, None, "$${v}"]}


def test_default_provider_and_aliases() -> None:
    """A default configuration overrides; an alias does so only where the component has a block with it."""
    section = {"aws": {"region": "${r}"}, "aws.west": {"region": "w"}, "aws.east": {"region": "e"}}
    files = generated.providers(section, having=frozenset({("aws", "west")}))
    assert json.loads(files["providers_override.tf.json"]) == {
        "provider": {"aws": [{"region": "$${r}"}, {"region": "w", "alias": "west"}]}
    }
    assert json.loads(files["gaia_providers.tf.json"]) == {"provider": {"aws": {"region": "e", "alias": "east"}}}
    assert generated.providers({}, having=frozenset()) == {}


def test_backends() -> None:
    """A backend is written as it is, a cloud block with the workspace's name in it."""
    s3 = json.loads(generated.backend("s3", {"bucket": "b", "key": "${k}"}, "w"))
    assert s3 == {"terraform": {"backend": {"s3": {"bucket": "b", "key": "${k}"}}}}
    cloud = json.loads(generated.backend("cloud", {"workspaces": {"name": "x-{terraform_workspace}"}}, 'w"'))
    assert cloud == {"terraform": {"cloud": {"workspaces": {"name": 'x-w"'}}}}


def test_a_value_that_is_no_data() -> None:
    """A reference that nobody resolved is an error, not a text in a varfile."""
    with pytest.raises(Invalid) as refused:
        generated.dump({"a": object()}, "the vars of x")
    assert refused.value.code == "value-unresolved"
    with pytest.raises(Invalid):
        generated.dump({"a": float("nan")}, "the vars of x")


def test_bytes_that_are_no_text_are_named() -> None:
    """As `!!binary` gives them: with the path of the value, and where it was written."""
    at = Position("stacks/dev.yaml", 3, 5)
    found: list[Sequence[str]] = []

    def find(path: Sequence[str]) -> Position:
        found.append(path)
        return at

    with pytest.raises(Invalid) as refused:
        generated.dump({"a": "ä", "b": {"c": "x\udc80"}}, "the vars of x", find)
    assert (refused.value.code, refused.value.at, found) == ("value-binary", at, [("b", "c")])
    assert refused.value.message == "the vars of x holds bytes that are no text: b.c"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("vpc_id", Wiring("vpc_id")),
        (".vpc_id", Wiring("vpc_id")),
        (".a.b", Wiring("a", ("b",))),
        (".a[0]", Wiring("a", (0,))),
        (".a.[0]", Wiring("a", (0,))),
        ('.a["k v"].c', Wiring("a", ("k v", "c"))),
        ('."out"', Wiring("out")),
        ('.x // "d"', Wiring("x", (), Default("d"))),
        (".x.y // [1, 2]", Wiring("x", ("y",), Default([1, 2]))),
        (".x // null", Wiring("x", (), Default(None))),
        (".a | length", None),
        (".a[]", None),
        (".a[-1]", None),
        (".", None),
        ("", None),
        (".[0]", None),
        (".x // .y", None),
        ('"a" + .x', None),
        (".a; DROP", None),
        ("a.b}${evil", None),
    ],
)
def test_expressions(expression: str, expected: Wiring | None) -> None:
    """Names, paths and defaults are understood; the rest of yq is left alone."""
    assert parse_wiring(expression) == expected


@pytest.mark.parametrize(
    ("wiring", "sensitive", "text"),
    [
        (Wiring("x"), False, "${module.m.x}"),
        (Wiring("x"), True, "${sensitive(module.m.x)}"),
        (Wiring("x", (0, "k")), False, '${try(module.m.x[0]["k"], null)}'),
        (Wiring("x", (), Default("d")), False, '${try(module.m.x == null ? "d" : module.m.x, module.m.x)}'),
        (Wiring("x", ("${k}",)), False, '${try(module.m.x["$${k}"], null)}'),
        (Wiring("x", ('"]}${',)), False, '${try(module.m.x["\\"]}$${"], null)}'),
    ],
)
def test_wirings_as_hcl(wiring: Wiring, sensitive: bool, text: str) -> None:
    """A wiring is one template; what stands in its path or default is a literal."""
    assert wiring.hcl("m", sensitive=sensitive) == text


def test_an_output_that_is_not_declared() -> None:
    """Its default is taken, as data."""
    assert Wiring("x", (), Default("${d}")).hcl("m", sensitive=False, declared=False) == "$${d}"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("a", {"l": [1, {"k": "v"}], "n": None}),
        (".a.l[1].k", "v"),
        (".a.l[7]", None),
        (".a.n // 5", 5),
        (".missing // 5", 5),
        (".a.l[0] // 5", 1),
    ],
)
def test_evaluation(expression: str, value: object) -> None:
    """On values that exist the same expressions give what yq would."""
    wiring = parse_wiring(expression)
    assert wiring is not None
    assert wiring.evaluate({"a": {"l": [1, {"k": "v"}], "n": None}}) == value
