"""A token in each form, bound to the session: what another site's page has somebody send does not carry it."""

from __future__ import annotations

import hmac

FIELD = "token"
"""The name of the field."""


def token(session: str) -> str:
    """What the forms of a session carry. The session's secret cannot be told from it."""
    return hmac.new(session.encode(), b"a form of Gaia's page", "sha256").hexdigest()


def holds(session: str, given: str) -> bool:
    """Whether a form is one of this session's."""
    return bool(session) and hmac.compare_digest(token(session).encode(), given.encode())
