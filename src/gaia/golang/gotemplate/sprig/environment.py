"""Reading environment variables: those that were handed in, never the process's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_REFERENCE = re.compile(r"\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[0-9*#$@!?-]))")


def expanded(text: str, environ: Mapping[str, str]) -> str:
    """`$NAME` and `${NAME}` in `text` by their values; an unset one is empty."""
    return _REFERENCE.sub(lambda match: environ.get(match[1] or match[2] or "", ""), text)


def functions(environ: Mapping[str, str]) -> Mapping[str, Callable[..., object]]:
    """`env` and `expandenv` over `environ`."""

    def env(name: str) -> str:
        return environ.get(name, "")

    def expandenv(text: str) -> str:
        return expanded(text, environ)

    return {"env": env, "expandenv": expandenv}
