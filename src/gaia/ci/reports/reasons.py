"""Why nothing is applied, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.ci.model import CAUSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gaia.ci.applying.reviewed import Applied
    from gaia.ci.model import Made


def reasons(applied: Applied) -> Sequence[str]:
    """Why nothing was applied, a line each."""
    lines = list(against(applied.made))
    lines += [f"@{one} asks for changes" for one in applied.asked.against]
    lines += [str(one) for one in applied.asked.lacking]
    lines += [
        f"what @{one} approved had no plan by then: look at the one that is there now, and approve again"
        for one in applied.asked.unseen
    ]
    for one in applied.differing:
        lines += [f"{one.instance}: {CAUSES[cause]}" for cause in one.causes]
        lines += [f"{one.instance}: {one.news}"] if one.news else []
        if one.differences and not one.causes:
            lines.append(f"{one.instance}: what exists was changed outside of Gaia, or a value that it reads was")
        lines += one.differences
    return lines


def against(made: Made) -> Iterator[str]:
    """Why a preview may not be applied as it is, a line each."""
    for one in made.planned:
        if one.error is not None:
            yield f"{one.instance.key} cannot be planned: {one.error.message}"
        elif one.refused and one.seen and one.seen.verdict:
            yield from (f"{one.instance.key}: {reason}" for reason in dict.fromkeys(one.seen.verdict.reasons))
    yield from (f"{name} cannot be built: {why}" for name, why in made.unbuilt)
    for name, number in sorted(made.held.items()):
        yield f"{name} belongs to pull request {number} until that is merged or closed"
