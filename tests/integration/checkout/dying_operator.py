"""Runs `gaia ARGUMENTS` and dies by SIGKILL at a point, as `tests.integration.loop.dying`; also where a process begins.

python dying_operator.py NUMBER FILE ARGUMENTS…      NUMBER 0: never
"""

from __future__ import annotations

import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.loop.dying import Points

from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Callable


def _told(points: Points, call: Callable[..., Any]) -> Callable[..., Any]:
    """A terraform that was just started dies with us, and leaves what it leaves."""

    @wraps(call)
    def watched(*arguments: Any, **options: Any) -> Any:
        child = call(*arguments, **options)
        points(f"start {' '.join(map(str, arguments[0][1:4]))}")
        return child

    return watched


if __name__ == "__main__":
    points = Points(int(sys.argv[1]), Path(sys.argv[2]))
    points.install()
    process.start = _told(points, process.start)
    from gaia.cli.main import main

    sys.argv = ["gaia", *sys.argv[3:]]
    main()
