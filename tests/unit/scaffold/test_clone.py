"""Branches in Gaia's own clone; publishing changes the source by fast-forward or leaves it as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Conflict, Invalid, NotFound, Unavailable
from gaia.kit.git import Git
from gaia.scaffold.clone import Clone, is_whole, listing_of
from gaia.scaffold.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gaia.kit.process import Completed

pytestmark = pytest.mark.slow

MANIFEST = "stacks/orgs/acme/dev/services/photos.yaml"
PATHS = ["../x", "/x", "a//b", "./a", "a/../../b", ".git/config", "a/.GIT/x", 'a"b', "a\nb", ""]
BRANCHES = ["--all", "a b", "../x", "a..b", "", "main:evil", "a\n"]


@pytest.fixture(scope="session")
def prototype(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checked-out platform repository that Gaia may publish to, and a clone that has fetched it: made once."""
    folder = tmp_path_factory.mktemp("prototype")
    (folder / "source/stacks").mkdir(parents=True)
    git = Git(folder / "source", os.environ)
    git("init", "-q", "-b", "main", "--template=")
    git("config", "receive.denyCurrentBranch", "updateInstead")
    (git.folder / "atmos.yaml").write_text("a: 1\n")
    (git.folder / "stacks/x.yaml").write_bytes(b"x: 1\r\n")
    (git.folder / ".gitattributes").write_text("* text=auto eol=lf\nstacks export-ignore\n")
    git("add", "-A")
    git("commit", "-qm", "first")
    Clone.open(folder / "clone", str(git.folder), "main", os.environ).fetch()
    return folder


@pytest.fixture
def source(prototype: Path, tmp_path: Path, environ: Mapping[str, str]) -> Git:
    """This test's own copy of the source."""
    shutil.copytree(prototype / "source", tmp_path / "source")
    git = Git(tmp_path / "source", environ)
    git("update-index", "-q", "--refresh")
    return git


@pytest.fixture
def clone(prototype: Path, source: Git, tmp_path: Path, environ: Mapping[str, str]) -> Clone:
    """This test's own copy of the clone."""
    shutil.copytree(prototype / "clone", tmp_path / "clone")
    return Clone.open(tmp_path / "clone", str(source.folder), "main", environ)


def commit(git: Git, path: str, text: str) -> str:
    """Somebody else's commit in the source."""
    (git.folder / path).parent.mkdir(parents=True, exist_ok=True)
    (git.folder / path).write_text(text)
    git("add", "-A")
    git("commit", "-qm", "other")
    return git.head()


def propose(clone: Clone, base: str, content: bytes | None = b"a: 1\n") -> str:
    """A proposal of one manifest on `gaia/req_1`."""
    return clone.propose("gaia/req_1", base, {MANIFEST: content}, "Add photos")


def test_a_proposal_is_published_into_the_checked_out_source(clone: Clone, source: Git) -> None:
    """The source's branch, index and work tree all have the file, byte for byte, and stay clean."""
    base = clone.fetch()
    content = b"a: 'caf\xc3\xa9'\n\xff\x00\n"
    tip = propose(clone, base, content)
    assert source.head() == base
    assert clone.publish("gaia/req_1") == tip == source.head() == clone.fetch()
    assert (source.folder / MANIFEST).read_bytes() == content
    assert not source("status", "--porcelain")
    assert source("log", "-1", "--format=%an %s %P") == f"Gaia Add photos {base}"


def test_proposing_and_publishing_again_changes_nothing(clone: Clone, source: Git) -> None:
    """Both are steps that may run twice, also after somebody built on the published commit."""
    base = clone.fetch()
    tip = propose(clone, base)
    assert propose(clone, base) == tip
    clone.publish("gaia/req_1")
    newer = commit(source, "other.txt", "x")
    assert clone.publish("gaia/req_1") == tip
    assert clone.rebase("gaia/req_1", newer) == tip
    assert source.head() == newer


def test_another_proposal_replaces_the_first(clone: Clone) -> None:
    """A request whose answers are rendered anew has one commit, the newest."""
    base = clone.fetch()
    first, second = propose(clone, base), propose(clone, base, b"a: 2\n")
    assert first != second == clone.tip("gaia/req_1")
    assert clone.git("rev-list", "--count", f"{base}..gaia/req_1") == "1"


def test_a_file_can_be_deleted(clone: Clone, source: Git) -> None:
    """A retirement takes the manifest away; one that is not there is named."""
    propose(clone, clone.fetch())
    published = clone.publish("gaia/req_1")
    clone.propose("gaia/req_2", published, {MANIFEST: None}, "Retire photos")
    clone.publish("gaia/req_2")
    assert not (source.folder / MANIFEST).exists()
    with pytest.raises(NotFound) as caught:
        clone.propose("gaia/req_3", clone.fetch(), {MANIFEST: None}, "Retire photos")
    assert caught.value.code == "file-unknown"


def test_a_proposal_that_changes_nothing_is_refused(clone: Clone) -> None:
    """An empty commit would ask people to approve nothing."""
    with pytest.raises(Conflict) as caught:
        clone.propose("gaia/req_1", clone.fetch(), {"atmos.yaml": b"a: 1\n"}, "Nothing")
    assert caught.value.code == "proposal-empty"
    assert clone.tip("gaia/req_1") is None


def test_who_publishes_at_the_same_time_takes_turns(clone: Clone, source: Git, environ: Mapping[str, str]) -> None:
    """All of it arrives, whoever was faster, and the checkout is as clean as before."""

    def publish(name: str) -> str:
        mine = Clone.open(clone.folder, clone.source.at, clone.source.branch, environ)
        mine.propose(f"gaia/{name}", mine.fetch(), {f"stacks/{name}.yaml": b"a: 1\n"}, f"Add {name}")
        mine.check_target()
        return mine.publish(f"gaia/{name}")

    names = [f"service{number}" for number in range(8)]
    with ThreadPoolExecutor(4) as people:
        published = list(people.map(publish, names))
    assert set(published) == set(source("rev-list", "HEAD", "-8").split())
    assert {path.stem for path in (source.folder / "stacks").glob("service*")} == set(names)
    assert not source("status", "--porcelain")


def faster(clone: Clone, source: Git, times: int) -> None:
    """Somebody commits in the source between each push's look at it and its end, so many times."""
    hook = clone.folder / "hooks/pre-push"
    hook.parent.mkdir()
    hook.write_text(
        f"#!/bin/sh\nunset GIT_DIR\ncd '{source.folder}'\n"
        f"[ $(git rev-list --count HEAD) -gt {times} ] || git commit -q --allow-empty -m faster\n"
    )
    hook.chmod(0o755)


def test_who_is_slower_tries_again(clone: Clone, source: Git) -> None:
    """Somebody committed in the very moment: the checkout has no half of ours, and then all of it."""
    propose(clone, clone.fetch())
    faster(clone, source, times=1)
    patient = replace(clone, pause=lambda: None)
    assert patient.publish("gaia/req_1") == source.head()
    assert source("log", "--format=%s").split("\n") == ["Add photos", "faster", "first"]
    assert not source("status", "--porcelain")


def test_a_source_that_always_moves_is_given_up(clone: Clone, source: Git) -> None:
    """Who is never fast enough is told so; nothing was published, and the checkout is as clean as before."""
    propose(clone, clone.fetch())
    faster(clone, source, times=9)
    before = source.head()
    with pytest.raises(Conflict) as caught:
        replace(clone, pause=lambda: None).publish("gaia/req_1")
    assert caught.value.code == "target-busy"
    assert set(source("log", "--format=%s", f"{before}..").split()) == {"faster"}
    assert not source("status", "--porcelain")


@pytest.mark.parametrize("name", ["index.lock", "refs/heads/main.lock"])
def test_a_source_in_which_git_is_at_work_is_left_alone(clone: Clone, source: Git, name: str) -> None:
    """An editor holds the lock for a moment, a killed git for ever: the error says what to remove then."""
    tip = propose(clone, clone.fetch())
    lock = source.folder / ".git" / name
    lock.touch()
    with pytest.raises(Conflict, match="nothing was published") as caught:
        replace(clone, pause=lambda: None).publish("gaia/req_1")
    assert caught.value.code == "target-busy"
    assert name in caught.value.next_step
    assert not source("status", "--porcelain")
    assert replace(clone, pause=lock.unlink).publish("gaia/req_1") == tip == source.head()


def test_a_lock_that_a_killed_git_left_in_the_clone_is_taken_away(clone: Clone, source: Git) -> None:
    """Nobody but Gaia works in its clone, so nobody has to look for it there."""
    commit(source, "other.txt", "x")
    for name in ("refs/remotes/origin/main.lock", "refs/heads/gaia/req_1.lock", "packed-refs.lock"):
        lock = clone.folder / name
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
        os.utime(lock, (0, 0))
    tip = propose(clone, clone.fetch())
    assert clone.publish("gaia/req_1") == tip == source.head()


@pytest.mark.parametrize("path", [MANIFEST, f"{MANIFEST}/folder", "stacks/orgs"])
def test_a_conflict_names_the_files_and_leaves_the_branch(clone: Clone, source: Git, path: str) -> None:
    """Two changes of one file, or a folder against a file, are never put together by guessing."""
    tip = propose(clone, clone.fetch())
    commit(source, path, "theirs: 1\n")
    with pytest.raises(Conflict) as caught:
        clone.rebase("gaia/req_1", clone.fetch())
    assert caught.value.code == "rebase-conflict"
    assert caught.value.facts["files"] == [MANIFEST]
    assert clone.tip("gaia/req_1") == tip


def test_the_same_change_made_by_somebody_else_is_no_conflict(clone: Clone, source: Git) -> None:
    """Nothing is left to publish then."""
    propose(clone, clone.fetch(), b"a: 1\n")
    theirs = commit(source, MANIFEST, "a: 1\n")
    assert clone.rebase("gaia/req_1", clone.fetch()) == theirs
    assert clone.publish("gaia/req_1") == theirs


@pytest.mark.parametrize("staged", [True, False])
def test_a_dirty_source_is_left_alone(clone: Clone, source: Git, staged: bool) -> None:
    """Somebody's uncommitted work is neither overwritten nor committed."""
    base = clone.fetch()
    propose(clone, base)
    (source.folder / "atmos.yaml").write_text("mine: 1\n")
    if staged:
        source("add", "-A")
    with pytest.raises(Conflict) as caught:
        clone.publish("gaia/req_1")
    assert caught.value.code == "target-dirty"
    assert source.head() == base
    assert (source.folder / "atmos.yaml").read_text() == "mine: 1\n"
    assert not (source.folder / MANIFEST).exists()


def test_an_untracked_file_in_the_way_is_left_alone(clone: Clone, source: Git) -> None:
    """A file that nobody committed yet is somebody's work as well."""
    base = clone.fetch()
    propose(clone, base)
    (source.folder / MANIFEST).parent.mkdir(parents=True)
    (source.folder / MANIFEST).write_text("mine: 1\n")
    with pytest.raises(Conflict) as caught:
        clone.publish("gaia/req_1")
    assert caught.value.code == "target-dirty"
    assert (source.head(), (source.folder / MANIFEST).read_text()) == (base, "mine: 1\n")


def test_a_source_that_takes_no_push_says_how_to_mend_it(clone: Clone, source: Git) -> None:
    """git's default for a checked-out branch has a code and a command of its own."""
    propose(clone, clone.fetch())
    source("config", "--unset", "receive.denyCurrentBranch")
    with pytest.raises(Conflict) as caught:
        clone.publish("gaia/req_1")
    assert caught.value.code == "target-checked-out"
    assert "updateInstead" in caught.value.next_step


def test_a_hook_of_the_source_may_refuse(clone: Clone, source: Git) -> None:
    """The owner's own rules hold for Gaia too."""
    propose(clone, clone.fetch())
    hook = source.folder / ".git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(Conflict) as caught:
        clone.publish("gaia/req_1")
    assert caught.value.code == "target-refused"


def test_a_source_that_has_gone_is_unreachable(clone: Clone, source: Git) -> None:
    """Neither fetching nor publishing hangs or asks for anything."""
    propose(clone, clone.fetch())
    source.folder.rename(source.folder.with_name("elsewhere"))
    for call in (clone.fetch, lambda: clone.publish("gaia/req_1")):
        with pytest.raises(Unavailable) as caught:
            call()
        assert caught.value.code == "repository-unreachable"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A folder that takes so much."""
    folder.mkdir()
    words = ("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("optional: only who may mount can make a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_none_that_cannot_be_reached(source: Git, tmp_path: Path, environ: Mapping[str, str]) -> None:
    """Fetching, exporting and publishing say what is the matter, here and at a source on this machine."""
    commit(source, "large", os.urandom(600_000).hex())
    disk, said = tmp_path / "disk", []
    with small_disk(disk, "400k"):
        clone = Clone.open(disk / "clone", str(source.folder), "main", environ)
        with pytest.raises(Unavailable) as caught:
            clone.fetch()
        said.append(caught.value)
    disk.rmdir()
    with small_disk(disk, "800k"):
        Git(tmp_path, environ)(
            "clone", "-q", "--bare", "--template=", str(source.folder), str(disk / "bare"), "--depth=1"
        )
        there = Clone.open(tmp_path / "clone", str(disk / "bare"), "main", environ)
        head = there.fetch()
        with pytest.raises(Unavailable) as caught:
            there.export(head, disk / "trees" / head)
        said.append(caught.value)
        assert list((disk / "trees").iterdir()) == []
        there.propose("gaia/req_1", head, {"more": os.urandom(900_000)}, "Add it")
        with pytest.raises(Unavailable) as caught:
            there.publish("gaia/req_1")
        said.append(caught.value)
    assert [one.code for one in said] == ["disk-full"] * 3
    assert str(disk / "clone") in said[0].message
    assert str(disk / "bare") in said[2].message


def test_an_unknown_branch_is_named(tmp_path: Path, source: Git, environ: Mapping[str, str]) -> None:
    """Following a branch that the source lacks is a clear error."""
    with pytest.raises(NotFound) as caught:
        Clone.open(tmp_path / "clone", str(source.folder), "release", environ).fetch()
    assert caught.value.code == "branch-unknown"


def test_an_export_is_the_committed_bytes(clone: Clone, tmp_path: Path) -> None:
    """The repository's .gitattributes neither leave files out nor change them; a second export is the first."""
    commit_id = clone.fetch()
    tree = clone.export(commit_id, tmp_path / "trees" / commit_id)
    assert (tree / "stacks/x.yaml").read_bytes() == clone.git(
        "cat-file", "blob", f"{commit_id}:stacks/x.yaml"
    ).encode() + b"\n"
    assert clone.files(commit_id) == {".gitattributes", "atmos.yaml", "stacks/x.yaml"}
    assert clone.export(commit_id, tree) == tree
    assert sorted(path.name for path in tree.parent.iterdir()) == [tree.name, f"{tree.name}.listing"]
    assert is_whole(tree)


def test_a_tree_that_lost_got_or_cut_a_file_is_not_whole(clone: Clone, tmp_path: Path) -> None:
    """Nor is one without its list."""
    commit_id = clone.fetch()
    tree = clone.export(commit_id, tmp_path / "trees" / commit_id)
    file = tree / "stacks/x.yaml"
    content = file.read_bytes()
    file.unlink()
    assert not is_whole(tree)
    file.write_bytes(content[:-1])
    assert not is_whole(tree)
    file.write_bytes(content)
    assert is_whole(tree)
    (tree / "more.yaml").touch()
    assert not is_whole(tree)
    (tree / "more.yaml").unlink()
    listing_of(tree).unlink()
    assert not is_whole(tree)


@dataclass(frozen=True, slots=True)
class Heard(Git):
    """git, and what it was told."""

    told: list[str] = field(default_factory=list)

    def attempt(self, *arguments: str, stdin: bytes | None = None, timeout: float = 120.0) -> Completed:
        """Remember, and run."""
        self.told.extend(arguments)
        return Git.attempt(self, *arguments, stdin=stdin, timeout=timeout)


def test_each_export_packs_into_a_file_of_its_own(clone: Clone, tmp_path: Path) -> None:
    """Of two at once one would unpack what the other has only begun to pack: a tree without its stacks, for good."""
    head, git = clone.fetch(), Heard(clone.folder, clone.git.environ)
    for _ in range(2):
        shutil.rmtree(replace(clone, git=git).export(head, tmp_path / head))
    assert len({word for word in git.told if word.startswith("--output")}) == 2


@pytest.mark.parametrize(
    "links",
    [
        {"link": "/etc/passwd"},
        {"link": "../elsewhere"},
        {"stacks/deep/link": "../../stacks", "zz": "stacks/deep/link/../../.."},
    ],
)
def test_an_export_never_leads_out_of_its_folder(
    clone: Clone, source: Git, tmp_path: Path, links: dict[str, str]
) -> None:
    """A link to a file of the machine is refused, also one that leads through another; nothing is left behind."""
    for name, target in links.items():
        (source.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (source.folder / name).symlink_to(target)
    commit(source, "x", "x")
    with pytest.raises(Invalid) as caught:
        clone.export(clone.fetch(), tmp_path / "trees/one")
    assert caught.value.code == "repository-link-escapes"
    assert list((tmp_path / "trees").iterdir()) == []


def test_an_export_keeps_links_inside_and_what_can_be_run(clone: Clone, source: Git, tmp_path: Path) -> None:
    """A link to a file of the repository stays a link; a program stays one."""
    (source.folder / "link").symlink_to("stacks/x.yaml")
    (source.folder / "run").write_text("#!/bin/sh\n")
    (source.folder / "run").chmod(0o755)
    commit(source, "x", "x")
    tree = clone.export(clone.fetch(), tmp_path / "trees/one")
    assert (tree / "link").readlink().as_posix() == "stacks/x.yaml"
    assert ((tree / "run").stat().st_mode & 0o777, (tree / "x").stat().st_mode & 0o777) == (0o755, 0o644)


@pytest.mark.parametrize(
    ("branch", "path", "code"),
    [("gaia/req_1", path, "path-escapes") for path in PATHS] + [(branch, "x", "branch-invalid") for branch in BRANCHES],
)
def test_a_proposal_stays_inside_the_repository(
    tmp_path: Path, environ: Mapping[str, str], branch: str, path: str, code: str
) -> None:
    """No path leads out, or into git's own folder; no branch is an option or another ref. git is not even asked."""
    nowhere = Clone(tmp_path, Source("nowhere", "main", environ), Git(tmp_path / "missing", environ))
    with pytest.raises(Invalid) as caught:
        nowhere.propose(branch, "HEAD", {path: b"x"}, "m")
    assert caught.value.code == code


def test_a_dropped_branch_has_gone(clone: Clone) -> None:
    """Dropping twice is no error, and the followed branch is not touched."""
    base = clone.fetch()
    propose(clone, base)
    clone.drop("gaia/req_1")
    clone.drop("gaia/req_1")
    assert clone.tip("gaia/req_1") is None
    assert clone.fetch() == base


def test_what_was_not_published_goes_to_another_clone(
    clone: Clone, source: Git, tmp_path: Path, environ: Mapping[str, str]
) -> None:
    """Its branch, and what it stands on; the same commit is published from there."""
    commit = clone.propose("gaia/req_1", clone.fetch(), {MANIFEST: b"a: 1\n"}, "Add photos")
    bundle = clone.bundle("gaia/req_1")
    assert bundle is not None
    other = Clone.open(tmp_path / "other", str(source.folder), "main", environ)
    other.fetch()
    for _ in range(2):
        other.unbundle("gaia/req_1", bundle)
        assert other.tip("gaia/req_1") == commit
    source("commit", "-q", "--allow-empty", "-m", "in between")
    published = other.publish("gaia/req_1")
    assert source.head() == published
    assert other.bundle("gaia/req_1") is None


def test_whether_a_commit_is_here(clone: Clone) -> None:
    """Also one that no branch has any more; another clone's is not."""
    commit = clone.propose("gaia/req_1", clone.fetch(), {MANIFEST: b"a: 1\n"}, "Add photos")
    clone.drop("gaia/req_1")
    assert clone.has(commit)
    assert not clone.has("1" * 40)
