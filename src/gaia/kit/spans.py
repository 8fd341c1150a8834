"""Lengths of time as people write them: `30m`, `12h`, `7d`, `4w`."""

from __future__ import annotations

import re
from datetime import timedelta

WRITTEN = "30m, 12h, 7d or 4w"
"""Examples, for an error's next step."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"([1-9][0-9]{0,4})([mhdw])")


def parse(text: str) -> timedelta:
    """`7d` as a time span; `ValueError` for what is none."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def text(span: timedelta) -> str:
    """As people would write it, in the largest unit that leaves nothing over; minutes begun are left out."""
    minutes = int(span.total_seconds()) // 60
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
