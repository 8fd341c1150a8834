"""The inputs and outputs of each component of the blueprint, as the end of its README.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docs.component_pages import default_of, type_of

from gaia.kit import hcl

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = "\n## Inputs\n"


def pages(root: Path) -> dict[str, str]:
    """Path (relative to `root`) and content of the README.md of every component."""
    folders = sorted(path.parent for path in (root / "blueprint/components/terraform").glob("*/versions.tf"))
    return {(folder / "README.md").relative_to(root).as_posix(): _readme(folder) for folder in folders}


def _readme(folder: Path) -> str:
    path = folder / "README.md"
    written = path.read_text("utf-8").partition(BEGIN)[0].rstrip("\n") if path.exists() else f"# {folder.name}"
    blocks = [block for file in sorted(folder.glob("*.tf")) for block in hcl.parse(file.read_text("utf-8"), "").blocks]
    inputs = [_input(block) for block in blocks if block.type == "variable"]
    outputs = [
        f"| `{block.labels[0]}` | {block.literal('description')} |" for block in blocks if block.type == "output"
    ]
    required = sorted(line for needed, line in inputs if needed)
    optional = sorted(line for needed, line in inputs if not needed)
    return "\n".join(
        [
            written,
            BEGIN,
            "| name | type | default | what |",
            "|---|---|---|---|",
            *required,
            *optional,
            "",
            "## Outputs",
            "",
            "| name | what |",
            "|---|---|",
            *sorted(outputs),
            "",
        ]
    )


def _input(block: hcl.Block) -> tuple[bool, str]:
    """(whether it must be given, its row)."""
    needed = "default" not in block.attributes
    shown = "" if needed else f"`{default_of(block)}`"
    return needed, f"| `{block.labels[0]}` | `{type_of(block)}` | {shown} | {block.literal('description')} |"
