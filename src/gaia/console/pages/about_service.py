"""What every page of one service has: its name, its tabs, and what could be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from gaia.console.call import Call

_TABS = (("", "Overview"), ("history", "History"), ("cost", "Cost"), ("drift", "Drift"), ("change", "Change"))


def path_of(stack: str, service: str) -> str:
    """The address of a service."""
    return f"/services/{quote(stack, safe='')}/{quote(service, safe='')}"


def about(call: Call, tab: str) -> dict[str, Any]:
    """What the frame of a service's pages is made of.

    Raises:
        NotFound: `service-unknown`.
    """
    line = call.listing.service(call.named("service"), call.named("stack"))
    own = {*line.instances}
    found = call.drifting.list(stack=line.stack, state="drifted")
    drifted = sum(1 for one in found if one.instance in own)
    acts = call.offering.of_service(line, has_drifted=bool(drifted))
    base = path_of(line.stack, line.service)
    tabs = [(title, f"{base}/{name}" if name else base, name == tab, drifted if name == "drift" else 0)
            for name, title in _TABS if name != "change" or "change" in acts]  # fmt: skip
    return {"line": line, "acts": acts, "tabs": tabs, "base": base, "drifted": drifted, "refused": None}
