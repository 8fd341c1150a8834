"""YAML as this repository has it: the same bytes for the same data, in the order of the data.

Ours, and not `gaia.golang.goyaml`'s, because a thousand services are written in a second or two: no form is chosen but
a plain word or a text in double quotes, which YAML and JSON write alike.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@-]*(:[A-Za-z0-9_./@-]+)*")
_NOT_TEXTS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"))
"""In any case: what some reader of YAML takes for something else."""


def document(value: Mapping[str, object]) -> str:
    """One document, with a line's end behind it."""
    lines: list[str] = []
    _map(value, "", lines)
    return "\n".join(lines) + "\n"


def documents(values: Iterable[Mapping[str, object]]) -> str:
    """Several in one file."""
    return "---\n".join(document(one) for one in values)


def _map(value: Mapping[str, object], indent: str, lines: list[str], first: str | None = None) -> None:
    before = indent if first is None else first
    for key, child in value.items():
        name = before + _text(key) + ":"
        before = indent
        if type(child) is str:
            lines.append(f"{name} {_text(child)}")
        elif isinstance(child, dict) and child:
            lines.append(name)
            _map(child, indent + "  ", lines)
        elif isinstance(child, list) and child:
            lines.append(name)
            _list(child, indent, lines)
        else:
            lines.append(f"{name} {_scalar(child)}")


def _list(value: list[object], indent: str, lines: list[str]) -> None:
    for child in value:
        if isinstance(child, dict) and child:
            _map(child, indent + "  ", lines, indent + "- ")
        else:
            lines.append(f"{indent}- {_scalar(child)}")


def _scalar(value: object) -> str:
    """Lists in lists are written as JSON has them."""
    return _text(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _text(text: str) -> str:
    if _WORD.fullmatch(text) and text.lower() not in _NOT_TEXTS:
        return text
    return json.dumps(text, ensure_ascii=False)
