"""Every row of every table, to be put into another database of the same or another kind: what a backup holds of them.

Rows travel in parts, each a text of lines: the first says which table it is and how its columns are written, each
further one is a row. Times are RFC 3339, bytes are base64; all else is JSON already.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import JSON, Column, LargeBinary, MetaData, func, insert, select, update

from gaia.errors import Invalid
from gaia.records.columns import Facts, Items, Moment
from gaia.records.migrations import VERSION_TABLE
from gaia.records.tables import audit_head, metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from gaia.records.database import Transaction

Written = Literal["time", "bytes", "json", "plain"]
_ROWS = 2000
"""Of a part."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table."""

    table: str
    columns: Mapping[str, Written]
    rows: tuple[tuple[Any, ...], ...]
    """Values as they are written, in the order of the columns."""

    def text(self) -> bytes:
        """Its lines."""
        head = json.dumps({"table": self.table, "columns": dict(self.columns)})
        return "".join(f"{line}\n" for line in (head, *map(json.dumps, self.rows))).encode()

    @classmethod
    def read(cls, text: bytes) -> Part:
        """What `text` wrote.

        Raises:
            Invalid: `backup-damaged`.
        """
        try:
            head, *rows = map(json.loads, text.decode().splitlines())
            return cls(str(head["table"]), dict(head["columns"]), tuple(tuple(row) for row in rows))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged("rows that cannot be read") from error


def damaged(what: str) -> Invalid:
    """The error of a backup that holds something else than Gaia writes."""
    return Invalid("backup-damaged", f"the backup holds {what}", next_step="Take another backup.")


def parts(tx: Transaction) -> Iterator[Part]:
    """Every table, those that others refer to first; an empty one is one part without rows."""
    for table in metadata.sorted_tables:
        columns = {column.name: _written(column) for column in table.columns}
        written = (tuple(_out(row[name]) for name in columns) for row in tx.stream(select(table)))
        first = tuple(islice(written, _ROWS))
        yield Part(table.name, columns, first)
        while rows := tuple(islice(written, _ROWS)):
            yield Part(table.name, columns, rows)


def fill(connection: Connection, some: Iterable[Part]) -> dict[str, int]:
    """Put rows into the tables of a new database, of the revision that they were written at; how many by table.

    Raises:
        Invalid: `backup-damaged`.
    """
    there = MetaData()
    there.reflect(connection)
    counted: dict[str, int] = {}
    for part in some:
        table = there.tables.get(part.table)
        if table is None or table.name == VERSION_TABLE or set(part.columns) - set(table.columns.keys()):
            raise damaged(f"rows of a table {part.table!r} that its revision has not")
        for name, written in part.columns.items():
            table.columns[name].type = _TYPES[written]() if written in _TYPES else table.columns[name].type
        read = [
            {name: _in(value, written) for (name, written), value in zip(part.columns.items(), row, strict=True)}
            for row in part.rows
        ]
        if part.table not in counted and connection.execute(select(table)).first():
            for row in read:  # the first rows, which a migration wrote
                same = (column == row[column.name] for column in table.primary_key)
                connection.execute(update(table).where(*same).values(row))
        elif read:
            connection.execute(insert(table), read)
        counted[part.table] = counted.get(part.table, 0) + len(read)
    return counted


def is_filled(tx: Transaction, some: Iterable[Part], counted: Mapping[str, int]) -> bool:
    """Whether a database holds what these parts do and nothing since: every act adds to the audit log.

    Its last entry and its head are compared, and how many rows each table has.
    """
    heads = [part for part in some if part.table == audit_head.name]
    rows = {tuple(zip(part.columns, row, strict=True)) for part in heads for row in part.rows}
    there = {tuple((name, row[name]) for name in part.columns) for part in heads for row in tx.all(select(audit_head))}
    tables = [table for table in metadata.sorted_tables if table.name in counted]
    return (
        bool(rows)
        and rows == there
        and len(tables) == len(counted)
        and all(tx.all(select(func.count().label("n")).select_from(one))[0]["n"] == counted[one.name] for one in tables)
    )


_TYPES: dict[str, Any] = {"time": Moment, "json": lambda: JSON(none_as_null=True), "bytes": LargeBinary}


def _written(column: Column[Any]) -> Written:
    match column.type:
        case Moment():
            return "time"
        case LargeBinary():
            return "bytes"
        case Items() | Facts():
            return "json"
        case _:
            return "plain"


def _out(value: Any) -> Any:  # noqa: ANN401 - of any column
    match value:
        case datetime():
            return value.isoformat()
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
        case _:
            return value


def _in(value: Any, written: Written) -> Any:  # noqa: ANN401 - of any column
    if value is None:
        return None
    try:
        match written:
            case "time":
                return datetime.fromisoformat(value)
            case "bytes":
                return base64.b64decode(value, validate=True)
            case _:
                return value
    except (ValueError, TypeError) as error:
        raise damaged(f"{ascii(value)[:40]} for {written}") from error
