"""Shell examples that need terraform, a provider and the sandbox, or a platform repository."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests import examples

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RequireTool

LOOP = "docs/tutorials/first-service.md"
PAGES = [
    pytest.param(page, marks=pytest.mark.long(4)) if page == LOOP else page
    for page in examples.pages()
    if examples.runnable(page, cloud=True) != examples.runnable(page, cloud=False)
]


@pytest.mark.cloud
def test_the_page_of_the_whole_loop_is_one_of_these() -> None:
    """Under another name it would lose its mark, and be begun last."""
    assert [page.values for page in PAGES if not isinstance(page, str)] == [(LOOP,)]


@pytest.mark.cloud
@pytest.mark.parametrize("page", PAGES)
def test_examples_do_what_the_page_says(page: str, tmp_path: Path, require_tool: RequireTool) -> None:
    """The whole page, top to bottom; whatever it left running is stopped."""
    require_tool("terraform")
    try:
        found = examples.run(page, tmp_path, cloud=True, timeout=1800)
    finally:
        subprocess.run(
            [str(examples.ROOT / ".venv/bin/gaia"), "sandbox", "down"],
            env=examples._environment(tmp_path, cloud=True),
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
    assert not found, "\n\n".join(found)
