"""How Go's `fmt` prints values: `%v` and the verbs of `printf`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gaia.golang.floats import float_text
from gaia.golang.gotemplate.values import (
    MAX_TEXT,
    MISSING,
    Missing,
    NoList,
    NoStrings,
    Object,
    Walk,
    from_octets,
    is_int,
    is_list,
    is_map,
    octets,
    too_long,
    type_name,
)

_ESCAPES: Final = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
_MAX_WIDTH: Final = 1_000_000
_DIRECTIVE: Final = re.compile(
    r"%(?P<flags>[-+# 0]*)(?P<index>\[[^\]]*\])?(?P<width>\*|[0-9]+)?(?:(?P<dot>\.)(?P<pindex>\[[^\]]*\])?"
    r"(?P<precision>\*|[0-9]+)?)?(?P<vindex>\[[^\]]*\])?(?P<verb>.)?",
    re.DOTALL,
)


def text_of(value: object) -> str:
    """The text that an action prints for its value."""
    if type(value) is str:
        return value
    if value is None or value is MISSING:
        return "<no value>"
    if type(value) is int:
        return str(value)
    return Printer().show(value)


def plain_text(value: object) -> str:
    """What `%v` prints."""
    return value if type(value) is str else Printer().show(value)


def sprint(values: tuple[object, ...]) -> str:
    """`print`: a space between two values of which neither is a string."""
    parts: list[str] = []
    before: object = ""
    for number, value in enumerate(values):
        if number and not isinstance(value, str) and not isinstance(before, str):
            parts.append(" ")
        parts.append(plain_text(value))
        before = value
    return "".join(parts)


def quoted(text: str, *, ascii_only: bool = False) -> str:
    """A Go string literal in double quotes."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escape(char, '"', ascii_only=ascii_only) for char in text) + '"'


def quoted_rune(code: int) -> str:
    """A Go rune literal."""
    char = chr(code) if 0 <= code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else "\ufffd"
    return "'" + _escape(char, "'") + "'"


def _escape(char: str, quote: str, *, ascii_only: bool = False) -> str:
    code = ord(char)
    if char in {quote, "\\"}:
        return "\\" + char
    if code < 127 and code >= 32:
        return char
    if code in _ESCAPES and code < 32:
        return _ESCAPES[code]
    if code < 128:
        return f"\\x{code:02x}"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if not ascii_only and char.isprintable():
        return char
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class Printer:
    """One directive: its flags, and how they print a value of any kind."""

    def __init__(self, flags: str = "", width: int = -1, precision: int = -1) -> None:
        self.minus, self.plus, self.sharp, self.space = ("-" in flags, "+" in flags, "#" in flags, " " in flags)
        self.zero = "0" in flags and not self.minus
        self.width, self.precision = width, precision
        self.walk = Walk()

    def show(self, value: object, verb: str = "v", depth: int = 0) -> str:
        """`value` by `verb`; a list and a map apply it to their elements."""
        self.walk.step()
        if value is None or isinstance(value, Missing):
            return self._nil(verb, depth)
        if verb == "T" and not depth:
            return self._pad(type_name(value))
        if isinstance(value, bool):
            return self._pad("true" if value else "false") if verb in "tv" else self._bad(verb, value)
        if isinstance(value, str):
            return self._string(value, verb)
        if isinstance(value, int):
            return self._integer(value, verb)
        if isinstance(value, float):
            return self._real(value, verb)
        if is_list(value) or is_map(value):
            return self._composite(value, verb, depth)
        if isinstance(value, Object) and verb in "vsq":
            return self._string(str(value), verb)
        return self._bad(verb, value)

    def _nil(self, verb: str, depth: int) -> str:
        if verb == "v" and self.sharp and depth:
            return "interface {}(nil)"
        if verb in "vT" or depth:
            return self._pad("<nil>")
        return f"%!{verb}(<nil>)"

    def _bad(self, verb: str, value: object) -> str:
        return f"%!{verb}({type_name(value)}={Printer().show(value)})"

    def _composite(self, value: object, verb: str, depth: int) -> str:
        go_syntax = self.sharp and verb == "v"
        if isinstance(value, bytes):
            if verb in "sqxX":
                return self._string(from_octets(value), verb)
            parts = [self.show(octet, verb, depth + 1) for octet in value]
            return "[" + " ".join(parts) + "]"
        if isinstance(value, Mapping):
            pairs = [
                f"{self.show(key, verb, depth + 1)}:{self.show(inner, verb, depth + 1)}"
                for key, inner in sorted(value.items())
            ]
            return f"{type_name(value)}{{{', '.join(pairs)}}}" if go_syntax else f"map[{' '.join(pairs)}]"
        if go_syntax and isinstance(value, (NoList, NoStrings)):
            return f"{type_name(value)}(nil)"
        parts = [self.show(inner, verb, depth + 1) for inner in value] if isinstance(value, (list, tuple)) else []
        return f"{type_name(value)}{{{', '.join(parts)}}}" if go_syntax else f"[{' '.join(parts)}]"

    def _pad(self, text: str, *, zero: bool = False) -> str:
        missing = self.width - len(text)
        if missing <= 0:
            return text
        if self.minus:
            return text + " " * missing
        return ("0" if zero else " ") * missing + text

    def _string(self, text: str, verb: str) -> str:
        if verb == "v":
            return self._pad(quoted(text)) if self.sharp else self._pad(self._cut(text), zero=self.zero)
        if verb == "s":
            return self._pad(self._cut(text), zero=self.zero)
        if verb == "q":
            text = self._cut(text)
            if self.sharp and "`" not in text and all(char == "\t" or char.isprintable() for char in text):
                return self._pad(f"`{text}`", zero=self.zero)
            return self._pad(quoted(text, ascii_only=self.plus), zero=self.zero)
        if verb in "xX":
            data = octets(text)
            data = data if self.precision < 0 else data[: self.precision]
            digits = data.hex(" ") if self.space else data.hex()
            prefix = "0x" if self.sharp and digits else ""
            if prefix and self.space:
                digits = digits.replace(" ", " 0x")
            digits = prefix + digits
            return self._pad(digits.upper() if verb == "X" else digits, zero=self.zero)
        return self._bad(verb, text)

    def _cut(self, text: str) -> str:
        return text if self.precision < 0 else text[: self.precision]

    def _integer(self, value: int, verb: str) -> str:
        base = {"v": "d", "d": "d", "b": "b", "o": "o", "O": "o", "x": "x", "X": "X"}.get(verb)
        if base is None:
            return self._character(value, verb)
        digits = format(abs(value), base)
        if self.precision >= 0:
            digits = "" if self.precision == 0 and value == 0 else digits.rjust(self.precision, "0")
        prefix = "0o" if verb == "O" else ""
        if self.sharp and verb != "v":
            prefix = {"b": "0b", "o": "" if digits.startswith("0") else "0", "x": "0x", "X": "0X"}.get(verb, prefix)
        sign = "-" if value < 0 else "+" if self.plus else " " if self.space else ""
        if self.zero and self.precision < 0:
            digits = digits.rjust(self.width - len(sign), "0")
        return self._pad(sign + prefix + digits)

    def _character(self, value: int, verb: str) -> str:
        valid = 0 <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000
        if verb == "c":
            return self._pad(chr(value) if valid else "\ufffd", zero=self.zero)
        if verb == "q":
            return self._pad(quoted_rune(value), zero=self.zero)
        if verb == "U":
            text = f"U+{value:04X}"
            return self._pad(f"{text} '{chr(value)}'" if self.sharp and valid and chr(value).isprintable() else text)
        return self._bad(verb, int(value) if type(value) is int else value)

    def _real(self, value: float, verb: str) -> str:
        if verb not in "vgGeEfFxX":
            return self._bad(verb, value)
        precision = self.precision
        if precision < 0 and verb in "eEfF":
            precision = 6
        text = float_text(value, "g" if verb == "v" else verb, precision)
        sign = "-" if text[0] == "-" else ""
        digits = text.lstrip("+-")
        if not sign:
            sign = "+" if self.plus else " " if self.space else "+" if digits == "Inf" else ""
        if self.zero and digits not in ("Inf", "NaN") and self.width > len(digits) + len(sign):
            digits = digits.rjust(self.width - len(sign), "0")
        return self._pad(sign + digits)


class _Arguments:
    """The values that directives consume, one after the other or by number."""

    def __init__(self, values: tuple[object, ...]) -> None:
        self.values = values
        self.next = 0
        self.reordered = False
        self.bad_index = False

    def jump(self, index: str | None) -> None:
        if index is None:
            return
        self.reordered = True
        number = index[1:-1]
        if number.isascii() and number.isdecimal() and 1 <= int(number[:9]) <= len(self.values):
            self.next = int(number[:9]) - 1
        else:
            self.bad_index = True

    def take(self) -> object:
        value = self.values[self.next]
        self.next += 1
        return value

    @property
    def empty(self) -> bool:
        return self.next >= len(self.values)


def sprintf(layout: str, values: tuple[object, ...]) -> str:
    """`printf`.

    Raises:
        Failure: `template-too-long`.
    """
    arguments = _Arguments(values)
    parts: list[str] = []
    size = start = 0
    while (at := layout.find("%", start)) >= 0:
        parts.append(layout[start:at])
        match = _DIRECTIVE.match(layout, at)
        if match is None:  # it matches at any %
            break
        parts.append(_directive(match, arguments))
        size += len(parts[-1])
        if size > MAX_TEXT:
            raise too_long(f"printf makes a text of more than {MAX_TEXT // 2**20} MiB")
        start = match.end()
    parts.append(layout[start:])
    if not arguments.reordered and not arguments.empty:
        rest = values[arguments.next :]
        shown = ", ".join("<nil>" if v is None or v is MISSING else f"{type_name(v)}={plain_text(v)}" for v in rest)
        parts.append(f"%!(EXTRA {shown})")
    return "".join(parts)


def _directive(match: re.Match[str], arguments: _Arguments) -> str:
    flags, verb = match["flags"], match["verb"]
    arguments.bad_index = False
    problems = ""
    arguments.jump(match["index"])
    width, problem = _number(match["width"], arguments, "WIDTH")
    problems += problem
    if width < -1:
        flags, width = flags.replace("0", "") + "-", -width
    arguments.jump(match["pindex"])
    precision, problem = _number(match["precision"], arguments, "PREC")
    problems += problem
    if match["dot"] and match["precision"] is None:
        precision = 0
    arguments.jump(match["vindex"])
    if verb is None:
        return problems + "%!(NOVERB)"
    if verb == "%":
        return problems + "%"
    if arguments.bad_index:
        return f"{problems}%!{verb}(BADINDEX)"
    if arguments.empty:
        return f"{problems}%!{verb}(MISSING)"
    if verb == "v":  # %+v asks for field names, not for signs
        flags = flags.replace("+", "")
    return problems + Printer(flags, width, max(precision, -1)).show(arguments.take(), verb)


def _number(text: str | None, arguments: _Arguments, name: str) -> tuple[int, str]:
    """A width or a precision, and the complaint about it."""
    if text is None:
        return -1, ""
    if text != "*":
        return (int(text), "") if len(text) < 8 and int(text) <= _MAX_WIDTH else (-1, f"%!(BAD{name})")
    if arguments.empty:
        return -1, f"%!(BAD{name})"
    value = arguments.take()
    if not is_int(value) or not isinstance(value, int) or abs(value) > _MAX_WIDTH:
        return -1, f"%!(BAD{name})"
    if value < 0 and name == "PREC":
        return -1, f"%!(BAD{name})"
    return (value if value != -1 else -2, "") if value < 0 else (value, "")
