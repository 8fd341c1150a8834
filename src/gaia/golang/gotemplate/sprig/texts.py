"""sprig's functions on texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.printing import plain_text, quoted
from gaia.golang.gotemplate.sprig.cases import kebabcase, pascalcase, snakecase
from gaia.golang.gotemplate.sprig.convert import text, texts
from gaia.golang.gotemplate.values import (
    MAX_TEXT,
    SPACES,
    Failure,
    NoStrings,
    StringMap,
    Strings,
    byte_length,
    from_octets,
    octets,
    too_long,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def simple_upper(char: str) -> str:
    """One character in upper case; Go never makes two out of one."""
    upper = char.upper()
    return upper if len(upper) == 1 else char


def simple_lower(char: str) -> str:
    """One character in lower case."""
    lower = char.lower()
    return lower if len(lower) == 1 else "i" if char == "\u0130" else char


def simple_title(char: str) -> str:
    """One character in title case."""
    title = char.title()
    return title if len(title) == 1 else char


def upper(text: str) -> str:
    """Upper case."""
    return text.upper() if text.isascii() else "".join(map(simple_upper, text))


def lower(text: str) -> str:
    """Lower case."""
    return text.lower() if text.isascii() else "".join(map(simple_lower, text))


def _separates(char: str) -> bool:
    """Whether Go's `strings.Title` sees the end of a word in `char`."""
    if char.isascii():
        return not (char.isalnum() or char == "_")
    return not char.isalpha() and not char.isdecimal() and char in SPACES


def title(text: str) -> str:
    """Upper case for the first letter of each word."""
    before = " "
    parts: list[str] = []
    for char in text:
        parts.append(simple_title(char) if _separates(before) else char)
        before = char
    return "".join(parts)


def untitle(text: str) -> str:
    """Lower case for the first letter of each word."""
    parts: list[str] = []
    start = True
    for char in text:
        parts.append(simple_lower(char) if start and char not in SPACES else char)
        start = char in SPACES
    return "".join(parts)


def swapcase(text: str) -> str:
    """Upper case for lower case and the other way round; title case at the start of a word."""
    parts: list[str] = []
    space = True
    for char in text:
        if char.isupper() or char.istitle():
            parts.append(simple_lower(char))
        elif char.islower():
            parts.append(simple_title(char) if space else simple_upper(char))
        else:
            parts.append(char)
            space = char in SPACES
            continue
        space = False
    return "".join(parts)


def initials(text: str) -> str:
    """The first byte of each word, as a character."""
    parts: list[str] = []
    gap = True
    for octet in octets(text):
        char = chr(octet)
        if char in SPACES:
            gap = True
        elif gap:
            parts.append(char)
            gap = False
    return "".join(parts)


def trim(text: str) -> str:
    """Without space at both ends."""
    return text.strip(SPACES)


def trim_all(cut: str, text: str) -> str:
    """Without the characters of `cut` at both ends."""
    return text.strip(cut) if cut else text


def trim_prefix(prefix: str, text: str) -> str:
    """Without `prefix`."""
    return text.removeprefix(prefix)


def trim_suffix(suffix: str, text: str) -> str:
    """Without `suffix`."""
    return text.removesuffix(suffix)


def nospace(text: str) -> str:
    """Without any space, byte for byte: what is not ASCII comes out as Latin-1, as it does from sprig."""
    kept = [char for char in map(chr, octets(text)) if char not in SPACES]
    return text if len(kept) == byte_length(text) else "".join(kept)


def repeat(count: int, text: str) -> str:
    """`text`, `count` times."""
    if count < 0:
        raise Failure("strings: negative Repeat count")
    if count * len(text) > MAX_TEXT:
        raise too_long(f"repeat makes a text of more than {MAX_TEXT // 2**20} MiB")
    return text * count


def substr(start: int, end: int, text: str) -> str:
    """The bytes from `start` to `end`; negative means the beginning or the end."""
    data = octets(text)
    if start < 0:
        return from_octets(data[: _bound(end, data)])
    if end < 0 or end > len(data):
        return from_octets(data[_bound(start, data) :])
    if start > end:
        raise Failure(f"slice bounds out of range [{start}:{end}]")
    return from_octets(data[start:end])


def _bound(at: int, data: bytes) -> int:
    if not 0 <= at <= len(data):
        raise Failure(f"slice bounds out of range [{at}] with length {len(data)}")
    return at


def trunc(length: int, text: str) -> str:
    """The first `length` bytes, or the last ones if it is negative."""
    data = octets(text)
    if length < 0 and len(data) + length > 0:
        return from_octets(data[len(data) + length :])
    return from_octets(data[:length]) if 0 <= length < len(data) else text


def abbrev(width: int, text: str) -> str:
    """At most `width` bytes, with `...` where something was cut."""
    return text if width < 4 else _abbreviated(octets(text), 0, width)


def abbrevboth(left: int, right: int, text: str) -> str:
    """`abbrev` from both sides."""
    if right < 4 or (left > 0 and right < 7):
        return text
    return _abbreviated(octets(text), left, right)


def _abbreviated(data: bytes, offset: int, width: int) -> str:
    if len(data) <= width:
        return from_octets(data)
    offset = min(offset, len(data))
    if len(data) - offset < width - 3:
        offset = len(data) - (width - 3)
    if offset <= 4:
        return from_octets(data[: width - 3]) + "..."
    if width < 7:
        return ""
    if offset + width - 3 < len(data):
        return "..." + _abbreviated(data[offset:], 0, width - 3)
    return "..." + from_octets(data[len(data) - (width - 3) :])


def wrap(width: int, text: str) -> str:
    """Lines of at most `width` bytes, broken at spaces; a longer word stays whole."""
    return wrapped(text, width, "\n", cut_words=False)


def wrap_with(width: int, separator: str, text: str) -> str:
    """Lines of at most `width` bytes, joined by `separator`; a longer word is cut."""
    return wrapped(text, width, separator or "\n", cut_words=True)


def wrapped(text: str, width: int, separator: str, *, cut_words: bool) -> str:
    """Lines of at most `width` bytes, joined by `separator`."""
    data, width = octets(text), max(width, 1)
    lines: list[bytes] = []
    at = 0
    while len(data) - at > width:
        if data[at : at + 1] == b" ":
            at += 1
            continue
        space = data.rfind(b" ", at, at + width + 1)
        if space < 0 and cut_words:
            lines.append(data[at : at + width])
            at += width
            continue
        if space < 0:
            space = data.find(b" ", at + width)
        if space < 0:
            lines.append(data[at:])
            return from_octets(octets(separator).join(lines))
        lines.append(data[at:space])
        at = space + 1
    lines.append(data[at:])
    return from_octets(octets(separator).join(lines))


def contains(part: str, text: str) -> bool:
    """Whether `text` has `part`."""
    return part in text


def has_prefix(prefix: str, text: str) -> bool:
    """Whether `text` begins with `prefix`."""
    return text.startswith(prefix)


def has_suffix(suffix: str, text: str) -> bool:
    """Whether `text` ends with `suffix`."""
    return text.endswith(suffix)


def quote(*values: object) -> str:
    """Each value in double quotes, escaped as in Go."""
    return " ".join(quoted(text(value)) for value in values if value is not None)


def squote(*values: object) -> str:
    """Each value in single quotes, not escaped."""
    return " ".join(f"'{plain_text(value)}'" for value in values if value is not None)


def cat(*values: object) -> str:
    """The values with spaces between them."""
    return " ".join(plain_text(value) for value in values if value is not None)


def indent(spaces: int, text: str) -> str:
    """Each line with so many spaces before it."""
    if spaces < 0:
        raise Failure("strings: negative Repeat count")
    if (text.count("\n") + 1) * spaces > MAX_TEXT:
        raise too_long(f"indent makes a text of more than {MAX_TEXT // 2**20} MiB")
    pad = " " * spaces
    return pad + text.replace("\n", "\n" + pad)


def nindent(spaces: int, text: str) -> str:
    """`indent` on a new line."""
    return "\n" + indent(spaces, text)


def replace(old: str, new: str, text: str) -> str:
    """Each `old` in `text` by `new`."""
    if len(new) > 1 and text.count(old) * len(new) > MAX_TEXT:
        raise too_long(f"replace makes a text of more than {MAX_TEXT // 2**20} MiB")
    return text.replace(old, new)


def plural(one: str, many: str, count: int) -> str:
    """`one` for one, else `many`."""
    return one if count == 1 else many


def join(separator: str, values: object) -> str:
    """The elements as texts, with `separator` between them."""
    return separator.join(texts(values))


def cut(text: str, separator: str, limit: int = -1) -> Strings:
    """Go's `strings.SplitN`."""
    if not limit:
        return NoStrings()
    if not separator:
        chars = list(text)
        if 0 < limit < len(chars):
            chars = [*chars[: limit - 1], "".join(chars[limit - 1 :])]
        return Strings(chars)
    return Strings(text.split(separator, limit - 1 if limit > 0 else -1))


def split_list(separator: str, text: str) -> Strings:
    """The parts of `text`."""
    return cut(text, separator)


def split(separator: str, text: str) -> StringMap:
    """The parts of `text` as `_0`, `_1` …"""
    return StringMap((f"_{number}", part) for number, part in enumerate(cut(text, separator)))


def splitn(separator: str, limit: int, text: str) -> StringMap:
    """At most `limit` parts of `text` as `_0`, `_1` …"""
    return StringMap((f"_{number}", part) for number, part in enumerate(cut(text, separator, limit)))


FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "upper": upper, "lower": lower, "title": title, "untitle": untitle, "swapcase": swapcase, "initials": initials,
    "trim": trim, "trimAll": trim_all, "trimall": trim_all, "trimPrefix": trim_prefix, "trimSuffix": trim_suffix,
    "nospace": nospace, "repeat": repeat, "substr": substr, "trunc": trunc, "abbrev": abbrev,
    "abbrevboth": abbrevboth, "wrap": wrap, "wrapWith": wrap_with, "contains": contains, "hasPrefix": has_prefix,
    "hasSuffix": has_suffix, "quote": quote, "squote": squote, "cat": cat, "indent": indent, "nindent": nindent,
    "replace": replace, "plural": plural, "join": join, "splitList": split_list, "split": split, "splitn": splitn,
    "toString": text, "toStrings": texts, "snakecase": snakecase, "camelcase": pascalcase, "kebabcase": kebabcase,
}  # fmt: skip
