"""Expressions against recorded answers of yq v4 (see gotemplate/golden/README.md), and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid
from gaia.golang import yq

YAML = Path(__file__).parent / "gotemplate/golden/yaml"
GOLDEN: dict[str, Any] = json.loads((YAML / "yq.json").read_text())
MORE: dict[str, Any] = json.loads((YAML / "yq-more.json").read_text())
SLICES = {".a.list[0:2]", ".a.list[1:]", ".a.list[:1]", ".a.list[-1:]", ".s[0:2]", ".a.b[1:]", ".a.b[:1]", ".l[0:2]"}
SLICES |= {".l[-2:]", ".m[1:] | length"}
"""Slices behind a path: yq 4.52 slices what the path starts from, which later versions do not."""
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[-+]\d\d:\d\d)\Z")


def outcome(expression: str, data: object) -> object:
    """The value, or the code of the refusal."""
    try:
        return ("value", yq.evaluate(expression, data))
    except Invalid as error:
        return error.code


@pytest.mark.parametrize("golden", [GOLDEN, MORE], ids=["plain", "more"])
def test_every_expression_gives_what_yq_gives(golden: dict[str, Any]) -> None:
    """The same value, and a refusal where yq refuses; a date becomes the empty map that Atmos makes of it."""
    different = []
    for case in golden["cases"]:
        found = outcome(case["expression"], golden["data"])
        if case["expression"] in SLICES:
            continue
        if "error" in case:
            different += [] if found in ("yq-expression", "not-supported") else [(case, found)]
            continue
        wanted = {} if isinstance(case["value"], str) and DATE.match(case["value"]) else case["value"]
        if found != ("value", wanted) or isinstance(wanted, bool) is not isinstance(found[1], bool):
            different.append((case, found))
    assert not different


@pytest.mark.parametrize(
    ("expression", "value"),
    [(".a.list[0:2]", [1, 2]), (".a.list[1:]", [2, 3]), (".a.list[:1]", [1]), (".a.list[-1:]", [3]), (".s[0:2]", "He")],
)
def test_a_slice_is_of_what_stands_before_it(expression: str, value: object) -> None:
    """A slice behind a path takes from the list or the text that the path leads to."""
    assert yq.evaluate(expression, GOLDEN["data"]) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (".l[].n", "a b"),
        (".num", 42),
        (".j", {"k": [1, 2]}),
        (".a | tag", ""),
        (".n | tag", "!!int"),
        ('"arn:aws:x::"', "arn:aws:x::"),
        ('"# no comment"', "# no comment"),
    ],
)
def test_what_an_expression_gives_is_printed_and_read_again(expression: str, value: object) -> None:
    """As Atmos does it: several results are one text, and a text that looks like YAML is read as YAML."""
    assert yq.evaluate(expression, GOLDEN["data"]) == value


@pytest.mark.parametrize(
    "expression", ["env(HOME)", "strenv(HOME)", 'load("x")', "now", ".s | envsubst", ".a | to_xml"]
)
def test_what_is_left_out_is_named(expression: str) -> None:
    """The refusal names the operator, so that the reader knows which part to rewrite."""
    with pytest.raises(Invalid, match="the operator ") as caught:
        yq.evaluate(expression, GOLDEN["data"])
    assert caught.value.code == "not-supported"
    assert caught.value.next_step


@pytest.mark.parametrize(
    "expression",
    ['"x" * 99999999', ".l[99999999]", "." + ".a" * 3000, "[" * 400, "1 as $x"],
)
def test_an_expression_that_would_go_on_for_ever_is_refused(expression: str) -> None:
    """Lengths, depths and repetitions have limits."""
    assert outcome(expression, GOLDEN["data"]) in ("yq-expression", "not-supported")


@pytest.mark.parametrize("expression", [".a.", ".l[0", "(.a", '"x', ".a)", "1 2", ".l.x", "(" * 500, "." * 5000])
def test_what_cannot_be_read_is_refused(expression: str) -> None:
    """A broken expression, or one that does not fit its value, is a refusal and no traceback."""
    assert outcome(expression, GOLDEN["data"]) in ("yq-expression", "not-supported")


@given(st.text(alphabet='.a[]|()"0/-+{}:,= selct"keys', max_size=30))
def test_any_text_is_a_value_or_a_refusal(expression: str) -> None:
    """Whatever stands there, nothing else comes out."""
    outcome(expression, GOLDEN["data"])
