"""Writes the reference pages that are made from the code (`make docs`), or says which are stale (`--check`)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs import api, async_client, audit, component_pages, components, errors, usage_defaults  # noqa: E402 - found through the line above


def pages() -> dict[str, str]:
    """Path (relative to the repository) and content of every generated page."""
    from gaia.cli import reference

    return {
        audit.BASELINE: audit.baseline(audit.recorded()),
        audit.PAGE: audit.page(audit.recorded()),
        "docs/images/graph.svg": graph(),
        "docs/reference/api.md": api.page(document()),
        "docs/reference/cli.md": reference.page(),
        "docs/reference/errors.md": errors.page(ROOT / "src/gaia"),
        usage_defaults.PAGE: usage_defaults.page(ROOT),
        **component_pages.pages(ROOT),
        **components.pages(ROOT),
        **async_client.pages(ROOT),
    }


def document() -> dict[str, object]:
    """The OpenAPI document of the API, which serves nothing here."""
    from gaia.api.app import make_api

    return make_api(cast("Any", None)).openapi()


def graph() -> str:
    """The drawing of a stack of the blueprint, without the places in manifests, which move with every line."""
    from dataclasses import replace

    from gaia.graph import DependencyAnalyzer
    from gaia.graph.svg import as_svg
    from gaia.stacks.repository import Repository

    picture = DependencyAnalyzer(Repository.open(ROOT / "blueprint")).picture("acme-use1-prod")
    return as_svg(replace(picture, lines=tuple(replace(line, places=()) for line in picture.lines)))


def stale() -> list[str]:
    """The pages that are not what the code says."""
    return [
        path
        for path, content in pages().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text("utf-8") != content
    ]


def main(arguments: list[str]) -> int:
    """Entry point; 1 with `--check` when a page is stale."""
    outdated = stale()
    if "--check" in arguments:
        print("\n".join(outdated))
        return bool(outdated)
    for path, content in pages().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(content, "utf-8")
        print(f"{'wrote' if path in outdated else 'unchanged'} {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
