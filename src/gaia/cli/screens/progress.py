"""How far a run is: a pure model fed by views and log lines, drawn live on a terminal or told line by line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from rich.console import Group
from rich.text import Text

from gaia.cli.screens.format import clock, count, span
from gaia.cli.screens.requests import steps_line
from gaia.cli.screens.tables import Column, Folded, Rows
from gaia.kit.clock import parse_rfc3339, rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from rich.console import RenderableType

    from gaia.platform.model import Change, RequestView

DOING = {
    "create": "creating",
    "update": "changing",
    "delete": "destroying",
    "replace": "replacing",
    "import": "adopting",
}
DID = {"create": "created", "update": "changed", "delete": "destroyed", "replace": "replaced", "import": "adopted"}
_ENDS = ("complete", "failed")
_LABEL = len("10 of 10 resources")
"""Or the times would jump with each resource."""


@dataclass
class ResourceProgress:
    """One resource that is being changed or has been."""

    address: str
    action: str
    since: datetime
    ended: datetime | None = None
    failed: bool = False


@dataclass
class Progress:
    """The newest run of a request. Lines from before that run began are passed over.

    While it is queued, those from before somebody began to look: an earlier run wrote them.
    """

    view: RequestView
    began: datetime
    resources: dict[str, dict[str, ResourceProgress]] = field(default_factory=dict)
    """Instance → address → resource."""
    message: str = ""
    _told: set[tuple[str, str]] = field(default_factory=set)

    def see(self, view: RequestView) -> list[str]:
        """Take a newer view; returns the lines that tell what is new."""
        self.view = view
        if not view.runs:
            return []
        run = view.runs[-1]
        told = []
        for step, state in run.steps:
            if state == "running" and (run.id, step) not in self._told:
                self._told.add((run.id, step))
                told.append(f"{step} …")
        return told

    def feed(self, line: Mapping[str, object]) -> list[str]:
        """Take a log line; returns the lines that tell what is new."""
        at = str(line.get("at") or "")
        started = self.view.runs[-1].started_at if self.view.runs else None
        if not at or at < (started or rfc3339(self.began)):
            return []
        event, instance = line.get("event"), line.get("instance")
        if isinstance(event, dict) and isinstance(instance, str):
            return self._resource(at, instance, event)
        text = str(line.get("message") or "")
        self.message = text
        return [f"{clock(at)}  {text}"] if text else []

    def _resource(self, at: str, instance: str, event: Mapping[str, object]) -> list[str]:
        kind, address, action = (str(event.get(name) or "") for name in ("kind", "address", "action"))
        if kind not in ("start", "progress", *_ENDS) or not address or action in ("read", "noop", "no-op"):
            return []
        moment = parse_rfc3339(at)
        known = self.resources.setdefault(instance, {})
        resource = known.setdefault(address, ResourceProgress(address, action, moment))
        where = f"{clock(at)}  {instance.rpartition('/')[2]}: {address}"
        if kind == "start":
            known[address] = ResourceProgress(address, action, moment)
            return [f"{where} {DOING.get(action, action)}"]
        if kind in _ENDS:
            resource.ended, resource.failed = moment, kind == "failed"
            verb = "failed" if resource.failed else DID.get(action, action)
            return [f"{where} {verb} after {span(moment - resource.since)}"]
        return []

    def screen(self, now: datetime) -> RenderableType:
        """The live picture."""
        view = self.view
        doing = "Destroying" if view.is_retirement else "Changing" if view.is_change else "Applying"
        verb = {"submitted": "Previewing", "applying": doing}.get(view.status, "Working on")
        parts: list[RenderableType] = [
            Text.assemble(
                (f"{verb} {view.service}", "title"),
                "  in ",
                (view.stack, "name"),
                (f"   {span(now - self.began)}", "quiet"),
            )
        ]
        if view.runs and view.runs[-1].steps:
            parts.append(steps_line(view.runs[-1]))
        if self.resources or view.status == "applying":
            parts += [Text(""), self._instances(now)]
        if self.message and not any(each.ended is None for known in self.resources.values() for each in known.values()):
            parts.append(Rows((Column(style="quiet", flows=True),), [(self.message,)], indent=2))
        return Folded(Group(*parts))

    def _instances(self, now: datetime) -> Rows:
        rows: list[Text | Sequence[Text]] = []
        planned = self._planned()
        for instance in dict.fromkeys([*self.view.instances, *planned, *self.resources]):
            rows += self._instance(instance, planned.get(instance, 0), now)
        return Rows((Column(gap=2), Column(gap=2, least=_LABEL), Column(style="quiet")), rows, indent=2)

    def _instance(self, instance: str, total: int, now: datetime) -> Iterator[Text | Sequence[Text]]:
        found = list(self.resources.get(instance, {}).values())
        busy = [each for each in found if each.ended is None]
        done = [each for each in found if each.ended and not each.failed]
        begun = instance in self._begun()
        sign, style = ("●", "busy") if busy or begun else ("○", "quiet")
        if any(each.failed for each in found):
            sign, style = "✗", "bad"
        elif found and len(done) == len(found) >= total:
            sign, style = "✓", "good"
        spent = "planning" if begun else "waiting"
        if found:
            ends = [each.ended for each in found if each.ended]
            spent = span((now if busy else max(ends)) - min(each.since for each in found))
        label = f"{len(done)} of {count(max(total, len(found)), 'resource')}" if found or total else ""
        yield Text(f"{sign} {instance.rpartition('/')[2]}", style), Text(label), Text(spent)
        for each in busy:
            doing = f"{DOING.get(each.action, each.action)}  {span(now - each.since)}"
            yield Text(f"      {each.address}  {doing}", "quiet")

    def _begun(self) -> set[str]:
        """Instances whose turn it is: of the steps `apply KEY` and `destroy KEY`, those that run."""
        steps = self.view.runs[-1].steps if self.view.runs else ()
        return {step.partition(" ")[2] for step, state in steps if state == "running"}

    def _changes(self) -> Sequence[Change]:
        return self.view.preview.changes if self.view.preview else ()

    def _planned(self) -> dict[str, int]:
        tally: dict[str, int] = {}
        for change in self._changes():
            tally[change.instance] = tally.get(change.instance, 0) + 1
        return tally


def log_line(line: Mapping[str, object]) -> Text:
    """One line of `gaia logs`."""
    level, event = str(line.get("level") or "info"), line.get("event")
    style = {"warn": "warn", "error": "bad"}.get(level, "")
    text = Text(f"{clock(str(line['at']))}  ", "quiet")
    step = str(line.get("step") or "").partition(" ")[0]  # `apply KEY` names the instance a second time
    text.append(f"{step:<9} ", "quiet")
    if line.get("instance"):
        text.append(str(line["instance"]).rpartition("/")[2] + "  ", "name")
    text.append(str(line.get("message") or ""), style)
    if isinstance(event, dict) and not line.get("message"):
        text.append(str(cast("dict[str, object]", event).get("summary") or ""), style)
    return text
