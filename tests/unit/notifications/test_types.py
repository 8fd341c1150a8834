"""The types of events: the table, the page, and what the code notes are the same ones."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import gaia
from gaia.notifications.events import FACTS, FAMILIES, TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(gaia.__file__).parent
PAGE = SOURCE.parents[1] / "docs/reference/events.md"
KNOWN = {f"{family}.{what}" for family, each in TYPES.items() for what in each}
TRIED = {
    "audit.export", "audit.read", "audit.verify", "delegation.create", "delegation.revoke", "drift.ask", "drift.cancel",
    "group.join", "group.leave", "key.rotate", "link.make", "request.change", "request.reconcile", "workflow.cancel",
    "workflow.start",
    "role.give", "role.withdraw",
    "person.disable", "person.enable", "request.approve", "request.cancel", "request.comment", "request.reject",
    "request.resume", "request.retire", "request.submit", "service.keep", "session.begin", "token.create",
    "token.recover", "token.revoke", "webhook.create", "webhook.read", "webhook.remove", "webhook.test",
}  # fmt: skip
"""Noted where it was refused, which is no event, or sent as the event of which nothing happened."""
NOT_NOTED = {"repository.json", "repository.key", "service.name", "service.version"}
"""Names of files, and of what a trace says of the program."""


def nodes() -> Iterator[ast.AST]:
    """Of the code that could note something: all but what makes words and events of it."""
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0]
        if room not in ("notifications", "testing", "console") or path.name == "delivering.py":
            yield from ast.walk(ast.parse(path.read_text("utf-8")))


def noted() -> set[str]:
    """What the code writes into the audit log when something was done."""
    action, found = re.compile(rf"({'|'.join(TYPES)})\.[a-z-]+"), set[str]()
    for node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and action.fullmatch(node.value):
            found.add(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_note":  # how a run ends
            found |= {
                f"request.{one.value}"
                for one in node.args
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return found - TRIED - NOT_NOTED


def test_the_table_holds_what_the_code_notes() -> None:
    """Each type is noted somewhere, and nothing else is."""
    made_of_words = {
        *("person.disabled", "person.enabled", "request.denied", "request.failed", "request.retired"),
        *("request.undone", "instance.undone", "instance.undo-parked"),
    }
    assert noted() | made_of_words == KNOWN


def test_the_page_names_every_type() -> None:
    """Once, and nothing else; first those that whoever sees the place is told of."""
    rows = [
        line.split("|")[1] for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| `[a-z]+\.[a-z-]+`", line)
    ]
    named = [name for row in rows for name in re.findall(r"`([a-z]+\.[a-z-]+)`", row) if not name.startswith("data.")]
    assert sorted(named) == sorted(KNOWN)
    told = [name.partition(".")[0] in FAMILIES for name in named]
    assert told == sorted(told, reverse=True)


def test_every_fact_that_may_leave_is_written_somewhere() -> None:
    """A name that nothing writes would let out what somebody calls so one day."""
    written = set[str]()
    for node in nodes():
        if isinstance(node, ast.Dict):
            written |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
        elif isinstance(node, ast.keyword):
            written.add(str(node.arg))
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            written.add(str(node.slice.value))
    assert not FACTS - written
