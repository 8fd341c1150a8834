"""The files of one component: what is copied to where terraform runs, and what comes back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Invalid, Unavailable
from gaia.terraform import code_providers
from gaia.terraform.component_files import BESIDE, LOCK_FILE, ComponentFiles, Left, bring_back
from gaia.terraform.workdir import COPIED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.stacks.model import Instance

VPC = "components/terraform/vpc"
FILES = {
    f"{VPC}/main.tf": 'module "a" {\n  source = "../../modules/a"\n}\n'
    'locals {\n  text = file("${path.module}/../texts/t.txt")\n  all = fileset("../../data/${var.x}", "*")\n}\n',
    f"{VPC}/policies/one.json": "{}",
    "components/modules/a/main.tf": 'locals {\n  b = file("../../shared/b.txt")\n}\n',
    "components/terraform/texts/t.txt": "t",
    "components/terraform/texts/other.txt": "o",
    "components/data/inner/d.txt": "d",
    "components/shared/b.txt": "b",
    "components/terraform/other/main.tf": "",
    "stacks/dev.yaml": "",
    "README.md": "",
}


def write(root: Path, files: dict[str, str]) -> None:
    """Write files."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def copied(tree: Path, wanted: ComponentFiles) -> list[str]:
    """The files of a copy."""
    target = tree.parent / "work/tree"
    wanted(tree, target)
    return sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository of more than one component needs."""
    write(tmp_path / "tree", FILES)
    return tmp_path / "tree"


def test_what_a_component_needs_is_copied_and_nothing_else(tree: Path) -> None:
    """Its folder, local modules, and the files and folders that the code of both names."""
    assert copied(tree, ComponentFiles(VPC)) == [
        "components/data/inner/d.txt",
        "components/modules/a/main.tf",
        "components/shared/b.txt",
        "components/terraform/texts/t.txt",
        f"{VPC}/main.tf",
        f"{VPC}/policies/one.json",
    ]


def test_what_terraform_and_atmos_leave_is_not_copied(tree: Path) -> None:
    """States, data, variable files, git; a lock file only of the component itself; nor what Gaia writes itself."""
    never = (
        ".terraform/x",
        "terraform.tfstate.d/dev/s",
        "terraform.tfstate",
        "a.tfstate.backup",
        "b.terraform.tfvars.json",
    )
    write(tree / VPC, dict.fromkeys((*never, ".git", LOCK_FILE, "backend.tf.json", "p.planfile", "own.tfvars"), "x"))
    write(tree, {f"components/modules/a/{LOCK_FILE}": "x", f"{VPC}/policies/{LOCK_FILE}": "x"})
    found = copied(tree, ComponentFiles(VPC, ("backend.tf.json", "p.planfile")))
    assert [one.removeprefix(f"{VPC}/") for one in found if one.startswith(VPC)] == [
        LOCK_FILE, "main.tf", "own.tfvars", "policies/one.json",
    ]  # fmt: skip
    assert f"components/modules/a/{LOCK_FILE}" not in found


def test_what_gaia_writes_for_an_instance(make: Callable[..., Instance]) -> None:
    """Its variable file and plan file; its backend where the stack says one, and providers where it has some."""
    plain = ComponentFiles.of(make("vpc", "vpc", {}), "components/terraform", backends=False)
    assert plain.folder == VPC
    names = {"t-dev-vpc.terraform.tfvars.json", "t-dev-vpc.planfile"}
    assert set(plain.replaced) - {"providers_override.tf.json"} == names
    instance = make("vpc", "vpc", {}, backend={"bucket": "b"})
    assert set(ComponentFiles.of(instance, "", backends=True).replaced) >= {*names, "backend.tf.json"}
    assert "backend.tf.json" not in ComponentFiles.of(instance, "", backends=False).replaced
    assert ComponentFiles.of(instance, "", backends=True).folder == "vpc"


def test_a_folder_that_is_missing_is_not_copied(tree: Path) -> None:
    """`prepare` says so, with its place."""
    assert copied(tree, ComponentFiles("components/terraform/none")) == []


def test_links(tree: Path) -> None:
    """Inside of the tree they are followed; one that leads out is refused, also the folder itself."""
    (tree / VPC / "inner").symlink_to(tree / "components/data")
    assert f"{VPC}/inner/inner/d.txt" in copied(tree, ComponentFiles(VPC))
    (tree.parent / "outside").mkdir()
    (tree / VPC / "out").symlink_to(tree.parent / "outside")
    with pytest.raises(Invalid) as caught:
        copied(tree, ComponentFiles(VPC))
    assert (caught.value.code, f"{VPC}/out" in caught.value.message) == ("path-escapes", True)
    (tree / "away").symlink_to(tree.parent / "outside")
    with pytest.raises(Invalid) as caught:
        copied(tree, ComponentFiles("away"))
    assert caught.value.code == "path-escapes"


@pytest.mark.parametrize("name", ["main.tf", "policies/odd"])
@pytest.mark.parametrize(
    ("made", "why"),
    [
        (os.mkfifo, "is a pipe, a socket or a device"),
        (lambda path: path.symlink_to(path.name), "leads in a circle"),
        (lambda path: path.symlink_to("."), "leads in a circle"),
        (lambda path: path.symlink_to("nowhere"), "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_file_is_named(tree: Path, made: Callable[[Path], None], why: str, name: str) -> None:
    """A pipe would be waited for, and a circle copied without an end."""
    (tree / VPC / name).unlink(missing_ok=True)
    made(tree / VPC / name)
    with pytest.raises(Invalid) as caught:
        copied(tree, ComponentFiles(VPC))
    assert (caught.value.code, caught.value.message) == ("file-irregular", f"{VPC}/{name} {why}")


def test_who_looks_for_providers_waits_for_no_pipe(tree: Path) -> None:
    """That is before anything is copied."""
    os.mkfifo(tree / VPC / "pipe.tf")
    (tree / VPC / ".#main.tf").symlink_to("somebody@somewhere.1")
    assert code_providers.read(tree / VPC).providers == ()


def test_a_hidden_link_to_nothing_is_left_out(tree: Path) -> None:
    """An editor's lock on a file that is open."""
    (tree / VPC / ".#main.tf").symlink_to("somebody@somewhere.1")
    assert f"{VPC}/main.tf" in copied(tree, ComponentFiles(VPC))


def test_what_has_come_or_changed_is_brought_back(tree: Path) -> None:
    """Whole, with its permissions; once. What is Gaia's, a link, and terraform's data are not."""
    root, home = tree.parent / "work", tree / VPC
    copied(tree, ComponentFiles(VPC))
    module = root / "tree" / VPC
    write(module, {"new/made.sh": "1", "main.tf": "changed", ".terraform/x": "1", "own": "1"})
    (module / "new/made.sh").chmod(0o755)
    (module / "link").symlink_to("/etc/passwd")
    os.mkfifo(module / "pipe")
    left = bring_back(root, VPC, tree, {"own"})
    assert (sorted(left.back), left.lost) == ([f"{VPC}/main.tf", f"{VPC}/new/made.sh"], (f"{VPC}/link",))
    assert (home / "main.tf").read_text() == "changed"
    assert (home / "new/made.sh").stat().st_mode & 0o777 == 0o755
    assert sorted(path.name for path in home.iterdir()) == ["main.tf", "new", "policies"]
    write(module, {"later": "1"})
    assert bring_back(root, VPC, tree, ()) == Left()


def test_a_change_of_the_same_size_is_one(tree: Path) -> None:
    """Its time tells."""
    root = tree.parent / "work"
    copied(tree, ComponentFiles(VPC))
    module = root / "tree" / VPC
    (module / "policies/one.json").write_text("[]")
    os.utime(module / "policies/one.json", ns=(1, 1))
    assert bring_back(root, VPC, tree, ()).back == (f"{VPC}/policies/one.json",)


def test_what_is_left_beside_the_component_comes_back_too(tree: Path) -> None:
    """Wherever below the tree a provisioner writes; what is git's is not touched, and said."""
    root = tree.parent / "work"
    copied(tree, ComponentFiles(VPC))
    made = {"components/terraform/kubeconfig": "k", "components/shared/x": "x", "top.txt": "t", "made/deep/y": "y"}
    write(root / "tree", {**made, "components/shared/b.txt": "changed"})
    (tree / "linked").symlink_to(tree / ".git")
    write(tree, {".git/config": "hers"})
    write(root / "tree", {"linked/config": "mine"})
    left = bring_back(root, VPC, tree, ())
    assert sorted(left.back) == sorted([*made, "components/shared/b.txt"])
    assert {name: (tree / name).read_text() for name in made} == made
    assert (left.lost, (tree / ".git/config").read_text()) == (("linked/config",), "hers")


def test_what_was_removed_is_removed(tree: Path) -> None:
    """By a run that ended; not what somebody wrote meanwhile, nor where the copy may only be there in part."""
    root = tree.parent / "work"
    gone, hers = f"{VPC}/policies/one.json", "components/shared/b.txt"
    copied(tree, ComponentFiles(VPC))
    for name in (gone, hers):
        (root / "tree" / name).unlink()
    (tree / hers).write_text("written meanwhile")
    note = (root / COPIED).read_bytes()
    assert bring_back(root, VPC, tree, (), removes=False) == Left()
    assert (tree / gone).exists()
    (root / COPIED).write_bytes(note)
    left = bring_back(root, VPC, tree, ())
    assert (left.removed, left.lost) == ((gone,), (hers,))
    assert not (tree / gone).exists()
    assert (tree / hers).read_text() == "written meanwhile"


def test_a_component_of_many_files(tree: Path) -> None:
    """The note of what was copied is read whole."""
    write(tree, {f"{VPC}/many/{number:040}.json": "{}" for number in range(1000)})
    copied(tree, ComponentFiles(VPC))
    write(tree.parent / "work/tree", {f"{VPC}/made": "1"})
    assert bring_back(tree.parent / "work", VPC, tree, ()) == Left((f"{VPC}/made",))


def test_links_that_a_run_makes(tree: Path) -> None:
    """One that stays in the checkout is made there as well."""
    root = tree.parent / "work"
    copied(tree, ComponentFiles(VPC))
    for name, to in {"current": "policies/one.json", "up": "../../shared", "out": "../../../../x"}.items():
        (root / "tree" / VPC / name).symlink_to(to)
    left = bring_back(root, VPC, tree, ())
    assert (sorted(left.back), left.lost) == ([f"{VPC}/current", f"{VPC}/up"], (f"{VPC}/out",))
    assert (str((tree / VPC / "current").readlink()), (tree / VPC / "up/b.txt").read_text()) == (
        "policies/one.json",
        "b",
    )


def test_a_file_that_a_script_appends_to_is_there(tree: Path) -> None:
    """As the script names it; one that it makes anew is no reason to copy its folder."""
    script = 'command = "echo more >> ../log.txt; echo x > ../../made.txt # ../../../../etc/passwd"'
    write(tree, {f"{VPC}/hook.tf": script, "components/terraform/log.txt": "first\n"})
    found = copied(tree, ComponentFiles(VPC))
    assert "components/terraform/log.txt" in found
    assert "components/terraform/other/main.tf" not in found
    log = tree.parent / "work/tree/components/terraform/log.txt"
    log.write_text("first\nmore\n")
    assert bring_back(tree.parent / "work", VPC, tree, ()) == Left(("components/terraform/log.txt",))


def test_what_cannot_be_brought_back_stays_in_the_copy(tree: Path) -> None:
    """The error names the place; the next command tries again."""
    root, home = tree.parent / "work", tree / VPC
    copied(tree, ComponentFiles(VPC))
    module = root / "tree" / VPC
    write(module, {"sub/made": "1"})
    (home / "sub").write_text("in its place")
    with pytest.raises(Unavailable) as caught:
        bring_back(root, VPC, tree, ())
    assert caught.value.code == "file-not-writable"
    (home / "sub").unlink()
    assert bring_back(root, VPC, tree, ()).back == (f"{VPC}/sub/made",)


def test_what_was_written_in_part_is_taken_away(tree: Path) -> None:
    """As on a full disk."""
    root, home = tree.parent / "work", tree / VPC
    copied(tree, ComponentFiles(VPC))
    module = root / "tree" / VPC
    write(module, {"made": "1"})
    (home / "made").mkdir()
    (home / f"made{BESIDE}").mkdir()
    with pytest.raises(Unavailable):
        bring_back(root, VPC, tree, ())
    assert not list(home.glob("*.gaia-draft"))


def test_a_damaged_note_of_what_was_copied(tree: Path) -> None:
    """Nothing is guessed; without the note, or the copy, there is nothing to bring."""
    root = tree.parent / "work"
    assert bring_back(root, VPC, tree, ()) == Left()
    copied(tree, ComponentFiles(VPC))
    assert bring_back(root, "nowhere", tree, ()) == Left()
    (root / COPIED).write_text("[")
    with pytest.raises(Unavailable) as caught:
        bring_back(root, VPC, tree, ())
    assert caught.value.code == "marker-damaged"
