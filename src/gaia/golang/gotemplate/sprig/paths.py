"""sprig's functions on paths and URLs. Paths have slashes, on every machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from gaia.golang.gotemplate.values import Failure, from_octets, octets, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9a-fA-F]{2})")
_BAD_HOST: Final = re.compile(r'[\s"<>\\^`{|}]')
_PATH_SAFE: Final = "/$&+,:;=@~!*'()[]"
_USER_SAFE: Final = "$&+,;=~!*'()"


def clean(path: str) -> str:
    """The shortest path that means the same."""
    if not path:
        return "."
    rooted = path[0] == "/"
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part != "..":
            parts.append(part)
        elif parts and parts[-1] != "..":
            parts.pop()
        elif not rooted:
            parts.append("..")
    return ("/" if rooted else "") + "/".join(parts) or "."


def base(path: str) -> str:
    """The last element."""
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def directory(path: str) -> str:
    """`dir`: all but the last element."""
    return clean(path[: path.rfind("/") + 1])


def ext(path: str) -> str:
    """What follows the last dot of the last element, with the dot."""
    name = path.rpartition("/")[2]
    return name[name.rfind(".") :] if "." in name else ""


def is_abs(path: str) -> bool:
    """Whether it begins with a slash."""
    return path.startswith("/")


# -- URLs --------------------------------------------------------------------------------------------------------------


def url_parse(text: str) -> dict[str, object]:
    """A URL's parts: scheme, host, hostname, path, query, opaque, fragment, userinfo.

    Raises:
        Failure: it is no URL.
    """
    rest, mark, fragment = text.partition("#")
    pieces: dict[str, object] = {"fragment": _unescaped(fragment) if mark else "", "opaque": "", "userinfo": ""}
    if any(char < " " or char == "\x7f" for char in text):
        raise _unparsable(text, "net/url: invalid control character in URL")
    scheme, rest = _scheme(rest, text)
    rest, _, query = rest.partition("?")
    pieces |= {"scheme": scheme.lower(), "query": query, "host": "", "hostname": "", "path": ""}
    if scheme and not rest.startswith("/"):
        pieces["opaque"] = rest
        return pieces
    if not scheme and ":" in rest.partition("/")[0]:
        raise _unparsable(text, "first path segment in URL cannot contain colon")
    if rest.startswith("//") and not (not scheme and rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        pieces |= _authority(authority, text)
        rest = slash + path
    pieces["path"] = _unescaped(rest)
    return pieces


def _scheme(rest: str, text: str) -> tuple[str, str]:
    match = _SCHEME.match(rest)
    if match:
        return match[1], rest[match.end() :]
    if rest.startswith(":"):
        raise _unparsable(text, "missing protocol scheme")
    return "", rest


def _unparsable(text: str, why: str) -> Failure:
    return Failure(f'unable to parse url: parse "{text}": {why}')


def _quoted(text: str, safe: str) -> str:
    from urllib.parse import quote

    return quote(octets(text), safe=safe)


def _unescaped(text: str) -> str:
    if bad := _BAD_ESCAPE.search(text):
        raise Failure(f'unable to parse url: invalid URL escape "{text[bad.start() : bad.start() + 3]}"')
    from urllib.parse import unquote_to_bytes

    return from_octets(unquote_to_bytes(octets(text)))


def _authority(authority: str, text: str) -> dict[str, object]:
    user, at, host = authority.rpartition("@")
    if _BAD_HOST.search(host):
        raise _unparsable(text, "invalid character in host name")
    closing = host.rfind("]")
    colon = host.find(":", closing + 1) if host.startswith("[") else host.rfind(":")
    port = host[colon + 1 :] if colon >= 0 else ""
    if port and not (port.isascii() and port.isdecimal()):
        raise _unparsable(text, f'invalid port "{host[colon:]}" after host')
    name = (host[:colon] if colon >= 0 else host).removeprefix("[").removesuffix("]")
    return {"host": host, "hostname": name, "userinfo": _userinfo(user) if at else ""}


def _userinfo(user: str) -> str:
    name, colon, password = user.partition(":")
    shown = _quoted(_unescaped(name), _USER_SAFE)
    return shown + (":" + _quoted(_unescaped(password), _USER_SAFE) if colon else "")


def url_join(parts: dict[str, object]) -> str:
    """The URL of such parts."""
    scheme, host, path, query, opaque, fragment, user = (
        _part(parts, name) for name in ("scheme", "host", "path", "query", "opaque", "fragment", "userinfo")
    )
    text = f"{scheme}:" if scheme else ""
    if opaque:
        text += opaque
    else:
        if scheme or host or user:
            text += "//" if host or path or user else ""
            text += (_userinfo(user) + "@" if user else "") + _quoted(host, "$&+,;=:[]~!*'()")
        escaped = _quoted(path, _PATH_SAFE)
        if escaped and escaped[0] != "/" and host:
            text += "/"
        if not text and ":" in escaped.partition("/")[0]:
            text += "./"
        text += escaped
    text += f"?{query}" if query else ""
    return text + ("#" + _quoted(fragment, _PATH_SAFE + "?") if fragment else "")


def _part(parts: Mapping[str, object], name: str) -> str:
    value = parts.get(name, "")
    if not isinstance(value, str):
        raise Failure(f"unable to parse {name} key, must be of type string, but {type_name(value)} found")
    return value


FUNCTIONS: Final[Mapping[str, Callable[..., object]]] = {
    "base": base, "dir": directory, "clean": clean, "ext": ext, "isAbs": is_abs, "osBase": base, "osDir": directory,
    "osClean": clean, "osExt": ext, "osIsAbs": is_abs, "urlParse": url_parse, "urlJoin": url_join,
}  # fmt: skip
