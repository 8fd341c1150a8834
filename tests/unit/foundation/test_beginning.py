"""gaia.platform.home.initialise: killed anywhere, repeated, usable; and the small files of a home that are damaged."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.conftest import ROOT
from tests.unit.foundation import killing

from gaia.access.callers import authenticate
from gaia.bootstrap import App
from gaia.errors import Conflict, GaiaError, NotFound, Unavailable
from gaia.kit import clock, files, keys
from gaia.kit.git import Git
from gaia.platform.callers.first_admin import ADMIN
from gaia.platform.home import registration
from gaia.records import audit, people, sessions
from gaia.scaffold import blueprint
from gaia.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home of its own."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "GAIA_HOME": str(tmp_path / "home")}
    return Settings.capture(environ, tmp_path)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A blueprint of three files."""
    source = killing.small(tmp_path / "small")
    monkeypatch.setattr(blueprint, "find_blueprint", lambda: source)
    return source


@pytest.mark.slow
@pytest.mark.parametrize("command", ["init", "adopt"])
def test_what_was_killed_anywhere_is_finished_by_the_next(tmp_path: Path, command: str) -> None:
    """By SIGKILL, at each file, commit and git, and once more in what goes on: the same command ends with a committed
    repository and one token that works, the one that was shown last."""
    seed = secrets.randbelow(1000)
    script = [sys.executable, str(Path(killing.__file__)), str(tmp_path), str(seed), command]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(script, env=environ, capture_output=True, text=True, check=True)
    ended = [killing.Ended(**json.loads(line)) for line in done.stdout.splitlines()]
    assert len(ended) > 25
    assert {one.deaths[0].partition(" ")[0] for one in ended} == {str(number + 1) for number in range(len(ended))}
    for one in ended:
        where = (seed, one)
        place = Settings.capture({**os.environ, "GAIA_HOME": one.home}, Path(one.home).parent)
        assert one.code == 0 or (one.code == 6 and "home-in-use" in one.said), where
        tokens = [token for token in one.tokens if token]  # an adoption that had come to its end shows none again
        assert not Git(Path(registration.registered(place).source), os.environ)("status", "--porcelain"), where
        with App(replace(place, token=tokens[-1])).platform() as platform:
            assert platform.requests() == [], where
        with App(place).records() as database, database.begin() as tx:
            assert sum(token.revoked_at is None for token in people.list_tokens(tx)) == 1, where
            assert audit.verify(tx, keys.load_key(place.home / "keys")) is None, where
        assert not registration.beginning(place).exists(), where


def test_a_token_that_nobody_saw_is_replaced(settings: Settings, small: Path) -> None:
    """Until somebody has seen one, `init` gives a fresh one; the older one has ended, and what was begun with it."""
    del small
    first, now = App(settings).initialise(settings.cwd / "platform"), clock.now()
    with App(settings).records() as database, database.begin() as tx:
        [token] = people.list_tokens(tx)
        session, _ = sessions.begin(tx, token.person, at=now, expires=now + timedelta(hours=1), token=token.id)
    second = App(settings).initialise(settings.cwd / "platform")
    with App(settings).records() as database, database.begin() as tx:
        assert [one.subject for one in audit.entries(tx) if one.action == "session.ended"] == [session.id]
        with pytest.raises(GaiaError) as caught:
            authenticate(tx, first.token, clock.now())
        assert caught.value.code == "token-revoked"
        assert authenticate(tx, second.token, clock.now()).name == ADMIN


def test_an_unfinished_init_belongs_to_its_folder(settings: Settings, small: Path) -> None:
    """Another folder is refused by name; what somebody put into the first one meanwhile is not committed."""
    del small
    begun = b'{"directory": "' + str(settings.cwd / "one").encode() + b'"}'
    files.write_atomic(registration.beginning(settings), begun)
    with pytest.raises(Conflict, match="one was begun") as caught:
        App(settings).initialise(settings.cwd / "two")
    assert caught.value.code == "init-unfinished"
    with pytest.raises(Conflict) as unfinished:
        registration.registered(settings)
    assert unfinished.value.code == "init-unfinished"
    (settings.cwd / "one").mkdir()
    (settings.cwd / "one/mine.txt").write_text("")
    with pytest.raises(Conflict) as foreign:
        App(settings).initialise(settings.cwd / "one")
    assert foreign.value.code == "target-not-empty"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"id": 1, "source": "/a", "branch": "b"}', b"\xff" * 9])
def test_a_damaged_registry_is_one_clear_error(settings: Settings, content: bytes) -> None:
    """Never a defect, never taken for a home that serves nothing."""
    files.write_atomic(registration.file(settings), content)
    with pytest.raises(Unavailable) as caught:
        registration.registered(settings)
    assert caught.value.code == "registry-damaged"
    assert "backup" in caught.value.next_step


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"directory": 1}'])
def test_a_damaged_beginning_is_one_clear_error(settings: Settings, content: bytes) -> None:
    """Of `init` too: it does not go on in a folder that it guesses."""
    files.write_atomic(registration.beginning(settings), content)
    for act in (registration.registered, lambda given: App(given).initialise(settings.cwd / "platform")):
        with pytest.raises(Unavailable) as caught:
            act(settings)
        assert caught.value.code == "init-damaged"


def test_nothing_of_a_home_in_use_is_silently_made_anew(settings: Settings, small: Path) -> None:
    """Registry, database and key: each that is missing is named, with the backup as the way on."""
    del small
    App(settings).initialise(settings.cwd / "platform")
    App(settings).initialised()
    codes = {"keys/repository.key": "key-missing", "gaia.db": "database-missing", "repository.json": "home-incomplete"}
    for name, code in codes.items():
        kept = (settings.home / name).read_bytes()
        (settings.home / name).unlink()
        with pytest.raises(Unavailable) as caught, App(settings).platform():
            pass
        assert caught.value.code == code
        assert "backup" in caught.value.next_step
        assert not (settings.home / name).exists()
        files.write_atomic(settings.home / name, kept)
    (settings.home / "gaia.db").write_bytes(b"")
    with pytest.raises(Unavailable, match="is empty") as empty, App(settings).records():
        pass
    assert empty.value.code == "database-empty"


def test_a_file_in_place_of_the_home_is_said(settings: Settings) -> None:
    """Of whoever asks what it serves, and of `init`."""
    settings.home.write_text("")
    for act in (registration.registered, lambda given: App(given).initialise(settings.cwd / "platform")):
        with pytest.raises(Unavailable) as caught:
            act(settings)
        assert caught.value.code == "home-no-folder"


def test_a_home_is_for_its_owner_alone(settings: Settings, small: Path) -> None:
    """The folder, and every file in it."""
    del small
    App(settings).initialise(settings.cwd / "platform")
    wide = [one for one in settings.home.rglob("*") if one.stat().st_mode & 0o077]
    assert settings.home.stat().st_mode & 0o077 == 0
    assert [one.name for one in wide] == []


def test_a_new_home_serves_nothing(settings: Settings) -> None:
    """That is no damage: the next step is `gaia init`."""
    with pytest.raises(NotFound) as caught:
        registration.registered(settings)
    assert caught.value.code == "repository-missing"
