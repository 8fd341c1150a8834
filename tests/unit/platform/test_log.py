"""The log of a run: whole lines only, redacted, followed to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
