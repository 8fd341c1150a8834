"""A PostgreSQL server of one's own on a Unix socket, and a fresh database for each test."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
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


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a running server, without a database; its `template` is migrated and empty."""
    search = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    programs = {name: shutil.which(name, path=search) for name in ("postgres", "initdb")}
    if not all(programs.values()):
        pytest.skip("postgres and initdb are not installed (`make tools`, or PATH)")
    if not os.geteuid() and _account() is None:
        pytest.skip(f"running as root, and there is no account {' or '.join(ACCOUNTS)} for the server")
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="gaia-pg-"))
    if account is not None:
        shutil.chown(folder, account)
    run = {"cwd": folder, "user": account, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    initdb = [programs["initdb"], "-D", folder / "data", "-U", "gaia", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(initdb, check=True, **run)  # type: ignore[call-overload]
    options = ["-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=40"]
    process = subprocess.Popen([programs["postgres"], "-D", folder / "data", *options], **run)  # type: ignore[call-overload]
    url = f"postgresql://gaia@/{{}}?host={folder}"
    try:
        _wait_for(url.format("postgres"), process)
        _run(url.format("postgres"), "CREATE DATABASE template")
        Database.open(url.format("template"), create=True).close()
        yield url
    finally:
        process.send_signal(signal.SIGINT)  # without waiting for those who are connected
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


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
