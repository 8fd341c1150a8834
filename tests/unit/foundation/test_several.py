"""gaia.platform.home.registration: a home that serves several repositories."""

from __future__ import annotations

import io
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gaia.bootstrap import App
from gaia.cli import main
from gaia.cli.session import Session
from gaia.errors import Conflict
from gaia.kit import clock, keys
from gaia.kit.git import Git
from gaia.platform.home import registration
from gaia.platform.home.registration import Registered
from gaia.records import people, repositories, requests
from gaia.records.database import Database
from gaia.records.document_rows import DatabaseDocuments
from gaia.records.model import Grant, Repository
from gaia.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that serves `one` and `two`, each a git repository; `none` is no one's, and `clone` one of `two`'s."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "GAIA_HOME": str(tmp_path / "home")}
    settings = Settings.capture(environ, tmp_path)
    for name in ("one", "two", "none"):
        (tmp_path / name / "stacks").mkdir(parents=True)
        (tmp_path / name / "atmos.yaml").write_text("base_path: .\n")
        git = Git(tmp_path / name, environ)
        git("init", "-q")
        git("add", "-A")
        git("commit", "-qm", "first")
    (tmp_path / "home").mkdir()
    for name in ("one", "two"):
        registration.write(settings, row(settings, name))
    Git(tmp_path, environ)("clone", "-q", str(tmp_path / "two"), "clone")
    return settings


def row(settings: Settings, name: str, **more: str) -> Registered:
    """What its file says."""
    at = str(settings.cwd / name)
    return replace(Registered(name, at, "main", states="checkout", checkout=at), **more)


def chosen(settings: Settings, cwd: str) -> str:
    """The repository that a command in a folder acts on, or the code of the error."""
    try:
        return registration.registered_here(replace(settings, cwd=settings.cwd / cwd)).id
    except Conflict as error:
        return error.code


def test_the_one_around_the_caller_is_taken(settings: Settings, tmp_path: Path) -> None:
    """Or the one whose git worktree is; outside of both, or in a third, nothing is guessed."""
    Git(tmp_path / "two", settings.environ)("worktree", "add", "-q", "../tree")
    said = {cwd: chosen(settings, cwd) for cwd in ("one", "two", "two/stacks", "tree", ".", "none", "clone")}
    assert said == {
        "one": "one",
        "two": "two",
        "two/stacks": "two",
        "tree": "two",
        ".": "repository-several",
        "none": "repository-other",
        "clone": "checkout-other",
    }


def test_all_are_named_where_one_must_be_chosen(settings: Settings) -> None:
    """With how: the option that git has too."""
    for cwd in (".", "none"):
        with pytest.raises(Conflict) as caught:
            registration.registered_here(replace(settings, cwd=settings.cwd / cwd))
        assert all(str(settings.cwd / name) in caught.value.message for name in ("one", "two"))
    with pytest.raises(Conflict) as several:
        registration.registered(settings)
    assert "with -C before the command" in several.value.next_step


def test_two_that_are_registered_are_not_mixed(settings: Settings) -> None:
    """A step of a workflow of one that works in the other."""
    place = replace(settings, cwd=settings.cwd / "two", environ={**settings.environ, registration.AROUND: "../one"})
    with pytest.raises(Conflict) as caught:
        registration.registered_here(place)
    assert caught.value.code == "repository-other"
    assert str(settings.cwd / "one") in caught.value.message
    assert str(settings.cwd / "two") in caught.value.message


def test_one_that_was_left_is_not_served(settings: Settings) -> None:
    """The other is the only one then; what is known of both stays."""
    registration.write(settings, row(settings, "one", left="2026-11-29T00:00:00Z"))
    assert [one.id for one in registration.every(settings)] == ["two"]
    assert [one.id for one in registration.known(settings)] == ["one", "two"]
    assert chosen(settings, ".") == "two"
    assert chosen(settings, "one") == "repository-other"


def test_documents_and_states_are_each_repositories_own(settings: Settings, tmp_path: Path) -> None:
    """The first one's documents lie where a home with one repository has them; states as Atmos has them, but in homes
    of before."""
    keys.make_key(settings.home / "keys")
    Database.open(settings.home / "gaia.db", create=True).close()
    rows = registration.every(settings)
    with App(settings).records() as database:
        for one in rows:
            App(settings).documents(database, one).put("preview", "a", one.id.encode())
        places = [App(settings).documents(database, one).where("preview", "a") for one in rows]
        stored = [App(settings).documents(database, one).get("preview", "a").decode() for one in rows]
    assert places == [str(settings.home / "previews/a.json"), str(settings.home / "repos/two/previews/a.json")]
    assert stored == ["one", "two"]
    stacks = 'stacks: {base_path: stacks, included_paths: ["*"]}\n'
    (tmp_path / "two/atmos.yaml").write_text(stacks + "components: {terraform: {base_path: infra}}\n")
    assert registration.states_folder(settings, rows[1]) == tmp_path / "two/infra"
    assert registration.states_folder(settings, replace(rows[0], states="home")) == settings.home / "repos/one/states"


def test_in_a_database_each_repository_sees_its_own_documents(settings: Settings) -> None:
    """Under equal names, whatever is asked."""
    key = keys.make_key(settings.home / "keys")
    database = Database.open(settings.home / "gaia.db", create=True)
    one, two = DatabaseDocuments(database, key), DatabaseDocuments(database, key, of="two")
    for store, text in ((one, b"1"), (two, b"2")):
        store.put("preview", "a/b", text)
        store.append("journal", "a/b", text)
    assert [store.get("preview", "a/b") for store in (one, two)] == [b"1", b"2"]
    assert [store.lines("journal", "a/b").lines for store in (one, two)] == [(b"1",), (b"2",)]
    assert [[found.name for found in store.find("journal")] for store in (one, two)] == [["a/b"], ["a/b"]]
    assert one.delete("preview", "a/b")
    assert [store.exists("preview", "a/b") for store in (one, two)] == [False, True]
    database.close()


@pytest.fixture
def opened(settings: Settings) -> Settings:
    """The same home with records: ann may do everything; each repository has a request."""
    keys.make_key(settings.home / "keys")
    database, now = Database.open(settings.home / "gaia.db", create=True), clock.now()
    with database.begin() as tx:
        ann = people.add_person(tx, "ann", at=now)
        people.grant(tx, "ann", Grant("admin"))
        secret = people.create_token(tx, "ann", at=now, expires=now.replace(year=now.year + 1))[1]
        for name in ("one", "two"):
            repositories.register(tx, Repository(name, name, "main"))
            requests.add(
                tx, repository=name, tenant="acme", stage="dev", stack="dev", service=f"of-{name}", kind="provision",
                template="t", template_version="1", answers={}, requester=ann.id, at=now, named=f"req_{name}00000",
            )  # fmt: skip
    database.close()
    return replace(settings, token=secret)


def run(settings: Settings, line: str, cwd: str = ".") -> tuple[int, str, str]:
    """One command line."""
    session = Session(replace(settings, cwd=settings.cwd / cwd), io.StringIO(), io.StringIO(), io.StringIO())
    code = main.run(line.split(), session)
    assert isinstance(session.stdout, io.StringIO)
    assert isinstance(session.stderr, io.StringIO)
    return code, session.stdout.getvalue(), session.stderr.getvalue()


def services(settings: Settings, line: str, cwd: str = ".") -> list[str]:
    """Those that `gaia status` lists."""
    code, out, err = run(settings, f"{line} -o json", cwd)
    assert code == 0, err
    return [one["service"] for one in json.loads(out)["requests"]]


def test_the_folder_and_the_option_choose(opened: Settings) -> None:
    """`-C DIR` is as if the command had been started there."""
    assert services(opened, "status", "one") == ["of-one"]
    assert services(opened, "-C two status") == ["of-two"]
    assert services(opened, "-C ../two status", "one") == ["of-two"]
    assert run(opened, "-C nowhere status")[0] == 3


@pytest.mark.parametrize("line", ["status", "why x", "token list", "audit list", "clean --dry-run", "retire x -s dev"])
def test_whoever_asks_the_platform_must_choose(opened: Settings, line: str) -> None:
    """Refused outside of both, and in a third; the way is said."""
    code, _, err = run(opened, line)
    assert (code, "repository-several" in err) == (6, True)
    assert "with -C before the command" in " ".join(err.split())
    code, _, err = run(opened, line, "none")
    assert (code, "repository-other" in err) == (6, True)
    assert "gaia adopt" in err


def test_what_names_a_request_by_its_id_goes_to_its_own_repository(opened: Settings) -> None:
    """From anywhere but a repository that is none of them, and it says where that is; a name is looked for around."""
    for cwd in (".", "one"):
        code, out, err = run(opened, "status req_two0", cwd)
        assert (code, "of-two" in out) == (0, True), err
        assert f"In {opened.cwd / 'two'}" in " ".join(err.split())
    assert run(opened, "status req_two0", "two")[2] == ""
    assert run(opened, "status of-two", "one")[0] == 3
    assert "repository-several" in run(opened, "status of-two")[2]
    assert "repository-other" in run(opened, "status req_two0", "none")[2]
    code, out, err = run(opened, "reject req_two0 --reason no", "one")
    assert f"In {opened.cwd / 'two'}" in " ".join(err.split())
