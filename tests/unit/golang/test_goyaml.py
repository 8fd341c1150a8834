"""Writing and reading YAML as Go's yaml.v3 does, against recorded answers (see gotemplate/golden/README.md)."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gaia.errors import Invalid
from gaia.golang import goyaml
from gaia.golang.gotemplate import parse
from gaia.golang.gotemplate.sprig.library import functions
from gaia.kit import yaml as kit

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "gotemplate/golden/yaml/scalars.json").read_text())
FUNCTIONS = functions({})


def render(text: str) -> str:
    """The text as a template over the golden file's data."""
    return parse(text, name="t").render(GOLDEN["data"], FUNCTIONS)


def shown(value: object) -> object:
    """A value as the golden file writes it: JSON, so floats that are whole are ints."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"}
    return value


def same(left: object, right: object) -> bool:
    """Equal, where JSON cannot tell big numbers apart and Python confuses True with 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return float(left) == float(right)
    return left == right


def test_every_value_is_written_as_go_writes_it() -> None:
    """Two thousand texts and trees, to the byte: quotes, blocks, order of keys, numbers, indents."""
    different = [
        (case["value"], case["text"], goyaml.dump(case["value"]))
        for case in GOLDEN["dump"]
        if goyaml.dump(case["value"]) != case["text"]
    ]
    assert not different


def test_every_plain_scalar_is_read_as_go_reads_it() -> None:
    """A thousand odd numbers, dates and words; the ones that mean more than a scalar in a document are left out."""
    different = []
    for case in GOLDEN["read"]:
        text = case["text"]
        if "error" in case or goyaml.style(text) == "single":
            continue
        if not same(shown(goyaml.scalar(text, "plain")), case["value"]):
            different.append((text, case["value"], goyaml.scalar(text, "plain")))
    assert not different


def test_a_templated_scalar_becomes_what_go_makes_of_it() -> None:
    """Dumped, rendered and parsed again: the same value, or `NotLocal`, which every broken document must give."""
    different = []
    local = 0
    for case in GOLDEN["trip"]:
        try:
            got: object = shown(goyaml.render_scalar(case["text"], render))
        except goyaml.NotLocal:
            continue
        except Invalid as error:
            got = error.code
            if case.get("error", "").startswith("template"):
                continue
        local += 1
        if "error" in case or not same(got, case["value"]):
            different.append((case, got))
    assert not different
    assert local > 1000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ .n }}", "5"),
        ("{{ .a }}-x", "abc-x"),
        ("x-{{ .a }}", "x-abc"),
        ("0{{ .n }}", 5),
        ('tru{{ "e" }}', True),
        ('nul{{ "l" }}', None),
        ("a {{ .hash }}", "a a"),
        ("{{ .nl }}", "l1 l2"),
        ("{{ .nl2 }}x", "l1\nl2 x"),
        ("{{ .missing }}", "<no value>"),
        ("l1\n{{ .a }}\n", "l1\nabc\n"),
        ("it's {{ .a }}", "it's abc"),
        ("\t{{ .a }}", "\tabc"),
    ],
)
def test_the_common_shapes_need_no_document(text: str, value: object) -> None:
    """What repositories really write is decided from the scalar alone."""
    assert same(goyaml.render_scalar(text, render), value)


@pytest.mark.parametrize(
    "text", ["{{ .q }}", "x {{ .colon }}", "x{{ .nl }}", "a\n{{ .nl }}", "-{{ .lead }}", "x{{ .a -}}"]
)
def test_what_breaks_the_document_is_not_local(text: str) -> None:
    """An apostrophe in quotes, `: ` and newlines in a plain text, lines that leave a block, a trim at the end."""
    with pytest.raises(goyaml.NotLocal):
        goyaml.render_scalar(text, render)


@pytest.mark.parametrize(
    ("text", "style"),
    [("a", "plain"), ("{{ x }}", "single"), ("yes", "double"), ("1", "double"), ("a\nb", "literal"), ("", "double")],
)
def test_the_style_of_one_scalar(text: str, style: goyaml.Style) -> None:
    """The encoder's choice for a text that is the value of a key."""
    assert goyaml.style(text) == style
    assert goyaml.scalar("12", style) == (12 if style == "plain" else "12")


def test_an_unquoted_date_is_an_empty_map() -> None:
    """As Atmos shows it after its merges."""
    assert goyaml.scalar("2012-10-17", "plain") == {}
    assert goyaml.scalar("2012-10-17", "double") == "2012-10-17"


def test_nesting_without_end_is_refused() -> None:
    """A structure that is deeper than the reader allows is refused by the writer too."""
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(Invalid, match="nested deeper"):
        goyaml.dump({"a": deep})


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=200), inner, max_size=4),
    max_leaves=12,
)


def expected(value: object) -> object:
    """What a tree is after writing and reading: a block's first newline is lost, a whole float is an int."""
    if isinstance(value, dict):
        return {expected(key): expected(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [expected(inner) for inner in value]
    if isinstance(value, str) and goyaml.style(value) == "literal":
        return value.removeprefix("\n")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(Decimal(repr(value)))
    return value


@given(TREES.filter(lambda tree: isinstance(tree, (dict, list))))
def test_what_is_written_can_be_read(tree: object) -> None:
    """Any tree of plain data comes back, but for the two things that the encoder itself loses."""
    assume(not any(word in ascii(tree) for word in ("\\u2028", "\\u2029", "'\\n")))
    assert kit.parse(goyaml.dump(tree).encode(), "t.yaml").value == expected(tree)


@given(st.text())
def test_any_text_renders_to_a_value_or_is_not_local(text: str) -> None:
    """Whatever stands in a scalar, and whatever a template prints there, nothing but `NotLocal` comes out."""
    try:
        goyaml.render_scalar("x{{ }}" + text, lambda dumped: dumped.replace("{{ }}", text))
        goyaml.render_scalar("{{ }}" + text, lambda dumped: dumped.replace("{{ }}", text))
    except goyaml.NotLocal:
        pass
