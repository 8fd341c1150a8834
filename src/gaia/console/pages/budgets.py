"""Budgets and quotas: what may be spent and taken, and how far that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.console.estimates import share_of
from gaia.console.pages.home import budgets as bars
from gaia.console.rendering import page

if TYPE_CHECKING:
    from starlette.responses import Response

    from gaia.console.call import Call


def budgets(call: Call) -> Response:
    """What may be spent and taken, and how far that is."""
    quotas = [{**one, "taken": share_of(one["used"], one["most"])} for one in call.reading.money()["quotas"]]
    return page(call, "budgets.html", budgets=bars(call), quotas=quotas)


def spend(call: Call) -> Response:
    """How far budgets go: of everything that is seen, or those that hold a service, as a part of other pages.

    Adding up what everything costs takes a moment where there are many services, so pages do not wait for it.
    """
    wanted = {name: call.asked(name) for name in ("tenant", "stage", "service")}
    found = [one for one in bars(call) if all(not text or one[name] in (None, "", "*", text)
                                             for name, text in wanted.items())]  # fmt: skip
    return page(call, "parts/spend.html", budgets=found)
