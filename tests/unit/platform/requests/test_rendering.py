"""Errors at lines of a rendered manifest are raised at the template's lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.rendering import render_here
from tests.unit.platform.loop import FILES, STACK

from gaia.errors import Invalid, Position, ToolFailed
from gaia.platform.requests.rendering import Wanted, at_the_template, render, template_lines
from gaia.platform.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.cost.ports import Estimator

SOURCE = "templates/pair/template/stacks/{{ gaia.service }}.yaml.jinja"
BODY = "import: [_defaults]\n{# a remark #}\ncomponents:\n  terraform:\n    key: {vars: {text: {{ text | to_json }}}}\n"
MANIFEST = "stacks/mine.yaml"


@pytest.fixture
def find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Position], Position | None]:
    """From places in the manifest that the template made to places in the template."""
    scratch, root = tmp_path / "scratch", tmp_path / "root"
    scratch.mkdir()
    render_here(monkeypatch, scratch)
    for path, text in {**FILES, SOURCE: BODY}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)

    def estimator() -> Estimator:
        raise NotImplementedError

    snapshot = Snapshot("c", lambda: root, estimator)
    wanted = Wanted("req_1", "pair", {"text": "hi"}, "mine", STACK, "ann")
    assert list(render(snapshot, wanted).files) == [MANIFEST]
    return template_lines(snapshot, wanted)


def test_an_error_in_the_manifest_is_raised_at_the_template(find: Callable[[Position], Position | None]) -> None:
    """In its message and next step too, since nobody has the manifest."""
    was = Position(MANIFEST, 5, 16)
    error = ToolFailed("x", f"bad (at {was}): no", next_step=f"Correct the value at {was}.", at=was)
    with pytest.raises(ToolFailed) as caught, at_the_template(MANIFEST, find):
        raise error
    assert (str(caught.value.at), caught.value.message, caught.value.next_step) == (
        f"{SOURCE}:5:1", f"bad (at {SOURCE}:5:1): no", f"Correct the value at {SOURCE}:5:1.",
    )  # fmt: skip


@pytest.mark.parametrize("at", [None, Position("stacks/_defaults.yaml", 1), Position(MANIFEST, 99)])
def test_other_errors_stay_as_they_are(find: Callable[[Position], Position | None], at: Position | None) -> None:
    """What the manifest only imports is in the repository; a line that the template did not make stays."""
    with pytest.raises(Invalid) as caught, at_the_template(MANIFEST, find):
        raise Invalid("x", "bad", next_step="Repair it.", at=at)
    assert caught.value.at == at
