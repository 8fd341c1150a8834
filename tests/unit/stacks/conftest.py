"""Small platform repositories, written by each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gaia.stacks.model import Instance

ATMOS = """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks:
  base_path: stacks
  included_paths: ["orgs/**/*"]
  excluded_paths: ["**/_defaults.yaml"]
  name_pattern: "{tenant}-{environment}-{stage}"
"""
PLACE = "vars: {tenant: acme, environment: use1, stage: dev}\n"
"""Names the stack `acme-use1-dev`."""
STACK = "acme-use1-dev"


def built(repository: Callable[..., Repository], text: str, *, component: str = "c", **options: object) -> Instance:
    """A component of a repository with one stack, whose manifest is `PLACE` and `text`."""
    return repository({"orgs/dev.yaml": PLACE + text}, **options).instance(component, STACK)


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., Repository]:
    """Writes files (paths below `stacks/`, `atmos` for atmos.yaml) and opens the repository."""

    def write(
        files: Mapping[str, str],
        *,
        atmos: str = ATMOS,
        environ: Mapping[str, str] | None = None,
        untrusted: bool = False,
    ) -> Repository:
        (tmp_path / ".git").mkdir(exist_ok=True)
        (tmp_path / "atmos.yaml").write_text(atmos)
        for path, text in files.items():
            file = tmp_path / "stacks" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return Repository.open(tmp_path, environ=environ, untrusted=untrusted)

    return write
