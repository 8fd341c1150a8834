"""The few colors and signs, each with one meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STYLES: Mapping[str, str] = {
    "title": "bold",
    "quiet": "bright_black",
    "name": "cyan",
    "good": "green",
    "bad": "red",
    "warn": "yellow",
    "busy": "blue",
    "create": "green",
    "update": "yellow",
    "delete": "red",
    "replace": "magenta",
    "forget": "bright_black",
    "import": "cyan",
    "move": "cyan",
    "unknown": "italic bright_black",
}
SIGNS: Mapping[str, str] = {
    "create": "+", "update": "~", "delete": "-", "replace": "±", "forget": ".", "import": "=", "move": "→",
}  # fmt: skip
"""Of the actions on a resource."""
STATES: Mapping[str, tuple[str, str]] = {
    "queued": ("…", "quiet"),
    "submitted": ("●", "busy"),
    "waiting": ("◆", "warn"),
    "applying": ("●", "busy"),
    "done": ("✓", "good"),
    "denied": ("✗", "bad"),
    "rejected": ("✗", "bad"),
    "expired": ("✗", "quiet"),
    "parked": ("!", "warn"),
    "failed": ("✗", "bad"),
}
"""Sign and style of each state of a request."""
