"""Requests: the list, and one of them with its steps, decisions and next commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.cost import short_total, total_text
from gaia.cli.screens.palette import STATES
from gaia.cli.screens.preview import heading, in_short, preview_screen
from gaia.cli.screens.words import ago, count, day, short_id
from gaia.errors import Next
from gaia.platform.model import FINAL, WORKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import RenderableType

    from gaia.platform.model import RequestLine, RequestView, RunView

_STEPS = {"done": ("✓", "good"), "running": ("●", "busy"), "todo": ("○", "quiet")}
_LEFT = 20
"""Lines of what is left that are shown."""


def list_screen(lines: Sequence[RequestLine], now: datetime) -> list[RenderableType]:
    """The table of `gaia status`."""
    if not lines:
        return [Text("No requests yet. Ask for a service with `gaia request`; `gaia list templates` shows which.")]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="quiet")
    for title in ("service", "stack", "state", "asked by", "when", "cost", "request"):
        table.add_column(title, no_wrap=True, justify="right" if title == "cost" else "left")
    for line in lines:
        sign, style = STATES[line.status]
        label = f"{sign} {line.status}" + (" (retire)" if line.kind == "retire" else "")
        table.add_row(
            Text(line.service, "name"), line.stack, Text(label, style), line.requester, ago(line.created_at, now),
            short_total(line.cost), Text(short_id(line.id), "quiet"),
        )  # fmt: skip
    return [table]


def request_screen(view: RequestView, now: datetime, *, full: bool = False) -> list[RenderableType]:
    """One request. The whole preview is shown while it waits, or where `full`; a summary afterwards."""
    parts: list[RenderableType] = [*header(view, now)]
    if view.runs and view.status != "waiting":
        parts += _steps(view.runs[-1])
    if view.status == "waiting" or full or (view.status == "denied"):
        parts += preview_screen(view, full=full)
    elif view.preview:
        cost = total_text(view.preview.cost)
        parts += [heading("Changes", in_short(view.preview) + (f", {cost}" if cost else "")), Text("")]
    parts += _decisions(view, now)
    left = view.runs[-1].left if view.runs else ()
    if left:
        parts += [heading("Left", count(len(left), "thing") + " to clear up"), *_bullets(left)]
    return [*parts, *next_commands(view)]


def header(view: RequestView, now: datetime) -> list[RenderableType]:
    """Which request this is, and its state."""
    sign, style = STATES[view.status]
    verb = "Retire " if view.kind == "retire" else ""
    first = Text.assemble(
        (f"{verb}{view.service}", "title"), "  in ", (view.stack, "name"), "   ", (f"{sign} {view.status}", style)
    )
    facts = [
        view.id,
        f"{view.template} {view.template_version}".strip(),
        f"asked by {view.requester} {ago(view.created_at, now)}",
    ]
    if view.expires_at and view.status not in FINAL:
        facts.append(f"expires {ago(view.expires_at, now)}")
    parts: list[RenderableType] = [first, Text("  ·  ".join(fact for fact in facts if fact), "quiet")]
    if view.reason:
        parts.append(Text(view.reason, style))
    return [*parts, Text("")]


def steps_line(run: RunView) -> Text:
    """The steps of a run in one line; `apply KEY` of each instance makes one `apply`."""
    together: dict[str, list[str]] = {}
    for step, state in run.steps:
        together.setdefault(step.partition(" ")[0], []).append(state)
    text = Text("  ")
    for step, states in together.items():
        state = states[0] if len(set(states)) == 1 else "running"
        sign, style = _STEPS.get(state, ("·", ""))
        text.append(f"{sign} {step}   ", style)
    return text


def next_commands(view: RequestView) -> list[RenderableType]:
    """What one would type next, and what for."""
    rows = _next(view)
    parts: list[RenderableType] = []
    mine = isinstance(view.next_step, Next) and view.next_step.subject == view.id
    said = told(view.next_step, shown=short_id(view.id) if mine else "")
    if said and not any(command in said for command, _ in rows):
        parts.append(Text(f"  {said}"))
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(style="quiet", overflow="fold")
    for command, purpose in rows:
        table.add_row(f"  {command}", purpose)
    if rows:
        parts.append(table)
    return [heading("Next"), *parts] if parts else []


def _next(view: RequestView) -> list[tuple[str, str]]:
    name = short_id(view.id)
    if view.status == "waiting":
        return [
            (f"gaia approve {name}", "apply exactly this"),
            (f"gaia reject {name} --reason …", "say no"),
        ]
    if view.status in WORKING:
        return [(f"gaia status {name} --watch", "follow it"), (f"gaia logs {name} -f", "read along")]
    if view.status == "parked":
        return [(f"gaia logs {name}", "see what happened"), (f"gaia resume {name}", "go on where it stopped")]
    if view.status == "done" and view.kind == "provision":
        return [
            (f"gaia why {view.service} -s {view.stack}", "where everything comes from"),
            (f"gaia retire {view.service} -s {view.stack}", "undo it"),
        ]
    if view.status == "failed":
        return [(f"gaia logs {name}", "see what happened")]
    return []


def _steps(run: RunView) -> list[RenderableType]:
    if not run.steps:
        return []
    return [Padding(steps_line(run), (0, 0, 1, 0))]


def _decisions(view: RequestView, now: datetime) -> list[RenderableType]:
    if not view.approvals:
        return []
    table = Table.grid(padding=(0, 2, 0, 0))
    for approval in view.approvals:
        sign, style = ("✓", "good") if approval.decision == "approved" else ("✗", "bad")
        if approval.voided is not None:
            sign, style = "!", "warn"
        table.add_row(
            Text(f"  {sign} {approval.decision}", style), Text(f"by {approval.by} {ago(approval.at, now)}"),
            Text(approval.reason or day(approval.at), "" if approval.reason else "quiet"),
        )  # fmt: skip
        if approval.voided is not None:
            table.add_row("", Text("no longer holds:", "warn"), Text(approval.voided, "warn"))
        if approval.undecided:
            table.add_row(
                "", Text("knowing that these are open:", "quiet"), Text(", ".join(approval.undecided), "quiet")
            )
    return [heading("Decisions"), Padding(table, (0, 0, 1, 0))]


def _bullets(texts: Sequence[str]) -> list[RenderableType]:
    lines: list[RenderableType] = [Text.assemble(("  ! ", "warn"), text) for text in texts[:_LEFT]]
    if len(texts) > _LEFT:
        lines.append(Text(f"    and {len(texts) - _LEFT} more (--output json shows all)", "quiet"))
    return [*lines, Text("")]
