"""gaia.settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaia.settings import Settings

CWD = Path("/somewhere")


@pytest.mark.parametrize(
    ("environ", "home", "cache"),
    [
        ({"HOME": "/u"}, "/u/.local/share/gaia", "/u/.cache/gaia"),
        ({"HOME": "/u", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/c"}, "/d/gaia", "/c/gaia"),
        ({"HOME": "/u", "XDG_DATA_HOME": "", "GAIA_HOME": ""}, "/u/.local/share/gaia", "/u/.cache/gaia"),
        ({"HOME": "/u", "XDG_DATA_HOME": "/d", "GAIA_HOME": "/g", "GAIA_CACHE_DIR": "/h"}, "/g", "/h"),
        ({"HOME": "/u", "GAIA_HOME": "rel", "GAIA_CACHE_DIR": "../c"}, "/somewhere/rel", "/c"),
    ],
    ids=["defaults", "xdg", "empty is unset", "own variables win", "relative to the working directory"],
)
def test_folders(environ: dict[str, str], home: str, cache: str) -> None:
    """Gaia's own variables win over XDG's, which win over the defaults under HOME."""
    settings = Settings.capture(environ, CWD)
    assert (settings.home, settings.cache) == (Path(home), Path(cache))


def test_the_environment_is_a_copy() -> None:
    """What happens to the environment after the capture does not matter any more."""
    environ = {"HOME": "/u", "GAIA_TOKEN": "t"}
    settings = Settings.capture(environ, CWD)
    environ["GAIA_TOKEN"] = "other"
    assert (settings.token, settings.environ["GAIA_TOKEN"]) == ("t", "t")


def test_an_empty_token_is_none() -> None:
    """`GAIA_TOKEN=` means anonymous."""
    assert Settings.capture({"HOME": "/u", "GAIA_TOKEN": ""}, CWD).token is None


def test_own_prices_are_a_file_beside_the_caller() -> None:
    """Relative to the working directory; none where nothing is named."""
    assert Settings.capture({"HOME": "/u", "GAIA_PRICES": "p.yaml"}, CWD).prices == CWD / "p.yaml"
    assert Settings.capture({"HOME": "/u", "GAIA_PRICES": ""}, CWD).prices is None
