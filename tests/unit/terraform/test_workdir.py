"""gaia.terraform.workdir."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, NotFound, Position
from gaia.stacks.model import Origin
from gaia.terraform.workdir import check_code, forget, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gaia.stacks.model import Instance
    from gaia.terraform.workdir import WorkingDirectory


def snapshot(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_of_the_whole_tree(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """Modules and lock files come along; foreign states and caches, and tests, do not; links become files."""
    (tree / "vpc" / ".terraform.lock.hcl").write_text("locked")
    (tree / "vpc" / "linked.tf").symlink_to("../modules/n/main.tf")
    for name in ("a.tftest.hcl", "b.tofutest.json"):
        (tree / "vpc" / name).write_text("not HCL at all {")
    before = snapshot(tree)
    wd = prepare(tmp_path / "w", tree_source=tree, instance=make("vpc", "vpc", {}), variables={"cidr": "10.0.0.0/8"})
    assert (wd.tree / "modules" / "n" / "main.tf").is_file()
    assert not (wd.module / "linked.tf").is_symlink()
    assert sorted(path.name for path in wd.module.iterdir()) == [
        ".terraform.lock.hcl",
        "backend_override.tf.json",
        "linked.tf",
        "main.tf",
        "providers_override.tf.json",
        "t-dev-vpc.terraform.tfvars.json",
    ]
    assert snapshot(tree) == before


@pytest.mark.parametrize("name", [".", ".."])
def test_a_workspace_that_leads_to_another_state_is_refused(
    tree: Path, make: Callable[..., Instance], tmp_path: Path, name: str
) -> None:
    """Terraform takes such a name, and the state of `..` is that of the default workspace."""
    instance = replace(make("vpc", "vpc", {}), workspace=name)
    with pytest.raises(Invalid) as caught:
        prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={})
    assert (caught.value.code, (tmp_path / "w").exists()) == ("workspace-invalid", False)


def test_names_and_rights(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """Varfile, backend and workspace are Atmos's, the varfile's text too; nobody else can read them."""
    instance = make("vpc", "vpc", {}, env={"A": 1, "B": None})
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={"b": "${x}", "a": 1})
    assert wd.varfile.read_text() == '{\n  "a": 1,\n  "b": "${x}"\n}\n'
    assert wd.varfile.name == "t-dev-vpc.terraform.tfvars.json"
    assert wd.planfile == wd.module / "t-dev-vpc.planfile"
    assert wd.workspace == "t-dev-vpc"
    assert wd.environ == {"A": "1"}
    assert json.loads((wd.module / "backend_override.tf.json").read_text())["terraform"]["backend"]["s3"]["bucket"]
    assert wd.root.stat().st_mode & 0o777 == 0o700
    for name in ("t-dev-vpc.terraform.tfvars.json", "backend_override.tf.json", "providers_override.tf.json"):
        assert (wd.module / name).stat().st_mode & 0o777 == 0o600


def test_made_anew(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """A second time the code is the source's again; the initialised data stays."""
    instance = make("vpc", "vpc", {})
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={}, extra={"import.tf": b"# x\n"})
    assert (wd.module / "import.tf").read_bytes() == b"# x\n"
    (wd.data / "kept").write_text("x")
    again = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={})
    assert not (again.module / "import.tf").exists()
    assert (again.data / "kept").exists()


@pytest.mark.parametrize("name", ["terraform.tfstate", "modules/modules.json"])
def test_what_a_killed_init_left_half_written_goes(
    tree: Path, make: Callable[..., Instance], tmp_path: Path, name: str
) -> None:
    """Terraform reads it first and would fail for ever; what is whole stays."""
    instance = make("vpc", "vpc", {})
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={})
    file = wd.data / name
    file.parent.mkdir(exist_ok=True)
    for left, stays in ((b'{"version": 3', False), (b"", False), (b'{"version": 3}', True)):
        file.write_bytes(left)
        prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={})
        assert file.exists() is stays


def test_components_below_the_tree(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """The whole repository may be the tree, so that modules outside the components' folder come along."""
    tree.rename(tmp_path / "vpcs")
    (tmp_path / "repository" / "components").mkdir(parents=True)
    tree = (tmp_path / "vpcs").rename(tmp_path / "repository" / "components" / "terraform")
    wd = prepare(
        tmp_path / "w",
        tree_source=tmp_path / "repository",
        instance=make("v", "vpc", {}),
        variables={},
        components="components/terraform",
    )
    assert tree.is_dir()
    assert wd.module == wd.tree / "components" / "terraform" / "vpc"


def test_what_leads_out_is_refused(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """Neither a link nor a component's path reaches files outside the tree."""
    with pytest.raises(Invalid) as refused:
        prepare(tmp_path / "w", tree_source=tree, instance=make("v", "../../etc", {}), variables={})
    assert refused.value.code == "path-escapes"
    (tree / "vpc" / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(Invalid) as refused:
        prepare(tmp_path / "w", tree_source=tree, instance=make("v", "vpc", {}), variables={})
    assert refused.value.code == "path-escapes"


def test_a_component_without_code(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """A folder that is not there is named; one without code is no wish that nothing should exist."""
    (tree / "bare").mkdir()
    (tree / "bare" / "README.md").write_text("soon")
    with pytest.raises(NotFound) as refused:
        check_code(make("v", "bare", {}), tree, "")
    assert refused.value.code == "component-without-code"
    assert str(refused.value.at) == "stacks/t/dev.yaml:1:1"
    with pytest.raises(NotFound) as refused:
        prepare(tmp_path / "w", tree_source=tree, instance=make("v", "nothing", {}), variables={})
    assert refused.value.code == "component-folder-missing"
    assert str(refused.value.at) == "stacks/t/dev.yaml:1:1"


def test_aliases_with_and_without_a_block(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """An alias that the component defines is overridden; one that it lacks is defined."""
    (tree / "vpc" / "providers.tf").write_text('provider "aws" {\n  alias = "west"\n}\n')
    instance = make("v", "vpc", {}, providers={"aws.west": {"region": "w"}, "aws.east": {"region": "e"}})
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={})
    override = json.loads((wd.module / "providers_override.tf.json").read_text())
    plain = json.loads((wd.module / "gaia_providers.tf.json").read_text())
    assert override == {"provider": {"aws": {"alias": "west", "region": "w"}}}
    assert plain == {"provider": {"aws": {"alias": "east", "region": "e"}}}


def local(wd: WorkingDirectory) -> dict[str, str]:
    """The local backend that was written."""
    found: dict[str, str] = json.loads((wd.module / "backend_override.tf.json").read_text())["terraform"]["backend"][
        "local"
    ]
    return found


@pytest.mark.parametrize(
    ("kind", "body", "path", "workspaces"),
    [
        ("local", {}, "states/vpc/terraform.tfstate", "states/vpc/terraform.tfstate.d"),
        ("", {}, "states/vpc/terraform.tfstate", "states/vpc/terraform.tfstate.d"),
        ("local", {"path": "own/x.tfstate"}, "states/vpc/own/x.tfstate", "states/vpc/terraform.tfstate.d"),
        ("local", {"path": "/var/x.tfstate", "workspace_dir": "../all"}, "/var/x.tfstate", "states/all"),
    ],
)
def test_a_local_state_outlives_the_copy(
    tree: Path,
    make: Callable[..., Instance],
    tmp_path: Path,
    kind: str,
    body: dict[str, str],
    path: str,
    workspaces: str,
) -> None:
    """It is kept as in a checkout, one folder a component, whichever working directory asks for it."""
    instance = make("v", "vpc", {}, backend_type=kind, backend=body)
    for root in ("work", "read"):
        wd = prepare(tmp_path / root, tree_source=tree, instance=instance, variables={}, states=tmp_path / "states")
        assert local(wd) == {"path": str(tmp_path / path), "workspace_dir": str(tmp_path / workspaces)}
    assert (tmp_path / "states/vpc").stat().st_mode & 0o777 == 0o700


def test_a_backend_in_the_code(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """Where the stack names none, that of the code holds; a local one is kept where those of stacks are."""
    instance = make("v", "vpc", {}, backend_type="", backend={})
    code = tree / "vpc/backend.tf"
    code.write_text('terraform {\n  backend "gcs" {}\n}\n')
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={}, states=tmp_path / "states")
    assert not (wd.module / "backend_override.tf.json").exists()
    code.write_text('terraform {\n  backend "local" {\n    path = "own.tfstate"\n  }\n}\n')
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={}, states=tmp_path / "states")
    written = json.loads((wd.module / "backend_override.tf.json").read_text())
    assert str(tmp_path / "states/vpc/own.tfstate") in str(written)


def test_a_local_state_elsewhere_has_an_absolute_path(
    tree: Path, make: Callable[..., Instance], tmp_path: Path
) -> None:
    """A relative one does not lead out of the folder of states."""
    instance = make("v", "vpc", {}, backend_type="local", backend={"path": "../../x.tfstate"})
    with pytest.raises(Invalid) as refused:
        prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={}, states=tmp_path / "states")
    assert refused.value.code == "path-escapes"


def test_what_holds_values_in_clear_is_forgotten(tree: Path, make: Callable[..., Instance], tmp_path: Path) -> None:
    """Varfile and plan files go, once or twice; code and initialised data stay; `prepare` begins without plans."""
    instance = make("vpc", "vpc", {})
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={"password": "x"})
    wd.planfile.write_text("x")
    wd.plans.mkdir()
    (wd.plans / "a.planfile").write_text("x")
    forget(wd)
    forget(wd)
    assert not any(path.exists() for path in (wd.varfile, wd.planfile, wd.plans))
    assert (wd.module / "main.tf").exists()
    assert wd.data.is_dir()
    wd.plans.mkdir()
    (wd.plans / "killed.planfile").write_text("x")
    assert not prepare(tmp_path / "w", tree_source=tree, instance=instance, variables={}).plans.exists()


def test_values_in_gaias_files_are_those_of_the_stack(
    tree: Path, make: Callable[..., Instance], tmp_path: Path
) -> None:
    """Of the varfile and the providers section; the code is nobody's but its own."""

    class Told:
        """Every value is in the line that is as long as its path."""

        def explain(self, path: Sequence[str | int]) -> Origin:
            return Origin(None, Position(".".join(map(str, path)), len(path)), ())

    instance = make("vpc", "vpc", {"cidr": 1}, provenance=Told())
    wd = prepare(tmp_path / "w", tree_source=tree, instance=instance, variables=instance.vars)
    assert wd.authored(Position(wd.varfile.name, 2)) == Position("vars.cidr", 2)
    assert wd.authored(Position("providers_override.tf.json", 3)) == Position("providers.aws", 2)
    assert wd.authored(Position("main.tf", 1)) is None
