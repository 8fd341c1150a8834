"""Rendering the texts that were kept back while their file was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.stacks.loading.deferred import is_open, local_paths
from gaia.stacks.loading.rendering import ABSENT, REFERENCE, lookup
from gaia.stacks.model import HOLDERS
from gaia.stacks.ports import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.errors import Position
    from gaia.stacks.loading.deferred import Deferred


def render(text: Deferred, resolve: Callable[[object], object], environ: Mapping[str, str], at: Position) -> object:
    """What the templates of `text` give; a text that is one reference keeps the type of what it names.

    `resolve` gives the value of what holds functions.

    Raises:
        Unanswered: it is built around something that is not known.
        Invalid: `template-…`.
    """
    held = text.data.get("locals")
    paths = local_paths(text)
    names = {path.split(".")[0] for path in paths}
    known = {
        name: resolve(value) if is_open(value) and ("" in names or name in names) else value
        for name, value in (held.items() if isinstance(held, dict) else ())
    }
    data = {**text.data, "locals": known}
    match = REFERENCE.match(text)
    found = lookup(data, match.group(1)) if match else ABSENT
    if found is not ABSENT:
        return found
    if any(_unknown(lookup(known, f".{path}") if path else known) for path in paths):
        raise Unanswered
    return _rendered(str(text), data, environ, at)


def _rendered(text: str, data: Mapping[str, object], environ: Mapping[str, str], at: Position) -> str:
    from gaia.golang.gotemplate import parse
    from gaia.golang.gotemplate.gomplate import library as gomplate
    from gaia.golang.gotemplate.sprig import library as sprig

    functions = {**gomplate.functions(environ), **sprig.functions(environ)}
    try:
        return parse(text, name=at.file).render(data, functions, missing="error")
    except Invalid as error:
        error.at = at
        raise


def _unknown(value: object) -> bool:
    """Whether a value is not known, or holds one that is not."""
    if isinstance(value, dict):
        return any(_unknown(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_unknown(inner) for inner in value)
    return isinstance(value, HOLDERS)
