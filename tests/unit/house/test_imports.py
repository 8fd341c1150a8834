"""No circles of imports: what `make lint` asks import-linter for, and what that does not see."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[3]
LINT = "import importlinter.cli as cli, sys; sys.exit(cli.lint_imports(no_cache=True))"
"""What `lint-imports` does."""
CIRCLES = {
    "plain": ("from house.plain import b", "from house.plain import a"),
    "late": ("from house.late import b", "def f():\n    from house.late import a"),
    "types": ("from house.types import b", "import typing\nif typing.TYPE_CHECKING:\n    from house.types.a import A"),
    "none": ("from house.none import b", "import typing"),
}


def test_every_kind_of_circle_is_refused(tmp_path: Path) -> None:
    """Imports at the top, late ones and those of types count, between folders too; what goes one way passes."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert [one["ancestors"] for one in contracts if one["type"] == "acyclic_siblings"] == [["gaia"]]
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_package = house\n"
        "[importlinter:contract:circles]\nname = circles\ntype = acyclic_siblings\nancestors = house\n"
    )
    for folder, (a, b) in CIRCLES.items():
        for name, text in (("__init__", ""), ("a", a), ("b", b)):
            (tmp_path / "house" / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / "house" / folder / f"{name}.py").write_text(text)
    (tmp_path / "house/__init__.py").touch()
    (tmp_path / "house/none/c.py").write_text("from house.plain import a")
    (tmp_path / "house/plain/c.py").write_text("from house.none import a")
    done = subprocess.run([sys.executable, "-c", LINT], cwd=tmp_path, capture_output=True, text=True, check=False)
    refused = re.findall(r"No cycles are allowed in (\S+)\.\n", done.stdout)
    assert (done.returncode, refused) == (1, ["house", "house.late", "house.plain", "house.types"]), done.stdout


def test_no_file_takes_from_a_package_what_the_package_takes_from_it() -> None:
    """import-linter holds files and folders that lie beside each other, not a package against what is in it."""
    graph = grimp.build_graph("gaia", cache_dir=None)
    circles = [
        (name, package)
        for package in graph.modules
        for name in graph.find_modules_that_directly_import(package)
        if graph.chain_exists(importer=package, imported=name) and name.startswith(f"{package}.")
    ]
    assert [
        f"{one['importer']}:{one['line_number']}: {one['line_contents']}"
        for name, package in circles
        for one in graph.get_import_details(importer=name, imported=package)
    ] == []


def test_no_command_imports_another() -> None:
    """What two commands share stands beside them, in a file that is named after it."""
    graph = grimp.build_graph("gaia", cache_dir=None)
    commands = graph.find_children("gaia.cli.commands")
    assert len(commands) > 10
    assert [(one, other) for one in commands for other in graph.find_modules_directly_imported_by(one) & commands] == []
