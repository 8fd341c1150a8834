"""Templates are rendered in the process of the test: a child would import Copier, half a second, for each rendering."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.scaffold import copier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def render_here(monkeypatch: pytest.MonkeyPatch, scratch: Path) -> None:
    """Until the end of the test, render without a child process, below `scratch`."""

    def render_all(name: str, folder: Path, variants: Sequence[Mapping[str, object]]) -> list[copier.Outcome]:
        import copier as library

        below = Path(tempfile.mkdtemp(dir=scratch))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", "")
            patch.setattr(library, "run_copy", _untraced(library.run_copy))
            rendered = copier._render_each(str(folder), below, [dict(data) for data in variants])
        return [copier._outcome(name, outcome) for outcome in rendered]

    monkeypatch.setattr(copier, "render_all", render_all)


def _untraced(function: Callable[..., object]) -> Callable[..., object]:
    """Coverage's tracer would slow Copier down too, although nobody asks for its lines."""

    def call(*arguments: object, **named: object) -> object:
        trace = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*arguments, **named)
        finally:
            sys.settrace(trace)

    return call
