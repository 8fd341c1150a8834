"""Small texts: times, spans, money, values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from gaia.cost.wording import money, quantity
from gaia.kit.clock import parse_rfc3339

__all__ = ["ago", "clock", "count", "day", "decimal", "money", "quantity", "short_id", "span", "value"]

_LONGEST_WORD = 200
_NAMED = 6
"""Of those of which the same is said, so many are named."""


def span(length: timedelta) -> str:
    """`42s`, `3m 05s`, `2h 10m`, `6d 4h`."""
    seconds = max(0, int(length.total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"


def ago(moment: str | None, now: datetime) -> str:
    """`3m ago`; `in 6d` for what is to come; empty for None."""
    if not moment:
        return ""
    length = now - parse_rfc3339(moment)
    if length < timedelta(0):
        return f"in {_coarse(-length)}"
    return f"{_coarse(length)} ago" if length >= timedelta(seconds=5) else "just now"


def _coarse(length: timedelta) -> str:
    # A second lost on the way should not turn "7d" into "6d 23h".
    return span(length + timedelta(seconds=30)).split(" ")[0] if length >= timedelta(minutes=1) else span(length)


def day(moment: str | None) -> str:
    """`2026-11-23 23:05`, in UTC; empty for None."""
    return parse_rfc3339(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def clock(moment: str) -> str:
    """`23:05:08`, in UTC."""
    return parse_rfc3339(moment).strftime("%H:%M:%S")


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 resource`, `3 resources`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def short_id(name: str) -> str:
    """As much of an id as tells requests of different milliseconds apart; commands take it."""
    return name[: len("req_") + 12]


def decimal(value: object) -> Decimal | None:
    """A number of a JSON document, or None."""
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def value(content: object, limit: int | None = 100) -> str:
    """A value in one line, at most `limit` characters long; one word, such as an ARN, may be longer: people copy it."""
    if isinstance(content, str):
        text = _document(content) or content
    elif (
        isinstance(content, Mapping)
        and content
        and all(not isinstance(child, Mapping | list) for child in content.values())
    ):
        text = ", ".join(f"{key}={value(child, None)}" for key, child in content.items())
    else:
        text = json.dumps(content, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    if limit is not None and " " not in text:
        limit = max(limit, _LONGEST_WORD)
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def _document(text: str) -> str | None:
    """JSON in a string, as policies are, without the escapes."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return None


def few_names(names: Sequence[str]) -> Sequence[str]:
    """Of those of which the same is said, the first ones, and how many more there are."""
    return names if len(names) <= _NAMED else [*names[:_NAMED], f"and {len(names) - _NAMED} more"]
