"""YAML as Go's yaml.v3 writes it, and how one templated scalar comes back.

Atmos dumps a component's section, renders the dump as one template and parses the result. So the quoting that the
encoder chose decides what a template may print: a scalar that begins with `{{` is in single quotes and stays a text, in
others the result gets a type. `render_scalar` does for one scalar what that round trip would do, and says when the
answer depends on the whole document.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from gaia.errors import Invalid
from gaia.golang.floats import float_text
from gaia.golang.keyorder import sorted_keys
from gaia.kit.scalars import TIMESTAMP, plain

if TYPE_CHECKING:
    from gaia.errors import Position

Style = Literal["plain", "single", "double", "literal"]
MAX_DEPTH: Final = 100

_OLD_BOOLS: Final = frozenset(
    "y Y yes Yes YES on On ON n N no No NO off Off OFF".split()  # noqa: SIM905  one line is easier to check
)
_WORD: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./]*\Z")
_BASE60: Final = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?\Z")
_BREAKS: Final = "\n\r\u0085\u2028\u2029"
_UNREADABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_SPECIAL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\U00010000-\U0010ffff]")
_LEADING: Final = frozenset("#,[]{}&*!|>'\"%@`")
_ESCAPES: Final = {
    "\0": "\\0", "\a": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r",
    "\x1b": "\\e", '"': '\\"', "\\": "\\\\", "\u0085": "\\N", "\u2028": "\\L", "\u2029": "\\P",
}  # fmt: skip
_UNESCAPES: Final = {
    **{escape[1]: char for char, escape in _ESCAPES.items()}, "_": "\u00a0", " ": " ", "/": "/", "'": "'",
}  # fmt: skip
_QUOTED_UNSAFE: Final = re.compile(
    r'[\x00-\x1f"\\\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff\U00010000-\U0010ffff]'
)
"""Classes of what is wrong, not of what is right: those take Python ten times as long to compile."""
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.)|\Z)", re.DOTALL)


class NotLocal(Exception):
    """What a templated scalar becomes cannot be told from the scalar alone: the whole document must be rendered."""


def dump(value: object, *, indent: int = 2, in_order: bool = False) -> str:
    """`value` (dicts with text keys, lists, scalars) as yaml.v3's encoder prints it, with a newline at the end.

    Keys are sorted, or with `in_order` in the order of the map.

    Raises:
        Invalid: `yaml-too-deep`.
    """
    lines = _Writer(indent, in_order=in_order)
    lines.document(value)
    return "".join(lines.parts)


def style(text: str) -> Style:
    """How the encoder writes a text that is the value of a key."""
    if _WORD.match(text):
        return "plain" if isinstance(plain(text), str) and text not in _OLD_BOOLS else "double"
    return _style(text)


def scalar(text: str, style: Style) -> object:
    """What a scalar of that style is read as; an unquoted date is the empty map that Atmos makes of it."""
    if style != "plain":
        return text
    value = plain(text)
    return {} if value is TIMESTAMP else value


@lru_cache(maxsize=8192)
def _style(text: str) -> Style:
    resolves = not isinstance(plain(text), str) or text in _OLD_BOOLS or _BASE60.match(text)
    shape = _Shape(text)
    if "\n" in text:
        return "literal" if shape.literal else "double"
    if resolves:
        return "double"
    return "plain" if shape.plain else "single" if shape.single else "double"


class _Shape:
    """Which styles a text can be written in, apart from what it would be read as."""

    __slots__ = ("literal", "plain", "single")

    def __init__(self, text: str) -> None:
        special = _SPECIAL.search(text) is not None
        breaks = any(char in text for char in _BREAKS)
        before_break = re.search(f" [{_BREAKS}]", text) is not None if breaks else False
        after_break = re.search(f"[{_BREAKS}] ", text) is not None if breaks else False
        trailing = text[-1:] == " "
        self.single = not (special or "\t" in text or before_break or after_break)
        self.literal = bool(text) and not (special or before_break or trailing)
        self.plain = self.single and not (breaks or trailing or text[:1] == " " or _has_indicator(text))


def _has_indicator(text: str) -> bool:
    """Whether something in a single line would mean more than itself."""
    first, second = text[:1], text[1:2]
    if first in _LEADING or text.startswith(("---", "...")):
        return bool(text)
    if first in ("?", ":", "-") and second in ("", " ", "\t"):
        return True
    return ": " in text or ":\t" in text or text.endswith(":") or " #" in text or "\t#" in text


def _double(text: str) -> str:
    """The inside of a scalar in double quotes."""
    return _QUOTED_UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    if char in _ESCAPES:
        return _ESCAPES[char]
    code = ord(char)
    return f"\\x{code:02X}" if code < 256 else f"\\u{code:04X}" if code < 65536 else f"\\U{code:08X}"


class _Writer:
    """The text of one document, part by part."""

    def __init__(self, indent: int, *, in_order: bool) -> None:
        self.indent = indent
        self.keys: Callable[[Mapping[str, object]], Iterable[str]] = list if in_order else sorted_keys
        self.parts: list[str] = []

    def document(self, value: object) -> None:
        if isinstance(value, Mapping) and value:
            self.mapping(value, 0, 0)
        elif isinstance(value, (list, tuple)) and value:
            self.sequence(value, 0, 0)
        else:
            self.inline(value, self.indent)

    def deeper(self, column: int) -> int:
        """The column of what stands below a key at `column`."""
        return self.indent * ((column + self.indent) // self.indent)

    def mapping(self, value: Mapping[str, object], column: int, depth: int) -> None:
        """Pairs at `column`; the first one begins where the writer stands."""
        pad = " " * column
        for number, key in enumerate(self.keys(value)):
            if number:
                self.parts.append(pad)
            simple = self.key(key, column)
            self.value(value[key], column, depth, simple=simple)

    def key(self, key: str, column: int) -> bool:
        """A key and its colon; whether it stands in one line, as all but long ones do."""
        if any(char in key for char in _BREAKS) or len(key.encode("utf-8", "surrogateescape")) > 128:
            self.parts.append("? ")
            self.inline(key, self.deeper(column))
            self.parts.append(" " * column + ":")
            return False
        self.parts.append(_one_line(key) + ":")
        return True

    def value(self, value: object, column: int, depth: int, *, simple: bool) -> None:
        """What follows `key:` or, in a pair whose key has lines of its own, `:`."""
        inner = self.deeper(column)
        start = "\n" + " " * inner if simple else " " * (inner - column - 1)
        if isinstance(value, Mapping) and value:
            self.check(depth)
            self.parts.append(start)
            self.mapping(value, inner, depth + 1)
        elif isinstance(value, (list, tuple)) and value:
            self.check(depth)
            self.parts.append(start)
            self.sequence(value, inner, depth + 1)
        else:
            self.parts.append(" ")
            self.inline(value, inner)

    def sequence(self, values: list[object] | tuple[object, ...], column: int, depth: int) -> None:
        pad = " " * column
        for number, value in enumerate(values):
            self.parts.append((pad if number else "") + "- ")
            if isinstance(value, Mapping) and value:
                self.check(depth)
                self.mapping(value, column + 2, depth + 1)
            elif isinstance(value, (list, tuple)) and value:
                self.check(depth)
                self.sequence(value, column + 2, depth + 1)
            else:
                self.inline(value, column + 2)

    def check(self, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise Invalid(
                "yaml-too-deep",
                f"nested deeper than {MAX_DEPTH} levels",
                next_step="Keep configuration flatter than that.",
            )

    def inline(self, value: object, column: int) -> None:
        """A scalar or an empty collection, and the newline after it."""
        if isinstance(value, str):
            self.text(value, column)
        elif isinstance(value, Mapping):
            self.parts.append("{}\n")
        elif isinstance(value, (list, tuple)):
            self.parts.append("[]\n")
        else:
            self.parts.append(_bare(value) + "\n")

    def text(self, text: str, column: int) -> None:
        if style(text) == "literal":
            self.parts.append(_block(text, column, self.indent))
        else:
            self.parts.append(_one_line(text, column) + "\n")


def _bare(value: object) -> str:
    """A scalar that is no text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(shown := float_text(value), shown)
    return str(int(value)) if isinstance(value, int) else str(value)


def _one_line(text: str, column: int = 0) -> str:
    """A text as plain or quoted scalar."""
    found = style(text)
    if found == "plain":
        return text
    if found == "single":
        quoted = "'" + text.replace("'", "''") + "'"
        return re.sub("([\u2028\u2029]+)(?![\u2028\u2029]|'\\Z)", lambda match: match[1] + " " * column, quoted)
    if any("\ud800" <= char <= "\udfff" for char in text):
        return "!!binary " + base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
    return f'"{_double(text)}"'


def _block(text: str, column: int, indent: int) -> str:
    """A text as literal block, to its last newline."""
    hint = str(indent) if text[0] in f" {_BREAKS}" else ""
    chomp = "-" if text[-1] not in _BREAKS else "+" if len(text) == 1 or text[-2] in _BREAKS else ""
    pad = " " * column
    body = "".join(pad + line if line not in _BREAKS else line for line in text.splitlines(keepends=True))
    # The encoder writes no newline after the header of a text that begins with one, so the text loses it.
    start = "" if text[0] in _BREAKS else "\n"
    return f"|{hint}{chomp}{start}{body}" + ("\n" if text[-1] not in _BREAKS else "")


# -- one scalar's round trip ---------------------------------------------------------------------------------------


def render_scalar(text: str, render: Callable[[str], str]) -> object:
    """What `text` becomes when it is dumped as a value, rendered by `render`, and parsed again.

    `render` gets the text as the dump has it, so quotes in it are doubled or escaped, as they are for Atmos.

    Raises:
        NotLocal: the result can only be told from the whole document, or the document would be no YAML any more.
    """
    chosen = style(text)
    if chosen == "single":
        return _from_single(render(text.replace("'", "''")))
    if chosen == "plain":
        return _from_plain(text, render)
    if chosen == "literal":
        return _from_literal(text, render)
    return _from_double(render(_double(text)))


def render_with_quotes(text: str, render: Callable[[str], str]) -> object:
    """`render_scalar` for delimiters that hold single quotes: a text that has one is dumped in double quotes.

    Raises:
        NotLocal: as `render_scalar`.
    """
    from gaia.kit import yaml

    dumped = f'"{_double(text)}"' if "'" in text else _one_line(text)
    rendered = render(f"k: {dumped}\n")
    try:
        tree = yaml.parse_values(rendered.encode("utf-8", "surrogateescape"), "rendered", _kept_tag)
    except Invalid:
        raise NotLocal from None
    if not isinstance(tree, dict) or len(tree) != 1:
        raise NotLocal
    return tree.get("k")


def _kept_tag(tag: str, value: object, at: Position) -> object:
    del at
    if not isinstance(value, str):
        raise NotLocal
    return f"{tag} {value}".strip()


def _from_plain(text: str, render: Callable[[str], str]) -> object:
    # A trim marker at an end would take from what stands around the scalar.
    rendered = render(f"k: {text}\n")
    text = rendered[3:-1]
    if f"k: {text}\n" != rendered:
        raise NotLocal
    if _UNREADABLE.search(text) or any(char in text for char in _BREAKS) or "\t" in text:
        raise NotLocal
    text = text.lstrip(" ")
    comment = 0 if text.startswith("#") else text.find(" #")
    if comment >= 0:
        text = text[:comment]
    text = text.rstrip(" ")
    if _has_indicator(text):
        raise NotLocal
    return scalar(text, "plain")


def _from_single(text: str) -> str:
    if "'" in text:
        if "'" in text.replace("''", ""):
            raise NotLocal
        text = text.replace("''", "'")
    return _folded(text)


def _folded(text: str) -> str:
    """A quoted scalar's lines as one text: a newline is a space, an empty line a newline."""
    if _UNREADABLE.search(text):
        raise NotLocal
    if "\n" not in text:
        return text
    if any(char in text for char in _BREAKS[1:]) or re.search(r"\n(---|\.\.\.)", text):
        raise NotLocal
    return re.sub(r"[ \t]*\n([ \t]*\n)*[ \t]*", lambda match: "\n" * (match.group().count("\n") - 1) or " ", text)


def _from_double(text: str) -> str:
    if '"' in _ESCAPE.sub("", text) or "\n" in text or _UNREADABLE.search(text):
        raise NotLocal
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        number = int(code, 16)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise NotLocal
        return chr(number)
    if match[4] not in _UNESCAPES:
        raise NotLocal
    return _UNESCAPES[match[4]]


def _from_literal(text: str, render: Callable[[str], str]) -> str:
    """A block: its lines are indented in the dump, so what a template prints must keep to the indent."""
    if any(line.count("{{") != line.count("}}") for line in text.split("\n")):
        raise NotLocal  # an action over several lines would see the indent
    hint = text[0] in f" {_BREAKS}"
    results = {_deindented(render(_block(text, column, 2).partition("\n")[2]), column, hint=hint) for column in (2, 4)}
    if len(results) != 1:
        raise NotLocal
    body = results.pop()
    if text[-1] != "\n":
        return body.rstrip("\n")
    if text[-2:-1] in ("", *_BREAKS):
        raise NotLocal
    return body.rstrip("\n") + "\n" if body.strip("\n") else ""


def _deindented(body: str, column: int, *, hint: bool) -> str:
    if _UNREADABLE.search(body) or any(char in body for char in _BREAKS[1:]) or not body.endswith("\n"):
        raise NotLocal
    pad = " " * column
    lines = body.split("\n")
    content = [line for line in lines if line.strip(" ")]
    if any(not line.startswith(pad) for line in content):
        raise NotLocal
    if content and not hint and content[0][column : column + 1] in (" ", "\t"):
        raise NotLocal
    if not content and any(len(line) > column for line in lines):
        raise NotLocal
    if content and not hint and any(len(line) > column for line in lines[: lines.index(content[0])]):
        raise NotLocal
    return "\n".join(line[column:] for line in lines)
