"""What stands below a preview in its comment: what was applied before the merge, and whose yes is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.kit.markdown import code, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gaia.ci.applying.before_merge import BeforeMerge
    from gaia.ci.approvals.needed import Asked
    from gaia.ci.approvals.standing import Lacking
    from gaia.ci.model import Made, Preview

_NAMED = 10
"""So many instances that need the same are named."""


def lines_before_merge(done: BeforeMerge, preview: Preview, known: Iterable[str]) -> Iterator[str]:
    """For the comment of a preview: what was applied of an earlier one, and what this one says of it.

    `known` are the instances that there are.
    """
    if not done.done:
        return
    there = frozenset(known)
    yield from ("", "#### Applied before the merge", "")
    for name in done.done:
        part = preview.part(name)
        if part is not None and part.status == "unchanged":
            said = "and it is as this commit says"
        elif part is not None:
            said = "and this commit says something else: what stands above is on top of that"
        elif name in there:
            said = "and this commit does not touch it any more: what exists is not what the base branch says"
        else:
            said = "and this commit does not have it any more: what was made still exists"
        yield f"* {code(name)}, last at {code(done.head[:12])}, when {escaped(done.by)} asked for it, {said}."


def lines_of_approvals(asked: Asked | None, made: Made) -> list[str]:
    """Whose yes is still needed, and how it is given; of many instances that need the same, how many."""
    if asked is None:
        return []
    if asked.approved:
        acts = not made.denied and any(one.acts for one in made.preview.parts)
        return (
            ["", "Everybody whose yes this takes has approved it: once it is merged it is applied.", ""] if acts else []
        )
    alike: dict[str, list[Lacking]] = {}
    for one in asked.lacking:
        alike.setdefault(str(one) if one.void else str(one.needed), []).append(one)
    lines = []
    for needed, these in alike.items():
        if len(these) > _NAMED:
            lines.append(f"{len(these)} instances need {needed}")
        else:
            lines += map(str, these)
    lines += [f"{one} asks for changes" for one in asked.against]
    lines += [f"what @{one} approved had no plan by then" for one in asked.unseen]
    how = "What counts is an approving review of this plan by somebody else; a comment is none."
    return ["", "#### Needs", "", *(f"* {escaped(one)}" for one in lines), "", how, ""]
