"""How long `gaia` takes to answer when nothing has to be done.

Claim (DESIGN, section 8): the whole process of `gaia --help` takes at most 150 ms. Beside it, in the same run: an empty
Python, one that imports typer, and two commands that read, in a new platform repository: `gaia status`, which opens the
database, and `gaia describe component`, which reads the stacks.

`benchmarks/startup.py /path/to/gaia` takes the same three from an installed Gaia beside these.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 10
LIMIT = 0.150
COMPONENT = ["account-key", "-s", "acme-use1-dev"]
GAIA = [sys.executable, "-m", "gaia"]
BARE, TYPER = "python -c pass", 'python -c "import typer"'
CASES = {
    BARE: [sys.executable, "-c", "pass"],
    TYPER: [sys.executable, "-c", "import typer"],
    "gaia --help": [*GAIA, "--help"],
    "gaia status --help": [*GAIA, "status", "--help"],
    "gaia status": [*GAIA, "status"],
    "gaia describe component": [*GAIA, "describe", "component", *COMPONENT],
}
for installed in sys.argv[1:]:
    CASES["installed: --help"] = [installed, "--help"]
    CASES["installed: status"] = [installed, "status"]
    CASES["installed: describe"] = [installed, "describe", "component", *COMPONENT]


def seconds(command: list[str], folder: Path, environ: dict[str, str]) -> float:
    """One whole process, from before its start to after its end."""
    begun = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True
    )
    spent = time.perf_counter() - begun
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return spent


def measure(scratch: Path) -> dict[str, list[float]]:
    """Seconds of every case, in a platform repository below `scratch`."""
    folder = scratch / "platform"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GAIA_")} | {
        "GAIA_HOME": str(scratch / "home"),
        "GAIA_CACHE_DIR": str(scratch / "cache"),
    }
    made = subprocess.run(
        [*GAIA, "init", str(folder), "--output", "json"], env=environ, stdout=subprocess.PIPE, check=True
    )
    environ["GAIA_TOKEN"] = json.loads(made.stdout)["token"]
    taken: dict[str, list[float]] = {name: [] for name in CASES}
    for number in range(ROUNDS + 1):
        for name, command in CASES.items():
            spent = seconds(command, folder, environ)
            if number:  # the first one fills the caches
                taken[name].append(spent)
    return taken


def main() -> int:
    """Print a table; 1 when the claim does not hold."""
    print(f"{os.cpu_count()} cores, median and fastest of {ROUNDS} processes each, interleaved")
    with tempfile.TemporaryDirectory() as scratch:
        taken = measure(Path(scratch))
    bare, typer = statistics.median(taken[BARE]), statistics.median(taken[TYPER])
    for name, each in taken.items():
        middle = statistics.median(each)
        print(
            f"{name:26}{middle * 1000:7.0f} ms  (fastest {min(each) * 1000:.0f} ms)"
            f"   {middle / bare:5.1f} x python   {middle / typer:5.2f} x import typer"
        )
    held = statistics.median(taken["gaia --help"]) <= LIMIT
    print(f"gaia --help within {LIMIT * 1000:.0f} ms: {'yes' if held else 'NO'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
