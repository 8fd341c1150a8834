"""Whether the code that is about to be applied is the code whose plan was shown.

A plan does not hold all that an application reads: values that were unknown are computed then, scripts and templates
are opened then, and what was planned together with others is planned once more. So the copy that was planned in and the
one that is applied from are compared, file by file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Conflict
from gaia.terraform.component_files import LOCK_FILE
from gaia.terraform.fingerprints import GONE

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED = 5


def check_shown(whose: str, shown: Mapping[str, str], now: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """Refuse code that is another one than was shown.

    `ours` are files that runs of this process have left in the checkout since, with what they hold. A lock file that
    there was none of comes from a run too.

    Raises:
        Conflict: `code-changed`.
    """
    changed = sorted(
        name
        for name in shown.keys() | now.keys()
        if shown.get(name, GONE) != now.get(name, GONE)
        and ours.get(name) != now.get(name, GONE)
        and not (name.endswith(LOCK_FILE) and name not in shown)
    )
    if not changed:
        return
    more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
    raise Conflict(
        "code-changed",
        f"the code of {whose} is not what was shown any more: {', '.join(changed[:_NAMED])}{more}",
        next_step="Look at what changed, then run the command again: it shows a new plan.",
        facts={"files": changed},
    )
