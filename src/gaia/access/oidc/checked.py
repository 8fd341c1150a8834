"""Settings that fit together: a provider that is half set would let nobody in, or the wrong ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid

if TYPE_CHECKING:
    from gaia.settings import Oidc

TOKEN_TYPES = ("at+jwt", "jwt")
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
    return given


def _wrong(message: str, step: str) -> Invalid:
    return Invalid("oidc-settings", message, next_step=step)
