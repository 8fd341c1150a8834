"""What an address of a resource says about it."""

from __future__ import annotations

import re

_MODULES = re.compile(r'^(?:module\.[^.\[]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)*')
_READ = ("data.", "ephemeral.")


def in_module(address: str) -> str:
    """An address without the path of its module."""
    return _MODULES.sub("", address)


def only_read(address: str) -> bool:
    """Whether terraform reads what is at this address and never makes it."""
    return in_module(address).startswith(_READ)
