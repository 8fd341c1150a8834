"""The log of a run: whole lines only, redacted, followed to its end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gaia.kit.redact import Redactor
from gaia.platform.log import RunLog, follow, read_log
from gaia.records.document_files import FolderDocuments

if TYPE_CHECKING:
    from gaia.kit.keys import SecretKey


@pytest.fixture
def documents(tmp_path: Path, key: SecretKey) -> FolderDocuments:
    """A store of documents."""
    return FolderDocuments(tmp_path, key)


def test_secrets_are_blanked_and_the_file_is_private(documents: FolderDocuments) -> None:
    """What the redactor knows is never written."""
    redact = Redactor()
    redact.learn({"password": "correct horse"})
    RunLog(documents, "run_1", redact).write("preview", "using correct horse", event={"value": "correct horse"})
    path = Path(documents.where("log", "run_1"))
    assert b"correct horse" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_torn_last_line_is_left_for_later(documents: FolderDocuments) -> None:
    """A reader never sees half a line and goes on where it was."""
    RunLog(documents, "run_1", Redactor()).write("one", "first")
    path = Path(documents.where("log", "run_1"))
    with path.open("ab") as file:
        file.write(b'{"at": "half')
    lines, position = read_log(documents, "run_1")
    assert [line["message"] for line in lines] == ["first"]
    with path.open("ab") as file:
        file.write(b'", "message": "second"}\n')
    lines, _ = read_log(documents, "run_1", position)
    assert [line["message"] for line in lines] == ["second"]


def test_a_log_is_not_waited_for_and_an_empty_line_says_nothing(
    documents: FolderDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is decided by it, so it does not wait for the disk."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    RunLog(documents, "run_1", Redactor()).write("one", "first")
    assert synced == []
    documents.append("log", "run_1", b"")
    RunLog(documents, "run_1", Redactor()).write("one", "second")
    assert [line["message"] for line in read_log(documents, "run_1")[0]] == ["first", "second"]


def test_half_characters_are_written_as_escapes(documents: FolderDocuments) -> None:
    """What a tool said in no encoding is a line all the same."""
    RunLog(documents, "run_1", Redactor()).write("one", "half \udcff")
    assert [line["message"] for line in read_log(documents, "run_1")[0]] == ["half \udcff"]


def test_following_ends_after_a_last_look(documents: FolderDocuments) -> None:
    """Lines that were written just before the end are not lost, and the tables are read only when there is news."""
    log = RunLog(documents, "run_1", Redactor())
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

    found = follow(documents, lambda: next(news), look, pause)
    assert [line["message"] for line in found] == ["first", "second", "third"]
    assert list(news) == []


def test_a_line_says_when_how_bad_where_and_what(documents: FolderDocuments) -> None:
    """All of it in each line, null where it is not given; letters stay readable, odd values become texts."""
    log = RunLog(documents, "run_1", Redactor())
    log.write("apply", "größer", level="warn", instance="dev/key", event={"at": Path("there"), "n": 1})
    log.write("end", "done")
    assert "größer" in Path(documents.where("log", "run_1")).read_text("utf-8")
    (first, second), _ = read_log(documents, "run_1")
    assert first.pop("at").endswith("Z")
    assert first == {
        "level": "warn", "step": "apply", "message": "größer", "instance": "dev/key",
        "event": {"at": "there", "n": 1},
    }  # fmt: skip
    assert {name: second[name] for name in ("level", "instance", "event")} == {
        "level": "info", "instance": None, "event": None,
    }  # fmt: skip


def test_all_runs_of_a_request_are_followed(documents: FolderDocuments) -> None:
    """A run that comes later too, each line once."""
    logs = {run: RunLog(documents, run, Redactor()) for run in ("run_1", "run_2")}
    logs["run_1"].write("one", "first")
    looks = iter([(["run_1"], False), (["run_1", "run_2"], True)])
    paused: list[int] = []

    def pause() -> None:
        paused.append(1)
        logs["run_2"].write("two", "second")

    found = [line["message"] for line in follow(documents, lambda: True, lambda: next(looks), pause)]
    assert (found, len(paused)) == (["first", "second"], 1)
