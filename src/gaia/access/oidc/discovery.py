"""What a provider says about itself, at its own address; nothing of it may lead to another host."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from gaia.errors import Invalid, Refused, Unavailable
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Http = Callable[[], httpx.Client]
    """Makes a client that calls only what may be called: `gaia.kit.outgoing.client`."""

_KEPT = 3600.0
"""Seconds that what a provider says about itself is believed."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider does what. Empty: it does not do that."""

    issuer: str
    jwks: str
    token: str
    authorization: str
    device: str
    revocation: str
    names_itself: bool
    """Whether an answer to a page says which issuer it is of (RFC 9207)."""


def discover(http: Http, issuer: str) -> Endpoints:
    """Ask a provider.

    Raises:
        Unavailable: `issuer-unreachable`, `issuer-unreadable`, `issuer-refused`; as `gaia.kit.outgoing.client`.
    """
    document = fetch(http, "GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration", issuer=issuer)
    if document.get("issuer") != issuer:
        raise unreadable(issuer, f"it calls itself {_shown(document.get('issuer'))}")

    def at(name: str, *, needed: bool = False) -> str:
        url = document.get(name, "")
        if not url and not needed:
            return ""
        if not isinstance(url, str) or _origin(url) != _origin(issuer):
            raise unreadable(issuer, f"its {name} is {_shown(url)}, which is not on its own host")
        return url

    return Endpoints(
        issuer=issuer,
        jwks=at("jwks_uri", needed=True),
        token=at("token_endpoint", needed=True),
        authorization=at("authorization_endpoint"),
        device=at("device_authorization_endpoint"),
        revocation=at("revocation_endpoint"),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


class Discovered:
    """What a provider says about itself, asked when first needed and then now and again. Safe for many threads."""

    def __init__(self, http: Http, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._http, self._issuer, self._clock = http, issuer, clock
        self._lock = threading.Lock()
        self._found: tuple[float, Endpoints] | None = None

    def get(self) -> Endpoints:
        """As `discover`; what was said is kept while the provider is away."""
        with self._lock:
            if self._found is not None and self._clock() - self._found[0] < _KEPT:
                return self._found[1]
            try:
                self._found = self._clock(), discover(self._http, self._issuer)
            except Unavailable:
                if self._found is None:
                    raise
            return self._found[1]


def fetch(
    http: Http,
    method: str,
    url: str,
    *,
    issuer: str,
    form: Mapping[str, str] | None = None,
    basic: tuple[str, str] | None = None,
    refusals: bool = False,
) -> dict[str, object]:
    """The JSON object that is answered. With `refusals`, a provider's `error` (RFC 6749) is an answer too.

    Raises:
        Unavailable: `issuer-unreachable`, `issuer-unreadable`, `issuer-refused`; as `gaia.kit.outgoing.client`.
    """
    try:
        with http() as calls:
            answered = calls.request(
                method,
                url,
                data=dict(form) if form is not None else None,
                auth=basic,
                headers={"Accept": "application/json"},
            )
            document = answered.json()
    except httpx.HTTPError as error:
        raise Unavailable(
            "issuer-unreachable",
            f"cannot reach {_shown(issuer)}: {error}",
            next_step="Look whether the provider runs and GAIA_OIDC_ISSUER names it; then try again.",
        ) from error
    except (Refused, Invalid) as error:  # of the URL: whoever set it can repair it, and no caller can
        raise Unavailable(
            "issuer-refused",
            error.message,
            next_step="Look at GAIA_OIDC_ISSUER; for a provider on your own network set GAIA_OIDC_PRIVATE=1.",
        ) from error
    except (ValueError, RecursionError) as error:
        raise unreadable(issuer, "its answer is no JSON") from error
    if not isinstance(document, dict):
        raise unreadable(issuer, "its answer is no object")
    if answered.status_code != 200 and not (refusals and isinstance(document.get("error"), str)):
        raise unreadable(issuer, f"it answered {answered.status_code}")
    return document


def unreadable(issuer: str, why: str) -> Unavailable:
    """The error for what a provider should not have answered."""
    return Unavailable(
        "issuer-unreadable",
        f"{_shown(issuer)} does not answer as a provider of OpenID Connect: {why}",
        next_step="Look whether GAIA_OIDC_ISSUER is exactly what the provider calls itself.",
    )


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ("", url)
    return (parts.scheme, parts.netloc)


def _shown(value: object) -> str:
    return visible(cut(str(value), 200))
