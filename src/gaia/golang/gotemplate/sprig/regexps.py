"""Regular expressions with Go's syntax and rules, in linear time (RE2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from gaia.golang.gotemplate.values import (
    MAX_ITEMS,
    MAX_TEXT,
    Failure,
    NoStrings,
    Strings,
    from_octets,
    octets,
    too_long,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from re import Match, Pattern

MAX_LENGTH: Final = 4096
_SPECIAL: Final = frozenset("\\.+*?()|[]{}^$")


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Pattern[bytes]:
    """The compiled expression, over bytes.

    Raises:
        Failure: it is none, or too long.
    """
    import re2

    if len(pattern) > MAX_LENGTH:
        raise too_long(f"a regular expression of more than {MAX_LENGTH} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        expression: Pattern[bytes] = re2.compile(octets(pattern), options=options)
    except re2.error as error:
        reason: Any = error.args[0] if error.args else ""
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise Failure(f"error parsing regexp: {shown}") from None
    return expression


def _width(data: bytes, at: int) -> int:
    """How many bytes the character at `at` has."""
    end = at + 1
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return end - at


def _matches(pattern: str, data: bytes, limit: int) -> Iterator[Match[bytes]]:
    """Matches from left to right; an empty one right after another one does not count."""
    expression = compiled(pattern)
    at, before, count = 0, -1, 0
    while at <= len(data) and count != limit:
        match = expression.search(data, at)
        if match is None:
            return
        start, end = match.span()
        if end == at:
            at += _width(data, at) if at < len(data) else 1
            wanted = start != before
        else:
            at = end
            wanted = True
        before = end
        if wanted:
            count += 1
            if count > MAX_ITEMS:
                raise too_long(f"more than {MAX_ITEMS:,} matches")
            yield match


def match(pattern: str, text: str) -> bool:
    """Whether the expression matches somewhere.

    Raises:
        Failure: the expression is none.
    """
    return compiled(pattern).search(octets(text)) is not None


def match_or_not(pattern: str, text: str) -> bool:
    """`match`; an expression that is none matches nothing."""
    try:
        return match(pattern, text)
    except Failure as failure:
        if failure.code != "template-failed":
            raise
        return False


def find(pattern: str, text: str) -> str:
    """The first match, or an empty text."""
    match = compiled(pattern).search(octets(text))
    return from_octets(match.group()) if match else ""


def find_all(pattern: str, text: str, limit: int) -> Strings:
    """At most `limit` matches; all if it is negative."""
    return Strings(from_octets(found.group()) for found in _matches(pattern, octets(text), limit)) or NoStrings()


@dataclass(frozen=True, slots=True)
class Found:
    """What a group (or the whole expression) matched: None where it took no part, then `at` is -1."""

    text: str | None
    at: int
    """In bytes."""
    name: str = ""


def groups(pattern: str, text: str, limit: int) -> list[list[Found]]:
    """Of each match the whole and its groups."""
    index: Mapping[Any, int] = compiled(pattern).groupindex
    names = {number: name if isinstance(name, str) else from_octets(name) for name, number in index.items()}
    return [
        [
            Found(
                None if found.start(number) < 0 else from_octets(found.group(number)),
                found.start(number),
                names.get(number, ""),
            )
            for number in range(len(found.groups()) + 1)
        ]
        for found in _matches(pattern, octets(text), limit)
    ]


def _expanded(template: bytes, match: Match[bytes]) -> bytes:
    """`$1`, `${name}` and `$$` in a replacement."""
    parts: list[bytes] = []
    while True:
        before, dollar, template = template.partition(b"$")
        parts.append(before)
        if not dollar:
            return b"".join(parts)
        if template[:1] == b"$":
            parts.append(b"$")
            template = template[1:]
            continue
        name, rest = _reference(template)
        if name is None:
            parts.append(b"$")
            continue
        template = rest
        parts.append(_group(match, name))


def _reference(template: bytes) -> tuple[str | None, bytes]:
    braces = template[:1] == b"{"
    body = template[1:] if braces else template
    text = from_octets(body)
    length = next(
        (at for at, char in enumerate(text) if not (char.isalpha() or char.isdecimal() or char == "_")), len(text)
    )
    name, rest = text[:length], text[length:]
    if not name or (braces and rest[:1] != "}"):
        return None, template
    return name, octets(rest[1:] if braces else rest)


def _group(match: Match[bytes], name: str) -> bytes:
    if name.isascii() and name.isdecimal():
        number = int(name[:9])
        return (match.group(number) or b"") if number <= len(match.groups()) else b""
    names: Mapping[Any, int] = match.re.groupindex
    number = names.get(octets(name), 0)
    return (match.group(number) or b"") if number else b""


def _replaced(pattern: str, text: str, replacement: Callable[[Match[bytes]], bytes]) -> str:
    data = octets(text)
    expression = compiled(pattern)
    parts: list[bytes] = []
    at = end = size = 0
    while at <= len(data):
        match = expression.search(data, at)
        if match is None:
            break
        parts.append(data[end : match.start()])
        if len(parts) > 2 * MAX_ITEMS:
            raise too_long(f"more than {MAX_ITEMS:,} matches")
        if match.end() > end or match.start() == 0:
            parts.append(replacement(match))
            size += len(parts[-1])
            if size > MAX_TEXT:
                raise too_long(f"a text of more than {MAX_TEXT // 2**20} MiB")
        end = match.end()
        step = _width(data, at) if at < len(data) else 1
        at = max(end, at + step)
    parts.append(data[end:])
    return from_octets(b"".join(parts))


def replace_all(pattern: str, text: str, replacement: str) -> str:
    """Each match by `replacement`, in which `$1` and `${name}` stand for groups."""
    template = octets(replacement)
    return _replaced(pattern, text, lambda found: _expanded(template, found))


def replace_all_literal(pattern: str, text: str, replacement: str) -> str:
    """Each match by `replacement` as it stands."""
    literal = octets(replacement)
    return _replaced(pattern, text, lambda _: literal)


def split(pattern: str, text: str, limit: int) -> Strings:
    """The parts between matches, at most `limit` if it is positive."""
    compiled(pattern)
    if limit == 0:
        return NoStrings()
    data = octets(text)
    if pattern and not data:
        return Strings([""])
    parts: list[bytes] = []
    start = end = 0
    for match in _matches(pattern, data, limit):
        if limit > 0 and len(parts) == limit - 1:
            break
        end = match.start()
        if match.end() != 0:
            parts.append(data[start:end])
        start = match.end()
    if end != len(data):
        parts.append(data[start:])
    return Strings(map(from_octets, parts))


def quote_meta(text: str) -> str:
    """An expression that matches `text`."""
    return "".join("\\" + char if char in _SPECIAL else char for char in text)


FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "regexMatch": match_or_not, "mustRegexMatch": match, "regexFind": find, "mustRegexFind": find,
    "regexFindAll": find_all, "mustRegexFindAll": find_all, "regexReplaceAll": replace_all,
    "mustRegexReplaceAll": replace_all, "regexReplaceAllLiteral": replace_all_literal,
    "mustRegexReplaceAllLiteral": replace_all_literal, "regexSplit": split, "mustRegexSplit": split,
    "regexQuoteMeta": quote_meta,
}  # fmt: skip
