"""Templates in steps: `{{ .env.NAME }}`, `{{ .steps.NAME.value }}`, and what a custom command adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Invalid
from gaia.stacks.ports import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.errors import Position

MARK = "{{"


def rendered(text: str, data: Mapping[str, object], environ: Mapping[str, str], at: Position) -> str:
    """The text with its templates rendered, by Atmos's functions; a key that is not there is an error.

    Raises:
        Invalid: `template-…`, at the step.
    """
    if MARK not in text:
        return text
    from gaia.golang import gotemplate
    from gaia.golang.gotemplate.gomplate import library as gomplate
    from gaia.golang.gotemplate.sprig import library as sprig

    functions: dict[str, Callable[..., object]] = {**gomplate.functions(environ), **sprig.functions(environ)}
    try:
        return gotemplate.parse(text, name=str(at)).render(data, functions, missing="error")
    except Unanswered as error:
        raise Invalid(
            "value-unresolved",
            f"the text needs a value that is not known: {' '.join(one.text for one in error.needs) or text}",
            next_step="Apply first what it reads, or write the value out.",
            at=at,
        ) from error
    except GaiaError as error:
        error.at = at
        raise


def asks_for_steps(text: str) -> bool:
    """Whether a template can only be rendered when an earlier step has run."""
    return MARK in text and ".steps" in text
