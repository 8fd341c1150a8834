"""Expressions against recorded answers of yq v4 (see gotemplate/golden/README.md), and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaia.errors import Invalid
from gaia.golang import yq

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "gotemplate/golden/yaml/yq.json").read_text())


def outcome(expression: str) -> object:
    """The value, or the code of the refusal."""
    try:
        return ("value", yq.evaluate(expression, GOLDEN["data"]))
    except Invalid as error:
        return error.code


def test_every_expression_gives_what_yq_gives() -> None:
    """The same value, and a refusal where yq refuses; what is left out says so and nothing else."""
    different = []
    left_out = 0
    for case in GOLDEN["cases"]:
        found = outcome(case["expression"])
        if found == "not-supported":
            left_out += 1
        elif "error" in case:
            different += [] if found == "yq-expression" else [(case, found)]
        elif json.dumps(found, sort_keys=True) != json.dumps(["value", case["value"]], sort_keys=True):
            different.append((case, found))
    assert not different
    assert left_out < 15


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        (".. | .a", r"the operator \.\."),
        (".a = 5", "the assignment ="),
        ("del(.a)", "the operator del"),
        ("env(HOME)", "the operator env"),
        ('load("x")', "the operator load"),
        (".l[]", "gives 2 results"),
        (".a | group_by(.x)", "the operator group_by"),
    ],
)
def test_what_is_left_out_is_named(expression: str, named: str) -> None:
    """The refusal names the operator, so that the reader knows which part to rewrite."""
    with pytest.raises(Invalid, match=named) as caught:
        yq.evaluate(expression, GOLDEN["data"])
    assert caught.value.code == "not-supported"
    assert caught.value.next_step


@pytest.mark.parametrize("expression", [".a.", ".l[0", "(.a", '"x', ".a)", "1 2", ".l.x", "(" * 500, "." * 5000])
def test_what_cannot_be_read_is_refused(expression: str) -> None:
    """A broken expression, or one that does not fit its value, is a refusal and no traceback."""
    assert outcome(expression) in ("yq-expression", "not-supported")


@given(st.text(alphabet='.a[]|()"0/-+{}:,= selct"keys', max_size=30))
def test_any_text_is_a_value_or_a_refusal(expression: str) -> None:
    """Whatever stands there, nothing else comes out."""
    outcome(expression)
