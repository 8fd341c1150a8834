"""How a patch is put onto moto: methods onto its classes, addresses into its tables, data beside its own."""

from __future__ import annotations

from inspect import isfunction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType


def store(owner: Any, name: str) -> dict[str, Any]:
    """A table kept on a backend or on a thing of it. A reset, which makes those anew, forgets it."""
    table: dict[str, Any] = owner.__dict__.setdefault(f"patched_{name}", {})
    return table


def extend(owner: type, more: type) -> None:
    """Give a class of moto the methods of another class."""
    for name, function in vars(more).items():
        if isfunction(function):
            setattr(owner, name, function)


def wrap(owner: type, name: str, function: Callable[..., Any]) -> None:
    """Put `function(plain, self, …)` in place of a method; `plain` is the method as it was."""
    plain = getattr(owner, name)

    def wrapped(self: Any, *arguments: Any, **named: Any) -> Any:
        return function(plain, self, *arguments, **named)

    wrapped.__name__ = name
    setattr(owner, name, wrapped)


def listen(urls: ModuleType, dispatch: Callable[..., Any], *paths: str) -> None:
    """Have a service answer at more addresses: of two that fit, the first in the table is taken."""
    more: Iterable[str] = (f"{{0}}{path}$" for path in paths)
    urls.url_paths = {**dict.fromkeys(more, dispatch), **urls.url_paths}  # type: ignore[attr-defined]
