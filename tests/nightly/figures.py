"""What the tests that kill have counted, from the tests to the page.

A test notes its figures as one line of a file in the folder that GAIA_FIGURES names; without it nothing is noted.
`make nightly`, or `python -m tests.nightly.figures FOLDER`, writes them between the marks in
docs/explanation/crash-recovery.md: nobody writes them by hand.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/explanation/crash-recovery.md"
BEGIN = "<!-- figures: written by `make nightly` -->"
END = "<!-- end of figures -->"
NOTHING = "No run has written its figures yet."
FOLDER = os.environ.get("GAIA_FIGURES", "")
"""Read here, because tests run without the environment's GAIA_*."""
COLUMNS = ("killed while", "points", "kills", "began anew", "resumed", "had ended", "parked", "seconds", "seed")


@dataclass(slots=True)
class Figures:
    """Counted by one test. Seeds are texts: some tests use several."""

    killed_while: str
    points: int = 0
    """How many there are, not how many were tried; zero where the test kills by time or by a line of the log."""
    kills: int = 0
    began_anew: int = 0
    """Nothing had been written down: the person asks again."""
    resumed: int = 0
    """Went on from what was written down."""
    had_ended: int = 0
    """All had been written down: nothing was left to do."""
    parked: int = 0
    """Rightly left to a person."""
    seconds: float = 0
    seeds: list[str] = field(default_factory=list)

    def note(self) -> None:
        """Keep them, where a run asked for it."""
        if FOLDER:
            folder = Path(FOLDER)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{uuid.uuid4()}.json").write_text(json.dumps(asdict(self)) + "\n")


def noted(folder: Path) -> list[Figures]:
    """All that was noted in a folder."""
    return [Figures(**json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def summed(figures: Iterable[Figures]) -> list[Figures]:
    """Those of one kind added up, by name."""
    kinds: dict[str, list[Figures]] = defaultdict(list)
    for each in figures:
        kinds[each.killed_while].append(each)
    return [_sum(kinds[name]) for name in sorted(kinds)]


def _sum(same: list[Figures]) -> Figures:
    total = Figures(same[0].killed_while, points=max(each.points for each in same))
    for each in same:
        total.kills += each.kills
        total.began_anew += each.began_anew
        total.resumed += each.resumed
        total.had_ended += each.had_ended
        total.parked += each.parked
        total.seconds += each.seconds
        total.seeds += each.seeds
    total.seeds = sorted(set(total.seeds), key=lambda seed: (len(seed), seed))
    return total


def table(figures: Iterable[Figures]) -> str:
    """As it stands on the page."""
    lines = [COLUMNS, ("---",) * len(COLUMNS)]
    for each in figures:
        counts = (each.kills, each.began_anew, each.resumed, each.had_ended, each.parked, round(each.seconds))
        lines.append((each.killed_while, str(each.points or "by time"), *map(str, counts), _listed(each)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _listed(figures: Figures) -> str:
    numbers = [int(seed) for seed in figures.seeds]
    if not numbers:
        return "every point" if figures.points else "chosen points"
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(figures.seeds)


def written(page: str, content: str) -> str:
    """The page with this between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        msg = f"{PAGE.name} has lost its marks"
        raise SystemExit(msg)
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def between(page: str) -> str:
    """What stands between the marks."""
    return page.partition(BEGIN)[2].partition(END)[0].strip()


def write(figures: Iterable[Figures], when: str) -> None:
    """Write them into the page; `when` says of which run they are."""
    sums = summed(figures)
    if not sums:
        msg = "no test has noted any figures"
        raise SystemExit(msg)
    PAGE.write_text(written(PAGE.read_text("utf-8"), f"{when}\n\n{table(sums)}"), "utf-8")


if __name__ == "__main__":
    write(noted(Path(sys.argv[1])), f"On {datetime.now(UTC):%Y-%m-%d}, by `make chaos`:")
