"""What the environment says, captured once at the door and handed on. Nothing below reads `os.environ`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


SECOND_FACTORS = "mfa,otp,hwk,sc"
"""Of RFC 8176: several factors, a one-time password, a key in hardware, a smart card."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """Who vouches for people, and how what they say is read. Not checked yet: see `gaia.access.oidc.checked`."""

    issuer: str
    """`GAIA_OIDC_ISSUER`."""
    audience: str
    """`GAIA_OIDC_AUDIENCE`: what an access token must be for."""
    client_id: str
    """`GAIA_OIDC_CLIENT_ID`: of the page and the terminal."""
    roles: Path
    """`GAIA_OIDC_ROLES`: which role members of which group have. Default: `roles.yaml` in `GAIA_HOME`."""
    secret_file: Path | None = None
    """`GAIA_OIDC_CLIENT_SECRET_FILE`: where the provider wants one of the page; the terminal has none."""
    groups_claim: str = "groups"
    """`GAIA_OIDC_GROUPS_CLAIM`."""
    name_claim: str = "preferred_username"
    """`GAIA_OIDC_NAME_CLAIM`: what a person's name is made of, at first sight."""
    second_factors: frozenset[str] = frozenset(SECOND_FACTORS.split(","))
    """`GAIA_OIDC_SECOND_FACTORS`: values of the claims `amr` and `acr` that say that there was a second factor."""
    acr_values: str = ""
    """`GAIA_OIDC_ACR_VALUES`: what the provider is asked for where a second factor is needed."""
    token_type: str = "at+jwt"  # noqa: S105
    """`GAIA_OIDC_TOKEN_TYPE`: what access tokens say that they are; `jwt`: the provider does not tell them apart."""
    audience_parameter: str = "resource"
    """`GAIA_OIDC_AUDIENCE_PARAMETER`: how a token for the audience is asked for; `none`: it needs no asking."""
    scopes: str = "openid profile offline_access"
    """`GAIA_OIDC_SCOPES`: what is asked for."""
    private: bool = False
    """`GAIA_OIDC_PRIVATE`: whether the issuer may be at an address of one's own network."""

    @classmethod
    def capture(cls, environ: Mapping[str, str], cwd: Path, home: Path) -> Oidc | None:
        """What the environment says; None where it names no issuer."""
        if not environ.get("GAIA_OIDC_ISSUER"):
            return None

        def said(name: str, default: str = "") -> str:
            return environ.get(f"GAIA_OIDC_{name}") or default

        return cls(
            issuer=said("ISSUER"),
            audience=said("AUDIENCE"),
            client_id=said("CLIENT_ID"),
            roles=cwd / said("ROLES", str(home / "roles.yaml")),
            secret_file=cwd / said("CLIENT_SECRET_FILE") if said("CLIENT_SECRET_FILE") else None,
            groups_claim=said("GROUPS_CLAIM", "groups"),
            name_claim=said("NAME_CLAIM", "preferred_username"),
            second_factors=frozenset(said("SECOND_FACTORS", SECOND_FACTORS).replace(" ", "").split(",")),
            acr_values=said("ACR_VALUES"),
            token_type=said("TOKEN_TYPE", "at+jwt").lower(),
            audience_parameter=said("AUDIENCE_PARAMETER", "resource"),
            scopes=said("SCOPES", "openid profile offline_access"),
            private=said("PRIVATE") == "1",
        )


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

    public_url: str | None = None
    """`GAIA_PUBLIC_URL`: where people's browsers reach this server."""
    oidc: Oidc | None = None
    """`GAIA_OIDC_…`: who vouches for people; None: nobody but this home's own tokens."""

    opa: str | None = None
    """`GAIA_OPA`: the `opa` program that judges."""
    opa_url: str | None = None
    """`GAIA_OPA_URL`: the OPA server that judges; it beats the program."""
    opa_token_file: Path | None = None
    """`GAIA_OPA_TOKEN_FILE`: where the token for that server lies."""

    key: str | None = field(default=None, repr=False)
    """`GAIA_KEY`: the key of previews of pull requests, for runners that have no home. It is not in `environ`: no
    manifest reads it, and no program that is run gets it."""

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

        home = folder("GAIA_HOME", "XDG_DATA_HOME", ".local/share")
        return cls(
            home=home,
            cache=folder("GAIA_CACHE_DIR", "XDG_CACHE_HOME", ".cache"),
            cwd=cwd,
            token=environ.get("GAIA_TOKEN") or None,
            environ={name: value for name, value in environ.items() if name != "GAIA_KEY"},
            documents=environ.get("GAIA_DOCUMENTS") or None,
            url=environ.get("GAIA_URL") or None,
            prices=(cwd / environ["GAIA_PRICES"]).resolve() if environ.get("GAIA_PRICES") else None,
            database=environ.get("GAIA_DATABASE_URL") or None,
            public_url=(environ.get("GAIA_PUBLIC_URL") or "").rstrip("/") or None,
            oidc=Oidc.capture(environ, cwd, home),
            opa=environ.get("GAIA_OPA") or None,
            opa_url=environ.get("GAIA_OPA_URL") or None,
            key=environ.get("GAIA_KEY") or None,
            opa_token_file=cwd / environ["GAIA_OPA_TOKEN_FILE"] if environ.get("GAIA_OPA_TOKEN_FILE") else None,
        )
