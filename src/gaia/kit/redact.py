"""Secrets that must stand in no log, journal, table or message."""

from __future__ import annotations

import json

MASK = "(sensitive)"
_SHORTEST = 4
"""Shorter values would blank half of every line; they are hidden by structure, not by text."""


class Redactor:
    """Replaces known secret values in text. Values are learnt as they appear, from any thread."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()

    def learn(self, value: object) -> None:
        """Add every string in `value` (JSON data), and its escaped form, to what is hidden."""
        found = set(self._values)
        for text in _strings(value):
            if len(text) >= _SHORTEST:
                found.update((text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]))
        self._values = tuple(sorted(found, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """`text` with every known secret replaced by `(sensitive)`."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        return text


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value, *value.splitlines()] if "\n" in value else [value]
    if isinstance(value, dict):
        return [text for child in value.values() for text in _strings(child)]
    if isinstance(value, list | tuple):
        return [text for child in value for text in _strings(child)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [str(value)]
    return []
