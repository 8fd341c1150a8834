"""The catalog for the person at a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.bootstrap import App
from gaia.errors import Conflict
from gaia.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_of_a_server_elsewhere_it_is_refused(tmp_path: Path) -> None:
    """What is around the caller would be another catalog than the one that was asked for."""
    app = App(Settings.capture({"GAIA_URL": "https://gaia.example", "GAIA_HOME": str(tmp_path)}, tmp_path))
    with pytest.raises(Conflict) as caught, app.cataloguing():
        pass
    assert caught.value.code == "not-from-here"
