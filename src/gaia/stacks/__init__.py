"""The ground: what is configured, where, and why. An Atmos-compatible configuration engine.

`from gaia.stacks import Repository` is the way in. What is named here is imported when it is first asked for: the whole
engine takes tenths of a second, and most commands need a part of it or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gaia.stacks.model import Instance, InstanceKey, Origin, Reference, Unknown
    from gaia.stacks.ports import Call, Processing, Resolver, Unanswered
    from gaia.stacks.repository import Repository

__all__ = [
    "Call",
    "Instance",
    "InstanceKey",
    "Origin",
    "Processing",
    "Reference",
    "Repository",
    "Resolver",
    "Unanswered",
    "Unknown",
]
_HOMES = ("model", "ports", "repository")
"""Where they are, the quickest to import first."""


def __getattr__(name: str) -> object:
    if name in __all__:
        from importlib import import_module

        for home in _HOMES:
            module = import_module(f"{__name__}.{home}")
            if name in vars(module):
                return vars(module)[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
