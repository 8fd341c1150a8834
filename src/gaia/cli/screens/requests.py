"""Requests: the list, and one of them with its steps, decisions and next commands."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.text import Text

from gaia.cli.next_step import told
from gaia.cli.screens.cost import short_total, total_text
from gaia.cli.screens.direct import outputs_screen
from gaia.cli.screens.format import ago, count, day, short_id
from gaia.cli.screens.palette import STATES
from gaia.cli.screens.preview import heading, in_short, preview_screen
from gaia.cli.screens.tables import Column, Rows, signed
from gaia.errors import Next
from gaia.kit.spans import text
from gaia.platform.model import FINAL, WORKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import RenderableType

    from gaia.cli.screens.tables import Cell
    from gaia.platform.model import ApprovalsNeeded, ApprovalView, RequestLine, RequestView, RunView

_STEPS = {"done": ("✓", "good"), "running": ("●", "busy"), "todo": ("○", "quiet"), "failed": ("✗", "bad")}
_LEFT = 20
"""Lines of what is left that are shown."""
_NAMED = 3
"""Services of an order whose commands are shown."""
_VERBS = {"retire": "Retire ", "change": "Change ", "reconcile": "Put back "}
"""What a request does with the service that it names, by its kind; one that makes it says nothing."""


def list_screen(lines: Sequence[RequestLine], now: datetime) -> list[RenderableType]:
    """The table of `gaia status`."""
    if not lines:
        return [Text("No requests yet. Ask for a service with `gaia request`; `gaia list templates` shows which.")]
    styles = {"service": "name", "request": "quiet"}
    columns = [
        Column(title, styles.get(title, ""), right=title == "cost", gap=2)
        for title in ("service", "stack", "state", "asked by", "when", "cost", "request")
    ]
    rows = []
    for line in lines:
        sign, style = STATES[line.status]
        label = f"{sign} {line.status}" + (f" ({line.kind})" if line.kind != "provision" else "")
        needed = line.approvals_needed
        if line.key_replaced:
            label += " (resume it)"
        elif needed and needed.rules:
            label += f" ({needed.given} of {needed.approvers})"
        rows.append(
            (
                line.service, line.stack, Text(label, style), line.requester, ago(line.created_at, now),
                short_total(line.cost), short_id(line.id),
            )
        )  # fmt: skip
    return [Rows(columns, rows)]


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
    parts += [*_decisions(view, now), *_comments(view, now)]
    if view.outputs:
        parts.append(heading("Outputs"))
    for instance, outputs in view.outputs.items():
        parts += [Text(f"  {instance}", "name"), *outputs_screen(outputs, indent=4), Text("")]
    left = view.runs[-1].left if view.runs else ()
    if left:
        parts += [heading("Left", count(len(left), "thing") + " to clear up"), *_bullets(left)]
    return [*parts, *next_commands(view)]


def header(view: RequestView, now: datetime) -> list[RenderableType]:
    """Which request this is, and its state."""
    sign, style = STATES[view.status]
    verb = _VERBS.get(view.kind, "")
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
    if view.services:
        facts.append(f"of {', '.join(view.services)}")
    facts += _life(view, now)
    if view.on_failure == "undo" and view.status not in FINAL:
        facts.append("undone if it fails")
    parts: list[RenderableType] = [first, Text("  ·  ".join(fact for fact in facts if fact), "quiet")]
    if view.reason:
        parts.append(Text(view.reason, style))
    if view.key_replaced:
        parts.append(Text("Nobody can approve it: this preview is of before the home's key was replaced", "warn"))
    return [*parts, Text(""), *_answers(view)]


def _answers(view: RequestView) -> list[RenderableType]:
    """What a change makes of which answer."""
    if not view.before:
        return []
    rows: list[tuple[Cell, Cell]] = [
        (name, Text.assemble((_said(was), "quiet"), " → ", _said(view.answers.get(name))))
        for name, was in view.before.items()
    ]
    return [heading("Answers"), Rows((Column(style="name", gap=2), Column(flows=True)), rows, indent=2), Text("")]


def _said(value: object) -> str:
    """An answer as one would type it."""
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _life(view: RequestView, now: datetime) -> list[str]:
    """When the service ends by itself; while nobody has approved that, in how long it would."""
    if view.lives_until is not None:
        return [f"lives until {day(view.lives_until)}, {ago(view.lives_until, now)}"]
    if view.ttl is None or view.status in FINAL:
        return []
    return [f"destroyed by itself {text(timedelta(seconds=view.ttl))} after it came to exist"]


def steps_line(run: RunView) -> Text:
    """The steps of a run in one line; `apply KEY` of each instance makes one `apply`."""
    together: dict[str, list[str]] = {}
    for step, state in run.steps:
        together.setdefault(step.partition(" ")[0], []).append(state)
    text = Text("  ")
    for step, states in together.items():
        sign, style = _STEPS.get(_state(states, over=run.status in ("failed", "parked")), ("·", ""))
        text.append(f"{sign}\N{NO-BREAK SPACE}{step}   ", style)
    return text


def _state(states: Sequence[str], *, over: bool) -> str:
    """Of one step for all instances. What still runs in a run that is over is what it stopped at."""
    if over and "running" in states:
        return "failed"
    return states[0] if len(set(states)) == 1 else "todo" if over else "running"


def next_commands(view: RequestView) -> list[RenderableType]:
    """What one would type next, and what for."""
    rows = _next(view)
    parts: list[RenderableType] = []
    mine = isinstance(view.next_step, Next) and view.next_step.subject == view.id
    said = told(view.next_step, shown=short_id(view.id) if mine else "")
    if said and not any(command in said for command, _ in rows):
        parts.append(Text(f"  {said}"))
    if rows:
        parts.append(Rows((Column(), Column(style="quiet", flows=True)), rows, indent=2))
    return [heading("Next"), *parts] if parts else []


def _next(view: RequestView) -> list[tuple[str, str]]:
    name = short_id(view.id)
    if view.status == "waiting" and view.preview is None:  # damaged: nobody signs that
        return [(f"gaia reject {name} --reason …", "say no, then ask again")]
    if view.key_replaced:
        return [(f"gaia resume {name}", "preview it again"), (f"gaia reject {name} --reason …", "say no")]
    if view.status == "waiting":
        return [
            (f"gaia approve {name}", "apply exactly this"),
            (f"gaia reject {name} --reason …", "say no"),
        ]
    if view.status in WORKING:
        return [(f"gaia status {name} --watch", "follow it"), (f"gaia logs {name} -f", "read along")]
    if view.status == "parked":
        return [(f"gaia logs {name}", "see what happened"), (f"gaia resume {name}", "go on where it stopped")]
    if view.status == "done" and not view.is_retirement:
        return _next_of_done(view)
    if view.status == "failed":
        return [(f"gaia logs {name}", "see what happened")]
    return []


def _next_of_done(view: RequestView) -> list[tuple[str, str]]:
    """An order's services stand for themselves from now on, and of a branch's files no service is called as it is."""
    where = f"-s {view.stack}"
    if view.services:
        return [
            *((f"gaia why {name} {where}", "where everything of it comes from") for name in view.services[:_NAMED]),
            (f"gaia retire {view.services[0]} {where}", "undo one: each is a service of its own now"),
        ]
    why = (f"gaia why {view.service} {where}", "where everything comes from")
    if view.is_change and not view.template:
        return [why]
    return [
        why,
        (f"gaia change {view.service} {where} -a …", "have it otherwise"),
        *([(f"gaia keep {view.service} {where}", "let it live longer")] if view.lives_until else []),
        (f"gaia retire {view.service} {where}", "undo it"),
    ]


def _steps(run: RunView) -> list[RenderableType]:
    if not run.steps:
        return []
    return [steps_line(run), Text("")]


def _decisions(view: RequestView, now: datetime) -> list[RenderableType]:
    needed = view.approvals_needed if view.approvals_needed and view.approvals_needed.rules else None
    if not view.approvals and not needed:
        return []
    rows: list[tuple[Cell, Cell, Cell]] = []
    for approval in view.approvals:
        sign, style = ("✓", "good") if approval.decision == "approved" else ("✗", "bad")
        if approval.voided is not None:
            sign, style = "!", "warn"
        why = Text(approval.reason or day(approval.at), "" if approval.reason else "quiet")
        rows.append((Text(f"{sign} {approval.decision}", style), f"by {approval.signer} {ago(approval.at, now)}", why))
        if approval.voided is not None:
            rows.append(("", Text("no longer holds:", "warn"), Text(approval.voided, "warn")))
        if approval.undecided:
            texts = _open_rules(view, approval)
            rows.append(("", Text("knowing that these are open:", "quiet"), Text(texts, "quiet")))
    columns = (Column(gap=2), Column(gap=2), Column(flows=True))
    asked = [_asked(needed)] if needed else []
    return [heading("Decisions"), *asked, Rows(columns, rows, indent=2), Text("")]


def _comments(view: RequestView, now: datetime) -> list[RenderableType]:
    if not view.comments:
        return []
    rows = [(f"{one.by} {ago(one.at, now)}", Text(one.text)) for one in view.comments]
    return [heading("Comments"), Rows((Column(style="quiet", gap=2), Column(flows=True)), rows, indent=2), Text("")]


def _asked(needed: ApprovalsNeeded) -> Text:
    """What the rules of approval ask for, and where they stand."""
    proof = needed.proof_seconds
    factor = f"; with a second factor of the last {proof // 60} minutes" if proof is not None else ""
    return Text.assemble("  ", needed.words + factor, ("  " + ", ".join(needed.rules), "quiet"))


def _open_rules(view: RequestView, approval: ApprovalView) -> str:
    """A line for each rule that was open, with its title where it is still known."""
    titles = {
        str(one.get("rule")): str(one.get("title") or "") for one in (view.preview.findings if view.preview else ())
    }
    named = ((name, titles.get(name.partition(" ")[0])) for name in approval.undecided)
    return "\n".join(f"{title}: {name}" if title else name for name, title in named)


def _bullets(texts: Sequence[str]) -> list[RenderableType]:
    more = [Text(f"    and {len(texts) - _LEFT} more (--output json shows all)", "quiet")] if len(texts) > _LEFT else []
    return [signed([("!", "warn", Text(text)) for text in texts[:_LEFT]], indent=2, gap=1), *more, Text("")]
