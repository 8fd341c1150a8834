"""One provider process a worker, and components that are initialised once."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.terraform.offline import COMPONENTS, Terraform, good

from gaia.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraform]:
    """Terraform with one provider process that serves every command of this worker."""
    try:
        made = Terraform(tmp_path_factory.mktemp("terraform-home"))
    except Unavailable as error:
        pytest.skip(error.message)
    try:
        made.keep_provider()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="session")
def ready(terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`ready("kms")`: the component in a copy of the whole folder, initialised; the same copy whenever asked for."""
    tree = tmp_path_factory.mktemp("components") / "terraform"
    shutil.copytree(COMPONENTS, tree, ignore=shutil.ignore_patterns(".terraform*"))
    done: set[str] = set()

    def prepare(path: str) -> Path:
        if path not in done:
            good(terraform(tree / path, "init", "-backend=false", "-input=false", "-no-color"))
            done.add(path)
        return tree / path

    return prepare
