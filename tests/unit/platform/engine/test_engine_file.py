"""gaia.platform.engine.engine_file: DBOS reads nothing but our JSON, whatever somebody wrote into its file."""

from __future__ import annotations

import base64
import pickle
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gaia.platform.engine.engine_file import FORM, json_serializer, take_out_unreadable

if TYPE_CHECKING:
    from pathlib import Path

PICKLE = base64.b64encode(pickle.dumps({"args": ("run_1",), "kwargs": {}})).decode()
GOOD = '{"args": ["run_1"], "kwargs": {}}'


def engine_file(path: Path, *, inputs: str = GOOD, form: str | None = FORM, output: str = "{}") -> Path:
    """The two tables that DBOS reads, with one run and one of its steps in them."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE workflow_status (workflow_uuid, inputs, output, error, serialization)")
        file.execute("CREATE TABLE operation_outputs (workflow_uuid, output, error, serialization)")
        file.execute("INSERT INTO workflow_status VALUES ('run_1', ?, NULL, NULL, ?)", (inputs, form))
        file.execute("INSERT INTO operation_outputs VALUES ('run_1', ?, NULL, ?)", (output, FORM))
        file.execute("INSERT INTO workflow_status VALUES ('run_2', ?, NULL, NULL, ?)", (GOOD, FORM))
    return path


def left(path: Path) -> list[str]:
    """The runs that are still in the file."""
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute(
            "SELECT workflow_uuid FROM workflow_status UNION SELECT workflow_uuid FROM operation_outputs"
        )
        return sorted(row[0] for row in rows)


def test_what_we_wrote_stays(tmp_path: Path) -> None:
    """Nothing is taken out of a file that nobody touched."""
    path = engine_file(tmp_path / "engine.db")
    assert take_out_unreadable(path) == ()
    assert left(path) == ["run_1", "run_2"]


@pytest.mark.parametrize(
    "changed",
    [
        {"inputs": PICKLE, "form": "py_pickle"},
        {"inputs": PICKLE, "form": None},
        {"inputs": PICKLE},
        {"form": "portable_json"},
        {"inputs": "{"},
        {"output": "damaged"},
    ],
)
def test_what_is_of_another_form_is_taken_out_with_its_run(tmp_path: Path, changed: dict[str, str]) -> None:
    """A pickle, by name or by content, another form, half a JSON: the run is named and gone, the others stay."""
    path = engine_file(tmp_path / "engine.db", **changed)
    assert take_out_unreadable(path) == ("run_1",)
    assert left(path) == ["run_2"]


def test_a_file_that_is_not_there_or_new_has_nothing_to_take_out(tmp_path: Path) -> None:
    """It is not made either."""
    assert take_out_unreadable(tmp_path / "engine.db") == ()
    assert not (tmp_path / "engine.db").exists()
    (tmp_path / "engine.db").touch()
    assert take_out_unreadable(tmp_path / "engine.db") == ()


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    """The engine says which file and what to do."""
    (tmp_path / "engine.db").write_text("damaged " * 100)
    with pytest.raises(sqlite3.DatabaseError):
        take_out_unreadable(tmp_path / "engine.db")


def test_values_are_json_and_named_so() -> None:
    """What DBOS keeps can be read by anybody, and is refused where it is more than JSON."""
    serializer = json_serializer()
    assert serializer.name() == FORM
    assert serializer.deserialize(serializer.serialize({"args": ["run_1"]})) == {"args": ["run_1"]}
    with pytest.raises(TypeError):
        serializer.serialize({"args": [object()]})
