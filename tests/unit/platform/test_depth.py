"""How far it is from a door to a row."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import gaia
from gaia.cli import main
from gaia.cli.session import Session
from gaia.records import approvals
from gaia.records.database import Transaction
from gaia.testing.app import FakeApp
from gaia.testing.platform import FakePlatform

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    import pytest
    from sqlalchemy import Insert
    from tests.unit.platform.loop import Loop

    from gaia.platform.ports import PlatformDoor
    from gaia.settings import Settings

MOST = 10
SOURCE = Path(gaia.__file__).parent


def files(frame: FrameType | None) -> Iterator[str]:
    """The files of Gaia that a call has come through, from the innermost."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(SOURCE):
            yield path.relative_to(SOURCE).as_posix()
        frame = frame.f_back


def test_an_approval_passes_few_files_between_door_and_row(
    waiting: Loop, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command that somebody typed to the row that is written: printed, and ten at most."""
    passed: list[str] = []
    put = Transaction.put

    ran: dict[str, None] = {}

    def watch(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and not passed and path.is_relative_to(SOURCE):
            ran[path.relative_to(SOURCE).as_posix()] = None

    def traced(tx: Transaction, statement: Insert, taken: Exception) -> int:
        if statement.table is approvals.approvals:  # type: ignore[attr-defined]
            passed.extend(dict.fromkeys(files(sys._getframe())))
        return put(tx, statement, taken)  # type: ignore[arg-type]

    class App(FakeApp):
        """Opens the platform of the test."""

        @contextmanager
        def platform(self, **_: object) -> Iterator[PlatformDoor]:
            """In gus's name."""
            yield waiting.as_("gus")

    monkeypatch.setattr(Transaction, "put", traced)
    app = App(settings, FakePlatform(), tmp_path)
    session = Session(settings, io.StringIO(), io.StringIO(), io.StringIO(), make_app=app.at)
    sys.setprofile(watch)
    main.run(["approve", waiting.request, "--detach"], session)
    sys.setprofile(None)
    door = passed.index("cli/commands/decide.py")
    print("from door to row:", " → ".join(reversed(passed)))  # noqa: T201 - the proof is meant to be read
    print("what ran until then:", ", ".join(sorted(ran)))  # noqa: T201
    assert passed[0] == "records/approvals.py"
    assert len(passed) <= MOST
    rooms = [name.partition("/")[0] for name in passed[: door + 1]]
    assert rooms == sorted(rooms, key=["records", "platform", "cli"].index)
