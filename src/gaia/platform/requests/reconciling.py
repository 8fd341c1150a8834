"""Asking for a service to be put back: what has drifted is made again as it is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.platform import refusals
from gaia.platform.requests.asking import ask_about
from gaia.records import looks

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.model import Request


def ask_to_reconcile(
    tx: Transaction, platform: PlatformContext, old: Request, requester: str, *, at: datetime
) -> Request:
    """Write down that the service which came from `old` is to be put back, and queue the preview of that.

    It is a request as any: judged, approved, applied. Its preview ends it where nothing would be done.

    Raises:
        Conflict: `nothing-to-put-back` where no look has found drift; `service-busy`.
    """
    found = (looks.newest(tx, old.repository, *key.split("/", 1)) for key in old.instances)
    if not any(one is not None and one.result == "drifted" for one in found):
        raise refusals.nothing_to_put_back(old.service, old.stack)
    return ask_about(tx, platform, old, "reconcile", requester, actor=requester, at=at)
