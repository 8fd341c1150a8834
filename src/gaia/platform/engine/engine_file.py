"""What DBOS keeps in its own file: JSON only, and read by us before DBOS reads it.

DBOS picks how to read a value from a column beside it, and one of its ways is `pickle`, which runs whatever the file
says. So a value of another form than ours never reaches it: the workflow that it belongs to is taken out of the file.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from dbos import Serializer

FORM = "gaia-json"
"""The name that stands beside each value."""
_VALUES = {"workflow_status": ("inputs", "output", "error"), "operation_outputs": ("output", "error")}
"""Tables that DBOS reads while it carries runs out, and their columns with values in them."""


def json_serializer() -> Serializer:
    """What DBOS writes and reads values with."""
    from dbos import Serializer

    class Json(Serializer):
        def name(self) -> str:
            return FORM

        def serialize(self, data: Any) -> str:  # noqa: ANN401 - DBOS's interface
            return json.dumps(data, allow_nan=False)

        def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401 - DBOS's interface
            return json.loads(serialized_data)

    return Json()


def take_out_unreadable(path: Path) -> tuple[str, ...]:
    """Remove the workflows of which something cannot be read, and return their ids; a file that is not there has none.

    Raises:
        sqlite3.DatabaseError: the file itself is damaged.
    """
    if not path.exists():
        return ()
    with closing(sqlite3.connect(path)) as file, file:
        tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        bad = {
            str(workflow)
            for table, columns in _VALUES.items()
            if table in tables
            for workflow, form, *values in file.execute(
                f"SELECT workflow_uuid, serialization, {', '.join(columns)} FROM {table}"  # noqa: S608 - constants
            )
            if not _readable(form, values)
        }
        for workflow in bad:
            for table in _VALUES:
                file.execute(f"DELETE FROM {table} WHERE workflow_uuid = ?", (workflow,))  # noqa: S608 - constants
    return tuple(sorted(bad))


def _readable(form: object, values: list[object]) -> bool:
    kept = [value for value in values if value is not None]
    if kept and form != FORM:
        return False
    try:
        for value in kept:
            json.loads(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True
