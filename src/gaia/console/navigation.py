"""What the page's menu offers to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaia.console.call import Call


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu."""

    title: str
    path: str
    icon: str
    here: bool


_WORK = (("Home", "/", "home"), ("Services", "/services", "box"), ("Approvals", "/approvals", "check"),
         ("Requests", "/requests", "list"))  # fmt: skip
_LAND = (("Environments", "/environments", "layers"), ("Drift", "/drift", "drift"), ("Policies", "/policies", "shield"),
         ("Budgets", "/budgets", "coin"))  # fmt: skip
_ADMIN = (("People", "/people", "people"), ("Audit log", "/audit", "book"))


def sections(call: Call) -> list[tuple[str, list[Entry]]]:
    """Titles, each with its entries. What the caller may not open is not shown; the platform decides by itself."""
    own = (("Your tokens", "/people", "people"),)
    groups = (
        ("Work", _WORK),
        ("Platform", _LAND),
        ("Administration", _ADMIN if call.offering.administers else own),
    )
    path = call.request.url.path
    return [(title, [Entry(*one, here=_here(path, one[1])) for one in entries]) for title, entries in groups]


def _here(path: str, entry: str) -> bool:
    return path == entry or (entry != "/" and path.startswith(f"{entry}/"))
