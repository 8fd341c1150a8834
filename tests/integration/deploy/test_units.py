"""The units of systemd: it knows each setting, and finds nothing grave."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RequireTool

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


@pytest.mark.cloud
@pytest.mark.parametrize("unit", UNITS, ids=lambda one: one.stem)
def test_systemd_takes_it_and_it_exposes_little(unit: Path, tmp_path: Path, require_tool: RequireTool) -> None:
    """Verified with a program that is there; an exposure of at most 2 of 10."""
    analyze = require_tool("systemd-analyze", optional=True)
    program = tmp_path / "gaia"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/usr/lib/gaia/bin/gaia", str(program)))
    done = subprocess.run([analyze, "verify", "--man=no", copy], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    said = subprocess.run(
        [analyze, "security", "--offline=true", copy], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert found
    assert float(found[1]) <= 2.0


def test_the_units_differ_in_what_they_start_alone() -> None:
    """Two files that must agree."""
    one, two = (re.sub(r"^(#|Description=|ExecStart=).*\n", "", unit.read_text(), flags=re.MULTILINE) for unit in UNITS)
    assert one == two
