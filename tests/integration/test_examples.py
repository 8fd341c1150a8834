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
MARKS = {
    LOOP: [pytest.mark.long(4)],
    "docs/how-to/ask-for-several-services.md": [pytest.mark.long(4), pytest.mark.nightly],
    "docs/how-to/change-a-service.md": [pytest.mark.long(4), pytest.mark.nightly],
    "docs/how-to/find-and-repair-drift.md": [pytest.mark.long(4), pytest.mark.nightly],
    "docs/how-to/give-a-service-an-end.md": [pytest.mark.long(3), pytest.mark.nightly],
    "docs/how-to/watch-for-drift.md": [pytest.mark.long(5)],
}
PAGES = [
    pytest.param(page, marks=MARKS[page]) if page in MARKS else page
    for page in examples.pages()
    if examples.runnable(page, cloud=True) != examples.runnable(page, cloud=False)
]


@pytest.mark.cloud
def test_the_pages_that_take_long_are_among_these() -> None:
    """Under another name one would lose its marks, and be begun last."""
    assert {page.values for page in PAGES if not isinstance(page, str)} == {(page,) for page in MARKS}


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
