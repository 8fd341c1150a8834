"""Settings of signing in that cannot be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaia.access.oidc.checked import checked, public_url
from gaia.errors import Invalid
from gaia.settings import Oidc, Settings

SET = {
    "HOME": "/u",
    "GAIA_OIDC_ISSUER": "https://login.example.com",
    "GAIA_OIDC_AUDIENCE": "https://gaia.example.com",
    "GAIA_OIDC_CLIENT_ID": "gaia",
}


def captured(**more: str) -> Oidc | None:
    """What the environment says."""
    return Settings.capture({**SET, **{f"GAIA_OIDC_{name}": value for name, value in more.items()}}, Path("/c")).oidc


def test_three_variables_are_enough() -> None:
    """The others have defaults; without an issuer nothing is set."""
    found = captured()
    assert found == Oidc(
        SET["GAIA_OIDC_ISSUER"], SET["GAIA_OIDC_AUDIENCE"], "gaia", Path("/u/.local/share/gaia/roles.yaml")
    )
    assert checked(found) is found
    assert captured(ISSUER="") is None


def test_each_variable_is_read() -> None:
    """Relative files are below the current folder; an empty variable is an unset one."""
    found = captured(
        ROLES="r.yaml", CLIENT_SECRET_FILE="s", GROUPS_CLAIM="g", NAME_CLAIM="n", SECOND_FACTORS="mfa, otp",
        ACR_VALUES="urn:mfa", TOKEN_TYPE="JWT", AUDIENCE_PARAMETER="none", SCOPES="openid", PRIVATE="1",
    )  # fmt: skip
    assert found == Oidc(
        SET["GAIA_OIDC_ISSUER"], SET["GAIA_OIDC_AUDIENCE"], "gaia", Path("/c/r.yaml"), Path("/c/s"), "g", "n",
        frozenset({"mfa", "otp"}), "urn:mfa", "jwt", "none", "openid", private=True,
    )  # fmt: skip
    assert captured(SCOPES="", PRIVATE="no") == captured()


@pytest.mark.parametrize("url", ["https://gaia.example.com", "https://g.example:8443", "http://127.0.0.1:8080", None])
def test_where_browsers_can_be_told_to_go(url: str | None) -> None:
    """With TLS, or on the machine itself."""
    assert public_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "gaia.example.com", "http://gaia.example.com", "https://", "https://a@gaia.example.com", "https://g/x",
        "https://gaia.example.com?x", "ftp://gaia.example.com", "https://g:x", "https://[x", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_where_browsers_cannot_be_told_to_go(url: str) -> None:
    """The server does not begin."""
    with pytest.raises(Invalid) as caught:
        public_url(url)
    assert caught.value.code == "public-url-invalid"
