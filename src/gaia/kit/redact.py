"""Secrets that must stand in no log, journal, table or message: by their value, and by the form of credentials."""

from __future__ import annotations

import json
import threading

from gaia.kit.credentials import hidden

MASK = "(sensitive)"
_SHORTEST = 4
"""Shorter values would blank half of every line; they are hidden by structure, not by text."""


class Redactor:
    """Replaces known secret values in text. Values are learnt as they appear, from any thread."""

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()
        self._lock = threading.Lock()

    def learn(self, value: object) -> None:
        """Add every string in `value` (JSON data), and its escaped form, to what is hidden."""
        secrets: set[str] = set()
        for text in _strings(value):
            if len(text) >= _SHORTEST:
                secrets.update((text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]))
        with self._lock:
            self._values = tuple(sorted(secrets.union(self._values), key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """`text`, a line or many, with known secrets and what looks like a credential replaced by `(sensitive)`."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        return hidden(text, MASK)

    def knows(self, text: str) -> bool:
        """Whether a known secret stands in `text`."""
        return any(value in text for value in self._values)

    def data(self, value: object) -> object:
        """JSON data with every text in it redacted; keys and numbers stay, so it is still JSON afterwards."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {name: self.data(child) for name, child in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(child) for child in value]
        return value


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
