"""Typed ids: a prefix and a UUIDv7 (RFC 9562 §5.7), so ids sort by the time they were made.

The twelve bits after the version count the millisecond's 4,096 parts (§6.2, method 3): two rows of one transaction are
made within the same millisecond, and lists that are sorted by id show them in the order in which they were written.
"""

from __future__ import annotations

import re
import secrets
import time
import uuid

from gaia.errors import Invalid

NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,62}$")
PREFIXES = ("req", "run", "apr", "prv", "tok", "per", "lea", "wrk", "dlg", "cmt", "whk", "msg", "ses", "chk")


def new_id(prefix: str) -> str:
    """Return e.g. `req_019aa8c2…`: the prefix, `_`, and 32 hexadecimal digits."""
    if prefix not in PREFIXES:
        raise ValueError(prefix)
    millisecond, rest = divmod(time.time_ns(), 1_000_000)
    value = millisecond << 80 | 0x7 << 76 | (rest * 4096 // 1_000_000) << 64 | 0b10 << 62
    return f"{prefix}_{uuid.UUID(int=value | secrets.randbits(62)).hex}"


def check_name(value: str, what: str) -> str:
    """Return `value` when it is a name by the house rule, else raise `Invalid("name-invalid")`."""
    if not NAME.fullmatch(value):
        raise Invalid(
            "name-invalid",
            f"{what} {value!r} is not a valid name",
            next_step="Use 1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit.",
        )
    return value
