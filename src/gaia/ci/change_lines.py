"""One resource of a preview as lines of a diff. Values come without secrets and with what is not known in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gaia.kit.visible import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.platform.model import Change

_SIGNS = {"create": "+", "delete": "-", "update": "!", "replace": "!", "forget": "-"}
_LONGEST = 300
"""Characters of one value; `preview.json` has all of it."""


def change_lines(change: Change) -> Iterator[str]:
    """`+ ADDRESS`, then a line for each attribute that differs."""
    why = f" ({change.reason.replace('_', ' ')})" if change.reason else ""
    yield f"{_SIGNS.get(change.action, '#')} {change.action} {_line(change.address)}{why}"
    for name in sorted(change.before.keys() | change.after.keys()):
        before, after = change.before.get(name), change.after.get(name)
        if before == after:
            continue
        forced = "   # forces the replacement" if name in change.forced_by else ""
        if before is not None:
            yield f"-     {_line(name)} = {_shown(before)}"
        if after is not None:
            yield f"+     {_line(name)} = {_shown(after)}{forced}"


def _shown(value: object) -> str:
    return cut(json.dumps(value, ensure_ascii=False, sort_keys=True), _LONGEST)


def _line(text: str) -> str:
    return " ".join(text.split())
