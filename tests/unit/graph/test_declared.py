"""Who declares a dependency on whom, and how `gaia list dependencies` shows it."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from gaia.cli import main
from gaia.cli.session import Session
from gaia.graph.declared import Declared
from gaia.settings import Settings
from gaia.stacks.model import InstanceKey
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

ATMOS = """\
base_path: "."
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["*"], name_template: "{{ .vars.stage }}"}
"""
DEV = """\
vars: {stage: dev}
components:
  terraform:
    vpc: {dependencies: {components: [{component: account, stack: root}]}}
    db: {settings: {depends_on: {1: {component: vpc}, 2: {component: nothing}}}}
    app:
      vars: {x: !terraform.state cdn id}
      dependencies: {components: [{component: db}, {component: vpc}, {component: off}]}
    cdn: {}
    off: {metadata: {enabled: false}, dependencies: {components: [{component: vpc}]}}
    base: {metadata: {type: abstract}}
"""


@pytest.fixture(name="root")
def two_stacks(tmp_path: Path) -> Path:
    """`dev`, and `root` with what it needs."""
    (tmp_path / "stacks").mkdir()
    (tmp_path / "atmos.yaml").write_text(ATMOS)
    (tmp_path / "stacks/dev.yaml").write_text(DEV)
    (tmp_path / "stacks/root.yaml").write_text("vars: {stage: root}\ncomponents: {terraform: {account: {}}}\n")
    return tmp_path


def said(root: Path, *words: str) -> str:
    """What a command line prints."""
    out = io.StringIO()
    session = Session(Settings.capture({}, root), io.StringIO(), out, io.StringIO())
    assert main.run(["list", "dependencies", *words], session) == 0
    return out.getvalue()


def test_declared_dependencies_lead_both_ways(root: Path) -> None:
    """Not those by reference; neither to nor from what is disabled, abstract or not there."""
    repository = Repository.open(root)
    graph = Declared.among(repository.built(repository.instances))
    app, db, vpc = (InstanceKey("dev", one) for one in ("app", "db", "vpc"))
    account = InstanceKey("root", "account")
    assert graph.needs == {app: [db, vpc], InstanceKey("dev", "cdn"): [], db: [vpc], vpc: [account], account: []}
    assert graph.needed_by[vpc] == [app, db]
    assert graph.distances([app], "forward") == {app: 0, db: 1, vpc: 1, account: 2}
    assert graph.distances([account], "reverse") == {account: 0, vpc: 1, app: 2, db: 2}


def test_they_are_listed_as_data(root: Path) -> None:
    """Atmos's shape: the direct ones, of the directions that were asked for."""
    (entry,) = json.loads(said(root, "vpc", "-f", "json"))
    assert entry == {
        "component": "vpc",
        "stack": "dev",
        "depends_on": [{"component": "account", "stack": "root"}],
        "required_by": [{"component": "app", "stack": "dev"}, {"component": "db", "stack": "dev"}],
    }
    listed = json.loads(said(root, "-s", "dev", "--direction", "forward", "-f", "json"))
    assert [one["component"] for one in listed] == ["app", "cdn", "db", "vpc"]
    assert "required_by" not in listed[0]


def test_they_are_a_tree_or_levels(root: Path) -> None:
    """To the end; a stack is named where it is another one."""
    assert said(root, "db", "-d", "forward").splitlines() == [
        "Stack  Component          Type",
        "dev    db                 terraform",
        "       └── ▶ vpc",
        "root       └── ▶ account",
    ]
    assert said(root, "cdn").splitlines()[2:] == [
        "       ├── depends on ↓",
        "       │   └── (none)",
        "       └── required by ↑",
        "           └── (none)",
    ]
    assert said(root, "db", "-d", "forward", "-f", "levels").splitlines()[1:] == [
        "0      dev    db         terraform",
        "1      dev    vpc        terraform",
        "2      root   account    terraform",
    ]


def test_a_circle_ends_where_it_began(root: Path) -> None:
    """It is shown, not followed."""
    path = root / "stacks/dev.yaml"
    path.write_text("vars: {stage: dev}\ncomponents: {terraform: {a: {settings: {depends_on: {1: {component: b}}}},"
                    " b: {settings: {depends_on: {1: {component: a}}}}}}\n")  # fmt: skip
    assert "a (circular reference)" in said(root, "a", "-d", "reverse")
