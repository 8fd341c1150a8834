"""The template engine against recorded answers of Go (see golden/README.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from gaia.errors import Invalid
from gaia.golang.gotemplate import parse
from gaia.golang.gotemplate.gomplate import library as gomplate
from gaia.golang.gotemplate.sprig import library as sprig

Functions = Mapping[str, Callable[..., object]]
SPRIG = sprig.functions({})
GOMPLATE = gomplate.functions({})
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def answer(case: dict[str, Any], data: object, functions: Functions = SPRIG) -> tuple[str, str]:
    """What the engine makes of a case: `output` and the text, or `error` and the message."""
    try:
        template = parse(case["template"], name="t")
        return "output", template.render(data, functions, missing="error" if case.get("strict") else "default")
    except Invalid as error:
        return "error", error.message


@pytest.mark.slow
@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_template_gives_what_go_gives(path: Path) -> None:
    """The same output to the byte, and a refusal where Go refuses."""
    golden = json.loads(path.read_text())
    different = []
    for case in golden["cases"]:
        kind, text = answer(case, golden["data"], GOMPLATE if path.stem == "gomplate" else SPRIG)
        if kind != ("output" if "output" in case else "error") or (kind == "output" and text != case["output"]):
            different.append((case, kind, text))
    assert not different


def test_messages_are_those_of_go() -> None:
    """Go's own words where a template fails while it runs; reworded are only those that print whole values."""
    golden = json.loads((Path(__file__).parent / "golden" / "language.json").read_text())
    reworded = ("non-comparable", "non-function", "overflow", "list should be", "in type int")
    different = []
    for case in golden["cases"]:
        if "error" in case and not case.get("parse"):
            _, text = answer(case, golden["data"])
            if text != case["error"] and not any(word in text + case["error"] for word in reworded):
                different.append((case, text))
    assert not different
