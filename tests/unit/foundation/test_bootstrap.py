"""gaia.bootstrap: which repository is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaia import bootstrap
from gaia.errors import NotFound
from gaia.settings import Settings


def test_a_folder_that_does_not_exist_is_no_repository(tmp_path: Path) -> None:
    """Even inside of one: Atmos's search upwards begins at a folder that is there, such as one below the stacks."""
    (tmp_path / "atmos.yaml").write_text("base_path: .\nstacks: {base_path: stacks, included_paths: ['*']}\n")
    (tmp_path / "stacks").mkdir()
    settings = Settings.capture({"HOME": str(tmp_path / "home")}, tmp_path)
    assert bootstrap.repository(settings, Path("stacks")).root == tmp_path
    with pytest.raises(NotFound, match="stakcs") as caught:
        bootstrap.repository(settings, Path("stakcs"))
    assert caught.value.code == "not-a-repository"
