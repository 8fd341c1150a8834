"""The keys that a provider signs with, kept, and asked for again when one is named that is not among them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey

from gaia.access.oidc.discovery import fetch, unreadable
from gaia.access.oidc.refusing import refused
from gaia.errors import GaiaError
from gaia.kit.shapes import as_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gaia.access.oidc.discovery import Discovered, Http

    Public = RSAKey | ECKey | OKPKey

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
"""With a pair of keys alone: with a shared secret, who checks could sign; `none` is no signature."""
_KINDS: Mapping[str, type[RSAKey | ECKey | OKPKey]] = {"RS": RSAKey, "PS": RSAKey, "ES": ECKey, "Ed": OKPKey}
_KTY = ("RSA", "EC", "OKP")
_SMALLEST_RSA = 2048
_FRESH = 3600.0
"""Seconds after which the keys are asked for again: one that was withdrawn goes."""
_KEPT = 86400.0
"""Seconds that they are good for while the provider cannot be reached."""
_PAUSE = 10.0
"""Seconds between two questions: whoever sends made-up names of keys has nobody asked for each."""
_MOST = 100


class Keys:
    """A provider's public keys. Safe for many threads."""

    def __init__(self, ask: Callable[[], Sequence[Public]], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._asking = threading.Lock()
        self._keys: tuple[Public, ...] = ()
        self._asked: float | None = None
        self._got: float | None = None
        self._failed: GaiaError | None = None

    def find(self, name: str | None, algorithm: str) -> Public:
        """The key of that name which makes such signatures; without a name, the only one that does.

        Raises:
            Unauthenticated: `token-not-verified`. Unavailable: `issuer-unreachable`, `issuer-unreadable`.
        """
        if algorithm not in ALGORITHMS:
            raise refused("token-not-verified", "it is signed in a way that is not accepted")
        if self._got is None or self._clock() - self._got >= _FRESH:
            self._refresh(wait=self._got is None)
        found = self._pick(name, algorithm)
        if found is None:
            self._refresh(wait=True)
            found = self._pick(name, algorithm)
        if found is None:
            raise refused("token-not-verified", "it is signed with a key that the issuer does not have")
        return found

    def _pick(self, name: str | None, algorithm: str) -> Public | None:
        fit = [one for one in self._keys if _fits(one, algorithm) and name in (None, one.kid)]
        return fit[0] if fit and (name is not None or len(fit) == 1) else None

    def _refresh(self, *, wait: bool) -> None:
        """Ask, if nobody did just now. Whoever has a key that may do does not `wait` for another who is asking."""
        if self._asking.acquire(blocking=wait):
            try:
                self._ask_now()
            finally:
                self._asking.release()
        failed, got = self._failed, self._got
        if failed is not None and (got is None or self._clock() - got >= _KEPT):
            raise failed

    def _ask_now(self) -> None:
        now = self._clock()
        if self._asked is not None and now - self._asked < _PAUSE:
            return
        self._asked = now
        try:
            self._keys, self._got, self._failed = tuple(self._ask()), now, None
        except GaiaError as error:
            self._failed = error


def ask_keys(http: Http, found: Discovered) -> Sequence[Public]:
    """The keys for signatures that a provider publishes; such as Gaia cannot use are left out.

    Raises:
        Unavailable: `issuer-unreachable`, `issuer-unreadable`.
    """
    at = found.get()
    document = fetch(http, "GET", at.jwks, issuer=at.issuer)
    keys = [key for one in as_list(document.get("keys"))[:_MOST] if (key := _key(one)) is not None]
    if not keys:
        raise unreadable(at.issuer, "it publishes no key that signs")
    return keys


def _key(value: object) -> Public | None:
    if not isinstance(value, dict) or value.get("use", "sig") != "sig" or value.get("kty") not in _KTY:
        return None
    public = {name: part for name, part in value.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "oth")}
    try:
        key = JWKRegistry.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if isinstance(key, RSAKey):
        return key if key.public_key.key_size >= _SMALLEST_RSA else None
    return None if isinstance(key, OctKey) else key


def _fits(key: Public, algorithm: str) -> bool:
    return isinstance(key, _KINDS[algorithm[:2]]) and key.alg in (None, algorithm)
