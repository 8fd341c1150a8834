"""How long what a template makes may live: `_ttl` of its `copier.yml`, and whether a wish fits that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit import spans

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=3650)
"""Of any: nobody can be warned in time of an end that is nearer, and nobody counts on one that is farther."""


@dataclass(frozen=True, slots=True)
class Lifespan:
    """What a template says of the time to live. None: nothing."""

    default: timedelta | None = None
    """Where nobody asks for one."""
    longest: timedelta | None = None
    """Then there has to be one."""

    def as_json(self) -> dict[str, int | None]:
        """In seconds; null: nothing is said."""
        return {"default": _seconds(self.default), "longest": _seconds(self.longest)}

    def __str__(self) -> str:
        """In words; empty where nothing is said."""
        lives = self.default or self.longest
        if lives is None:
            return ""
        most = f", {spans.text(self.longest)} at most" if self.longest else ""
        return f"destroyed by itself after {spans.text(lives)}{most}"

    def seconds(self, asked: timedelta | None = None) -> int | None:
        """How long a service lives for which that was asked; None: until somebody retires it.

        Raises:
            Invalid: `ttl-too-short`, `ttl-too-long`.
        """
        span = (self.default or self.longest) if asked is None else asked
        if span is not None:
            self.check(span)
        return _seconds(span)

    def check(self, span: timedelta | None) -> None:
        """Pass what may be asked for from now on; None is for ever.

        Raises:
            Invalid: `ttl-too-short`, `ttl-too-long`.
        """
        most = self.longest or (None if span is None else LONGEST)
        if most is not None and (span is None or span > most):
            what = "for ever" if span is None else spans.text(span)
            whose = "the template lets a service live" if self.longest else "a time to live is"
            step = f"Ask for {spans.text(most)} or less." + (" It can be kept again." if self.longest else "")
            raise Invalid("ttl-too-long", f"{whose} {spans.text(most)} at most, not {what}", next_step=step)
        if span is not None and span < SHORTEST:
            least = spans.text(SHORTEST)
            raise Invalid(
                "ttl-too-short",
                f"a service lives {least} or longer, not {spans.text(span)}: its end has to be told before",
                next_step=f"Ask for {least} or more.",
            )


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def read_lifespan(raw: object, wrong: Callable[[str], Invalid]) -> Lifespan:
    """`_ttl` as it stands in the file; `wrong` makes the error of what it may not be."""
    if raw is None:
        return Lifespan()
    if not isinstance(raw, dict) or not raw.keys() <= {"default", "longest"} or not raw:
        raise wrong("_ttl has to say default, longest or both")
    found = Lifespan(_span(raw, "default", wrong), _span(raw, "longest", wrong))
    if found.default and found.longest and found.default > found.longest:
        raise wrong("the default of _ttl is more than its longest")
    return found


def _span(raw: Mapping[object, object], key: str, wrong: Callable[[str], Invalid]) -> timedelta | None:
    if key not in raw:
        return None
    try:
        span = spans.parse(str(raw[key]))
    except ValueError:
        raise wrong(f"{key} of _ttl is no length of time such as {spans.WRITTEN}") from None
    if not SHORTEST <= span <= LONGEST:
        raise wrong(f"{key} of _ttl is not from {spans.text(SHORTEST)} to {spans.text(LONGEST)}")
    return span
