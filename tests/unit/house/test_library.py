"""What is for those who use Gaia from Python: its page, and the short ways in."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests import examples

from gaia import stacks

if TYPE_CHECKING:
    from pathlib import Path

PLAN = "tests/plans/object_store_preview.json"
PAGES = [page for page in examples.pages() if any(words[:1] == ["python"] for _, words, _ in examples.fences(page))]


def session(page: str) -> doctest.DocTest:
    """The Python of a page, all else blanked, so that lines keep their numbers."""
    lines = (examples.ROOT / page).read_text("utf-8").splitlines()
    kept = [""] * len(lines)
    for line, words, body in examples.fences(page):
        if words[:1] == ["python"]:
            kept[line : line + body.count("\n")] = body.splitlines()
    return doctest.DocTestParser().get_doctest("\n".join(kept) + "\n", {"__name__": page}, page, page, 0)


@pytest.mark.parametrize("page", PAGES)
def test_every_line_does_what_the_page_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one session, from top to bottom, in a folder that has what the page says that there is."""
    shutil.copytree(examples.ROOT / "blueprint", tmp_path / "platform")
    shutil.copy(examples.ROOT / PLAN, tmp_path / "plan.json")
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    doctest.DocTestRunner().run(session(page), out=said.append)
    assert not said, "".join(said)


@pytest.mark.parametrize("page", PAGES)
def test_no_python_escapes(page: str) -> None:
    """A block without prompts would not be run."""
    for line, words, body in examples.fences(page):
        assert words[:1] != ["python"] or body.startswith(">>> "), f"{page}:{line}: write `>>> ` before each statement"


def test_a_difference_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner would notice if a page were wrong."""
    (tmp_path / "page.md").write_text("Text.\n\n```python\n>>> one = 1\n```\n\n```python\n>>> one\n2\n```\n")
    monkeypatch.setattr(examples, "ROOT", tmp_path)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(session("page.md"), out=said.append)
    assert re.search(r'"page\.md", line 8.*Expected:\n    2\nGot:\n    1', "".join(said), re.DOTALL)


def test_what_stacks_exports_is_there() -> None:
    """Each name is of one of its files, and another name is refused as any module refuses it."""
    assert {name: getattr(stacks, name).__module__ for name in stacks.__all__} == {
        name: f"gaia.stacks.{home}"
        for home, names in {
            "model": ("Instance", "InstanceKey", "Origin", "Reference", "Unknown"),
            "ports": ("Call", "Processing", "Resolver", "Unanswered"),
            "repository": ("Repository",),
        }.items()
        for name in names
    }
    with pytest.raises(AttributeError, match="no attribute 'Repositories'"):
        _ = stacks.Repositories


def test_importing_stacks_is_cheap() -> None:
    """The engine comes with the first name that needs it; a key needs no engine."""
    code = "import sys, gaia.stacks; gaia.stacks.InstanceKey; print(*(one for one in sys.modules if 'gaia' in one))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"gaia", "gaia.stacks", "gaia.stacks.model", "gaia.errors"}
