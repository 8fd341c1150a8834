"""What an address of a resource says about it."""

from __future__ import annotations

import json
import re

_INDEX = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_MODULE = rf"module\.[\w-]+(?:{_INDEX})?"
RESOURCE = re.compile(
    rf"(?P<module>(?:{_MODULE}\.)*)(?P<mode>data\.)?(?P<type>(?!(?:module|data)\.)[a-z]\w*)\.(?P<name>[\w-]+)"
    rf"(?P<index>{_INDEX})?"
)
"""A resource or a data source, or one instance of it."""
MODULE_PATH = re.compile(rf"{_MODULE}(?:\.{_MODULE})*(?![\w.\[-])")
_MODULES = re.compile(r'^(?:module\.[^.\[]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)*')
_KEYS = re.compile(_INDEX)
_READ = ("data.", "ephemeral.")


def in_module(address: str) -> str:
    """An address without the path of its module."""
    return _MODULES.sub("", address)


def without_keys(address: str) -> str:
    """An address as the code has it: without the keys of `count` and `for_each`, of modules too."""
    return _KEYS.sub("", address)


def only_read(address: str) -> bool:
    """Whether terraform reads what is at this address and never makes it."""
    return in_module(address).startswith(_READ)


def index_key(suffix: str) -> str | int | None:
    """The key that `[0]` or `["name"]` names; None for nothing. The inverse of `state.index_suffix`.

    Raises:
        ValueError: an escape that there is not.
    """
    if not suffix:
        return None
    key: str | int = json.loads(suffix)[0]
    return key.replace("$${", "${").replace("%%{", "%{") if isinstance(key, str) else key
