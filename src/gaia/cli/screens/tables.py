"""Rows of cells: side by side where all of them fit, else below each other.

No word is ever broken and nothing is cut, for people copy names, ids and places: a word that is wider than the terminal
makes a longer line, which the terminal wraps and gives back whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from rich.cells import cell_len
from rich.text import Text

from gaia.cli.screens.format import value
from gaia.cli.screens.safe import wrapped
from gaia.cli.wrapping import WORD
from gaia.kit.visible import LONGEST, more, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, ConsoleOptions, RenderableType

    from gaia.scaffold.template import Template

Cell: TypeAlias = "str | Text"
_PROSE = 20
"""Columns that a text which flows needs beside others: with less it would be a word a line."""
_SIGN = 2
"""What is no wider than this is a sign, and stays before what it is the sign of."""
_NAMES = 40
"""Names that are wider are no column: values far from them are hard to read."""
_DEEPER = 2
"""How much further right than the first cell the others stand below it."""


@dataclass(frozen=True, slots=True)
class Column:
    """What stands below each other, and how. Without `flows` a cell stays on one line."""

    title: str = ""
    style: str = ""
    flows: bool = False
    """Whether a text may go on in the next line, between two words."""
    right: bool = False
    gap: int = 3
    """Blanks behind it."""
    least: int = 0
    """Columns that it takes where there is room, so that tables below each other are in line."""


class Rows:
    """Draws rows by the width that there is. A row that is one text alone stands over all columns.

    `apart`: how many cells of a row have a line of their own where not all fit side by side. After those, a cell stands
    behind the one before while it fits there.
    """

    def __init__(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Cell] | Text], *, indent: int = 0, apart: int = 0
    ) -> None:
        self._columns = columns
        self._rows = [
            row if isinstance(row, Text) else [_shown(cell, column) for cell, column in zip(row, columns, strict=True)]
            for row in rows
        ]
        self._indent = indent
        self._apart = apart
        self._titled = any(column.title for column in columns)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The lines."""
        canvas = _Canvas(console, options.max_width, options.overflow == "fold")
        widths = self._widths(options.max_width)
        if widths:
            yield from self._beside(canvas, widths)
        elif self._titled:
            yield from self._labelled(canvas)
        else:
            yield from self._below(canvas)

    def _widths(self, width: int) -> list[int]:
        """Of each column, 0 for one that holds nothing; no list where they do not fit side by side."""
        table = [row for row in self._rows if not isinstance(row, Text)]
        needs, wants = [], []
        for index, column in enumerate(self._columns):
            cells = [row[index].plain for row in table]
            longest = max((_line(text) for text in cells), default=0)
            word = max((_word(text) for text in cells), default=0)
            needs.append(max(word, min(longest, _PROSE)) if column.flows else longest)
            wants.append(longest)
            if longest or self._titled:
                title = cell_len(column.title)
                needs[-1], wants[-1] = max(needs[-1], title), max(wants[-1], title)
        gaps = [column.gap for column, need in zip(self._columns, needs, strict=True) if need]
        left = width - self._indent - sum(gaps[:-1]) - sum(needs)
        return self._shared_out(needs, wants, left) if left >= 0 else []

    def _shared_out(self, needs: list[int], wants: list[int], left: int) -> list[int]:
        """What is left goes to columns that want to be in line with others, then to texts, the smallest wish first."""
        for index, column in enumerate(self._columns):
            extra = max(0, min(left, column.least - needs[index]))
            needs[index] += extra
            left -= extra
        open_wishes = sorted((want - needs[index], index) for index, want in enumerate(wants) if want > needs[index])
        for number, (wish, index) in enumerate(open_wishes):
            extra = min(wish, left // (len(open_wishes) - number))
            needs[index] += extra
            left -= extra
        return needs

    def _beside(self, canvas: _Canvas, widths: Sequence[int]) -> Iterator[RenderableType]:
        if self._titled and self._rows:
            titles = [Text(column.title, "quiet") for column in self._columns]
            yield self._line_of([[title] for title in titles], widths, 0)
        for row in self._rows:
            if isinstance(row, Text):
                yield row
                continue
            cells = [canvas.wrapped(cell, width, flows=True) for cell, width in zip(row, widths, strict=True)]
            for number in range(max(map(len, cells))):
                yield self._line_of(cells, widths, number)

    def _line_of(self, cells: Sequence[Sequence[Text]], widths: Sequence[int], number: int) -> Text:
        line, at = _blank(self._indent), self._indent
        for column, lines, width in zip(self._columns, cells, widths, strict=True):
            if number < len(lines) and lines[number].plain:
                text = lines[number]
                start = at + (width - text.cell_len if column.right else 0)
                line.append(" " * (start - line.cell_len)).append_text(text)
            at += width + column.gap if width else 0
        return line

    def _labelled(self, canvas: _Canvas) -> Iterator[RenderableType]:
        """Each cell behind its column's title."""
        wide = max(cell_len(column.title) for column in self._columns) + _DEEPER
        for number, row in enumerate(self._rows):
            if number:
                yield Text("")
            for column, cell in zip(self._columns, [row] if isinstance(row, Text) else row, strict=False):
                if cell.plain:
                    line = _blank(self._indent).append(column.title.ljust(wide), "quiet")
                    yield from canvas.hung(line, 0, cell, column)

    def _in_line(self, width: int) -> Iterator[Text | Sequence[Text]]:
        """The rows; where each is a name and a value, the values that fit behind the names stand below each other."""
        rows = [row for row in self._rows if not isinstance(row, Text)]
        wide = max((row[0].cell_len for row in rows), default=0)
        left = width - self._indent - wide - self._columns[0].gap
        named = len(self._columns) == len(("name", "value")) and _SIGN < wide <= _NAMES
        for row in self._rows:
            if named and not isinstance(row, Text) and row[0].plain.strip() and row[1].cell_len <= left:
                yield [Text.assemble(row[0], " " * (wide - row[0].cell_len)), row[1]]
            else:
                yield row

    def _below(self, canvas: _Canvas) -> Iterator[RenderableType]:
        """Cells behind each other while they fit, the next in a new line."""
        lead = self._indent
        for row in self._in_line(canvas.width):
            if isinstance(row, Text):
                yield row
                continue
            if row[0].plain:
                lead = self._indent + len(row[0].plain) - len(row[0].plain.lstrip()) + _DEEPER
            line, behind, alone, deeper = _blank(0), 0, False, lead
            for index, (column, cell) in enumerate(zip(self._columns, row, strict=True)):
                if not cell.plain:
                    continue
                if line.plain.strip() and (alone or not canvas.fits(line, behind, cell)):
                    yield line
                    line = _blank(0)
                if not line.plain.strip():
                    line, behind = _blank(deeper if index else self._indent), 0
                elif len(line.plain.strip()) <= _SIGN:
                    deeper = line.cell_len + behind
                *done, line = canvas.hung(line, behind, cell, column)
                yield from done
                behind, alone = column.gap, index < self._apart
            if line.plain.strip():
                yield line


@dataclass(frozen=True, slots=True)
class Folded:
    """A live picture: what is wider than the terminal would be lost in it, so words that are wider are broken."""

    part: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The part, drawn so."""
        yield from console.render(self.part, options.update(overflow="fold"))  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class _Canvas:
    """How wide it is, and whether a word that is wider is broken."""

    console: Console
    width: int
    fold: bool

    def wrapped(self, cell: Text, width: int, *, flows: bool) -> list[Text]:
        """The lines of a cell."""
        if "\n" not in cell.plain and (cell.cell_len <= width or not (flows or self.fold)):
            return [cell]
        if not (flows or self.fold):
            return list(cell.split())
        return wrapped(self.console, cell, width, fold=self.fold)

    def fits(self, line: Text, gap: int, cell: Text) -> bool:
        """Whether the cell has room behind what the line holds; behind a sign it is put in any case."""
        if len(line.plain.strip()) <= _SIGN:
            return True
        return "\n" not in cell.plain and line.cell_len + gap + cell.cell_len <= self.width

    def hung(self, line: Text, gap: int, cell: Text, column: Column) -> Iterator[Text]:
        """The line with the cell behind it, and what does not fit there in lines below the cell's beginning."""
        at = line.cell_len + gap
        first, *rest = self.wrapped(cell, self.width - at, flows=column.flows)
        yield line.append(" " * gap).append_text(first)
        for each in rest:
            yield _blank(at).append_text(each)


def plain_table(titles: Sequence[str], rows: Sequence[Sequence[str]], flows: Sequence[str] = ()) -> RenderableType:
    """Columns with quiet titles and no lines; the first column carries the names. `flows`: the columns of prose."""
    if not rows:
        return Text("None.", "quiet")
    columns = [Column(title, "name" if index == 0 else "", title in flows) for index, title in enumerate(titles)]
    return Rows(columns, rows)


def signed(lines: Iterable[tuple[str, str, Text]], *, indent: int = 0, gap: int = 2) -> RenderableType:
    """Texts behind a sign each: (sign, its style, text)."""
    rows = [(Text(sign, style), text) for sign, style, text in lines]
    return Rows((Column(gap=gap), Column(flows=True)), rows, indent=indent)


def inventory_screen(found: Mapping[str, object]) -> list[RenderableType]:
    """What the emulated AWS holds, and apart from it what stays."""
    rows = []
    for group, style in (("resources", "name"), ("excepted", "quiet")):
        kinds = found.get(group)
        for kind, names in kinds.items() if isinstance(kinds, Mapping) else ():
            rows.append((Text(kind, style), Text("\n".join(names) or "none", "" if names else "quiet")))
    said = "Other kinds of things are not looked at: ask the emulated AWS itself, by gaia sandbox shell."
    return [Rows((Column(), Column()), rows), Text(said, "quiet")]


def templates_screen(templates: Sequence[Template]) -> list[RenderableType]:
    """Each template with what it asks."""
    if not templates:
        return [Text("This platform repository has no templates.")]
    parts: list[RenderableType] = []
    for template in templates:
        parts.append(Text.assemble((template.name, "name"), (f"  {template.version}", "quiet"), f"  {template.title}"))
        if template.description:
            parts.append(Text(f"  {template.description}", "quiet"))
        if lives := str(template.lifespan):
            parts.append(Text(f"  {lives}", "quiet"))
        rows = []
        for question in template.questions:
            wants = "|".join(question.choices) or question.type
            need = "required" if question.required else f"default {value(question.default, 40)}"
            rows.append((question.name, Text.assemble(question.help, (f"  {wants}, {need}", "quiet"))))
        parts += [Rows((Column(), Column(flows=True)), rows, indent=4), Text("")]
    return parts[:-1]


def _blank(width: int) -> Text:
    return Text(" " * width, no_wrap=True, overflow="ignore")


def _shown(cell: Cell, column: Column) -> Text:
    """The cell as it is measured and drawn: nothing in it is obeyed, and no more of it is there than people read."""
    text = Text(cell, column.style) if isinstance(cell, str) else cell.copy()
    if not text.style:
        text.style = column.style
    if len(text) > LONGEST:
        text = text[:LONGEST].append(more(len(text) - LONGEST))
    if (safe := visible(text.plain)) != text.plain:
        text = Text(safe, text.style)
    text.expand_tabs(8)
    return text


def _line(text: str) -> int:
    return max((cell_len(line) for line in text.split("\n")), default=0)


def _word(text: str) -> int:
    """The longest word, with the blanks that the text begins with."""
    words = (cell_len(word.strip(" ")) for line in text.split("\n") for word in WORD.findall(line))
    return max(words, default=0) + len(text) - len(text.lstrip(" "))
