"""Words in one: snake_case, kebab-case and PascalCase, with the word boundaries of Go's xstrings."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from gaia.golang.gotemplate.values import SPACES


class _Word(NamedTuple):
    kind: str
    text: str
    rest: str


_END = _Word("", "", "")


def _connects(char: str) -> bool:
    return char in "-_" or char in SPACES


def _kind(char: str) -> str:
    if _connects(char):
        return "connector"
    category = unicodedata.category(char)
    if category[0] == "P":
        return "punctuation"
    if category == "Lu":
        return "upper"
    if category[0] == "L":
        return "alphabet"
    return "number" if category[0] == "N" else "other"


def _word(text: str) -> _Word:
    """The first run of characters of one kind; an upper case letter belongs to the word that it begins."""
    if not text:
        return _END
    kinds = _kind(text[0])
    end = 1
    if kinds == "upper":
        while end < len(text) and _kind(text[end]) == "upper":
            end += 1
        if end == len(text) or _kind(text[end]) != "alphabet":
            return _Word("upper", text[:end], text[end:])
        if end > 1:
            return _Word("upper", text[: end - 1], text[end - 1 :])
        kinds = "alphabet"
        while end < len(text) and _kind(text[end]) == "alphabet":
            end += 1
        return _Word("upper", text[:end], text[end:])
    while end < len(text) and _kind(text[end]) == kinds:
        end += 1
    return _Word(kinds, text[:end], text[end:])


def _small(word: _Word, connector: str) -> str:
    if word.kind == "connector":
        return connector * len(word.text)
    return word.text.lower() if word.kind == "upper" else word.text


def _connected(text: str, connector: str) -> str:
    """Lower case, with `connector` where a word ends."""
    parts: list[str] = []
    word = _word(text)
    while word.rest:
        if word.kind != "connector":
            parts.append(_small(word, connector))
        before, word = word, _word(word.rest)
        if before.kind == "number":
            word = _with_number(word, connector, parts)
        elif before.kind == "connector":
            parts.append(_small(before, connector))
        elif before.kind != "punctuation":
            word = _after_letters(word, connector, parts)
    parts.append(_small(word, connector))
    return "".join(parts)


def _with_number(word: _Word, connector: str, parts: list[str]) -> _Word:
    while word.kind in ("alphabet", "number"):
        parts.append(_small(word, connector))
        word = _word(word.rest)
    if word.kind not in ("", "punctuation", "connector"):
        parts.append(connector)
    return word


def _after_letters(word: _Word, connector: str, parts: list[str]) -> _Word:
    if word.kind != "number":
        if word.kind not in ("connector", "punctuation"):
            parts.append(connector)
        return word
    if not word.rest:
        return word
    number, word = word, _word(word.rest)
    if word.kind != "alphabet":
        parts.append(number.text)
        if word.kind not in ("connector", "punctuation"):
            parts.append(connector)
        return word
    parts += [connector, number.text]
    return _with_number(word, connector, parts)


def snakecase(text: str) -> str:
    """`FirstName` → `first_name`"""
    return _connected(text, "_")


def kebabcase(text: str) -> str:
    """`FirstName` → `first-name`"""
    return _connected(text, "-")


def pascalcase(text: str) -> str:
    """`first_name` → `FirstName`; an upper case beginning of a word is one letter, connectors at the ends stay."""
    start = next((at for at, char in enumerate(text) if not _connects(char)), len(text))
    if start == len(text):
        return text + text[-1:]
    parts = [text[:start]]
    capital = text[start].isupper()
    char = _upper(text[start])
    for following in text[start + 1 :]:
        before, char = char, following
        if _connects(before):
            if _connects(char):
                parts.append(before)
                continue
            capital = char.isupper()
            char = _upper(char)
            continue
        capital = capital and char.isupper()
        char = char.lower() if capital else char
        parts.append(before)
    return "".join([*parts, char])


def _upper(char: str) -> str:
    return char.upper() if len(char.upper()) == 1 else char
