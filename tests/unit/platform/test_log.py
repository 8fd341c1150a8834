"""The log of a run: whole lines only, redacted, followed to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import Unavailable
from gaia.kit.redact import Redactor
from gaia.platform.log import RunLog, follow, read_log

if TYPE_CHECKING:
    from pathlib import Path


def test_secrets_are_blanked_and_the_file_is_private(tmp_path: Path) -> None:
    """What the redactor knows is never written."""
    redact = Redactor()
    redact.learn({"password": "correct horse"})
    log = RunLog.of(tmp_path, "run_1", redact)
    log.write("preview", "using correct horse", event={"value": "correct horse"})
    assert b"correct horse" not in log.path.read_bytes()
    assert log.path.stat().st_mode & 0o077 == 0


def test_a_torn_last_line_is_left_for_later(tmp_path: Path) -> None:
    """A reader never sees half a line and goes on where it was."""
    log = RunLog.of(tmp_path, "run_1", Redactor())
    log.write("one", "first")
    with log.path.open("ab") as file:
        file.write(b'{"at": "half')
    lines, offset = read_log(tmp_path, "run_1")
    assert [line["message"] for line in lines] == ["first"]
    with log.path.open("ab") as file:
        file.write(b'", "message": "second"}\n')
    lines, _ = read_log(tmp_path, "run_1", offset)
    assert [line["message"] for line in lines] == ["second"]


def test_following_ends_after_a_last_look(tmp_path: Path) -> None:
    """Lines that were written just before the end are not lost, and the tables are read only when there is news."""
    log = RunLog.of(tmp_path, "run_1", Redactor())
    log.write("one", "first")
    looks = iter([False, True])

    def look() -> tuple[list[str], bool]:
        ended = next(looks)
        if ended:
            log.write("three", "third")
        return ["run_1"], ended

    news = iter([True, False, True])
    meanwhile = iter(["second", ""])

    def pause() -> None:
        if message := next(meanwhile):
            log.write("two", message)

    found = follow(tmp_path, lambda: next(news), look, pause)
    assert [line["message"] for line in found] == ["first", "second", "third"]


def test_a_line_says_when_how_bad_where_and_what(tmp_path: Path) -> None:
    """All of it in each line, null where it is not given; letters stay readable, odd values become texts."""
    log = RunLog.of(tmp_path, "run_1", Redactor())
    log.write("apply", "größer", level="warn", instance="dev/key", event={"at": tmp_path, "n": 1})
    log.write("end", "done")
    assert "größer" in log.path.read_text("utf-8")
    (first, second), _ = read_log(tmp_path, "run_1")
    assert first.pop("at").endswith("Z")
    assert first == {
        "level": "warn", "step": "apply", "message": "größer", "instance": "dev/key",
        "event": {"at": str(tmp_path), "n": 1},
    }  # fmt: skip
    assert {name: second[name] for name in ("level", "instance", "event")} == {
        "level": "info", "instance": None, "event": None,
    }  # fmt: skip


def test_the_folder_of_a_run_is_its_users_alone_and_may_be_there(tmp_path: Path) -> None:
    """A run that goes on writes into the log that it has."""
    first = RunLog.of(tmp_path, "run_1", Redactor())
    first.write("one", "first")
    again = RunLog.of(tmp_path, "run_1", Redactor())
    again.write("two", "second")
    assert first.path == again.path == tmp_path / "runs" / "run_1" / "log.jsonl"
    assert first.path.parent.stat().st_mode & 0o777 == 0o700
    assert first.path.stat().st_mode & 0o777 == 0o600
    assert [line["step"] for line in read_log(tmp_path, "run_1")[0]] == ["one", "two"]


def test_a_log_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    """A folder stands where its file would be."""
    log = RunLog.of(tmp_path, "run_1", Redactor())
    log.path.mkdir()
    with pytest.raises(Unavailable) as caught:
        log.write("one", "first")
    assert caught.value.code == "file-not-writable"
    assert str(log.path) in caught.value.message


def test_reading_goes_on_exactly_where_it_was(tmp_path: Path) -> None:
    """Nothing new is nothing, however often it is asked; a run that has written nothing has nothing."""
    assert read_log(tmp_path, "run_1") == ([], 0)
    assert read_log(tmp_path, "run_1", 7) == ([], 7)
    log = RunLog.of(tmp_path, "run_1", Redactor())
    log.write("one", "first")
    lines, offset = read_log(tmp_path, "run_1")
    assert (len(lines), offset) == (1, log.path.stat().st_size)
    assert read_log(tmp_path, "run_1", offset) == ([], offset)
    with log.path.open("ab") as file:
        file.write(b"{")
    assert read_log(tmp_path, "run_1", offset) == ([], offset)
    with log.path.open("ab") as file:
        file.write(b"}\n\n{}\n")
    assert read_log(tmp_path, "run_1", offset) == ([{}, {}], log.path.stat().st_size)


def test_all_runs_of_a_request_are_followed(tmp_path: Path) -> None:
    """A run that comes later too, each line once."""
    logs = {run: RunLog.of(tmp_path, run, Redactor()) for run in ("run_1", "run_2")}
    logs["run_1"].write("one", "first")
    looks = iter([(["run_1"], False), (["run_1", "run_2"], True)])
    paused: list[int] = []

    def pause() -> None:
        paused.append(1)
        logs["run_2"].write("two", "second")

    found = [line["message"] for line in follow(tmp_path, lambda: True, lambda: next(looks), pause)]
    assert (found, len(paused)) == (["first", "second"], 1)
