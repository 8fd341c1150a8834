"""Terraform's `-json` stream (the documented machine-readable UI), one object a line, as typed events."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Literal

from gaia.kit.shapes import as_map
from gaia.terraform.diagnostics import Diagnostic

Kind = Literal["planned", "start", "progress", "complete", "failed", "diagnostic", "provision", "summary"]
"""`provision` is a line of a provisioner, `summary` terraform's own count at the end."""

_HOOKS: dict[str, Kind] = {
    "apply_start": "start",
    "apply_progress": "progress",
    "apply_complete": "complete",
    "apply_errored": "failed",
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that Terraform reported. `action` is create, update, delete, replace, read, no-op, …"""

    kind: Kind
    address: str = ""
    type: str = ""
    action: str = ""
    elapsed: float = 0.0
    """Seconds since the change of this resource began."""
    id: str | None = None
    """The resource's id at its provider, once there is one."""
    summary: str = ""
    diagnostic: Diagnostic | None = field(default=None)

    def as_json(self) -> dict[str, object]:
        """The `event` of a log line."""
        return {
            "kind": self.kind,
            "address": self.address,
            "type": self.type,
            "action": self.action,
            "elapsed": self.elapsed,
            "id": self.id,
            "summary": self.summary,
        }


def parse_event(line: str) -> Event | None:
    """The event in a line of the stream; None for what Gaia does not follow, and for a line that is not JSON."""
    try:
        data = json.loads(line)
    except ValueError:
        return None
    if not isinstance(data, dict):
        return None
    message = str(data.get("@message", ""))
    kind = data.get("type")
    if kind == "diagnostic":
        diagnostic = Diagnostic.of(as_map(data.get("diagnostic")))
        return Event("diagnostic", address=diagnostic.address or "", summary=diagnostic.summary, diagnostic=diagnostic)
    if kind == "planned_change":
        change = as_map(data.get("change"))
        return _event("planned", change, message)
    if isinstance(kind, str) and kind in _HOOKS:
        return _event(_HOOKS[kind], as_map(data.get("hook")), message)
    if kind == "provision_start":
        return _event("provision", as_map(data.get("hook")), message)
    if kind == "provision_progress":
        hook = as_map(data.get("hook"))
        address = as_map(hook.get("resource")).get("addr", "")
        return _event("provision", hook, f"{address} ({hook.get('provisioner')}): {hook.get('output')}")
    if kind == "change_summary" and as_map(data.get("changes")).get("operation") != "plan":
        return Event("summary", summary=message)
    return None


def _event(kind: Kind, body: dict[str, object], message: str) -> Event:
    resource = as_map(body.get("resource"))
    elapsed = body.get("elapsed_seconds")
    identifier = body.get("id_value")
    return Event(
        kind,
        address=str(resource.get("addr", "")),
        type=str(resource.get("resource_type", "")),
        action=str(body.get("action", "")),
        elapsed=float(elapsed) if isinstance(elapsed, int | float) else 0.0,
        id=str(identifier) if identifier else None,
        summary=message,
    )
