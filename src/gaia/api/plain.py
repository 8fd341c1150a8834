"""What the platform answers, as JSON types alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from fastapi.responses import Response

from gaia.errors import Next

if TYPE_CHECKING:
    from collections.abc import Mapping as Headers


def plain(value: object) -> object:
    """`value` with nothing in it but JSON types; beside a `next_step` stands `next_act`, what it is made of."""
    if isinstance(value, Mapping):
        table = {str(key): plain(child) for key, child in value.items()}
        if "next_step" in value:
            step = value["next_step"]
            table["next_act"] = step.as_json() | said(step) if isinstance(step, Next) else None
        return table
    if isinstance(value, str):
        return str(value)  # of a next step the words alone: how it is done here is for the reader's own door to say
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(child) for child in value]
    if isinstance(value, datetime):
        from gaia.kit.clock import rfc3339

        return rfc3339(value)
    if isinstance(value, Decimal | Path):
        return str(value)
    return value


def said(step: Next) -> dict[str, str]:
    """The words of a next step, apart: another door says its own command between them."""
    return {"words": step.words, "after": step.after}


def answer(value: object, status: int = 200, headers: Headers[str, str] | None = None) -> Response:
    """An answer of JSON."""
    return Response(_json(plain(value)), status, headers, "application/json")


def written(value: object) -> Response:
    """An answer of what is JSON types alone already: no copy of something large is made."""
    return Response(_json(value), media_type="application/json")


def _json(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # a number beyond 64 bits, or half of a character
        import json

        return json.dumps(value, allow_nan=False).encode()
