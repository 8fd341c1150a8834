"""Events and webhooks, as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.screens.format import ago, day
from gaia.cli.screens.tables import plain_table
from gaia.notifications import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import RenderableType

    from gaia.notifications.model import DeliveryView, EventView, WebhookView


def event_line(event: EventView) -> Text:
    """One line: when, and what happened to what."""
    return Text.assemble((f"{event.seq:>6}  {day(event.time)}  ", "quiet"), words.sentence(event))


def webhooks_screen(found: Sequence[WebhookView]) -> RenderableType:
    """A line each."""
    rows = [
        (one.kind, one.target, ", ".join(one.types), f"{one.tenant}/{one.stage}", _state(one), one.id) for one in found
    ]
    return plain_table(("kind", "target", "events", "place", "state", "webhook"), rows, flows=("target", "events"))


def webhook_screen(one: WebhookView) -> list[RenderableType]:
    """One of them as a whole."""
    lines = [
        ("webhook", one.id),
        ("kind", one.kind),
        ("target", one.target),
        ("events", ", ".join(one.types)),
        ("place", f"{one.tenant}/{one.stage}"),
        ("made by", one.made_by),
        ("state", _state(one)),
        ("why", one.why),
    ]
    return [Text.assemble((f"{name:<9}", "quiet"), value) for name, value in lines if value]


def added_screen(one: WebhookView, secret: str | None) -> list[RenderableType]:
    """What was made, and its secret."""
    lines: list[RenderableType] = [Text.assemble(("✓ ", "good"), f"{one.target} is told from now on: {one.id}")]
    if secret is not None:
        lines += [Text("Its deliveries are signed with this, which is shown now or never:"), Text(secret, no_wrap=True)]
    return lines


def deliveries_screen(found: Sequence[DeliveryView], now: datetime) -> RenderableType:
    """A line each, newest first."""
    rows = [
        (
            day(one.created_at),
            one.type,
            one.status,
            str(one.tries),
            one.error or (str(one.answer) if one.answer else ""),
            ago(one.next_at, now) if one.next_at else "no",
        )
        for one in found
    ]
    return plain_table(("when (UTC)", "event", "status", "tries", "answer", "again"), rows, flows=("event", "answer"))


def _state(one: WebhookView) -> str:
    return f"{one.waiting} waiting" if one.waiting and one.state == "active" else one.state
