"""An estimate as a text of one of the formats that people read elsewhere: the one home of them for every door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.cost.formats.rows import View

Format = Literal["infracost", "markdown", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)


def rendered(document: Mapping[str, Any], form: Format, view: View) -> str:
    """The text of an Infracost document; it ends in a newline."""
    if form == "infracost":
        import json

        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if form == "markdown":
        from gaia.cost.formats.markdown import markdown as made
    else:
        from gaia.cost.formats.html import html as made
    return made(document, view)
