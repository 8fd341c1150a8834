"""A line of a rendered file is traced to the template's line, and errors of a template point there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid
from gaia.scaffold.render import render, sources
from gaia.scaffold.template import load_template

from .conftest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.scaffold.render import Context

PATH = "stacks/orgs/acme/dev/services/photos.yaml"
SOURCE = f"templates/little/{MANIFEST}"
NOTE = "note: {type: str, help: h, default: hi}\n"


def traced(root: Path, context: Context, **answers: object) -> dict[int, str]:
    """Line of the manifest → file and line of the template."""
    template = load_template(root, "little")
    made = render(template, answers, context=context)
    lines = sources(template, answers, made, context=context).get(PATH, {})
    return {number: f"{at.file}:{at.line}" for number, at in lines.items()}


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("a: 1\nb: {{ note | to_json }}\n", [1, 2, 3]),
        ("{# a\n remark #}\na: 1\n{% if true %}\nb: 2\n{% endif %}\nc: 3", [2, 3, 4, 5, 6, 7]),
        ("a: 1\n{%- if true %}\nb: 2\n{%- endif %}\nc: 3\n", [2, 4, 5, 6]),
        ("{% if true -%}\n\n  a: 1\n{%- endif %}\nb: 2\n", [4, 5, 6]),
        ("a:\n{% for i in range(2) %}  - {{\n  i\n}}\n{% endfor %}b: 1\n", [1, 4, 4, 5, 6]),
        ("a: {{ 'x\\ny' | replace('y', 'b: 1') }}\nc: 1\n", [1, 1, 2, 3]),
        ("{% raw %}a: 1\nb: '{{ 1 }}'{% endraw %}\n", [1, 2, 3]),
    ],
)
def test_each_line_leads_to_the_template(
    make_template: Callable[..., Path], context: Context, body: str, lines: list[int]
) -> None:
    """Through conditions, loops, remarks and white space that is cut off; a value of several lines is its line's."""
    found = traced(make_template(NOTE, body), context)
    expected = {number: f"{SOURCE}:{line}" for number, line in enumerate(lines, 1)}
    assert {number: at for number, at in found.items() if number in expected} == {
        number: at for number, at in expected.items() if number in found
    }
    assert set(found) >= set(range(1, len(lines)))


def test_a_file_that_is_only_copied_leads_to_itself(make_template: Callable[..., Path], context: Context) -> None:
    """Its name may be rendered all the same."""
    root = make_template(NOTE, "a: 1\nb: '{{ 1 }}'\n", file=MANIFEST.removesuffix(".jinja"))
    assert traced(root, context)[2] == f"{SOURCE.removesuffix('.jinja')}:2"


def test_delimiters_of_the_templates_own(make_template: Callable[..., Path], context: Context) -> None:
    """As `_envops` says."""
    config = '_envops: {variable_start_string: "[[", variable_end_string: "]]"}\n'
    root = make_template(NOTE, "a: 1\nb: [[ note | to_json ]]\n", config=config, file="stacks/x.yaml.jinja")
    template = load_template(root, "little")
    made = render(template, {}, context=context)
    assert str(sources(template, {}, made, context=context)["stacks/x.yaml"][2].line) == "2"


def test_where_a_mark_would_be_quoted_nothing_is_claimed(make_template: Callable[..., Path], context: Context) -> None:
    """The text of a block becomes a value."""
    assert traced(make_template(NOTE, "{% set x %}a\nb{% endset %}\nx: {{ x | to_json }}\n"), context) == {}


@pytest.mark.parametrize(
    ("body", "answer", "code", "line"),
    [
        ("a: 1\nb: {{ note }}\n", "x: y", "template-invalid", 2),
        ("a: 1\n  b: 2\n", "hi", "template-invalid", 2),
        ("a: {{ note | to_json }}\nb:\n  c: '{{ note }}'\n  d: [{{ note }}]\n", "x, y", "answer-is-code", 4),
        ("a: {{ note | to_json }}\n{{ note }}: 1\n", "x", "answer-is-code", 2),
        ("a: {{ note | to_json }}\nb: {{ 1 }\n", "x", "template-invalid", 2),
        ("a: {{ note | to_json }}\n\nb: {{ nobody.asked }}\n", "x", "template-invalid", 3),
        ("a: {{ note | to_json }}\n\nb: {{ nobody | to_json }}\n", "x", "template-invalid", 3),
        ("a: {{ note | to_json }}\nb: {{ note | none }}\n", "x", "template-invalid", 2),
    ],
)
def test_an_error_of_a_template_points_at_its_line(
    make_template: Callable[..., Path], context: Context, body: str, answer: str, code: str, line: int
) -> None:
    """YAML that is none, an answer that becomes more than text, Jinja that cannot be rendered."""
    root = make_template(NOTE, body)
    with pytest.raises(Invalid) as caught:
        render(load_template(root, "little"), {"note": answer}, context=context)
    assert caught.value.code == code
    at = caught.value.at
    assert at is not None
    assert (at.file, at.line) == (SOURCE, line)


def test_a_name_that_nothing_has_is_told_as_such(make_template: Callable[..., Path], context: Context) -> None:
    """What the filter says of it would help nobody."""
    root = make_template(NOTE, "a: {{ ntoe | to_json }}\n")
    with pytest.raises(Invalid, match="cannot be rendered: there is no answer ntoe "):
        render(load_template(root, "little"), {}, context=context)
