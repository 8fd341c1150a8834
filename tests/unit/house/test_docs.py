"""Pages agree with the code and with each other."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from tests import examples

from gaia.kit import pages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RequireTool

ROOT = examples.ROOT
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", examples.pages())
def test_links_lead_somewhere(page: str) -> None:
    """To a file that is there, and to a heading that is in it."""
    for target in LINK.findall((ROOT / page).read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / PurePosixPath(page).parent / name).resolve() if name else ROOT / page
        assert path.exists(), f"{page}: {target}"
        assert not anchor or anchor in anchors(path), f"{page}: {target}"


def test_every_page_is_in_the_index() -> None:
    """docs/README.md leads to each page, directly or through the index of decisions or of components."""
    indexes = [ROOT / f"docs/{folder}README.md" for folder in ("", "decisions/", "components/")]
    linked = {
        (index.parent / target.partition("#")[0]).resolve()
        for index in indexes
        for target in LINK.findall(index.read_text("utf-8"))
    }
    assert [
        page
        for page in examples.pages()
        if page.startswith("docs/") and (ROOT / page).resolve() not in {*linked, *indexes}
    ] == []


def test_every_variable_is_documented() -> None:
    """`GAIA_…` in the source and in docs/reference/configuration.md are the same ones."""
    name = re.compile(r"\bGAIA_[A-Z][A-Z_]*[A-Z]\b")
    used = {found for path in (ROOT / "src").rglob("*.py") for found in name.findall(path.read_text("utf-8"))}
    written = set(name.findall((ROOT / "docs/reference/configuration.md").read_text("utf-8")))
    assert used - written == set(), "not documented"
    assert written - used == set(), "documented, but nothing reads it"


def test_pages_that_messages_name_are_there() -> None:
    """`gaia.kit.pages.page("...")` in the source names a page."""
    named = re.compile(r"""\bpage\(["']([^"']+)["']\)""")
    found = [name for path in (ROOT / "src").rglob("*.py") for name in named.findall(path.read_text("utf-8"))]
    assert found
    assert [name for name in found if not pages.page(name).is_file()] == []


def test_the_policies_of_the_guide_pass_their_own_tests(tmp_path: Path, require_tool: RequireTool) -> None:
    """Written into a copy of the blueprint's policies, as a reader would."""
    import shutil
    import subprocess

    shutil.copytree(ROOT / "blueprint/policies", tmp_path / "policies")
    guide = (ROOT / "docs/how-to/write-a-policy.md").read_text("utf-8")
    files = re.findall(r"`(policies/\S+\.rego)`[^`]*\n```rego\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    for name, text in files:
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [require_tool("opa"), "test", "--run", "fixed_tags|has_owner|has_probe", "-v", tmp_path / "policies"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS: 8/8" in done.stdout
