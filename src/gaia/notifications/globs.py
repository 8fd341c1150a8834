"""Which types of events somebody wants: globs, with or without the prefix that all types have."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.notifications.model import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

_GLOB = re.compile(r"[a-z0-9*?.-]{1,100}")
_MOST = 20


def checked(globs: Sequence[str]) -> tuple[str, ...]:
    """The globs without the prefix; every type, where there is none.

    Raises:
        Invalid: `event-type-invalid`.
    """
    found = tuple(dict.fromkeys(one.removeprefix(PREFIX) for one in globs)) or ("*",)
    wrong = next((one for one in found if not _GLOB.fullmatch(one)), None)
    if wrong is not None or len(found) > _MOST:
        what = f"{wrong[:100]!r} is no type of events" if wrong is not None else f"more than {_MOST} types are named"
        raise Invalid(
            "event-type-invalid", what, next_step="Write types as request.approved, or with * for many: request.*"
        )
    return found


def wanted(globs: Sequence[str], kind: str) -> bool:
    """Whether a type, with or without the prefix, is one of them."""
    return any(fnmatchcase(kind.removeprefix(PREFIX), one) for one in globs)
