"""YAML is written as Go writes it, and reads back as what it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gaia.kit import yaml
from gaia.kit.yaml_text import dump

SPELLINGS = {
    "plain": "plain",
    "": '""',
    "{{ .x }}": "'{{ .x }}'",
    "a {{ .x }}": "a {{ .x }}",
    "it's": "it's",
    "'q'": "'''q'''",
    "a: b": "'a: b'",
    "a #b": "'a #b'",
    "a#b": "a#b",
    " lead": "' lead'",
    "- x": "'- x'",
    "-x": "-x",
    "!env HOME": "'!env HOME'",
    "true": '"true"',
    "yes": '"yes"',
    "n": '"n"',
    "0644": '"0644"',
    "1:30": '"1:30"',
    "2012-10-17": '"2012-10-17"',
    "null": '"null"',
    "a\tb": '"a\\tb"',
    "l1\nl2": "|-\n  l1\n  l2",
    "l1\nl2\n": "|\n  l1\n  l2",
    "l1\n\n": "|+\n  l1\n",
    " l1\nl2": "|2-\n   l1\n  l2",
    "l1 \nl2": '"l1 \\nl2"',
}
WORDS = some.text("ab :#-?'\"\\\n{}[],&*!|>%@`.019eE+xo_é~<ynfalsetru😀", max_size=8)
TREES = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**63), 2**64 - 1) | WORDS,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(WORDS, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_text_is_spelled_as_go_spells_it(text: str) -> None:
    """Whether and how a text is quoted decides what a template that is rendered in it becomes."""
    assert dump({"k": text}) == f"k: {SPELLINGS[text]}\n"


@given(TREES)
def test_what_is_written_reads_back_equal(tree: object) -> None:
    """No quoting loses or changes a value."""
    assert yaml.parse(dump({"k": tree}).encode(), "f").value == {"k": tree}


def test_lists_maps_and_long_keys_have_their_layout() -> None:
    """Keys are sorted, lists stand below their key with an indent, a long key is marked."""
    long = "k" * 130
    tree = {"b": [[1, {"y": 1.5, "x": None}], {}, []], "a": {"c": True}, long: "v"}
    assert dump(tree) == (
        f'a:\n  c: true\nb:\n  - - 1\n    - x: null\n      "y": 1.5\n  - {{}}\n  - []\n? {long}\n: v\n'
    )
