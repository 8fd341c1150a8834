"""What may stand in a committed file."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HOSTS = [
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("crates", "io"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("proxy", "golang", "org"),
        ("goproxy", "io"),
        ("maven", "org"),
        ("apache", "org/maven2"),
        ("deb", "debian", "org"),
    )
]
MACHINE = re.compile(
    r"(?<![\w.$~*}/-])/(?:root|work|home/(?!you\b|me\b|u\b)[a-z]\w*|Users/[A-Za-z]\w*|opt/(?!homebrew\b)[\w-]+)(?![\w-])"
)
INDEX = re.compile(
    r"^\s*(?:--?(?:index-url|extra-index-url|find-links|i|f)\b|(?:index-url|find-links)\s*=)", re.MULTILINE
)

RECORDED = "tests/conformance/atmos/"


def texts() -> dict[str, str]:
    """Every file that is committed or would be, as text, by its path; recordings of another program left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found = {}
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and not name.startswith(RECORDED) and path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            if b"\0" not in data[:8000]:
                found[name] = data.decode("utf-8", "replace")
    return found


@pytest.fixture(scope="module", name="files")
def committed() -> dict[str, str]:
    """`texts`, once."""
    return texts()


def matches(files: dict[str, str], pattern: re.Pattern[str]) -> list[str]:
    """`file:line: text` of each match."""
    return [
        f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {found.group()}"
        for name, text in files.items()
        for found in pattern.finditer(text)
    ]


def test_no_file_names_a_package_index(files: dict[str, str]) -> None:
    """Where packages come from is the business of the machine: its own pip, uv, Go and npm settings."""
    assert matches(files, re.compile("|".join(re.escape(host) for host in HOSTS))) == []
    assert matches({"requirements.lock": files["requirements.lock"]}, INDEX) == []


def test_no_file_names_a_place_on_somebodys_machine(files: dict[str, str]) -> None:
    """Neither a home folder nor this checkout; examples use `/home/you`."""
    mine = re.compile("|".join(re.escape(str(path)) for path in (ROOT, Path.home()) if len(path.parts) > 2) or "(?!)")
    others = {name: text for name, text in files.items() if ROOT / name != Path(__file__)}
    assert matches(others, MACHINE) + matches(others, mine) == []


def test_the_patterns_find_what_they_are_for() -> None:
    """And leave alone what only looks like it."""
    assert MACHINE.findall("x /root/a '/work' /home/somebody/x /opt/tools \"/Users/Me\"")
    assert not MACHINE.findall(
        "GAIA_HOME/repos/ID/work/STACK ~/work {root}/work runs/root/x /home/you /opt/homebrew/bin"
    )
    assert INDEX.search("--index-url x")
    assert INDEX.search("-i x")


def test_every_locked_requirement_has_hashes(files: dict[str, str]) -> None:
    """Whatever index serves it, a package is the one that was locked."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", files["requirements.lock"], flags=re.MULTILINE)[1:]
    assert len(blocks) > 50
    assert [block.partition(" ")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_text_files_end_in_one_newline_and_have_no_tabs_in_python(files: dict[str, str]) -> None:
    """So that diffs show changes only. What was vendored is as its makers made it: its hash is written down."""
    bad = [
        name
        for name, text in files.items()
        if text
        and not name.endswith((".svg", ".lock"))
        and "/assets/vendor/" not in name
        and (not text.endswith("\n") or text.endswith("\n\n"))
    ]
    assert bad == []


def test_unit_tests_do_not_sleep(files: dict[str, str]) -> None:
    """Waiting for time makes a suite slow and, on a busy machine, wrong."""
    sleepers = []
    for path, text in files.items():
        if path.startswith("tests/unit/") and path.endswith(".py") and "sleep" in text:
            sleepers += [
                f"{path}:{node.lineno}"
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep", "asyncio.sleep"}
            ]
    assert sleepers == []


def test_no_test_chooses_its_number_of_examples(files: dict[str, str]) -> None:
    """tests/conftest.py does, for all of them, and GAIA_EXAMPLES for whoever has time."""
    word = "max_" + "examples"
    assert [path for path, text in files.items() if path.startswith("tests/unit/") and word in text] == []


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of the body without its docstring."""
    statements = function.body[ast.get_docstring(function) is not None :]
    return (function.end_lineno or 0) - statements[0].lineno + 1 if statements else 0


@pytest.mark.slow
def test_small_files_and_functions(files: dict[str, str]) -> None:
    """Source files stay under 400 lines and functions within 60, so that each can be read in one sitting."""
    long = []
    for path, text in files.items():
        if path.startswith("src/") and path.endswith(".py"):
            if text.count("\n") >= 400:
                long.append(f"{path}: {text.count(chr(10))} lines")
            long += [
                f"{path}:{node.name}"
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_of(node) > 60
            ]
    assert long == []
