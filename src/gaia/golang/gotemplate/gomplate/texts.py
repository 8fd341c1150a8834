"""gomplate's `strings`, `regexp`, `path`, `base64` and `crypto`."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import re
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.gomplate.convert import elements, integer, text
from gaia.golang.gotemplate.gomplate.keys import pbkdf2, wpa_psk
from gaia.golang.gotemplate.printing import quoted
from gaia.golang.gotemplate.sprig import paths, regexps, texts
from gaia.golang.gotemplate.values import MAX_TEXT, Failure, Strings, from_octets, octets, too_long, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WORD: Final = re.compile(r"[^\W_](?:[\w]|[.'\u2019:\u00b7](?=[^\W\d_]))*")
_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")


def abbrev(*arguments: object) -> str:
    """`strings.Abbrev [offset] width text`"""
    if len(arguments) < 2:
        raise Failure("abbrev requires a 'maxWidth' and 'input' argument")
    if len(arguments) > 3:
        return ""
    offset = integer(arguments[0]) if len(arguments) == 3 else 0
    width, shown = integer(arguments[-2]), text(arguments[-1])
    if len(octets(shown)) <= width or not shown:
        return shown
    if width < 4:
        raise Failure("stringutils illegal argument: Minimum abbreviation width is 4")
    if offset and offset <= 4:
        return texts.abbrevboth(0, width, shown)
    return texts.abbrevboth(offset, width, shown)


def replace_all(old: str, new: str, value: object) -> str:
    """`strings.ReplaceAll old new text`"""
    return texts.replace(old, new, text(value))


def contains(part: str, value: object) -> bool:
    """`strings.Contains part text`"""
    return part in text(value)


def has_prefix(prefix: str, value: object) -> bool:
    """`strings.HasPrefix prefix text`"""
    return text(value).startswith(prefix)


def has_suffix(suffix: str, value: object) -> bool:
    """`strings.HasSuffix suffix text`"""
    return text(value).endswith(suffix)


def repeat(count: int, value: object) -> str:
    """`strings.Repeat count text`"""
    if count < 0:
        raise Failure(f"negative count {count}")
    return texts.repeat(count, text(value))


def split(separator: str, value: object) -> Strings:
    """`strings.Split separator text`"""
    return texts.cut(text(value), separator)


def split_n(separator: str, limit: int, value: object) -> Strings:
    """`strings.SplitN separator limit text`"""
    return texts.cut(text(value), separator, limit)


def trim(cut: str, value: object) -> str:
    """`strings.Trim characters text`"""
    return texts.trim_all(cut, text(value))


def trim_prefix(prefix: str, value: object) -> str:
    """`strings.TrimPrefix prefix text`"""
    return text(value).removeprefix(prefix)


def trim_suffix(suffix: str, value: object) -> str:
    """`strings.TrimSuffix suffix text`"""
    return text(value).removesuffix(suffix)


def title(value: object) -> str:
    """`strings.Title text`: a capital at the beginning of each word, the rest in lower case."""
    return _WORD.sub(lambda match: _titled(match.group()), text(value))


def _titled(word: str) -> str:
    start = next((at for at, char in enumerate(word) if char.isalpha()), len(word))
    return word[:start] + word[start : start + 1].title() + word[start + 1 :].lower()


def upper(value: object) -> str:
    """`strings.ToUpper text`"""
    return texts.upper(text(value))


def lower(value: object) -> str:
    """`strings.ToLower text`"""
    return texts.lower(text(value))


def trim_space(value: object) -> str:
    """`strings.TrimSpace text`"""
    return texts.trim(text(value))


def trunc(length: int, value: object) -> str:
    """`strings.Trunc length text`"""
    return texts.trunc(length, text(value)) if length >= 0 else text(value)


def indent(*arguments: object) -> str:
    """`strings.Indent [width] [indent] text`; empty lines get none."""
    if not arguments or len(arguments) > 3:
        raise Failure("indent: invalid arguments")
    pad, width = " ", 1
    for argument in arguments[:-1]:
        if isinstance(argument, str):
            pad = argument
        elif type(argument) is int:
            width = argument
        else:
            raise Failure("indent: invalid arguments")
    shown = text(arguments[-1])
    if width <= 0 or "\n" in pad:
        return shown
    if (shown.count("\n") + 1) * width * len(pad) > MAX_TEXT:
        raise too_long(f"a text of more than {MAX_TEXT // 2**20} MiB")
    return re.sub(r"^(?=[^\n])", lambda _: pad * width, shown, flags=re.MULTILINE) if shown else shown


def slug(value: object) -> str:
    """`strings.Slug text`: lower case letters and digits, joined by hyphens.

    Raises:
        Failure: the text is not ASCII, which gomplate would transliterate.
    """
    shown = text(value)
    if not shown.isascii():
        raise Failure(f"not supported: Slug of {shown!r}, which is not ASCII")
    shown = shown.replace("&", " and ").replace("@", " at ")
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9_-]", "-", shown.lower().strip())).strip("-_")


def quote(value: object) -> str:
    """`strings.Quote text`"""
    return quoted(text(value))


def squote(value: object) -> str:
    """`strings.Squote text`"""
    return "'" + text(value).replace("'", "''") + "'"


def shell_quote(value: object) -> str:
    """`strings.ShellQuote text`, or each element of a list."""
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    return " ".join("'" + text(one).replace("'", "'\"'\"'") + "'" for one in values)


def _prepared(value: object) -> str:
    shown = texts.trim(text(value))
    if not shown:
        raise Failure("runtime error: index out of range [0] with length 0")
    small = shown.lower()
    return _NOT_ALPHANUMERIC.sub(" ", small.replace(small[0], shown[0], 1)).strip()


def snake_case(value: object) -> str:
    """`strings.SnakeCase text`"""
    return re.sub(r"\s+", "_", _prepared(value))


def kebab_case(value: object) -> str:
    """`strings.KebabCase text`"""
    return re.sub(r"\s+", "-", _prepared(value))


def camel_case(value: object) -> str:
    """`strings.CamelCase text`"""
    shown = texts.trim(text(value))
    if not shown:
        raise Failure("runtime error: index out of range [0] with length 0")
    capital = title(shown)
    return _NOT_ALPHANUMERIC.sub("", capital.replace(capital[0], shown[0], 1))


def word_wrap(*arguments: object) -> str:
    """`strings.WordWrap [width] [separator] text`"""
    if not 0 < len(arguments) < 4:
        raise Failure(f"expected 1, 2, or 3 args, got {len(arguments)}")
    width, separator = 80, "\n"
    if len(arguments) == 3:
        width, separator = integer(arguments[0]), text(arguments[1])
    elif len(arguments) == 2:
        if isinstance(arguments[0], str):
            separator = arguments[0]
        else:
            width = integer(arguments[0])
    return texts.wrapped(text(arguments[-1]), width or 80, separator or "\n", cut_words=False)


def rune_count(*values: object) -> int:
    """`strings.RuneCount text…`"""
    return len("".join(map(text, values)))


def sort(values: object) -> Strings:
    """`strings.Sort list`"""
    if type(values) not in (list, tuple, Strings):
        raise Failure(f"wrong type for value; expected []string; got {type_name(values)}")
    return Strings(sorted(map(text, elements(values)), key=octets))


# -- regexp ------------------------------------------------------------------------------------------------------------


def find(pattern: object, value: object) -> str:
    """`regexp.Find pattern text`"""
    return regexps.find(text(pattern), text(value))


def match(pattern: object, value: object) -> bool:
    """`regexp.Match pattern text`"""
    return regexps.match(text(pattern), text(value))


def _limited(arguments: tuple[object, ...]) -> tuple[str, str, int]:
    if len(arguments) not in (2, 3):
        raise Failure(f"wrong number of args: want 2 or 3, got {len(arguments)}")
    return text(arguments[0]), text(arguments[-1]), integer(arguments[1]) if len(arguments) == 3 else -1


def find_all(*arguments: object) -> Strings:
    """`regexp.FindAll pattern [limit] text`"""
    return regexps.find_all(*_limited(arguments))


def split_by(*arguments: object) -> Strings:
    """`regexp.Split pattern [limit] text`"""
    return regexps.split(*_limited(arguments))


def replace(pattern: object, replacement: object, value: object) -> str:
    """`regexp.Replace pattern replacement text`"""
    return regexps.replace_all(text(pattern), text(value), text(replacement))


def replace_literal(pattern: object, replacement: object, value: object) -> str:
    """`regexp.ReplaceLiteral pattern replacement text`"""
    return regexps.replace_all_literal(text(pattern), text(value), text(replacement))


def quote_meta(value: object) -> str:
    """`regexp.QuoteMeta text`"""
    return regexps.quote_meta(text(value))


# -- path, base64, crypto ----------------------------------------------------------------------------------------------


def _path(function: Callable[[str], object]) -> Callable[..., object]:
    def run(value: object) -> object:
        return function(text(value))

    return run


def path_join(*parts: object) -> str:
    """`path.Join part…`"""
    joined = "/".join(part for part in map(text, parts) if part)
    return paths.clean(joined) if joined else ""


def path_split(value: object) -> Strings:
    """`path.Split path`: the directory with its slash, and the last element."""
    head, slash, name = text(value).rpartition("/")
    return Strings([head + slash, name])


def path_match(pattern: object, name: object) -> bool:
    """`path.Match pattern path`: no wildcard crosses a slash.

    Raises:
        Failure: a bracket of the pattern is not closed.
    """
    if "[" in re.sub(r"\\.|\[[^\]]+\]", "", text(pattern)):
        raise Failure("syntax error in pattern")
    wanted, parts = text(pattern).split("/"), text(name).split("/")
    return len(wanted) == len(parts) and all(
        re.fullmatch(fnmatch.translate(one.replace("[^", "[!")), part) for one, part in zip(wanted, parts, strict=True)
    )


def _octets(value: object) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else octets(text(value))


def encode(value: object) -> str:
    """`base64.Encode value`"""
    return base64.b64encode(_octets(value)).decode()


def decode(value: object) -> str:
    """`base64.Decode text`, in the standard or the URL alphabet.

    Raises:
        Failure: it is no base64.
    """
    return from_octets(decode_bytes(value))


def decode_bytes(value: object) -> bytes:
    """`base64.DecodeBytes text`"""
    compact = text(value).replace("\n", "").replace("\r", "").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        raise Failure("illegal base64 data") from None


def _sum(name: str) -> Callable[..., object]:
    def digest(value: object) -> str:
        return hashlib.new(name, _octets(value), usedforsecurity=False).hexdigest()

    return digest


NAMESPACES: Final[Mapping[str, Mapping[str, Callable[..., object]]]] = {
    "strings": {
        "Abbrev": abbrev, "ReplaceAll": replace_all, "Contains": contains, "HasPrefix": has_prefix,
        "HasSuffix": has_suffix, "Repeat": repeat, "Sort": sort, "Split": split, "SplitN": split_n, "Trim": trim,
        "TrimPrefix": trim_prefix, "TrimSuffix": trim_suffix, "Title": title, "ToUpper": upper, "ToLower": lower,
        "TrimSpace": trim_space, "Trunc": trunc, "Indent": indent, "Slug": slug, "Quote": quote, "Squote": squote,
        "ShellQuote": shell_quote, "SnakeCase": snake_case, "CamelCase": camel_case, "KebabCase": kebab_case,
        "WordWrap": word_wrap, "RuneCount": rune_count,
    },
    "regexp": {
        "Find": find, "FindAll": find_all, "Match": match, "QuoteMeta": quote_meta, "Replace": replace,
        "ReplaceLiteral": replace_literal, "Split": split_by,
    },
    "path": {
        "Base": _path(paths.base), "Clean": _path(paths.clean), "Dir": _path(paths.directory), "Ext": _path(paths.ext),
        "IsAbs": _path(paths.is_abs), "Join": path_join, "Match": path_match, "Split": path_split,
    },
    "base64": {"Encode": encode, "Decode": decode, "DecodeBytes": decode_bytes},
    "crypto": {
        "SHA1": _sum("sha1"), "SHA224": _sum("sha224"), "SHA256": _sum("sha256"), "SHA384": _sum("sha384"),
        "SHA512": _sum("sha512"), "SHA512_224": _sum("sha512_224"), "SHA512_256": _sum("sha512_256"),
        "PBKDF2": pbkdf2, "WPAPSK": wpa_psk,
    },
}  # fmt: skip


def _split_text(value: str, separator: str) -> Strings:
    return texts.cut(value, separator)


def _split_n_text(value: str, separator: str, limit: int) -> Strings:
    return texts.cut(value, separator, limit)


def _contains_text(value: str, part: str) -> bool:
    return part in value


def _has_prefix_text(value: str, prefix: str) -> bool:
    return value.startswith(prefix)


def _has_suffix_text(value: str, suffix: str) -> bool:
    return value.endswith(suffix)


def _trim_text(value: str, cut: str) -> str:
    return texts.trim_all(cut, value)


ALIASES: Final[Mapping[str, Callable[..., object]]] = {
    "replaceAll": replace_all, "title": title, "toUpper": upper, "toLower": lower, "trimSpace": trim_space,
    "indent": indent, "quote": quote, "shellQuote": shell_quote, "squote": squote, "contains": _contains_text,
    "hasPrefix": _has_prefix_text, "hasSuffix": _has_suffix_text, "split": _split_text, "splitN": _split_n_text,
    "trim": _trim_text,
}  # fmt: skip
