"""Machine output: one JSON or YAML document a command, or one line (YAML: one document) an entry for streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TextIO

from gaia.cli.next_step import told
from gaia.errors import Invalid, Next
from gaia.kit.visible import json_escaped, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

Format = Literal["text", "json", "yaml"]
"""Of what a command says; text is for people."""


def write(document: object, form: Format, stream: TextIO) -> None:
    """Write a whole result. Decimals are written as strings, dates as RFC 3339."""
    stream.write(_yaml(document) if form == "yaml" else json_text(document, 2) + "\n")


def write_entry(entry: Mapping[str, object], form: Format, stream: TextIO) -> None:
    """Write one entry of a stream and flush, so that a reader sees it at once."""
    stream.write("---\n" + _yaml(entry) if form == "yaml" else json_text(entry) + "\n")
    stream.flush()


def json_text(document: object, indent: int | None = None) -> str:
    """A document as JSON.

    Raises:
        Invalid: `json-not-a-number`, for an infinite number or one that is none.
    """
    import json

    try:
        return json_escaped(json.dumps(plain(document), indent=indent, ensure_ascii=False, allow_nan=False))
    except ValueError as error:
        raise Invalid(
            "json-not-a-number",
            f"JSON cannot hold .inf and .nan: {error}",
            next_step="Write the value as text, or ask for YAML.",
        ) from error


def _yaml(document: object) -> str:
    import yaml

    text = str(yaml.safe_dump(plain(document), sort_keys=False, allow_unicode=True, width=120))
    if text == visible(text):
        return text
    return str(yaml.safe_dump(plain(document), sort_keys=False, allow_unicode=False, width=120))


def plain(value: object) -> object:
    """`value` with nothing in it but JSON types. Beside a `next_step` stands what its command is made of."""
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal
    from pathlib import Path

    if isinstance(value, Mapping):
        table = {str(key): plain(child) for key, child in value.items()}
        if "next_step" in value:
            step = value["next_step"]
            table["next_act"] = step.as_json() if isinstance(step, Next) else None
        return table
    if isinstance(value, Next):
        return told(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(child) for child in value]
    if isinstance(value, datetime):
        from gaia.kit.clock import rfc3339

        return rfc3339(value)
    if isinstance(value, Decimal | Path):
        return str(value)
    return value
