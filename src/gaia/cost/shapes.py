"""Sizes of machines by their names: what is priced by the vCPU needs them."""

from __future__ import annotations

import re
from decimal import Decimal

_SIZE = re.compile(r"(?P<times>\d*)xlarge")
_PREFIX = re.compile(r"^(?:db|cache|mq|Kafka)\.")
_ODD = {
    "c1.medium": 2, "c1.xlarge": 8, "c4.8xlarge": 36, "d2.8xlarge": 36, "hs1.8xlarge": 16,
    "m2.xlarge": 2, "m2.2xlarge": 4, "m2.4xlarge": 8,
}  # fmt: skip
_HALVES = ("hpc6a", "hpc6id", "hpc7a")
"""Families without hyper-threads: half as many vCPU as the size says."""


def vcpus(name: str) -> Decimal | None:
    """The vCPU of an instance type or class (`m5.large`, `db.t3.medium`); None where its name does not tell."""
    bare = _PREFIX.sub("", name)
    family, _, rest = bare.partition(".")
    size = rest.partition(".")[0]
    if bare in _ODD:
        return Decimal(_ODD[bare])
    found = _SIZE.fullmatch(size)
    if found:
        count = 4 * int(found["times"] or 1)
        return Decimal(count // 2 if family in _HALVES else count)
    if size == "large" or (size == "medium" and family == "t2"):
        return Decimal(2)
    if size not in ("medium", "small", "micro", "nano"):
        return None
    return Decimal(2 if family in ("t3", "t3a", "t4g") else 1)


_GIB_A_VCPU = {"c": 2, "m": 4, "r": 8}
_GENERATION = re.compile(r"(?P<letter>[cmr])(?P<number>\d+)")


def memory_gib(name: str) -> Decimal | None:
    """The memory of a general machine of the fifth generation or later by its name; None where that does not tell."""
    bare = _PREFIX.sub("", name)
    found = _GENERATION.match(bare.partition(".")[0])
    cores = vcpus(bare) if found and int(found["number"]) >= 5 and "large" in bare else None
    return None if found is None or cores is None else cores * _GIB_A_VCPU[found["letter"]]
