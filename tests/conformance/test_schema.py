"""The shipped manifest schema against everything that a real Atmos accepted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conformance.corpus import read_cases

from gaia.stacks.validation.schema import Schema, read_plain

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent


@pytest.mark.parametrize(("source", "least"), [("atmos", 20), ("random.tar.xz", 800)])
def test_what_atmos_accepts_the_schema_accepts(source: str, least: int, unpacked: Callable[[Path], Path]) -> None:
    """No manifest of a repository whose stacks Atmos describes is refused."""
    root = unpacked(HERE / source)
    cases = read_cases(HERE / source)
    accepted = {one.fixture for one in cases if one.command[:2] == ["describe", "stacks"] and not one.refused}
    schema = Schema.manifests()
    files = [path for name in accepted for path in (root / "fixtures" / name / "stacks").rglob("*.y*ml")]
    assert len(files) >= least
    found = [finding for path in files for finding in schema.findings(read_plain(path, root))]
    assert [f"{one.at}: {one.message}" for one in found] == []
