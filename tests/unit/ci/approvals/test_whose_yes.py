"""Whose yes an instance needs, and which content it is for, in repositories that somebody tries to get around."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from tests.hosts.state import git

from gaia.checkout.files import CheckoutFiles
from gaia.ci.approvals.needed import owners_of
from gaia.ci.approvals.owners import GITHUB
from gaia.ci.code.base_rules import JudgedByBase
from gaia.ci.code.commits import files_between, sides_of
from gaia.ci.code.ground import Ground
from gaia.ci.code.touched_files import content_touched
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.checkout.checkout import Checkout
    from gaia.cost.ports import Estimator
    from gaia.stacks.model import Instance

ENVIRON = {"PATH": os.environ["PATH"]}
ATMOS = """\
base_path: ""
components: {terraform: {base_path: components/terraform}}
stacks: {base_path: stacks, included_paths: ["*", "sandbox/*"], name_template: "{{.vars.stage}}"}
"""
WEB = "{web: {metadata: {component: note}%s}}"
OWNERS = "/stacks/ @ann\n/components/ @ann\n/scripts/ @sec\n/stacks/sandbox/ @mal\n*.aaa @mal\n/README.md\n"
CODE = 'variable "stage" { type = string }\n'


def stack(stage: str, components: str) -> str:
    """A manifest."""
    return f"vars: {{stage: {stage}}}\nterraform: {{backend_type: local}}\ncomponents: {{terraform: {components}}}\n"


@dataclass
class Pull:
    """A pull request's clone; what is done to `folder` is its change."""

    folder: Path
    base: Path

    def ground(self) -> tuple[Ground, list[str]]:
        """As the jobs have it, with what it touches."""
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", "change")
        sides = sides_of(self.folder, "main", "HEAD", ENVIRON)
        head, base = Repository.open(self.folder), Repository.open(self.base)
        nothing = cast("Callable[[], Estimator]", None), cast("Callable[[], Path]", None)
        before = CheckoutFiles(base, sides.base, *nothing)
        files = JudgedByBase(head, sides.head, *nothing, before)
        states = SimpleNamespace(states=self.folder / "components/terraform")
        checkout = SimpleNamespace(root=self.folder, shell=ENVIRON, files=files, ground=states)
        made = Ground(cast("Checkout", checkout), files, files, sides, base, ())
        return made, list(files_between(self.folder, sides, ENVIRON))

    def instances(self, ground: Ground, *names: str) -> list[Instance]:
        """Of these names, else all."""
        repository = ground.files.repository.forgiving()
        return [one for one in repository.built(repository.instances) if not names or one.key.component in names]

    def asked(self, *names: str) -> dict[str, list[str]]:
        """Whose yes these need, by component."""
        ground, touched = self.ground()
        found = owners_of(ground, self.instances(ground, *names), touched, GITHUB)
        return {key.rpartition("/")[2]: sorted(map(str, said)) for key, said in found.items()}

    def content(self, *names: str) -> list[list[str]]:
        """What is digested of what it touches."""
        ground, _ = self.ground()
        return content_touched(ground, self.instances(ground, *names))

    def write(self, path: str, text: str) -> None:
        """A file."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)


@pytest.fixture(name="pull")
def a_pull(tmp_path: Path) -> Pull:
    """With one instance, `web` in `dev`."""
    made = Pull(tmp_path / "head", tmp_path / "base")
    made.folder.mkdir()
    git(made.folder, "init", "-q", "-b", "main")
    files = {
        "atmos.yaml": ATMOS, "CODEOWNERS": OWNERS, "stacks/dev.yaml": stack("dev", WEB % ""), "README.md": "",
        "components/terraform/note/main.tf": CODE, "components/terraform/other/main.tf": CODE,
        "scripts/boot.sh": "true\n",
    }  # fmt: skip
    for path, text in files.items():
        made.write(path, text)
    based(made)
    return made


def based(pull: Pull) -> None:
    """What lies there becomes the base."""
    git(pull.folder, "checkout", "-q", "-B", "main")
    git(pull.folder, "add", "-A")
    git(pull.folder, "commit", "-q", "--allow-empty", "-m", "base")
    shutil.rmtree(pull.base, ignore_errors=True)
    shutil.copytree(pull.folder, pull.base, symlinks=True)
    git(pull.folder, "checkout", "-q", "-B", "change")


def test_who_moves_a_manifest_asks_those_whose_it_was_too(pull: Pull) -> None:
    """One that is moved into a folder of one's own, with all that it imports."""
    (pull.folder / "stacks/sandbox").mkdir()
    (pull.folder / "stacks/dev.yaml").rename(pull.folder / "stacks/sandbox/x.yaml")
    assert pull.asked() == {"web": ["@ann", "@mal"]}


def test_who_has_another_component_asks_those_of_both(pull: Pull) -> None:
    """What it was made of is touched as much as what it is made of."""
    pull.write("CODEOWNERS", OWNERS + "/components/terraform/note/ @note\n/components/terraform/mine/ @mal\n")
    based(pull)
    pull.write("components/terraform/mine/main.tf", CODE)
    (pull.folder / "components/terraform/note/main.tf").unlink()
    pull.write("stacks/dev.yaml", stack("dev", "{web: {metadata: {component: mine}}}"))
    assert pull.asked() == {"web": ["@ann", "@mal", "@note"]}


@pytest.mark.parametrize("ending", ["yaml", "yml"])
def test_a_file_beside_the_manifest_is_not_taken_for_it(pull: Pull, ending: str) -> None:
    """Whatever its ending is, the manifest's own owner is asked, also where it is not touched."""
    (pull.folder / "stacks/dev.yaml").rename(pull.folder / f"stacks/dev.{ending}")
    pull.write("CODEOWNERS", f"/stacks/dev.{ending} @ann\n*.aaa @mal\n/components/ @code\n")
    based(pull)
    pull.write("stacks/dev.aaa", "")
    pull.write("components/terraform/note/main.tf", CODE + 'variable "x" {}\n')
    assert pull.asked() == {"web": ["@ann", "@code", "@mal"]}


def test_a_component_that_becomes_a_link_asks_its_owner(pull: Pull) -> None:
    """The link is his as what lay there was; what it leads to has owners of its own."""
    pull.write("CODEOWNERS", "/stacks/ @ann\n/components/ @code\n/mine/ @mal\n")
    based(pull)
    pull.write("mine/main.tf", CODE)
    shutil.rmtree(pull.folder / "components/terraform/note")
    (pull.folder / "components/terraform/note").symlink_to("../../mine")
    assert pull.asked() == {"web": ["@ann", "@code", "@mal"]}
    based(pull)
    pull.write("mine/main.tf", CODE + 'variable "x" {}\n')
    assert pull.asked() == {"web": ["@ann", "@mal"]}


def test_what_nobody_knows_the_reader_of_asks_its_owner_for_all(pull: Pull) -> None:
    """A script outside of the component; one that other instances explain is asked for there."""
    both = "{web: {metadata: {component: note}}, app: {metadata: {component: other}}}"
    pull.write("stacks/dev.yaml", stack("dev", both))
    pull.write("CODEOWNERS", OWNERS + "/components/terraform/other/ @other\n")
    based(pull)
    pull.write("scripts/boot.sh", "false\n")
    pull.write("README.md", "more")
    pull.write("components/terraform/other/main.tf", CODE + 'variable "x" {}\n')
    assert pull.asked() == {"web": ["@ann", "@sec"], "app": ["@ann", "@other", "@sec"]}
    assert pull.asked("web") == {"web": ["@ann", "@other", "@sec"]}


def test_settings_name_owners_for_what_the_base_says_the_instance_is_made_of(pull: Pull) -> None:
    """In the place of CODEOWNERS, and for nothing else: not for a script that the head lets it read."""
    pull.write("stacks/dev.yaml", stack("dev", WEB % ', settings: {gaia: {owners: ["@mal"]}}'))
    based(pull)
    pull.write("components/terraform/note/main.tf", CODE + 'variable "x" {}\n')
    assert pull.asked() == {"web": ["@mal"]}
    pull.write("stacks/dev.yaml", stack("dev", "{web: {metadata: {component: other}}}"))
    pull.write("components/terraform/other/main.tf", CODE + 'variable "x" {}\n')
    pull.write("scripts/boot.sh", "false\n")
    assert pull.asked() == {"web": ["@ann", "@mal", "@sec"]}


@pytest.mark.parametrize("owner", [', settings: {gaia: {owners: ["@prod"]}}', ""])
def test_who_takes_a_state_asks_those_whose_it_was(pull: Pull, owner: str) -> None:
    """Under another name, in another stack, with another component; a new state asks nobody of others."""
    pull.write("stacks/dev.yaml", stack("dev", WEB % owner))
    based(pull)
    (pull.folder / "stacks/dev.yaml").unlink()
    path = "terraform: {backend: {local: {workspace_dir: ../note/terraform.tfstate.d}}}\n"
    own = "{mine: {metadata: {component: other, terraform_workspace: %s}}}"
    text = stack("sb", own % "dev-web").replace("terraform: {backend_type: local}\n", "")
    pull.write("stacks/sandbox/sb.yaml", path.replace("{backend:", "{backend_type: local, backend:") + text)
    expected = ["@ann", "@mal", "@prod"] if owner else ["@ann", "@mal"]
    if owner:  # the manifest that is gone is explained by the owners that the instance itself names
        expected.remove("@ann")
    assert pull.asked() == {"mine": expected}
    fresh = stack("sb", own % "new").replace("terraform: {backend_type: local}\n", "")
    pull.write("stacks/sandbox/sb.yaml", path.replace("{backend:", "{backend_type: local, backend:") + fresh)
    pull.write("stacks/dev.yaml", stack("dev", WEB % owner))
    assert pull.asked("mine") == {"mine": ["@mal"]}


S3 = (
    "{%s: {backend_type: s3, backend: {s3: {bucket: %s, key: %s, workspace_key_prefix: w}},"
    " metadata: {component: other%s}}}"
)


@pytest.mark.parametrize(
    ("bucket", "key", "more", "asked"),
    [
        ("states", "x", "", ["@mal"]),
        ("states", "x", ", terraform_workspace: prod", ["@mal", "@prod"]),
        ("states", "x", ", terraform_workspace: default", ["@mal"]),
        ("states", "w/prod/x", ", terraform_workspace: default", ["@mal", "@prod"]),
        ("states", "x", ", terraform_workspace: !exec echo prod", ["@mal", "@prod"]),
        ("states", "!exec echo x", "", ["@mal", "@prod"]),
        ("!store a b c", "x", "", ["@mal", "@prod"]),
        ("others", "!exec echo x", "", ["@mal"]),
    ],
)
def test_a_state_is_one_however_it_is_reached(pull: Pull, bucket: str, key: str, more: str, asked: list[str]) -> None:
    """As the whole key, with other settings; of what only a run would tell it may be any."""
    named = ", terraform_workspace: prod}, settings: {gaia: {owners: ['@prod']}"
    pull.write("stacks/dev.yaml", stack("dev", S3 % ("web", "states", "x", named)))
    based(pull)
    pull.write("stacks/sandbox/sb.yaml", stack("sb", S3 % ("mine", bucket, key, more)))
    assert pull.asked("mine") == {"mine": asked}


def test_an_instance_whose_backend_is_computed_is_the_one_that_it_was(pull: Pull) -> None:
    """As long as that is written with the same words: nobody else is asked then."""
    both = S3 % ("web", "!store a b c", "x", "")
    pull.write("stacks/dev.yaml", stack("dev", both))
    pull.write(
        "stacks/prod.yaml",
        stack("prod", S3 % ("app", "states", "y", "}, settings: {gaia: {owners: ['@prod']}")),
    )
    based(pull)
    pull.write("stacks/dev.yaml", "# a line\n" + stack("dev", both))
    assert pull.asked("web") == {"web": ["@ann"]}
    pull.write("stacks/dev.yaml", stack("dev", both.replace("key: x", "key: y")))
    assert pull.asked("web") == {"web": ["@ann", "@prod"]}


def test_what_is_touched_is_in_the_content_whoever_reads_it(pull: Pull) -> None:
    """Scripts, links, other components' code; not manifests of these instances, nor how HCL is laid out."""
    pull.write("stacks/dev.yaml", "# a comment\n" + stack("dev", WEB % ", vars: {text: x}"))
    pull.write("components/terraform/other/main.tf", f"# a comment\n\n{CODE}")
    assert pull.content() == []
    pull.write("scripts/boot.sh", "false\n")
    first = pull.content()
    assert [one[0] for one in first] == ["'scripts/boot.sh'"]
    pull.write("scripts/boot.sh", "touch pwned\n")
    assert pull.content() != first
    pull.write("scripts/boot.sh", "false\n")
    assert pull.content() == first
    (pull.folder / "scripts/boot.sh").chmod(0o755)
    assert pull.content() != first
    pull.write("components/terraform/other/main.tf", CODE + 'variable "x" {}\n')
    (pull.folder / "components/terraform/note/files").symlink_to("../../../scripts")
    names = [one[0] for one in pull.content()]
    assert names == ["'components/terraform/note/files'", "'components/terraform/other/main.tf'", "'scripts/boot.sh'"]


def test_a_submodule_that_wants_to_be_ignored_is_touched_all_the_same(pull: Pull) -> None:
    """Whatever `.gitmodules` of the head says of it."""
    commit = git(pull.folder, "rev-parse", "HEAD")
    pull.write(".gitmodules", '[submodule "m"]\n  path = m\n  url = ./m\n  ignore = all\n')
    (pull.folder / "m").mkdir()
    git(pull.folder, "update-index", "--add", "--cacheinfo", f"160000,{commit},m")
    git(pull.folder, "add", ".gitmodules")
    git(pull.folder, "commit", "-qm", "m")
    sides = sides_of(pull.folder, "main", "HEAD", ENVIRON)
    assert files_between(pull.folder, sides, ENVIRON) == (".gitmodules", "m")
