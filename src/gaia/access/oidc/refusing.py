"""How a token of a provider is refused."""

from __future__ import annotations

from gaia.errors import Next, Unauthenticated


def refused(code: str, why: str) -> Unauthenticated:
    """The error for a token that does not hold; `why` goes on after "it"."""
    return Unauthenticated(
        code, f"the access token is not accepted: {why}", next_step=Next("login", words="Sign in again")
    )
