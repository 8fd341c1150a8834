"""How a comment or an issue of ours is known again: by a marker that people do not see, at its very beginning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.ci.hosts.host import LONGEST_COMMENT, length
from gaia.errors import Defect, Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gaia.ci.hosts.host import Comment

_MARKER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9:./]|-(?!-)){0,199}")
"""Two hyphens would end the HTML comment."""


def hidden(marker: str) -> str:
    """The first line of a text with this marker.

    Raises:
        Defect: `marker-unusable`.
    """
    if not _MARKER.fullmatch(marker) or marker.endswith("-"):
        raise Defect("marker-unusable", f"{marker!r} is no marker", next_step="Report this: it is a defect of Gaia.")
    return f"<!-- gaia {marker} -->\n"


def marked(marker: str, text: str) -> str:
    """The text as it is written at the host.

    Raises:
        Invalid: `comment-too-long`.
    """
    whole = hidden(marker) + text.rstrip()
    if length(whole) > LONGEST_COMMENT:
        raise Invalid(
            "comment-too-long",
            f"the text has {length(whole):,} characters, and a host takes {LONGEST_COMMENT:,}",
            next_step="Shorten it where it is made; a host would cut or refuse it.",
        )
    return whole


def written_once(
    whole: str,
    comments: Callable[[], Iterable[Comment]],
    create: Callable[[], Comment],
    over: Callable[[str], Comment],
) -> Comment:
    """The one comment of ours that begins as `whole` does: written over where it says something else, else created.

    Where the host failed while it was created it may be there all the same: it is looked for once more.
    """
    known = whole[: whole.index("\n") + 1]
    for last in (False, True):
        there = next((one for one in comments() if one.ours and one.text.startswith(known)), None)
        if there is not None:
            return there if there.text == whole.rstrip() else over(there.id)
        try:
            return create()
        except Unavailable:
            if last:
                raise
    raise AssertionError
