"""What the map costs on a repository of 865 files: 9,165 instances, each of which depends on another, and their bases.

Claims (DESIGN, section 10): the dependents of one instance take at most 1 s of processor time, nothing cached, and
so does a drawing of 200 boxes. Beside them: what a change affects, the map of all instances as JSON, and every file
parsed once with PyYAML's C loader, which is the least that any engine has to do.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from generate.stacks import COMPONENTS, write_tree

ROUNDS = 3
PARSE = """
import sys, yaml, pathlib
for path in sorted(pathlib.Path(sys.argv[1], "stacks").rglob("*.yaml")):
    yaml.load(path.read_bytes(), yaml.CSafeLoader)
"""
DEPENDENTS = """
import sys, pathlib
from gaia.graph import describe_dependents
from gaia.stacks.repository import Repository
assert describe_dependents(Repository.open(pathlib.Path(sys.argv[1])), "comp01", "acme-plat-ue1-dev")
"""
AFFECTED = """
import os, sys, pathlib
from gaia.graph import affected
from gaia.graph.base import at_ref
from gaia.stacks.repository import Repository
root = pathlib.Path(sys.argv[1])
with at_ref(root, "HEAD", os.environ) as base:
    found = affected(Repository.open(root), Repository.open(base.root), base.changed)
assert len(found) == int(sys.argv[2]), len(found)
"""
MAP = """
import sys, pathlib
from gaia.graph import DependencyAnalyzer
from gaia.stacks.repository import Repository
assert DependencyAnalyzer(Repository.open(pathlib.Path(sys.argv[1]))).generate_graph(None, "json")
"""
DRAW = """
import sys, pathlib
from gaia.graph.picture import Line, Node, Picture
from gaia.graph.svg import as_svg
from gaia.stacks.model import InstanceKey
keys = [InstanceKey("acme", f"instance-{n}") for n in range(200)]
nodes = tuple(Node(key, "code", n // 33 + 1) for n, key in enumerate(keys))
lines = tuple(
    Line(keys[n], keys[(n * 7 + one * 11) % (n - n % 33)], ("reference",), ()) for n in range(33, 200) for one in (0, 1)
)
as_svg(Picture("acme", nodes, lines))
"""
CHANGES = {
    "affected by a stack's file": ("stacks/orgs/acme/plat/dev/ue1.yaml", '"seq": 0', '"seq": 1000', 47),
    "affected by a catalog": ("stacks/catalog/comp03/defaults.yaml", "value-3", "value-x", 141),
    "affected by a stage": ("stacks/mixins/stage/dev.yaml", '"stage": "dev"', '"stage": "dev", "more": 1', 1880),
}


def processor_seconds(code: str, *arguments: str) -> float:
    """Of a whole Python process that runs `code`, the best of a few rounds."""
    taken = []
    for _ in range(ROUNDS):
        before = os.times()
        subprocess.run([sys.executable, "-c", code, *arguments], check=True)
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        taken.append(spent)
    return min(taken)


def git(root: Path, *arguments: str) -> None:
    """Run git in the repository."""
    identity = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost"]
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, stdout=subprocess.DEVNULL)


def measure(root: Path) -> dict[str, float]:
    """Processor seconds of every case."""
    write_tree(root)
    (root / ".git").rmdir()
    for number in range(COMPONENTS):
        needed = f'{{"components": [{{"component": "comp{(number + 1) % COMPONENTS:02d}"}}]}}'
        with (root / f"stacks/catalog/comp{number:02d}/defaults.yaml").open("a") as file:
            file.write(f"      dependencies: {needed}\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "before")
    taken = {
        "parse every file": processor_seconds(PARSE, str(root)),
        "dependents of one": processor_seconds(DEPENDENTS, str(root)),
        "the map of all": processor_seconds(MAP, str(root)),
    }
    for name, (path, old, new, number) in CHANGES.items():
        text = (root / path).read_text()
        if old not in text:
            sys.exit(f"{path} has no {old}")
        (root / path).write_text(text.replace(old, new))
        taken[name] = processor_seconds(AFFECTED, str(root), str(number))
        (root / path).write_text(text)
    taken["draw 200 boxes"] = processor_seconds(DRAW)
    return taken


def main() -> int:
    """Print the table; 1 when a claim does not hold."""
    with tempfile.TemporaryDirectory(prefix="gaia-graph-") as folder:
        taken = measure(Path(folder) / "platform")
    least = taken["parse every file"]
    for name, seconds in taken.items():
        print(f"{name:<28} {seconds:6.2f} s  {seconds / least:5.2f} times parsing")
    return int(taken["dependents of one"] > 1.0 or taken["draw 200 boxes"] > 1.0)


if __name__ == "__main__":
    sys.exit(main())
