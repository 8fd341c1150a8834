"""Fetches one file over HTTP, going on where an earlier attempt stopped. The caller verifies what came."""

from __future__ import annotations

import http.client
import os
import ssl
import urllib.error
import urllib.request
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from gaia.errors import ToolFailed, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Progress = Callable[[int, int | None], None]

SOMEBODY_CHANGES_IT = (
    "Try again; if it happens again, a proxy or mirror on the way changes downloads: ask the people who run it."
)
_ATTEMPTS = 5
"""In one call, and only while each brings something new."""
_CHUNK = 1 << 18
_LARGEST = 1 << 30
_TIMEOUT = 30.0
"""Seconds without a byte."""


def fetch(
    url: str,
    target: Path,
    *,
    environ: Mapping[str, str],
    on_progress: Progress | None = None,
    mirror: str = "GAIA_TOOLS_MIRROR",
) -> None:
    """Bring the file at `url` into `target`, appending to what is already there.

    `mirror` is the variable that names another place to fetch it from.

    Raises:
        Unavailable: `download-failed` (no connection, or the server says no), `download-interrupted` (a part came; it
            stays in `target`).
        ToolFailed: `download-too-large`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    browser = opener(environ)
    reason = ""
    for _ in range(_ATTEMPTS):
        before = _size(target)
        try:
            if _attempt(browser, url, target, on_progress):
                return
            reason = "the connection ended early"
        except urllib.error.HTTPError as error:
            raise _failed(url, f"the server answers {error.code} {error.reason}", mirror) from error
        except (urllib.error.URLError, http.client.HTTPException, ssl.SSLError, TimeoutError, ConnectionError) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        if _size(target) <= before:
            break
    if not _size(target):
        raise _failed(url, reason, mirror)
    raise Unavailable(
        "download-interrupted",
        f"{url} came only in part ({_size(target)} bytes): {reason}",
        next_step="Run the same command again; it goes on where it stopped.",
    )


def _attempt(opener: urllib.request.OpenerDirector, url: str, target: Path, on_progress: Progress | None) -> bool:
    """One request; True when the file is whole as far as the server says."""
    have = _size(target)
    request = urllib.request.Request(url, headers={"User-Agent": "gaia", "Accept-Encoding": "identity"})  # noqa: S310 - the opener has HTTP only
    if have:
        request.add_header("Range", f"bytes={have}-")
    try:
        response = opener.open(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if have and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return True  # nothing comes after what is here; its sum will tell whether it is the file
        raise
    with response:
        appending = response.status == http.HTTPStatus.PARTIAL_CONTENT
        if appending and not response.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            target.unlink(missing_ok=True)
            raise http.client.HTTPException("the server sent another part than it was asked for")
        start = have if appending else 0
        length = response.headers.get("Content-Length", "")
        whole = start + int(length) if length.isdecimal() else None
        with target.open("ab" if appending else "wb") as file:
            came = _copy(response, file, start, whole, on_progress)
    return whole is None or came >= whole


def _copy(response: IO[bytes], file: IO[bytes], start: int, whole: int | None, on_progress: Progress | None) -> int:
    came = start
    while came <= _LARGEST:
        if on_progress:
            on_progress(came, whole)
        chunk = response.read(_CHUNK)
        if not chunk:
            break
        file.write(chunk)
        came += len(chunk)
    if came > _LARGEST:
        raise ToolFailed(
            "download-too-large",
            f"more than {_LARGEST} bytes came, and no release is that large",
            next_step=SOMEBODY_CHANGES_IT,
        )
    file.flush()
    os.fsync(file.fileno())
    return came


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _failed(url: str, reason: str, mirror: str) -> Unavailable:
    return Unavailable(
        "download-failed",
        f"cannot fetch {url}: {reason}",
        next_step=f"Check the network and the proxy variables (https_proxy, no_proxy), or set {mirror}.",
    )


class _Proxies(urllib.request.ProxyHandler):
    """The proxies of the captured environment instead of the process's."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        proxies = {
            scheme: value
            for scheme in ("http", "https", "all", "no")
            if (value := environ.get(f"{scheme}_proxy") or environ.get(f"{scheme}_proxy".upper()))
        }
        everywhere = proxies.pop("all", None)
        self._captured = {"http": everywhere, "https": everywhere} | proxies if everywhere else proxies
        super().__init__({scheme: url for scheme, url in self._captured.items() if url and scheme != "no"})

    def proxy_open(self, req: urllib.request.Request, proxy: str, type: str) -> object:  # noqa: A002 - urllib's name
        if urllib.request.proxy_bypass_environment(req.host, self._captured):  # type: ignore[attr-defined]
            return None
        return super().proxy_open(req, proxy, type)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to HTTP addresses only, and never from an encrypted one to a plain one."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if (urlsplit(req.full_url).scheme, urlsplit(newurl).scheme) not in {
            ("http", "http"),
            ("http", "https"),
            ("https", "https"),
        }:
            raise urllib.error.HTTPError(req.full_url, code, f"with a redirect to {newurl}", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def opener(environ: Mapping[str, str], *, redirects: bool = True) -> urllib.request.OpenerDirector:
    """HTTP and nothing else, through the proxies of `environ`."""
    made = urllib.request.OpenerDirector()
    for handler in (
        _Proxies(environ),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        made.add_handler(handler)
    if redirects:
        made.add_handler(_Redirects())
    return made
