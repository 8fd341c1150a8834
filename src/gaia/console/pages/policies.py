"""The rules that everything is judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gaia.console.rendering import page

if TYPE_CHECKING:
    from starlette.responses import Response

    from gaia.console.call import Call


def policies(call: Call) -> Response:
    """The rules that everything is judged by."""
    reading = call.reading
    text = call.asked("q").lower()
    rules = [
        one
        for one in reading.policies.rules
        if text in f"{one.name} {one.title} {one.severity} {one.subject} {' '.join(one.controls)}".lower()
    ]
    subjects: dict[str, list[Any]] = {}
    for one in rules:
        subjects.setdefault(one.subject, []).append(one)
    template = "parts/rules.html" if call.part else "policies.html"
    return page(call, template, subjects=subjects, text=text, count=len(rules))
