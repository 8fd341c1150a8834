"""How large the instance classes of AWS are, told by their names: sizes mean the same in every family."""

from __future__ import annotations

import re
from decimal import Decimal

_LARGE = re.compile(r"(?P<times>\d*)xlarge")
_SMALL = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2}
_OLD = {
    "t1.micro": 1, "t2.nano": 1, "t2.micro": 1, "t2.small": 1, "m1.small": 1, "m1.medium": 1, "m3.medium": 1,
    "m6g.medium": 1, "m7g.medium": 1, "m8g.medium": 1, "c6g.medium": 1, "c7g.medium": 1, "c8g.medium": 1,
    "r6g.medium": 1, "r7g.medium": 1, "r8g.medium": 1,
}  # fmt: skip
"""Those that have fewer than others of their size."""


def vcpus(kind: str) -> Decimal | None:
    """How many virtual processors a class such as `m5.xlarge` or `db.r6g.2xlarge` has; None of one without a size."""
    parts = kind.removeprefix("db.").removeprefix("cache.").split(".")
    if len(parts) < 2:
        return None
    family, size = parts[:2]
    if found := _LARGE.fullmatch(size):
        return Decimal(4 * int(found["times"] or 1))
    count = _OLD.get(f"{family}.{size}", _SMALL.get(size))
    return None if count is None else Decimal(count)


def burstable(kind: str) -> str | None:
    """The family of a database class whose processor time beyond the baseline is billed: `db.t3`, `db.t4g`."""
    family = kind.rpartition(".")[0]
    return family if family in ("db.t3", "db.t4g") else None
