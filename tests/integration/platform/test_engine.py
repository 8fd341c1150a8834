"""The engine: one a folder, steps remembered across a kill, a queued run started exactly once."""

from __future__ import annotations

import base64
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.platform.engine import engine, engine_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

pytestmark = pytest.mark.cloud

PROGRAM = """
import sys, time
from pathlib import Path
from gaia.platform.engine import engine, engine_file

home, stop_at = Path(sys.argv[1]), sys.argv[2]

def note(word):
    with (home / "notes").open("a") as file:
        file.write(word + "\\n")
    if word == stop_at:
        print("reached", flush=True)
        sys.stdin.read()
    return {"word": word}

def work(run, call):
    for word in ("first", "second", "third"):
        call(word, lambda word=word: note(word))

with engine.alone(home), engine.launched(home, {"preview": work}) as mine:
    mine.dispatch([("run_1", "preview")], lambda _: True)
    while mine.busy():
        time.sleep(0.02)
"""


@contextmanager
def running(
    home: Path,
    workflows: Mapping[str, Callable[[str, engine.StepCaller], None]],
    unreadable: Callable[[str], None] = lambda _: None,
) -> Iterator[engine.Engine | None]:
    """The engine of a home, as `gaia.platform.serving.serving` makes it; None where another process is it."""
    with engine.alone(home) as mine:
        if not mine:
            yield None
            return
        with engine.launched(home, workflows, unreadable) as made:
            yield made


def test_looking_never_keeps_an_engine_from_starting(tmp_path: Path) -> None:
    """However often others ask whether one runs, the one that starts becomes it; and they see it."""
    over, seen = threading.Event(), list[bool]()

    def look() -> None:
        while not over.is_set():
            seen.append(engine.is_running(tmp_path))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(3):
            with running(tmp_path, {}) as mine:
                assert mine is not None
                assert engine.is_running(tmp_path)
    finally:
        over.set()
        looking.join()
    assert {True, False} == set(seen)


def _until_idle(mine: engine.Engine) -> None:
    deadline = time.monotonic() + 30
    while mine.busy():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _start(home: Path, stop_at: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home), stop_at], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_killed_engine_is_continued_by_the_next_without_repeating_ended_steps(tmp_path: Path) -> None:
    """SIGKILL in the second step: another process repeats that step, not the first, and ends the run."""
    child = _start(tmp_path, "second")
    assert child.stdout is not None
    assert child.stdout.readline() == "reached\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert _start(tmp_path, "").wait(60) == 0
    assert (tmp_path / "notes").read_text().split() == ["first", "second", "second", "third"]


def test_an_engine_looks_out_for_nothing_that_it_does_not_have(tmp_path: Path) -> None:
    """DBOS's threads for queues, schedules and time limits end at once; what is dispatched is carried out without."""
    deadline = time.monotonic() + 30
    words: list[str] = []

    def work(run: str, call: Callable[[str, Callable[[], dict[str, Any]]], dict[str, Any]]) -> None:
        call("only", lambda: words.append(run) or {})  # type: ignore[func-returns-value]

    with running(tmp_path, {"preview": work}) as mine:
        assert mine is not None
        while any("queue" in one.name or "background-jobs" in one.name for one in threading.enumerate()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        mine.dispatch([("run_6", "preview")], lambda _: True)
        _until_idle(mine)
    assert words == ["run_6"]


def test_what_we_use_of_dbos_beyond_its_interface_is_there(tmp_path: Path) -> None:
    """Beside its pinned version: the event that ends its background jobs, and the tables whose values we read first.

    There is no public way to end the jobs, which take a twentieth of a core, nor to see in what form a value is kept
    before it is loaded.
    """
    with running(tmp_path, {}) as mine:
        assert mine is not None
        assert (tmp_path / engine.FILE).stat().st_mode & 0o077 == 0
        assert isinstance(mine._idle_threads._dbos._background_jobs_stop_event, threading.Event)
    with closing(sqlite3.connect(tmp_path / engine.FILE)) as file:
        for table, columns in engine_file._VALUES.items():
            found = {row[1] for row in file.execute(f"PRAGMA table_info({table})")}
            assert found >= {"workflow_uuid", "serialization", *columns}


def test_a_run_that_ended_is_never_started_again(tmp_path: Path) -> None:
    """Dispatching the id of an ended run runs nothing; a second engine on the same folder is refused while one runs."""
    words: list[str] = []

    def work(run: str, call: Callable[[str, Callable[[], dict[str, Any]]], dict[str, Any]]) -> None:
        call("only", lambda: words.append(run) or {})  # type: ignore[func-returns-value]

    for _ in range(2):
        with running(tmp_path, {"apply": work}) as mine:
            assert mine is not None
            with running(tmp_path, {"apply": work}) as other:
                assert other is None
            assert engine.is_running(tmp_path)
            mine.dispatch([("run_2", "apply")], lambda _: False)
            _until_idle(mine)
    assert words == ["run_2"]
    assert not engine.is_running(tmp_path)


def test_what_cannot_be_written_down_breaks_a_run_off_and_the_next_engine_goes_on(tmp_path: Path) -> None:
    """The step is not remembered as failed: it runs again, those before it do not, and nobody waits for ever."""
    words: list[str] = []
    full = iter([True, False])

    def note(word: str) -> dict[str, Any]:
        words.append(word)
        if word == "second" and next(full):
            raise OSError(28, "No space left on device")
        return {}

    def work(run: str, call: Callable[[str, Callable[[], dict[str, Any]]], dict[str, Any]]) -> None:
        del run
        for word in ("first", "second", "third"):
            call(word, lambda word=word: note(word))  # type: ignore[misc]

    for broken in (True, False):
        with running(tmp_path, {"apply": work}) as mine:
            assert mine is not None
            mine.dispatch([("run_3", "apply")], lambda _: True)
            _until_idle(mine)
            assert isinstance(mine.broken.get("run_3"), OSError) is broken
    assert words == ["first", "second", "second", "third"]


def test_an_end_that_dbos_cannot_write_down_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The function has returned, so the records have its end: the engine is free, and ends in a moment."""
    from dbos._sys_db import SystemDatabase

    words: list[str] = []

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(SystemDatabase, "update_workflow_outcome", full)

    def work(run: str, call: Callable[[str, Callable[[], dict[str, Any]]], dict[str, Any]]) -> None:
        call("only", lambda: words.append(run) or {})  # type: ignore[func-returns-value]

    with running(tmp_path, {"apply": work}) as mine:
        assert mine is not None
        mine.dispatch([("run_7", "apply")], lambda _: True)
        _until_idle(mine)
    assert words == ["run_7"]


def test_a_run_whose_records_were_restored_begins_anew(tmp_path: Path) -> None:
    """The records say that it has not ended, DBOS's own file that it has: the records are right."""
    words: list[str] = []

    def work(run: str, call: Callable[[str, Callable[[], dict[str, Any]]], dict[str, Any]]) -> None:
        call("only", lambda: words.append(run) or {})  # type: ignore[func-returns-value]

    for _ in range(2):
        with running(tmp_path, {"apply": work}) as mine:
            assert mine is not None
            mine.dispatch([("run_4", "apply")], lambda _: True)
            _until_idle(mine)
    assert words == ["run_4", "run_4"]


def test_a_damaged_file_of_the_engine_is_said(tmp_path: Path) -> None:
    """One error with a way on, no traceback; with the file moved away the engine starts."""
    (tmp_path / engine.FILE).write_text("damaged")
    with pytest.raises(Unavailable) as caught, running(tmp_path, {}):
        pass
    assert caught.value.code == "engine-file-unusable"
    (tmp_path / engine.FILE).rename(tmp_path / "damaged")
    with running(tmp_path, {}) as mine:
        assert mine is not None


def test_a_run_whose_steps_were_tampered_with_is_named_and_nothing_in_it_is_executed(tmp_path: Path) -> None:
    """The input of a killed run is replaced by a pickle that makes a file: it is not loaded, the run is named."""
    child = _start(tmp_path, "second")
    assert child.stdout is not None
    assert child.stdout.readline() == "reached\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    harm = f"cos\nsystem\n(S'touch {tmp_path / 'harm'}'\ntR.".encode()
    with closing(sqlite3.connect(tmp_path / engine.FILE)) as file, file:
        changed = (base64.b64encode(harm).decode(), "py_pickle")
        file.execute("UPDATE workflow_status SET inputs = ?, serialization = ?", changed)
    named: list[str] = []
    with running(tmp_path, {"preview": lambda run, call: None}, named.append) as mine:  # noqa: ARG005
        assert mine is not None
    assert named == ["run_1"]
    assert not (tmp_path / "harm").exists()
