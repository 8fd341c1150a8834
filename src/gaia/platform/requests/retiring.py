"""Asking for a service to be destroyed, whoever asks: a person, or the engine at the end of its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.platform.instances import journals
from gaia.platform.requests.asking import ask_about
from gaia.platform.services import placing

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.platform.acting import Place
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Request


def ask_to_retire(
    tx: Transaction, platform: PlatformContext, old: Request, requester: str, *, where: Place, actor: str, at: datetime
) -> Request:
    """Write down that the service which came from `old` is to be destroyed, and queue the preview of that.

    See `ask_about`; `where` is the place that its stack has now: its rules are asked, and the service is listed there.

    Raises:
        Conflict: `apply-unfinished`, when some of it may exist outside of the state; `service-busy`.
    """
    if error := journals.unfinished(platform, old.instances):
        raise error
    old = placing.follow(tx, old, where, at=at)
    return ask_about(tx, platform, old, "retire", requester, actor=actor, at=at, follows=old.id, parts=old.parts)
