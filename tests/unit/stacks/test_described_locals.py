"""`describe locals`: the locals of a manifest, resolved, and what a component sees of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import GaiaError
from gaia.stacks.described_locals import describe_locals
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

ATMOS = """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["deploy/**/*"], name_template: "{{ .vars.stage }}"}
"""
DEV = """\
locals: {a: 1, b: "{{ .locals.a }}-x", m: {k: v}}
terraform: {locals: {t: "{{ .locals.b }}-t"}}
vars: {stage: dev}
components: {terraform: {vpc: {locals: {c: 2, m: {l: w}}}, db: {}}}
"""


@pytest.fixture(name="repository")
def two_stacks(tmp_path: Path) -> Repository:
    """One stack with locals, one without."""
    (tmp_path / "stacks/deploy").mkdir(parents=True)
    (tmp_path / "atmos.yaml").write_text(ATMOS)
    (tmp_path / "stacks/deploy/dev.yaml").write_text(DEV)
    (tmp_path / "stacks/deploy/prod.yaml").write_text("vars: {stage: prod}\ncomponents: {terraform: {vpc: {}}}\n")
    return Repository.open(tmp_path)


@pytest.mark.parametrize("stack", ["dev", "deploy/dev"])
def test_those_of_the_file_and_of_a_type(repository: Repository, stack: str) -> None:
    """By the stack's name or the manifest's path; a type shows what it adds."""
    shared = {"a": 1, "b": "1-x", "m": {"k": "v"}}
    assert describe_locals(repository, stack) == {"locals": shared, "terraform": {"locals": {"t": "1-x-t"}}}
    seen = {**shared, "t": "1-x-t"}
    assert describe_locals(repository, stack, "db") == {"components": {"terraform": {"db": {"locals": seen}}}}
    own = {**seen, "c": 2, "m": {"k": "v", "l": "w"}}
    assert describe_locals(repository, stack, "vpc") == {"components": {"terraform": {"vpc": {"locals": own}}}}


@pytest.mark.parametrize(
    ("stack", "component", "code"),
    [
        ("prod", None, "locals-missing"),
        ("prod", "vpc", "locals-missing"),
        ("test", None, "stack-unknown"),
        ("dev", "none", "component-unknown"),
    ],
)
def test_what_is_not_there_is_said(repository: Repository, stack: str, component: str | None, code: str) -> None:
    """A stack without locals, one that there is not, a component that it does not have."""
    with pytest.raises(GaiaError) as caught:
        describe_locals(repository, stack, component)
    assert caught.value.code == code
