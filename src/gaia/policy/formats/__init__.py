"""What a check says, as a text of one of the formats that other programs read: the one home of them for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from gaia.policy.report import Checked

Format = Literal["sarif", "junit", "markdown"]


def rendered(checked: Checked, form: Format) -> str:
    """The text; it ends in a newline."""
    if form == "sarif":
        from gaia.policy.formats.sarif import sarif as made
    elif form == "junit":
        from gaia.policy.formats.junit import junit as made
    else:
        from gaia.policy.formats.markdown import markdown as made
    return made(checked)
