"""What git's words mean when a remote does not take a release, or cannot be reached."""

from __future__ import annotations

import re

from gaia.errors import Conflict, GaiaError, Refused, ToolFailed, Unavailable
from gaia.kit.credentials import hidden
from gaia.kit.git import without_password
from gaia.kit.visible import shortened

FETCHED = "refs/gaia/fetched"
"""Below it is what was fetched: a clone's own references stay as its owner has them."""
_PROTECTED = re.compile(r"protected branch|hook declined|GH006|GH013|not allowed to push code to protected", re.I)
_READ_ONLY = re.compile(
    r"permission|denied|read[- ]only|unable to (create|write)|\b40[13]\b|not allowed|insufficient|not writable", re.I
)
_OVERTAKEN = re.compile(
    r"non-fast-forward|fetch first|\[rejected\]|cannot lock ref|failed to update ref|but expected|incorrect old value"
    r"|stale info|not possible to fast-forward|diverging",
    re.I,
)


def push_failed(words: str, shown: str) -> GaiaError:
    """The error for a push that was not taken. Nothing has come of it at the remote."""
    if _PROTECTED.search(words):
        return Refused(
            "gitops-protected",
            f"{shown} takes no release from here: its branch is protected. {_said(words)}",
            next_step="Let the identity that pushes by, or propose the change in a pull request.",
        )
    if _OVERTAKEN.search(words):
        return Conflict(
            "gitops-overtaken",
            f"another release came to {shown} first; nothing of this one is there",
            next_step="Try again: it is then made on top of that one.",
        )
    if _READ_ONLY.search(words):
        return Refused(
            "gitops-read-only",
            f"{shown} may be read from here, and not written: {_said(words)}",
            next_step="Use an identity that may push.",
        )
    return ToolFailed(
        "gitops-push",
        f"the release was not pushed to {shown}: {_said(words)}",
        next_step="Repair that, then try again.",
    )


def unreachable(shown: str, words: str) -> Unavailable:
    """The error for a remote that does not answer."""
    return Unavailable(
        "gitops-unreachable",
        f"{shown} cannot be read: {_said(words)}",
        next_step="Check the address, the network and who you are there.",
    )


def _said(words: str) -> str:
    """Git's words without a password, and in one line."""
    lines = [line.removeprefix("remote:").strip() for line in words.splitlines()]
    told = " ".join(line for line in lines if line and not line.startswith(("To ", "Done", "hint:")))
    return shortened(hidden(without_password(told), "***"))[:600]
