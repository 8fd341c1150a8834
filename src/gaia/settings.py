"""What the environment says, captured once at the door and handed on. Nothing below reads `os.environ`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders, token and the captured environment of one process."""

    home: Path
    """`GAIA_HOME`: database, keys, clones, working directories. Default: `$XDG_DATA_HOME/gaia`."""
    cache: Path
    """`GAIA_CACHE_DIR`: downloads and parsed trees; may be deleted at any time. Default: `$XDG_CACHE_HOME/gaia`."""
    cwd: Path
    token: str | None
    """`GAIA_TOKEN`: who is calling."""
    environ: Mapping[str, str]
    documents: str | None = None
    """`GAIA_DOCUMENTS`: where `gaia init` puts previews, plans, logs and journals."""
    url: str | None = None
    """`GAIA_URL`: the server whose platform is asked, instead of the one in `GAIA_HOME`."""
    prices: Path | None = None
    """`GAIA_PRICES`: the user's own prices and discounts."""
    database: str | None = None
    """`GAIA_DATABASE_URL`: a PostgreSQL that several workers share."""

    opa: str | None = None
    """`GAIA_OPA`: the `opa` program that judges."""
    opa_url: str | None = None
    """`GAIA_OPA_URL`: the OPA server that judges; it beats the program."""
    opa_token_file: Path | None = None
    """`GAIA_OPA_TOKEN_FILE`: where the token for that server lies."""

    @property
    def records(self) -> Path | str:
        """The database of this home: the one it shares with others, else a file of its own."""
        return self.database or self.home / "gaia.db"

    @classmethod
    def capture(cls, environ: Mapping[str, str], cwd: Path) -> Settings:
        """Read the variables that Gaia knows. Relative folders are taken from `cwd`."""
        user = Path(environ.get("HOME") or "~").expanduser()

        def folder(name: str, xdg: str, default: str) -> Path:
            if environ.get(name):
                return (cwd / environ[name]).resolve()
            return Path(environ.get(xdg) or user / default) / "gaia"

        return cls(
            home=folder("GAIA_HOME", "XDG_DATA_HOME", ".local/share"),
            cache=folder("GAIA_CACHE_DIR", "XDG_CACHE_HOME", ".cache"),
            cwd=cwd,
            token=environ.get("GAIA_TOKEN") or None,
            environ=dict(environ),
            documents=environ.get("GAIA_DOCUMENTS") or None,
            url=environ.get("GAIA_URL") or None,
            prices=(cwd / environ["GAIA_PRICES"]).resolve() if environ.get("GAIA_PRICES") else None,
            database=environ.get("GAIA_DATABASE_URL") or None,
            opa=environ.get("GAIA_OPA") or None,
            opa_url=environ.get("GAIA_OPA_URL") or None,
            opa_token_file=cwd / environ["GAIA_OPA_TOKEN_FILE"] if environ.get("GAIA_OPA_TOKEN_FILE") else None,
        )
