"""gaia.bootstrap.initialise: killed anywhere, repeated, usable; and the small files of a home that are damaged."""

from __future__ import annotations

import itertools
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from gaia import bootstrap, home
from gaia.errors import Conflict, GaiaError, NotFound, Unavailable
from gaia.kit import clock, files
from gaia.kit.git import OwnGit
from gaia.records import people
from gaia.records.database import Database
from gaia.scaffold import blueprint
from gaia.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Death(BaseException):
    """A kill: nothing of ours catches it."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "GAIA_HOME": str(tmp_path / "home")}
    return Settings.capture(environ, tmp_path)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A blueprint of three files: each write of it can be died after."""
    source = tmp_path / "small"
    for name in ("atmos.yaml", "stacks/a.yaml", "stacks/b.yaml"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("{}\n")
    monkeypatch.setattr(blueprint, "find_blueprint", lambda: source)
    return source


def dying(patched: pytest.MonkeyPatch, after: int) -> None:
    """Die after the n-th file written, key linked, git command, or transaction committed."""
    points = itertools.count()

    def hooked(original: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            result = original(*arguments, **named)
            if next(points) == after:
                raise Death
            return result

        return call

    patched.setattr(files, "write_atomic", hooked(files.write_atomic))
    patched.setattr(shutil, "copytree", hooked(shutil.copytree))
    patched.setattr(shutil, "copyfile", hooked(shutil.copyfile))
    patched.setattr(os, "fsync", hooked(os.fsync))
    patched.setattr(os, "link", hooked(os.link))
    patched.setattr(OwnGit, "attempt", hooked(OwnGit.attempt))
    patched.setattr(people, "create_token", hooked(people.create_token))
    patched.setattr(Database, "close", hooked(Database.close))


@pytest.mark.parametrize("after", range(30))
def test_an_init_that_died_anywhere_is_finished_by_the_next(
    settings: Settings, small: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Whatever it had written: the same command ends with a committed repository and one token that works."""
    del small
    with monkeypatch.context() as patched, suppress(Death):
        dying(patched, after)
        bootstrap.initialise(settings, settings.cwd / "platform")
    made = bootstrap.initialise(settings, settings.cwd / "platform")
    bootstrap.initialised(settings)
    assert home.registered(settings).source == made.directory
    with bootstrap.records(settings) as database, database.begin() as tx:
        assert people.authenticate(tx, made.token, clock.now()).name == bootstrap.ADMIN
        assert sum(token.revoked_at is None for token in people.list_tokens(tx)) == 1
    with pytest.raises(Conflict) as caught:
        bootstrap.initialise(settings, settings.cwd / "platform")
    assert caught.value.code == "home-in-use"


def test_a_token_that_nobody_saw_is_replaced(settings: Settings, small: Path) -> None:
    """Until somebody has seen one, `init` gives a fresh one, and the older one has ended."""
    del small
    first = bootstrap.initialise(settings, settings.cwd / "platform")
    second = bootstrap.initialise(settings, settings.cwd / "platform")
    with bootstrap.records(settings) as database, database.begin() as tx:
        with pytest.raises(GaiaError) as caught:
            people.authenticate(tx, first.token, clock.now())
        assert caught.value.code == "token-revoked"
        assert people.authenticate(tx, second.token, clock.now()).name == bootstrap.ADMIN


def test_an_unfinished_init_belongs_to_its_folder(settings: Settings, small: Path) -> None:
    """Another folder is refused by name; what somebody put into the first one meanwhile is not committed."""
    del small
    files.write_atomic(home.beginning(settings), b'{"directory": "' + str(settings.cwd / "one").encode() + b'"}')
    with pytest.raises(Conflict, match="one was begun") as caught:
        bootstrap.initialise(settings, settings.cwd / "two")
    assert caught.value.code == "init-unfinished"
    with pytest.raises(Conflict) as unfinished:
        home.registered(settings)
    assert unfinished.value.code == "init-unfinished"
    (settings.cwd / "one").mkdir()
    (settings.cwd / "one/mine.txt").write_text("")
    with pytest.raises(Conflict) as foreign:
        bootstrap.initialise(settings, settings.cwd / "one")
    assert foreign.value.code == "target-not-empty"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"id": 1, "source": "/a", "branch": "b"}', b"\xff" * 9])
def test_a_damaged_registry_is_one_clear_error(settings: Settings, content: bytes) -> None:
    """Never a defect, never taken for a home that serves nothing."""
    files.write_atomic(home.registry(settings), content)
    with pytest.raises(Unavailable) as caught:
        home.registered(settings)
    assert caught.value.code == "registry-damaged"
    assert "backup" in caught.value.next_step


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"directory": 1}'])
def test_a_damaged_beginning_is_one_clear_error(settings: Settings, content: bytes) -> None:
    """Of `init` too: it does not go on in a folder that it guesses."""
    files.write_atomic(home.beginning(settings), content)
    for act in (home.registered, lambda given: bootstrap.initialise(given, settings.cwd / "platform")):
        with pytest.raises(Unavailable) as caught:
            act(settings)
        assert caught.value.code == "init-damaged"


def test_nothing_of_a_home_in_use_is_silently_made_anew(settings: Settings, small: Path) -> None:
    """Registry, database and key: each that is missing is named, with the backup as the way on."""
    del small
    bootstrap.initialise(settings, settings.cwd / "platform")
    bootstrap.initialised(settings)
    codes = {"keys/repository.key": "key-missing", "gaia.db": "database-missing", "repository.json": "home-incomplete"}
    for name, code in codes.items():
        kept = (settings.home / name).read_bytes()
        (settings.home / name).unlink()
        with pytest.raises(Unavailable) as caught, bootstrap.platform(settings, anywhere=True):
            pass
        assert caught.value.code == code
        assert "backup" in caught.value.next_step
        assert not (settings.home / name).exists()
        files.write_atomic(settings.home / name, kept)
    (settings.home / "gaia.db").write_bytes(b"")
    with pytest.raises(Unavailable, match="is empty") as empty, bootstrap.records(settings):
        pass
    assert empty.value.code == "database-empty"


def test_a_new_home_serves_nothing(settings: Settings) -> None:
    """That is no damage: the next step is `gaia init`."""
    with pytest.raises(NotFound) as caught:
        home.registered(settings)
    assert caught.value.code == "repository-missing"
