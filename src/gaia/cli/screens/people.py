"""Who calls, and how somebody signs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import ago
from gaia.cli.screens.tables import Column, Rows

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import RenderableType

    from gaia.access.oidc.device_flow import Code, Way
    from gaia.platform.model import CallerView


def code_screen(code: Code, way: Way, server: str) -> list[RenderableType]:
    """Where to go, what to type in there, and whom the token is for."""
    rows = [("open", Text(code.address, "name")), ("type in", Text(code.user_code, "title"))]
    if code.whole_address:
        rows.append(("or open", Text(code.whole_address)))
    rows.append(("a token for", Text(way.audience)))
    rows.append(("is kept for", Text(server or "this home")))
    minutes = max(1, code.expires_in // 60)
    waiting = f"Waiting until you have agreed there, for {minutes} minutes at most. Ctrl-C ends it."
    return [Rows((Column(style="quiet"), Column()), rows, indent=2), Text(waiting, "quiet")]


def caller_screen(view: CallerView, before: str, now: datetime) -> list[RenderableType]:
    """Somebody with roles, groups and what they called with; `before` stands before the name."""
    roles = "\n".join(f"{each.role} in {each.tenant}/{each.stage}" for each in view.grants)
    rows = [
        ("roles", roles or "none"),
        ("groups", ", ".join(view.groups) or "none known"),
        ("second factor", ago(view.second_factor_at, now) or "not known"),
        ("calls with", view.token or "what the provider of identities said"),
        ("until", ago(view.ends_at, now) or "not known"),
    ]
    return [
        Text.assemble(("✓ ", "good"), (before, "title"), (view.name, "name"), (f"  {view.id}", "quiet")),
        Rows((Column(style="quiet"), Column(flows=True)), rows, indent=2),
    ]
