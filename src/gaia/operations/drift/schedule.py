"""When an instance is looked at by itself: `settings.gaia.drift.every`, each at a time of its own. Pure.

The time goes by the instance's name, so a thousand daily ones are spread over the day, and stay where they are.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import spans

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from gaia.errors import Position

    Place = Callable[[Sequence[str | int]], Position]

PATH = ("settings", "gaia", "drift", "every")
DAILY = timedelta(days=1)
"""Where nobody says otherwise."""
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(weeks=4)
MOST = 16
"""At once, of one repository."""


def read_every(settings: Mapping[str, object], place: Place) -> timedelta | None:
    """How often an instance is looked at, by its settings; None: only when somebody asks for it.

    Raises:
        Invalid: `drift-every-invalid`.
    """
    node: object = settings
    for step in PATH[1:]:
        node = node.get(step) if isinstance(node, dict) else None
    if node is None:
        return DAILY
    if node is False or node == "off":  # YAML takes the word for a truth value
        return None
    try:
        every = spans.parse(node if isinstance(node, str) else "")
    except ValueError:
        every = timedelta(0)
    if not SHORTEST <= every <= LONGEST:
        raise Invalid(
            "drift-every-invalid",
            f"settings.gaia.drift.every is {str(node)[:40]!r}, no length of time from 15m to 4w, and not off",
            at=place(PATH),
            next_step=f"Write it as {spans.WRITTEN}, or off.",
        )
    return every


def read_at_once(value: object) -> int:
    """How many instances of a repository are looked at at the same time, by `gaia.drift.at_once` of `atmos.yaml`.

    Raises:
        Invalid: `drift-at-once-invalid`.
    """
    if value is None:
        return 1
    if type(value) is not int or not 1 <= value <= MOST:
        raise Invalid(
            "drift-at-once-invalid",
            f"gaia.drift.at_once of atmos.yaml is {str(value)[:40]!r}, no number from 1 to {MOST}",
            next_step="Write a number: each look is a terraform of its own, of some 600 MB.",
        )
    return value


def is_due(key: str, every: timedelta, last: datetime, now: datetime) -> bool:
    """Whether the time of an instance, that was last looked at then, has come; however often it was missed, once."""
    return _slot(key, every, last) != _slot(key, every, now)


def next_after(key: str, every: timedelta, moment: datetime) -> datetime:
    """When the time of an instance comes next."""
    return moment + every - timedelta(seconds=(moment.timestamp() - _phase(key, every)) % every.total_seconds())


def _slot(key: str, every: timedelta, moment: datetime) -> int:
    return int((moment.timestamp() - _phase(key, every)) // every.total_seconds())


def _phase(key: str, every: timedelta) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % int(every.total_seconds())
