"""A PostgreSQL server of one's own on a Unix socket, and a fresh database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from tests.conftest import ROOT

from gaia.records.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNTS = ("postgres", "nobody")
"""PostgreSQL does not run as root; a test that does lends the server one of these."""
_NUMBERS = count()


def _account() -> str | None:
    if os.geteuid():
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return next((name for name in ACCOUNTS if name in known), None)


class Server:
    """A server in a folder of its own, which can be killed and started again."""

    def __init__(self, programs: dict[str, str]) -> None:
        self._programs = programs
        account = _account()
        self._folder = Path(tempfile.mkdtemp(prefix="gaia-pg-"))
        if account is not None:
            shutil.chown(self._folder, account)
        self._run = {
            "cwd": self._folder, "user": account, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT,
        }  # fmt: skip
        given = ["-D", self._folder / "data", "-U", "gaia", "-A", "trust", "--no-sync", "-E", "UTF8"]
        subprocess.run([programs["initdb"], *given], check=True, **self._run)  # type: ignore[call-overload]
        self.url = f"postgresql://gaia@/{{}}?host={self._folder}"
        """Of a database whose name is put in."""

    def start(self) -> None:
        """Return when it answers."""
        options = ["-k", self._folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=40"]
        command = [self._programs["postgres"], "-D", self._folder / "data", *options]
        self._process = subprocess.Popen(command, **self._run)  # type: ignore[call-overload]
        _wait_for(self.url.format("postgres"), self._process)

    def stop(self, how: int = signal.SIGINT) -> None:
        """Without waiting for those who are connected; with SIGQUIT as in a crash, of which it recovers."""
        self._process.send_signal(how)
        self._process.wait(30)

    def remove(self) -> None:
        """Leave nothing."""
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs until the block ends."""
    search = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    programs = {name: shutil.which(name, path=search) or "" for name in ("postgres", "initdb")}
    if not all(programs.values()):
        pytest.skip("postgres and initdb are not installed (`make tools`, or PATH)")
    if not os.geteuid() and _account() is None:
        pytest.skip(f"running as root, and there is no account {' or '.join(ACCOUNTS)} for the server")
    made = Server(programs)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        made.remove()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running server, without a database; its `template` is migrated and empty."""
    with serving() as made:
        _run(made.url.format("postgres"), "CREATE DATABASE template")
        Database.open(made.url.format("template"), create=True).close()
        yield made.url


@pytest.fixture
def url(server: str) -> str:
    """The URL of a fresh copy of the migrated database."""
    name = f"test{next(_NUMBERS)}"
    _run(server.format("postgres"), f"CREATE DATABASE {name} TEMPLATE template")
    return server.format(name)


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.1)
        else:
            return
    pytest.fail("postgres did not start")
