"""gomplate's CSV, TOML and environment files, and paths into JSON."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.gomplate.convert import text
from gaia.golang.gotemplate.sprig.encoding import number
from gaia.golang.gotemplate.values import Failure, Lists, StringMap, Strings, is_map, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+\Z")
_STEP: Final = re.compile(
    r"\.\.(?P<deep>[A-Za-z_][\w-]*|\*)|\.(?P<name>[A-Za-z_][\w-]*|\*)|\[(?P<index>-?\d+|\*)\]|\[(['\"])(?P<key>[^'\"]*)\4\]"
)


def _rows(arguments: tuple[object, ...], most: int = 2) -> tuple[list[list[str]], str]:
    """The rows of a CSV text, and the header that was given: `[HEADER] [SEPARATOR] TEXT`."""
    if not 1 <= len(arguments) <= most + 1:
        raise Failure(f"wrong number of args: want 1 to {most + 1} got {len(arguments)}")
    *options, whole = arguments
    separator = text(options[-1]) if options else ","
    if len(separator) != 1:
        raise Failure(f"{separator!r} is no separator")
    try:
        rows = list(csv.reader(io.StringIO(text(whole)), delimiter=separator, strict=True))
    except csv.Error as error:
        raise Failure(str(error)) from None
    return [row for row in rows if row], text(options[0]) if len(options) > 1 else ""


def _headed(arguments: tuple[object, ...]) -> tuple[list[str], list[list[str]]]:
    rows, header = _rows(arguments)
    if header == "index":
        return [str(at) for at in range(len(rows[0]) if rows else 0)], rows
    if header:
        return header.split(","), rows
    return (rows[0], rows[1:]) if rows else ([], [])


def parse_csv(*arguments: object) -> Lists:
    """`data.CSV [SEPARATOR] TEXT`: rows of texts."""
    rows, _ = _rows(arguments)
    return Lists(Strings(row) for row in rows)


def csv_by_row(*arguments: object) -> list[object]:
    """`data.CSVByRow [HEADER] [SEPARATOR] TEXT`: a map for each row."""
    names, rows = _headed(arguments)
    return [StringMap(zip(names, row, strict=False)) for row in rows]


def csv_by_column(*arguments: object) -> dict[str, object]:
    """`data.CSVByColumn [HEADER] [SEPARATOR] TEXT`: a list for each column."""
    names, rows = _headed(arguments)
    return {name: Strings(row[at] for row in rows if at < len(row)) for at, name in enumerate(names)}


def to_csv(*arguments: object) -> str:
    """`data.ToCSV [SEPARATOR] ROWS`"""
    if not 1 <= len(arguments) <= 2:
        raise Failure(f"wrong number of args: want 1 or 2 got {len(arguments)}")
    separator = text(arguments[0]) if len(arguments) > 1 else ","
    rows = arguments[-1]
    if len(separator) != 1 or not isinstance(rows, (list, tuple)):
        raise Failure(f"Can't parse ToCSV input of type {type_name(rows)}")
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    for row in rows:
        if not isinstance(row, (list, tuple)):
            raise Failure(f"Can't parse ToCSV input: a row of type {type_name(row)}")
        writer.writerow([text(one) for one in row])
    return out.getvalue()


def parse_env(whole: object) -> dict[str, object]:
    """Lines of NAME=VALUE."""
    values: dict[str, object] = {}
    for line in text(whole).splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and name[:1] != "#":
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            values[name.strip()] = value[1:-1] if quoted else value
    return values


# -- TOML --------------------------------------------------------------------------------------------------------------


def to_toml(value: object) -> str:
    """`data.ToTOML MAP`: single values first, then tables, each sorted.

    Raises:
        Failure: it is no map, or holds what TOML cannot.
    """
    if not isinstance(value, dict):
        raise Failure(f"toml: a map was expected, not {type_name(value)}")
    return "".join(_table(value, ())).removeprefix("\n")


def _is_tables(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(is_map(one) for one in value)


def _table(table: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    indent = "  " * len(path)
    nested = [key for key in sorted(table) if is_map(table[key]) or _is_tables(table[key])]
    for key in sorted(table):
        if key not in nested and table[key] is not None:
            yield f"{indent}{_name(key)} = {_inline(table[key])}\n"
    for key in nested:
        inner, below = table[key], (*path, key)
        title = ".".join(map(_name, below))
        if isinstance(inner, dict):
            yield f"\n{indent}[{title}]\n"
            yield from _table(inner, below)
        for one in inner if isinstance(inner, (list, tuple)) else ():
            yield f"\n{indent}[[{title}]]\n"
            yield from _table(one, below)


def _name(key: str) -> str:
    return key if _BARE.match(key) else _quoted(key)


def _quoted(value: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}
    return '"' + "".join(escapes.get(char, char) for char in value) + '"'


def _inline(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        shown = number(value)
        return shown if "." in shown or "e" in shown else f"{shown}.0"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    raise Failure(f"toml: cannot write {type_name(value)}")


# -- paths into JSON ---------------------------------------------------------------------------------------------------


def json_path(path: str, value: object) -> object:
    """`jsonpath PATH VALUE`: one result as it is, several as a list.

    Raises:
        Failure: the path cannot be read, or leads to nothing.
    """
    rest = path.strip().strip("{}").removeprefix("$")
    rest = rest if rest[:1] in (".", "[") or not rest else f".{rest}"
    found = [value]
    several = False
    while rest:
        step = _STEP.match(rest)
        if step is None:
            raise Failure(f"couldn't parse JSONPath {path}: cannot be read from {rest!r} on")
        several = several or step["deep"] is not None or "*" in (step["name"], step["index"])
        found = [inner for one in found for inner in _stepped(one, step)]
        rest = rest[step.end() :]
    if not found:
        raise Failure(f"executing JSONPath {path} failed: nothing is there")
    return found[0] if len(found) == 1 else found


def _stepped(value: object, step: re.Match[str]) -> list[object]:
    if step["deep"]:
        return [inner for one in _below(value) for inner in _child(one, step["deep"])]
    if step["index"]:
        if not isinstance(value, (list, tuple)):
            return []
        at = step["index"]
        return list(value) if at == "*" else list(value[int(at) :][:1])
    return _child(value, step["name"] if step["name"] else step["key"])


def _child(value: object, name: str) -> list[object]:
    if isinstance(value, dict):
        return list(value.values()) if name == "*" else [value[name]] if name in value else []
    return list(value) if name == "*" and isinstance(value, (list, tuple)) else []


def _below(value: object) -> Iterator[object]:
    yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    for one in inner:
        yield from _below(one)


FORMATS: Final[Mapping[str, Callable[..., object]]] = {
    "CSV": parse_csv, "CSVByRow": csv_by_row, "CSVByColumn": csv_by_column, "ToCSV": to_csv, "ToTOML": to_toml,
}  # fmt: skip
ALIASES: Final[Mapping[str, Callable[..., object]]] = {
    "csv": parse_csv, "csvByRow": csv_by_row, "csvByColumn": csv_by_column, "toCSV": to_csv, "toTOML": to_toml,
    "jsonpath": json_path,
}  # fmt: skip
