"""Tokens that a provider signed: who signed, for whom, whether now. What does not fit in one way is refused whole."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError

from gaia.access.identity import LEEWAY, Identity
from gaia.access.oidc.keys import ALGORITHMS
from gaia.access.oidc.refusing import refused
from gaia.kit.shapes import as_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from joserfc.jwk import GuestProtocol

    from gaia.access.oidc.keys import Keys, Public
    from gaia.settings import Oidc

LONGEST = 16_000
"""Characters of a token; what is longer comes from nobody who wants in."""
_ID_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash")
"""Claims that only tokens have which tell a page who signed in."""
_LONGEST_CLAIM = 300
_MOST_GROUPS = 1000


def is_signed(secret: str) -> bool:
    """Whether it has the form of a provider's token, which Gaia's own have not."""
    return secret.count(".") == 2 and secret.isascii()


def access_identity(token: str, keys: Keys, settings: Oidc, now: datetime) -> Identity:
    """Whom an access token (RFC 9068) is of.

    Raises:
        Unauthenticated: `token-not-verified`, `token-wrong-type`, `token-other-issuer`, `token-other-audience`,
            `token-expired`, `token-not-yet-valid`. Unavailable: as `Keys.find`.
    """
    kinds = ("at+jwt", "application/at+jwt") if settings.token_type == "at+jwt" else ("at+jwt", "jwt", "")  # noqa: S105
    claims = verified(token, keys, types=kinds, issuer=settings.issuer, audience=settings.audience, now=now)
    if any(name in claims for name in _ID_TOKENS):
        raise refused("token-wrong-type", "it tells a page who signed in, and is no access token")
    return identity(claims, settings, now)


def verified(
    token: str, keys: Keys, *, types: tuple[str, ...], issuer: str, audience: str, now: datetime
) -> Mapping[str, object]:
    """What a token says, after all was checked that is common to every kind.

    Raises:
        Unauthenticated, Unavailable: as `access_identity`.
    """
    if len(token) > LONGEST:
        raise refused("token-not-verified", "it is too long")
    header, claims = _opened(token, keys)
    kind = header.get("typ", "")
    if not isinstance(kind, str) or kind.lower() not in types:
        raise refused("token-wrong-type", f"it is none of the kind {types[0]}")
    if claims.get("iss") != issuer:
        raise refused("token-other-issuer", "another issuer has signed it")
    said = claims.get("aud")
    if audience not in ([said] if isinstance(said, str) else as_texts(said)):
        raise refused("token-other-audience", "it is for somebody else than Gaia")
    if _moment(claims, "exp") + LEEWAY <= now:
        raise refused("token-expired", "it has expired")
    if any(name in claims and _moment(claims, name) - LEEWAY > now for name in ("nbf", "iat")):
        raise refused("token-not-yet-valid", "it is not valid yet; is a clock wrong?")
    return claims


def identity(claims: Mapping[str, object], settings: Oidc, now: datetime) -> Identity:
    """Whom the claims of a verified token are about.

    Raises:
        Unauthenticated: `token-not-verified` for a token about nobody.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_CLAIM or not subject.isprintable():
        raise refused("token-not-verified", "it does not say whom it is of")
    name = claims.get(settings.name_claim)
    groups = [one for one in as_texts(claims.get(settings.groups_claim)) if len(one) <= _LONGEST_CLAIM]
    return Identity(
        issuer=settings.issuer,
        subject=subject,
        name=name if isinstance(name, str) else "",
        groups=frozenset(groups[:_MOST_GROUPS]),
        proved_at=_proved_at(claims, settings, now),
        until=_moment(claims, "exp"),
    )


class _Accepted(jws.JWSRegistry):
    """The algorithms that are accepted, and no warning of one on the server's log."""

    def get_alg(self, name: str) -> Any:  # noqa: ANN401 - joserfc does not export its type
        """One of them.

        Raises:
            UnsupportedAlgorithmError: it is none.
        """
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


def _opened(token: str, keys: Keys) -> tuple[Mapping[str, object], Mapping[str, object]]:
    def key(signed: GuestProtocol) -> Public:
        header = signed.headers()
        name = header.get("kid")
        if not isinstance(name, str | None):
            raise refused("token-not-verified", "it names its key in no way that is known")
        return keys.find(name, str(header.get("alg")))

    try:
        opened = jws.deserialize_compact(token, key, registry=_Accepted(strict_check_header=False))
        claims = json.loads(opened.payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise refused("token-not-verified", "its signature or its form is wrong") from error
    if not isinstance(claims, dict):
        raise refused("token-not-verified", "it says nothing")
    return opened.headers(), claims


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise refused("token-not-verified", f"it has no time at {name}")
    try:
        return datetime.fromtimestamp(found, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise refused("token-not-verified", f"it has no time at {name}") from error


def _proved_at(claims: Mapping[str, object], settings: Oidc, now: datetime) -> datetime | None:
    said = {*as_texts(claims.get("amr"))}
    if isinstance(acr := claims.get("acr"), str):
        said.add(acr)
    if not said & settings.second_factors or "auth_time" not in claims:
        return None
    at = _moment(claims, "auth_time")
    return None if at - LEEWAY > now else min(at, now)
