"""Lists in every format that Atmos has: rows of named fields, columns made of them, one place that writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gaia.errors import Invalid
from gaia.kit.shapes import as_list
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rich.text import Text

    from gaia.cli.session import Session

ListFormat = Literal["table", "json", "yaml", "csv", "tsv", "tree"]
_FIELD = re.compile(r"\{\{-?\s*((?:\.[A-Za-z_][A-Za-z0-9_-]*)+)\s*-?\}\}")
_MISSING = "<no value>"
_PROSE = ("Description",)
"""Titles of the columns whose texts may go on in the next line, as values may."""


@dataclass(frozen=True, slots=True)
class Column:
    """A title and what stands below it: text with fields such as `{{ .stack }}`."""

    title: str
    template: str
    path: tuple[str, ...] = ()
    """Where the value stands in a row, for a column without a template: its keys may hold anything."""

    @property
    def sections(self) -> frozenset[str]:
        """The first parts of the fields that it reads."""
        return frozenset(match[1:].split(".")[0] for match in _FIELD.findall(self.template))

    def cell(self, row: Mapping[str, object]) -> object:
        """The value for one row; a number stays one where the column is nothing but its field."""
        if self.path:
            return _at(row, self.path)
        whole = _FIELD.fullmatch(self.template.strip())
        if whole:
            return _lookup(row, whole[1])
        return _FIELD.sub(lambda match: _text(_lookup(row, match[1])), self.template)


@dataclass(frozen=True, slots=True)
class Look:
    """How a list is to be shown: what `--format`, `--columns`, `--sort` and `--delimiter` said."""

    form: ListFormat | None = None
    columns: Sequence[str] = ()
    sort: str | None = None
    delimiter: str | None = None
    filter: str | None = None
    """A yq expression: rows for which it gives something stay."""
    query: str | None = None
    """A yq expression: what each row is made into."""

    @property
    def selects(self) -> bool:
        """Whether rows are looked into before they are shown."""
        return self.filter is not None or self.query is not None


def selected(look: Look, rows: Iterable[Mapping[str, object]]) -> list[Mapping[str, object]]:
    """The rows that the filter lets through, as the query makes them; one without a result is left out.

    A map that the query gives stands for the row, anything else is its `value`; stack and component stay.

    Raises:
        Invalid: an expression that cannot be used.
    """
    if not look.selects:
        return list(rows)
    from gaia.golang.yq import evaluate

    kept = [row for row in rows if look.filter is None or _holds(evaluate(look.filter, row))]
    if look.query is None:
        return kept
    found: list[Mapping[str, object]] = []
    for row in kept:
        value = evaluate(look.query, row)
        if value is not None and value != {}:
            identity = {key: row[key] for key in ("stack", "component") if key in row}
            found.append(identity | (value if isinstance(value, dict) else {"value": value}))
    return found


def _holds(value: object) -> bool:
    """As Atmos reads the result of a filter: a text that looks like a no is one."""
    return bool(value) and value not in ("false", "null")


def columns_to_show(look: Look, default: Sequence[Column], configured: object = None) -> list[Column]:
    """The columns to show: those asked for, those that `atmos.yaml` configures, or the default ones.

    Raises:
        Invalid: `column-invalid`.
    """
    if look.columns:
        return [_column(text, default) for text in look.columns]
    listed = as_list(configured)
    found = [
        Column(str(one["name"]), str(one["value"]))
        for one in listed
        if isinstance(one, dict) and "name" in one and "value" in one
    ]
    return [_checked(column) for column in found] or list(default)


def show(
    session: Session,
    look: Look,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, object]],
    *,
    document: object,
    tree: Callable[[], Mapping[str, object]],
) -> None:
    """Write a list. `document` is the house's own form for `--output`, `tree` the nested names for `--format tree`."""
    if look.form is None and session.format != "text":
        session.show(document)
        return
    cells = _sorted(look, columns, [[column.cell(row) for column in columns] for row in rows])
    titles = [column.title for column in columns]
    form = look.form or "table"
    if form in ("json", "yaml"):
        from gaia.cli.machine_output import write

        texts = [[_text(cell) for cell in line] for line in cells]  # as Atmos has them, numbers too
        write([dict(zip(titles, line, strict=True)) for line in texts], form, session.stdout)
    elif form == "tree":
        session.draw(*_tree(tree()))
    elif form == "table" and session.stdout.isatty():
        from gaia.cli.screens.tables import plain_table

        flows = [column.title for column in columns if column.path or column.title in _PROSE]
        session.draw(plain_table(titles, [[_text(cell) for cell in line] for line in cells], flows))
    else:
        _separated(session, form, look.delimiter, titles, cells)


def _separated(
    session: Session, form: str, delimiter: str | None, titles: Sequence[str], cells: Sequence[Sequence[object]]
) -> None:
    """Lines for programs. A table on a pipe has no titles, so that each line is an entry.

    They have no escapes of their own for control characters, and are looked at with `less` and `cat`.
    """
    import csv

    letter = {"csv": ",", "tsv": "\t"}.get(form, "\t")
    delimiter = (delimiter or letter).encode().decode("unicode_escape") if delimiter else letter
    if len(delimiter) != 1:
        raise Invalid("delimiter-invalid", f"{delimiter!r} is not one character", next_step="Give one, such as ';'.")
    writer = csv.writer(session.stdout, delimiter=delimiter, lineterminator="\n")
    if form != "table":
        writer.writerow([visible(title) for title in titles])
    writer.writerows([visible(_text(cell)) for cell in line] for line in cells)


def _column(text: str, default: Sequence[Column]) -> Column:
    title, equals, template = text.partition("=")
    if equals:
        return _checked(Column(title.strip(), template.strip()))
    known = {column.title.lower(): column for column in default}
    if title.strip().lower() in known:
        return known[title.strip().lower()]
    raise Invalid(
        "column-invalid",
        f"there is no column {title!r}",
        next_step=f"Choose from {', '.join(known)}, or write --columns 'Title={{{{ .field }}}}'.",
    )


def _checked(column: Column) -> Column:
    if "{{" in _FIELD.sub("", column.template):
        raise Invalid(
            "column-invalid",
            f"only fields can stand in a column, not {column.template!r}",
            next_step="Write it like {{ .vars.region }}.",
        )
    return column


def _sorted(look: Look, columns: Sequence[Column], cells: list[list[object]]) -> list[list[object]]:
    """By `Title`, `Title:desc`, several with commas; without one in the order that the list has."""
    titles = [column.title.lower() for column in columns]
    for part in reversed((look.sort or "").split(",") if look.sort else []):
        title, _, order = part.strip().partition(":")
        if title.lower() not in titles or order not in ("", "asc", "desc"):
            raise Invalid(
                "column-invalid",
                f"cannot sort by {part!r}",
                next_step=f"Write one of {', '.join(column.title for column in columns)}, with :asc or :desc.",
            )
        index = titles.index(title.lower())
        cells = sorted(cells, key=lambda line: _order(line[index]), reverse=order == "desc")
    return cells


def _order(cell: object) -> tuple[int, float, str]:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return (0, float(cell), "")
    return (1, 0.0, _text(cell))


def _tree(names: Mapping[str, object], before: str | None = None) -> Iterator[Text]:
    """A line a name; `before` is drawn before those that are not of the first level."""
    from rich.text import Text

    for number, (name, inner) in enumerate(names.items(), 1):
        sign, below = ("└── ", "    ") if number == len(names) else ("├── ", "│   ")
        guide = "" if before is None else before + sign
        yield Text.assemble((guide, "quiet"), name)
        if isinstance(inner, dict):
            yield from _tree(inner, "" if before is None else before + below)


def _lookup(row: Mapping[str, object], path: str) -> object:
    return _at(row, path[1:].split("."))


def _at(row: Mapping[str, object], path: Sequence[str]) -> object:
    value: object = row
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return _MISSING
        value = value[step]
    return value


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None or isinstance(cell, bool | int | float):
        return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
    import json

    return json.dumps(cell, ensure_ascii=False, default=str)
