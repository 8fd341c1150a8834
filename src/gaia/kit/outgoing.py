"""Calls to URLs that somebody wrote down: an issuer of tokens, a webhook. Only to addresses that may be called.

Whoever names a URL could have Gaia call what only Gaia reaches: its own machine, the network behind it, the cloud's
metadata. So the name is resolved once, every address of it is looked at, and the connection goes to those addresses
and to no other: a name that answers differently the next time changes nothing. Redirects are not followed, proxies of
the environment are not asked (they would resolve the name anew), and an answer has an end in size and in time.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from gaia.errors import Invalid, Refused, Unavailable
from gaia.kit.visible import visible

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Sequence

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address
    Resolve = Callable[[str, int], Sequence[str]]

LONGEST_URL = 2000
LARGEST_ANSWER = 1_000_000
"""Bytes."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_METADATA = frozenset(
    ipaddress.ip_address(one) for one in ("100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)
"""Where clouds give out credentials, beside link-local addresses: Alibaba, Oracle, AWS, Google."""
_SPECIAL = ipaddress.ip_network("192.0.0.0/24")
"""Kept for protocols; Python takes but some of it for private."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called, and the addresses to call it at."""

    url: str
    host: str
    port: int
    addresses: tuple[str, ...]


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine resolves it; `OSError` where it does not."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def check_url(url: str, *, allow_private: bool = False, resolve: Resolve = resolved) -> Target:
    """Where a URL leads, if Gaia may call it: https, to addresses of the internet alone.

    `allow_private` allows addresses of one's own machine and network too, and plain http there; never link-local ones,
    at which clouds give out credentials.

    Raises:
        Invalid: `url-unusable`. Refused: `url-refused`. Unavailable: `host-unknown`.
    """
    read = _read(url)
    port = read.port or (443 if read.scheme == "https" else 80)
    try:
        found = tuple(dict.fromkeys(resolve(read.host, port)))
        addresses = [ipaddress.ip_address(each) for each in found]
    except (OSError, UnicodeError, ValueError) as error:
        raise Unavailable(
            "host-unknown",
            f"the host {_shown(read.host)} cannot be resolved",
            next_step="Look whether the name is right, and whether this machine can resolve it.",
        ) from error
    refused = next((each for each in addresses if not _may_call(each, allow_private)), None)
    if refused is not None or not addresses:
        raise Refused(
            "url-refused",
            f"{_shown(read.host)} is at {refused}, which Gaia does not call",
            next_step="Use a URL that leads to the internet, or allow addresses of your own network where that is set.",
        )
    if read.scheme == "http" and any(_public(each) for each in addresses):
        raise Refused(
            "url-refused", f"{_shown(url)} would be called without encryption", next_step="Use https instead of http."
        )
    return Target(url, read.host, port, found)


def client(
    *,
    allow_private: bool = False,
    timeout: float = 10.0,
    largest: int = LARGEST_ANSWER,
    resolve: Resolve = resolved,
    context: ssl.SSLContext | None = None,
) -> httpx.Client:
    """A client whose every call passes `check_url` and connects to what that found.

    It follows no redirect. `timeout` is in seconds, of each wait and of the whole answer; `largest` is in bytes.
    `context` says which certificates are taken; the machine's if left out.

    Raises:
        GaiaError: each call, as `check_url`; reading an answer: `answer-too-large`, `answer-too-slow`,
            `answer-encoded`. What fails in the network is `httpx.HTTPError`.
    """
    return httpx.Client(
        transport=Guarded(
            allow_private=allow_private, timeout=timeout, largest=largest, resolve=resolve, context=context
        ),
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,
        headers={"Accept-Encoding": "identity"},
    )


class Guarded(httpx.BaseTransport):
    """Connects to the addresses that were looked at; the name stays in `Host` and in what the certificate must say."""

    def __init__(
        self,
        *,
        allow_private: bool,
        timeout: float,
        largest: int,
        resolve: Resolve,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private, self._timeout, self._largest, self._resolve = allow_private, timeout, largest, resolve
        self._inner = httpx.HTTPTransport(
            verify=context or httpx.create_ssl_context(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # two names at one address must not share a connection
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the first address that answers."""
        until = time.monotonic() + self._timeout
        target = check_url(str(request.url), allow_private=self._allow_private, resolve=self._resolve)
        failed: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in target.addresses:
            try:
                answered = self._inner.handle_request(
                    httpx.Request(
                        request.method,
                        request.url.copy_with(host=address),
                        headers=request.headers,
                        stream=request.stream,
                        extensions={**request.extensions, "sni_hostname": target.host},
                    )
                )
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
                continue
            return self._bounded(answered, until)
        raise failed or httpx.ConnectError("no address")

    def close(self) -> None:
        """Give the connections back."""
        self._inner.close()

    def _bounded(self, answered: httpx.Response, until: float) -> httpx.Response:
        if answered.headers.get("content-encoding", "identity").lower() != "identity":
            answered.close()
            raise Unavailable(
                "answer-encoded",
                "the answer is compressed, which was not asked for",
                next_step="Have the server answer as it is asked to: Accept-Encoding: identity.",
            )
        return httpx.Response(
            answered.status_code,
            headers=answered.headers,
            stream=_Bounded(answered, self._largest, until),
            extensions=answered.extensions,
        )


class _Bounded(httpx.SyncByteStream):
    """Hands an answer on until it is too long or takes too long."""

    def __init__(self, answered: httpx.Response, left: int, until: float) -> None:
        self._answered, self._left, self._until = answered, left, until

    def __iter__(self) -> Iterator[bytes]:
        for part in self._answered.iter_raw():
            self._left -= len(part)
            if self._left < 0:
                raise Unavailable(
                    "answer-too-large",
                    "the answer is longer than what Gaia reads",
                    next_step="Look whether the URL is the right one.",
                )
            if time.monotonic() > self._until:
                raise Unavailable(
                    "answer-too-slow", "the answer did not come in time", next_step="Try again in a moment."
                )
            yield part

    def close(self) -> None:
        self._answered.close()


def _read(url: str) -> httpx.URL:
    """The URL as the client reads it: what is looked at and what is called cannot be two readings."""
    try:
        plain = len(url) <= LONGEST_URL and url.isprintable() and " " not in url and "\\" not in url
        read = httpx.URL(url) if plain else None
    except (httpx.InvalidURL, UnicodeError, ValueError):
        read = None
    fits = read is not None and read.scheme in ("https", "http") and read.host and not read.userinfo
    if read is None or not fits or read.fragment or not 0 < (443 if read.port is None else read.port) < 65536:
        raise Invalid(
            "url-unusable",
            f"{_shown(url)} is no URL that can be called",
            next_step="Write https://HOST/PATH, without a name and a password and without a fragment.",
        )
    return read


def _may_call(address: Address, allow_private: bool) -> bool:
    inner = _inner(address)
    if inner.is_link_local or inner.is_multicast or inner.is_unspecified or inner in _METADATA:
        return False
    return allow_private or _public(inner)


def _public(address: Address) -> bool:
    inner = _inner(address)
    site_local = isinstance(inner, ipaddress.IPv6Address) and inner.is_site_local
    return inner.is_global and not inner.is_reserved and not site_local and inner not in _SPECIAL


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one leads to, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None) or address


def _shown(text: str) -> str:
    return visible(text if len(text) <= 200 else text[:200] + "…")
