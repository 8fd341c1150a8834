"""Settings that fit together: a provider that is half set would let nobody in, or the wrong ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.settings import Oidc

TOKEN_TYPES = ("at+jwt", "jwt")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ACR = re.compile(r"[!#-\[\]-~ ]*")
"""What can stand in a header between quotes."""
PARAMETERS = ("resource", "audience", "none")


def checked(given: Oidc) -> Oidc:
    """The settings themselves, if they can be used.

    Raises:
        Invalid: `oidc-settings`, with the variable that is wrong.
    """
    for name, value in (("AUDIENCE", given.audience), ("CLIENT_ID", given.client_id)):
        if not value:
            raise _wrong(f"GAIA_OIDC_ISSUER is set, and GAIA_OIDC_{name} is not", f"Set GAIA_OIDC_{name} too.")
    for name, value, known in (
        ("TOKEN_TYPE", given.token_type, TOKEN_TYPES),
        ("AUDIENCE_PARAMETER", given.audience_parameter, PARAMETERS),
    ):
        if value not in known:
            raise _wrong(f"GAIA_OIDC_{name} is {value!r}", f"Set it to one of {', '.join(known)}.")
    if given.token_type == TOKEN_TYPES[-1] and given.audience == given.client_id:
        raise _wrong(
            "access tokens cannot be told from those that tell a page who signed in: "
            "they have the same type and the same audience",
            "Register Gaia's API at the provider with an audience of its own, and set GAIA_OIDC_AUDIENCE to it.",
        )
    if not all(given.second_factors):
        raise _wrong("GAIA_OIDC_SECOND_FACTORS has an empty part", "Write it as mfa,otp.")
    if not _ACR.fullmatch(given.acr_values):
        raise _wrong(f"GAIA_OIDC_ACR_VALUES is {given.acr_values!r}", "Write words with spaces between them.")
    return given


def public_url(given: str | None) -> str | None:
    """Where browsers reach a server, if that can be so: with TLS, or on the machine itself.

    Raises:
        Invalid: `public-url-invalid`.
    """
    if given is None:
        return None
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    safe = host is not None and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
    if not safe or given != f"{parts.scheme}://{parts.netloc}" or "@" in parts.netloc or port == 0:
        raise Invalid(
            "public-url-invalid",
            f"GAIA_PUBLIC_URL is {given!r}",
            next_step="Set it to https://HOST, which is what people's browsers go to.",
        )
    return given


def _wrong(message: str, step: str) -> Invalid:
    return Invalid("oidc-settings", message, next_step=step)
