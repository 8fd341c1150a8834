"""`write(folder, dev="...")`: small platform repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.stacks.model import Instance

ATMOS = """\
stacks: {base_path: stacks, included_paths: ["*"], name_pattern: "{stage}"}
components: {terraform: {base_path: components}}
"""


def write(folder: Path, **components: str) -> Repository:
    """A repository with one stack for each keyword: its value is what stands below `components: {terraform:`."""
    (folder / "stacks").mkdir(parents=True, exist_ok=True)
    (folder / "atmos.yaml").write_text(ATMOS)
    for stage, text in components.items():
        head = f"vars: {{stage: {stage}}}\ncomponents:\n  terraform:\n"
        (folder / "stacks" / f"{stage}.yaml").write_text(head + text)
    return Repository.open(folder)


def built(repository: Repository) -> list[Instance]:
    """All instances."""
    return [repository.instance(key.component, key.stack) for key in repository.instances]
