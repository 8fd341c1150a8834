"""The arguments of YAML functions, as words, expressions and options."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid, Position
from gaia.stacks.loading import arguments

AT = Position("stacks/dev.yaml", 3)


@pytest.mark.parametrize(
    ("written", "component", "stack", "expression"),
    [
        ("vpc id", "vpc", "", "id"),
        ("vpc dev id", "vpc", "dev", "id"),
        ("vpc .id", "vpc", "", ".id"),
        ("vpc  dev\t.id", "vpc", "dev", ".id"),
        ('vpc .users["git-hub bot"].id', "vpc", "", '.users["git-hub bot"].id'),
        ("vpc dev '.tags[\"k 1\"]'", "vpc", "dev", '.tags["k 1"]'),
        ('vpc ".id // ""none"""', "vpc", "", '.id // "none"'),
        ('vpc dev .id // "a b"', "vpc", "dev", '.id // "a b"'),
        ("vpc | length", "vpc", "", "| length"),
        ("vpc [.a, .b]", "vpc", "", "[.a, .b]"),
        ('vpc {"a": .b}', "vpc", "", '{"a": .b}'),
        ("vpc 'it''s'", "vpc", "", "it's"),
        ('vpc id // "x"', "vpc", "", '.id // "x"'),
    ],
)
def test_the_expression_of_a_reference(written: str, component: str, stack: str, expression: str) -> None:
    """It begins at the first word that begins like one and goes to the end; else it is the last word."""
    found = arguments.referred(written, "terraform.state", AT)
    assert (found.component, found.stack, found.expression) == (component, stack, expression)


@pytest.mark.parametrize("written", ["", "vpc", "vpc a b c", 'vpc "', "vpc '.a", "'' .a", "vpc ''"])
def test_what_is_no_reference_is_refused_with_its_place(written: str) -> None:
    """Too few words, too many, an open quote, an empty name."""
    with pytest.raises(Invalid) as caught:
        arguments.referred(written, "terraform.state", AT)
    assert (caught.value.code, caught.value.at) == ("function-arguments", AT)


@pytest.mark.parametrize(
    ("written", "path", "expression"),
    [
        ("f.yaml", "f.yaml", ""),
        ("f.yaml .a.b | length", "f.yaml", ".a.b | length"),
        ("f.yaml '.a // \"x\"'", "f.yaml", '.a // "x"'),
        ("'my file.yaml' .a", "my file.yaml", ".a"),
        ('"a b.json"', "a b.json", ""),
    ],
)
def test_a_path_and_an_expression(written: str, path: str, expression: str) -> None:
    """Quotes of both kinds hold a path together; the expression goes to the end."""
    assert arguments.path_and_expression(written, AT) == (path, expression)


@pytest.mark.parametrize(
    ("written", "words", "options"),
    [
        ("s dev c k", ["s", "dev", "c", "k"], {}),
        ('s c k | default "a b"', ["s", "c", "k"], {"default": "a b"}),
        ("s c k | default '' | query .a.b | length", ["s", "c", "k"], {"default": "", "query": ".a.b | length"}),
        ("s k | query '.a | .b' | default x", ["s", "k"], {"query": ".a | .b", "default": "x"}),
    ],
)
def test_options_stand_behind_pipes(written: str, words: list[str], options: dict[str, str]) -> None:
    """A pipe within an expression divides nothing."""
    assert arguments.with_options(written, AT) == (words, options)


@pytest.mark.parametrize("written", ["s c k | nope 1", "s c k | default", "s c k | default a b", "s | c k"])
def test_other_options_are_refused(written: str) -> None:
    """So is an option without a value, or a default of two words."""
    with pytest.raises(Invalid, match=r"needs one value|may stand"):
        arguments.with_options(written, AT)


@given(st.text(alphabet="ab .'\"|[]{}\n", max_size=30))
def test_any_text_is_read_or_refused(written: str) -> None:
    """Nothing but words or the refusal comes out."""
    for read in (arguments.words, arguments.path_and_expression, arguments.with_options):
        with suppress(Invalid):
            read(written, AT)
