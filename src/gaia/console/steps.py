"""A next step as a link of the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.errors import Next

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACES: Mapping[str, tuple[str, str]] = {
    "approve": ("Look at the request", "/requests/{subject}"),
    "audit list": ("Open the audit log", "/audit"),
    "cancel": ("Open the request", "/requests/{subject}"),
    "change": ("Change the service", "/services/{stack}/{subject}/change"),
    "delegation list": ("Open the approvals", "/approvals"),
    "describe component": ("Open the environments", "/environments"),
    "list stacks": ("Open the environments", "/environments"),
    "login": ("Sign in", "/sign-in"),
    "logs": ("Open the request", "/requests/{subject}"),
    "looks list": ("Open the drift", "/drift"),
    "person enable": ("Open the people", "/people"),
    "policy list": ("Open the policies", "/policies"),
    "reconcile": ("Open its drift", "/services/{stack}/{subject}/drift"),
    "reject": ("Look at the request", "/requests/{subject}"),
    "request": ("Ask for a service", "/new"),
    "resume": ("Open the request", "/requests/{subject}"),
    "retire": ("Open the service", "/services/{stack}/{subject}"),
    "status": ("Open the request", "/requests/{subject}"),
    "token create": ("Open the tokens", "/people"),
    "token list": ("Open the tokens", "/people"),
    "why": ("Open the service", "/services/{stack}/{subject}"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """Where a next step is taken."""

    title: str
    path: str


def link_of(step: str) -> Link | None:
    """Where; None for what is no act, or none of the page's."""
    place = _PLACES.get(step.act) if isinstance(step, Next) else None
    if place is None or not isinstance(step, Next):
        return None
    title, path = place
    if step.act == "login" and "--step-up" in step.options:
        return Link("Prove who you are", "/login?again=true")
    if "{stack}" in path and not (step.stack and step.subject):
        return None
    if "{subject}" in path and not step.subject:
        return Link("Open the requests", "/requests")
    return Link(title, path.format(subject=quote(step.subject, safe=""), stack=quote(step.stack, safe="")))
