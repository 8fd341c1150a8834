"""One resource of a preview as lines of a diff. Values come without secrets and with what is not known in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gaia.platform.model import Change

_SIGNS = {"create": "+", "delete": "-", "update": "!", "replace": "!", "forget": "-"}
_LONGEST = 300
"""Characters of one value; `preview.json` has all of it."""
_AROUND = 60
"""Of them before the first one that differs."""


def change_lines(change: Change) -> Iterator[str]:
    """`+ ADDRESS`, then a line for each attribute that differs."""
    why = f" ({change.reason.replace('_', ' ')})" if change.reason else ""
    yield f"{_SIGNS.get(change.action, '#')} {change.action} {_line(change.address)}{why}"
    for name in sorted(change.before.keys() | change.after.keys()):
        before, after = change.before.get(name), change.after.get(name)
        if before == after:
            continue
        forced = "   # forces the replacement" if name in change.forced_by else ""
        old, new = (None if one is None else _text(one) for one in (before, after))
        start = max(0, _same(old, new) - _AROUND) if old is not None and new is not None else 0
        if old is not None:
            yield f"-     {_line(name)} = {_shown(old, start)}"
        if new is not None:
            yield f"+     {_line(name)} = {_shown(new, start)}{forced}"


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _same(one: str, other: str) -> int:
    """With how many characters both begin."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _shown(text: str, start: int) -> str:
    """So much of a value that is too long as lies around where the two differ first; how much is left out is said."""
    if len(text) <= _LONGEST:
        return text
    end = start + _LONGEST
    before = f"… {start:,} characters, the same … " if start else ""
    return before + text[start:end] + (f" … {len(text) - end:,} more characters" if len(text) > end else "")


def _line(text: str) -> str:
    return " ".join(text.split())
