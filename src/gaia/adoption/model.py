"""What doors show of an adoption, and of its end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Adopted:
    """A repository that is registered now. The token, if there is one, is shown once."""

    repository: str
    """Its name in GAIA_HOME."""
    checkout: str
    source: str
    """What requests are cloned from and published to: the remote, else the checkout."""
    branch: str
    stacks: int
    states: str
    """Where local states lie."""
    known: bool = False
    """Whether it was registered before this call."""
    takes_no_push: bool = False
    """Whether the source is a checkout that git does not let anybody publish to, as it is set now."""
    admin: str = ""
    token: str = ""
    """Of the admin, where there was no person yet."""


@dataclass(frozen=True, slots=True)
class Left:
    """A repository that is not served any more, and where all that is its own lies: nothing was taken away."""

    repository: str
    checkout: str
    source: str
    branch: str
    states: str
    """Of local backends; all others are where their backends say."""
    database: str
    """Requests, approvals, leases, resources, the audit log."""
    journals: str
    previews: str
    logs: str
    clone: str
    keys: str
