"""What the live picture of a batch costs while terraform works.

Claim (issue: operations): a picture of 200 instances, drawn four times a second, takes at most 5 % of a core.

Beside it, in the same run: the progress bars of Rich, which draws both, with as many lines.
"""

from __future__ import annotations

import io
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.progress import Progress
from rich.theme import Theme

from gaia.cli.screens.batch_progress import BatchProgress, Picture, Row
from gaia.cli.screens.palette import STYLES
from gaia.cli.screens.safe import SafeConsole

if TYPE_CHECKING:
    from rich.console import RenderableType

INSTANCES, HEIGHT, ROUNDS = 200, 24, 40
A_SECOND, SHARE = 4, 0.05
NOW = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)


def batch() -> BatchProgress:
    """A third is done and eight are under way; each needs those before it."""
    keys = [f"acme-use1-dev/holiday-photos-of-the-media-team-{number}" for number in range(INSTANCES)]
    rows = {key: Row(key, keys[max(0, number - 3) : number], 10) for number, key in enumerate(keys)}
    made = BatchProgress(f"Applying {INSTANCES} instances", NOW - timedelta(minutes=2), rows)
    third = INSTANCES // 3
    for number, key in enumerate(keys[: third + 8]):
        made.begin(key, NOW - timedelta(seconds=90))
        if number < third:
            made.end(key, "applied", "", NOW - timedelta(seconds=third - number))
    for key in keys[third : third + 8]:
        address = "module.bucket.aws_s3_bucket.this"
        made.feed(key, f"{address}: Creating...", {"kind": "start", "address": address, "action": "create"})
    return made


def bars() -> Progress:
    """As many lines as the picture has."""
    progress = Progress(auto_refresh=False)
    for number in range(HEIGHT - 4):
        progress.add_task(f"holiday-photos-of-the-media-team-{number}", total=10, completed=number % 10)
    return progress


def seconds(picture: RenderableType) -> float:
    """Of a core, for one drawing: the least of some."""
    console = SafeConsole(file=io.StringIO(), width=80, height=HEIGHT, theme=Theme(dict(STYLES)), force_terminal=True)
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        console.print(picture)
        spent.append(time.process_time() - began)
    return min(spent)


def main() -> int:
    """Draw both; 1 where the picture takes more than its share."""
    ours = seconds(Picture(batch(), lambda: NOW, threading.Lock()))
    theirs = seconds(bars())
    share = ours * A_SECOND
    for name, spent in ((f"picture of {INSTANCES} instances", ours), (f"{HEIGHT - 4} bars of Rich", theirs)):
        print(f"{name:28} {spent * 1000:6.1f} ms a drawing {spent * A_SECOND:6.1%} of a core")
    print(f"{'ratio':28} {ours / theirs:6.2f}")
    return int(share > SHARE)


if __name__ == "__main__":
    sys.exit(main())
