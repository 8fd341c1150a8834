"""`GAIA_ATMOS=… make conformance`: the cases are held to what that program answers now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conformance.corpus import answer, read_cases
from tests.conformance.verdicts import FAIL, PASS, judge

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

MICRO = Path(__file__).parent / "micro.json.xz"


def test_a_case_is_held_to_the_program(
    tmp_path: Path, unpacked: Callable[[Path], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer counts, not the recorded one; where it refuses, Gaia has to."""
    root = unpacked(MICRO)
    case = next(one for one in read_cases(MICRO) if not one.refused and one.command[:2] == ["describe", "component"])
    program = tmp_path / "atmos"
    recorded = answer(case, root)
    for text, outcome in (
        (f"cat <<'END'\n{json.dumps(recorded)}\nEND\n", PASS),
        ('echo \'{"vars": {"other": 1}}\'\n', FAIL),
        ("exit 1\n", FAIL),
    ):
        program.write_text(f"#!/bin/sh\n{text}")
        program.chmod(0o755)
        monkeypatch.setenv("GAIA_ATMOS", str(program))
        assert judge(case, root).outcome == outcome, text
