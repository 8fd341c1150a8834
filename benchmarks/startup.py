"""How long `gaia` takes to answer when nothing has to be done.

Claim (DESIGN, section 8): the whole process of `gaia --help` takes at most 150 ms. Beside it, in the same run: an empty
Python, and one that imports typer. The help of a command has to import typer and that command's module.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

ROUNDS = 10
LIMIT = 0.150
CASES = {
    "python -c pass": [sys.executable, "-c", "pass"],
    'python -c "import typer"': [sys.executable, "-c", "import typer"],
    "gaia --help": [sys.executable, "-m", "gaia", "--help"],
    "gaia status --help": [sys.executable, "-m", "gaia", "status", "--help"],
}


def seconds(command: list[str]) -> float:
    """One whole process, from before its start to after its end."""
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def main() -> int:
    """Print a table; 1 when the claim does not hold."""
    print(f"{os.cpu_count()} cores, median and fastest of {ROUNDS} processes each, interleaved")
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for number in range(ROUNDS + 1):
        for name, command in CASES.items():
            spent = seconds(command)
            if number:  # the first one fills the file cache
                taken[name].append(spent)
    bare = statistics.median(taken["python -c pass"])
    typer = statistics.median(taken['python -c "import typer"'])
    for name, each in taken.items():
        middle = statistics.median(each)
        print(
            f"{name:26}{middle * 1000:7.0f} ms  (fastest {min(each) * 1000:.0f} ms)"
            f"   {middle / bare:5.1f} x python   {middle / typer:4.2f} x import typer"
        )
    held = statistics.median(taken["gaia --help"]) <= LIMIT
    print(f"gaia --help within {LIMIT * 1000:.0f} ms: {'yes' if held else 'NO'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
