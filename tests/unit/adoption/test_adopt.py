"""gaia adopt, gaia leave: an existing repository is served, and no longer; nothing in it is changed."""

from __future__ import annotations

import io
import json
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.rendering import render_here
from tests.unit.foundation.killing import adoptable

from gaia.bootstrap import App
from gaia.cli import main
from gaia.cli.session import Session
from gaia.errors import Conflict, GaiaError, Refused
from gaia.kit import keys
from gaia.kit.git import Git
from gaia.platform.home import registration
from gaia.records import audit, requests, runs
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A new home, and `infra`, a repository with one stack and the remote `remote.git`."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "GAIA_HOME": str(tmp_path / "home")}
    git = Git(adoptable(tmp_path / "infra"), environ)
    git("clone", "-q", "--bare", ".", "../remote.git")
    git("remote", "add", "origin", "../remote.git")
    return Settings.capture(environ, tmp_path)


@pytest.fixture
def admin(settings: Settings) -> Settings:
    """`infra` is adopted; its admin calls."""
    made = App(settings).adopt(settings.cwd / "infra")
    App(settings).initialised()
    return replace(settings, token=made.token)


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Each file below it, with its time."""
    files = (one for one in sorted(folder.rglob("*")) if one.is_file())
    return {str(one): (one.stat().st_mtime_ns, one.read_bytes()) for one in files}


def code(act: Callable[[], object]) -> str:
    """Of the error that it ends with."""
    with pytest.raises(GaiaError) as caught:
        act()
    assert caught.value.next_step
    return caught.value.code


def test_a_repository_is_registered_with_its_remote_and_branch(settings: Settings, tmp_path: Path) -> None:
    """From a folder of it, by its relative remote, with an admin whose token works; not a byte in it is changed."""
    before = everything(tmp_path / "infra")
    made = App(settings).adopt(settings.cwd / "infra/stacks")
    assert everything(tmp_path / "infra") == before
    [row] = registration.every(settings)
    assert (row.id, row.checkout) == ("infra", str(tmp_path / "infra"))
    assert (row.source, row.branch) == (str(tmp_path / "remote.git"), "main")
    assert (made.stacks, made.states, made.known) == (1, str(tmp_path / "infra/components"), False)
    App(settings).initialised()
    with App(replace(settings, token=made.token)).platform() as platform:
        assert platform.requests() == []
    with App(settings).records() as database, database.begin() as tx:
        assert audit.verify(tx, keys.load_key(settings.home / "keys")) is None
        assert [one.action for one in audit.entries(tx)] == ["repository.adopted"]


def test_the_branch_that_is_followed_counts(settings: Settings, tmp_path: Path) -> None:
    """Also where it is called something else there, and where there are other remotes."""
    git = Git(tmp_path / "infra", settings.environ)
    git("remote", "add", "fork", "https://example.org/fork.git")
    git("config", "branch.main.remote", "fork")
    git("config", "branch.main.merge", "refs/heads/live")
    made = App(settings).adopt(settings.cwd / "infra")
    assert (made.source, made.branch) == ("https://example.org/fork.git", "live")


def test_a_password_in_the_remote_is_shown_nowhere(settings: Settings, tmp_path: Path) -> None:
    """It stays in the home's private file, and is taken out of answers, the audit log, and what git says."""
    url = f"{(tmp_path / 'gone').as_uri().replace('file://', 'https://ann:hunter-two@localhost:1')}"
    Git(tmp_path / "infra", settings.environ)("remote", "set-url", "origin", url)
    made = App(settings).adopt(settings.cwd / "infra")
    App(settings).initialised()
    admin = replace(settings, token=made.token)
    said = [made.source, run(admin, "status", ".")[2], run(admin, "audit list -o json")[1]]
    code_, _, err = run(admin, "request object-store photos -s dev", "infra")
    left = App(admin).leave(admin.cwd / "infra")
    assert (code_, "localhost:1" in err) == (8, True)
    assert not [text for text in (*said, err, left.source) if "hunter-two" in text]
    assert "hunter-two" in registration.file(admin).read_text()


def test_without_a_remote_the_checkout_is_the_source(settings: Settings, tmp_path: Path) -> None:
    """It is said that git would refuse to publish into it, until that is allowed."""
    git = Git(tmp_path / "infra", settings.environ)
    git("remote", "remove", "origin")
    made = App(settings).adopt(settings.cwd / "infra")
    assert (made.source, made.takes_no_push) == (str(tmp_path / "infra"), True)
    git("config", "receive.denyCurrentBranch", "updateInstead")
    assert not App(settings).adopt(settings.cwd / "infra").takes_no_push


def test_adopting_again_says_that_it_is_registered(admin: Settings, tmp_path: Path) -> None:
    """Of the checkout and of a git worktree of it, whoever calls; the registration is as it was."""
    Git(tmp_path / "infra", admin.environ)("worktree", "add", "-q", "-b", "work", "../tree")
    before = registration.known(admin)
    for folder in ("infra", "tree"):
        made = App(replace(admin, token=None)).adopt(admin.cwd / folder)
        assert (made.known, made.token, made.checkout, made.branch) == (True, "", str(tmp_path / "infra"), "main")
    assert registration.known(admin) == before


def test_a_token_that_nobody_saw_is_replaced(settings: Settings) -> None:
    """By the same command; another repository has to wait until it was shown, and is told which."""
    first = App(settings).adopt(settings.cwd / "infra")
    second = App(settings).adopt(settings.cwd / "infra")
    assert first.token != second.token
    adoptable(settings.cwd / "other")
    with pytest.raises(Conflict) as caught:
        App(settings).adopt(settings.cwd / "other")
    assert (caught.value.code, caught.value.next_step.act) == ("init-unfinished", "adopt")  # type: ignore[attr-defined]
    with pytest.raises(GaiaError), App(replace(settings, token=first.token)).platform():
        pass
    with App(replace(settings, token=second.token)).platform() as platform:
        assert platform.who == "admin"


def test_further_ones_are_an_admins_business(admin: Settings, tmp_path: Path) -> None:
    """Registered beside the first one under a name of its own; without a token, or as anybody else, it is refused."""
    other = adoptable(tmp_path / "more/infra")
    assert code(lambda: App(replace(admin, token=None)).adopt(other)) == "token-missing"
    with App(admin).people() as people:
        _, developer = people.create_token("dana", roles=["developer"], life=timedelta(days=1))
    with pytest.raises(Refused):
        App(replace(admin, token=developer)).adopt(other)
    assert len(registration.every(admin)) == 1
    made = App(admin).adopt(other)
    assert (made.repository, made.token) == ("infra-2", "")
    assert [row.id for row in registration.every(admin)] == ["infra", "infra-2"]
    assert (admin.home / "repositories/infra-2.json").stat().st_mode & 0o077 == 0


def without_configuration(git: Git) -> None:
    """It lies there, but is in no commit."""
    git("rm", "-q", "--cached", "-f", "atmos.yaml")
    git("commit", "-qm", "without")


def without_commit(git: Git) -> None:
    """As `git init` leaves it."""
    shutil.rmtree(git.folder / ".git")
    git("init", "-q")


def of_two_remotes(git: Git) -> None:
    """Neither is called origin, and none is followed."""
    git("remote", "rename", "origin", "a")
    git("remote", "add", "b", "../b.git")


BROKEN: dict[str, Callable[[Git], object]] = {
    "head-detached": lambda git: git("checkout", "-q", "--detach"),
    "main-file-ambiguous": lambda git: (git.folder / ".atmos.yaml").write_text("{}\n"),
    "not-a-repository": lambda git: (git.folder / "atmos.yaml").unlink(),
    "configuration-not-committed": without_configuration,
    "not-in-git": lambda git: shutil.rmtree(git.folder / ".git"),
    "commit-missing": without_commit,
    "no-manifests": lambda git: (git.folder / "stacks/dev.yaml").unlink(),
    "stacks-missing": lambda git: (git.folder / "stacks/dev.yaml").write_text("{}\n"),
    "branch-invalid": lambda git: git("switch", "-qc", "a+b"),
    "remote-ambiguous": of_two_remotes,
}
"""Code → what is done to the checkout."""


@pytest.mark.parametrize("wanted", BROKEN)
def test_what_cannot_be_adopted_is_one_clear_error(settings: Settings, tmp_path: Path, wanted: str) -> None:
    """With a next step; no home is made for it."""
    BROKEN[wanted](Git(tmp_path / "infra", settings.environ))
    assert code(lambda: App(settings).adopt(settings.cwd / "infra")) == wanted
    assert not settings.home.exists()


def test_a_repository_in_a_folder_of_another_is_refused(settings: Settings, tmp_path: Path) -> None:
    """Requests are commits of the whole; it can be worked on without being registered."""
    (tmp_path / "mono").mkdir()
    git = Git(tmp_path / "mono", settings.environ)
    shutil.copytree(tmp_path / "infra", tmp_path / "mono/infra", ignore=shutil.ignore_patterns(".git"))
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        git(*words)
    assert code(lambda: App(settings).adopt(settings.cwd / "mono/infra")) == "repository-in-folder"


def test_another_clone_of_what_is_served_is_refused(admin: Settings, tmp_path: Path) -> None:
    """Whether it follows the same remote or the checkout, however the address is written; both are named."""
    git = Git(tmp_path, admin.environ)
    git("clone", "-q", "remote.git", "second")
    git("clone", "-q", "infra", "third")
    for name in ("second", "third"):
        with pytest.raises(Conflict) as caught:
            App(admin).adopt(tmp_path / name)
        assert caught.value.code == "checkout-other"
        assert str(tmp_path / "infra") in caught.value.message
        assert str(tmp_path / name) in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "git@example.org:a/infra.git",
        "https://example.org/a/infra",
        "ssh://git@example.org/a/infra.git",
        "https://u:p@example.org/a/infra.git/",
    ],
)
def test_one_remote_has_several_spellings(settings: Settings, tmp_path: Path, url: str) -> None:
    """By ssh or https, with the suffix or not."""
    Git(tmp_path / "infra", settings.environ)("remote", "set-url", "origin", "https://example.org/a/infra.git")
    made = App(settings).adopt(settings.cwd / "infra")
    App(settings).initialised()
    other = adoptable(tmp_path / "other")
    Git(other, settings.environ)("remote", "add", "origin", url)
    assert code(lambda: App(replace(settings, token=made.token)).adopt(other)) == "checkout-other"


def test_a_repository_is_left_with_everything_in_place(admin: Settings, tmp_path: Path) -> None:
    """It says where; then it is not served, and adopting takes it up under its name with the branch of now."""
    before = everything(tmp_path / "infra")
    left = App(admin).leave(admin.cwd / "infra/stacks")
    assert everything(tmp_path / "infra") == before
    assert left.states == str(tmp_path / "infra/components")
    assert left.database == str(admin.home / "gaia.db")
    assert left.journals == str(admin.home / "journals")
    assert code(lambda: registration.registered(admin)) == "repository-missing"
    assert code(lambda: App(admin).leave(admin.cwd / "infra")) == "repository-missing"
    assert code(lambda: App(admin).initialise(admin.cwd / "new")) == "home-in-use"
    Git(tmp_path / "infra", admin.environ)("switch", "-qc", "next")
    made = App(admin).adopt(admin.cwd / "infra")
    assert (made.repository, made.branch, made.known, made.token) == ("infra", "next", False, "")
    with App(admin).people() as people:
        acts = [one.action for one in people.entries(subject="infra", limit=9)]
    assert acts == ["repository.adopted", "repository.left", "repository.adopted"]


def test_a_checkout_that_is_gone_can_be_left(admin: Settings, tmp_path: Path) -> None:
    """By its name; one that is not served is no one's to leave."""
    adoptable(tmp_path / "other")
    assert code(lambda: App(admin).leave(admin.cwd / "other")) == "repository-not-registered"
    shutil.rmtree(tmp_path / "infra")
    assert App(admin).leave(admin.cwd / "infra").states == str(tmp_path / "infra")


def test_nobody_leaves_while_something_goes_on(admin: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor anybody but an admin."""
    assert code(lambda: App(replace(admin, token=None)).leave(admin.cwd / "infra")) == "token-missing"
    monkeypatch.setattr(runs, "live", lambda *_: ("run_1",))
    assert code(lambda: App(admin).leave(admin.cwd / "infra")) == "repository-busy"
    assert registration.registered(admin).id == "infra"


def test_init_beside_files_points_at_adoption(settings: Settings) -> None:
    """Where an Atmos repository lies there; elsewhere another folder is what helps."""
    with pytest.raises(Conflict) as caught:
        App(settings).initialise(settings.cwd / "infra")
    assert (caught.value.code, caught.value.next_step.act) == ("target-not-empty", "adopt")  # type: ignore[attr-defined]
    (settings.cwd / "infra/atmos.yaml").unlink()
    with pytest.raises(Conflict) as plain:
        App(settings).initialise(settings.cwd / "infra")
    assert type(plain.value.next_step) is str


def test_an_adopted_repository_carries_requests(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a template and the policies of the package, in the remote's layout: rendered, and written down in its scope.
    What it lacks for that is said, and nothing is written down."""
    render_here(monkeypatch, tmp_path)
    folder, git = tmp_path / "infra", Git(tmp_path / "infra", settings.environ)
    made = App(settings).adopt(folder)
    App(settings).initialised()
    admin = replace(settings, token=made.token)
    answers = (
        "-a purpose=photos -a owner=media -a cost_center=cc-1234 -a storage_gb=1 -a monthly_writes=1 -a monthly_reads=1"
    )
    line = f"request object-store photos -s dev {answers} --detach -o json"
    done, _, err = run(admin, line, "infra")
    assert (done, "template-does-not-fit" in err, "no code of kms" in err) == (2, True, True), err
    kinds = ("kms", "s3-bucket", "service-identity")
    for one in kinds:
        (folder / "components" / one).mkdir(parents=True)
        (folder / "components" / one / "main.tf").write_text("")
    catalog = "".join(f"    {one}: {{metadata: {{type: abstract, component: {one}}}}}\n" for one in kinds)
    (folder / "stacks/shared").mkdir()
    (folder / "stacks/shared/catalog.yaml").write_text(f"components:\n  terraform:\n{catalog}")
    stack = folder / "stacks/dev.yaml"
    stack.write_text("import: [shared/catalog]\n" + stack.read_text())
    git("add", "-A")
    git("commit", "-qm", "Have what object stores need")
    assert run(admin, line, "infra")[0] == 2, "what is not published is not there"
    git("push", "-q", "origin", "main")
    done, out, err = run(admin, line, "infra")
    assert (done, json.loads(out)["status"]) == (0, "submitted"), err
    with App(admin).records() as database, database.read() as tx:
        [row] = requests.find(tx, "infra")
    assert (row.repository, row.tenant, row.stage) == ("infra", "all", "dev")
    assert code(lambda: App(admin).leave(folder)) == "repository-busy"


def run(settings: Settings, line: str, cwd: str = ".") -> tuple[int, str, str]:
    """One command line."""
    session = Session(replace(settings, cwd=settings.cwd / cwd), io.StringIO(), io.StringIO(), io.StringIO())
    done = main.run(line.split(), session)
    assert isinstance(session.stdout, io.StringIO)
    assert isinstance(session.stderr, io.StringIO)
    return done, session.stdout.getvalue(), session.stderr.getvalue()


def test_one_process_at_a_time_begins_in_a_home(settings: Settings) -> None:
    """A second one would take back the token that the first shows."""
    with registration.beginning_alone(settings):
        for line in ("adopt infra --register-only", "init new"):
            code, _, said = run(settings, line)
            assert code == Conflict.exit_code
            assert "another process adopts or begins" in said
    assert run(settings, "adopt infra --register-only")[0] == 0


def test_the_commands_say_it_to_people_and_machines(settings: Settings) -> None:
    """The folder around is taken; the token is in what is shown first, and never again."""
    code_, out, _ = run(settings, "adopt -o json", "infra")
    made = json.loads(out)
    assert (code_, made["repository"], made["branch"], made["admin"]) == (0, "infra", "main", "admin")
    again = json.loads(run(settings, "adopt -o json", "infra")[1])
    assert (again["token"], again["known"]) == (None, True)
    code_, out, _ = run(settings, "-C infra adopt")
    assert "was registered already" in " ".join(out.split())
    admin = replace(settings, token=made["token"])
    code_, out, _ = run(admin, "leave -o json", "infra")
    assert (code_, json.loads(out)["clone"]) == (0, str(settings.home / "repos/infra/clone"))
    assert run(admin, "adopt infra")[0] == 0
    assert "Nothing was taken away" in " ".join(run(admin, "leave infra")[1].split())
