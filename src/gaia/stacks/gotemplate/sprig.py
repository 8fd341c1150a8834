"""The function set of sprig v3 (its text functions), as far as its results are the same on every run and machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.stacks.gotemplate import dicts, encoding, lists, numbers, texts, versions
from gaia.stacks.gotemplate.environment import functions as environment
from gaia.stacks.gotemplate.values import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def fail(message: str) -> str:
    """Stop with `message`."""
    raise Failure(message)


def hello() -> str:
    """A greeting."""
    return "Hello!"


def functions(environ: Mapping[str, str]) -> Mapping[str, Callable[..., object]]:
    """Every function by name. `environ` is what `env` and `expandenv` see."""
    return {
        **texts.FUNCTIONS,
        **numbers.FUNCTIONS,
        **lists.FUNCTIONS,
        **dicts.FUNCTIONS,
        **encoding.FUNCTIONS,
        **versions.FUNCTIONS,
        **environment(environ),
        "fail": fail,
        "hello": hello,
    }
