"""Signing in with a browser: the authorization code flow with PKCE, `state` and `nonce` (RFC 6749, 7636, 9207)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from gaia.access.oidc import tokens
from gaia.access.oidc.discovery import fetch, unreadable
from gaia.errors import Next, Unauthenticated, Unavailable
from gaia.kit.files import read_regular
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gaia.access.identity import Identity
    from gaia.access.oidc.discovery import Endpoints, Http
    from gaia.access.oidc.keys import Keys
    from gaia.settings import Oidc

LIFE = timedelta(minutes=10)
"""Of an attempt: so long somebody may take at the provider."""
_OLDEST = "43200"
"""Seconds after which the provider asks anew, whatever it remembers."""
_LONGEST_PATH = 300
_LONGEST_SECRET = 1000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is remembered, by the browser, between leaving for the provider and coming back."""

    state: str
    nonce: str
    verifier: str
    then: str
    """The path to go to afterwards, on Gaia's own host."""
    begun: float
    """Unix time."""

    def to_bytes(self) -> bytes:
        """For `of`."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of(cls, content: bytes) -> Attempt:
        """What `to_bytes` made."""
        return cls(**json.loads(content))


def own_path(text: str | None, default: str) -> str:
    """The path, if it leads to Gaia's own host and nowhere else; else the default."""
    if not text or len(text) > _LONGEST_PATH or not text.isascii() or not text.isprintable() or "\\" in text:
        return default
    parts = urlsplit(text)
    own = text.startswith("/") and not text.startswith("//") and not parts.scheme and not parts.netloc
    return text if own and " " not in text else default


def begin(
    at: Endpoints, settings: Oidc, redirect_uri: str, then: str, now: datetime, *, again: bool = False
) -> tuple[str, Attempt]:
    """Where to send the browser, and what to remember. `again`: the provider is to ask anew who it is.

    Raises:
        Unavailable: `issuer-unreadable` for a provider that does not do this.
    """
    if not at.authorization:
        raise unreadable(at.issuer, "it has no authorization_endpoint")
    made = [secrets.token_urlsafe(32) for _ in range(3)]
    attempt = Attempt(made[0], made[1], made[2], then, now.timestamp())
    challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(one for one in settings.scopes.split() if one != "offline_access"),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "max_age": _OLDEST,  # with it the provider has to say when it asked
        **(anew(settings.acr_values) if again else {}),
    }
    return f"{at.authorization}{'&' if '?' in at.authorization else '?'}{urlencode(query)}", attempt


def anew(acr_values: str) -> dict[str, str]:
    """What has a provider ask for all factors, whatever it remembers (OpenID Connect Core, 3.1.2.1)."""
    return {"max_age": "0", "prompt": "login", **({"acr_values": acr_values} if acr_values else {})}


def finish(
    http: Http,
    at: Endpoints,
    keys: Keys,
    settings: Oidc,
    redirect_uri: str,
    attempt: Attempt,
    answer: Mapping[str, str],
    now: datetime,
) -> Identity:
    """Whom the provider vouches for; `answer` is what the browser brought back.

    Raises:
        Unauthenticated: `sign-in-invalid`, `sign-in-refused`, and as `gaia.access.oidc.tokens.verified`.
        Unavailable: `issuer-…`, `client-secret-unreadable`.
    """
    _check(at, attempt, answer, now)
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": redirect_uri,
        "client_id": settings.client_id,
        "code_verifier": attempt.verifier,
    }
    basic = _basic(settings)
    given = fetch(http, "POST", at.token, issuer=at.issuer, form=form, basic=basic, refusals=True)
    token = given.get("id_token")
    if not isinstance(token, str):
        raise sign_in_refused(given.get("error", "it gave no ID token"))
    claims = tokens.verified(
        token, keys, types=("jwt", ""), issuer=settings.issuer, audience=settings.client_id, now=now
    )
    if not _same(claims.get("nonce"), attempt.nonce):
        raise _invalid("what the provider answered belongs to another attempt")
    if "azp" in claims and claims["azp"] != settings.client_id:
        raise _invalid("what the provider answered is for another page")
    return tokens.identity(claims, settings, now)


def sign_in_refused(why: object) -> Unauthenticated:
    """The error for a provider's no."""
    return Unauthenticated(
        "sign-in-refused",
        f"the provider did not sign you in: {visible(cut(str(why), 200))}",
        next_step=Next("login", words="Try again; where it says no again, ask who runs the provider"),
    )


def _check(at: Endpoints, attempt: Attempt, answer: Mapping[str, str], now: datetime) -> None:
    """Pass an answer to this attempt. The `state` comes first: nothing else of what another sent is looked at."""
    if not _same(answer.get("state"), attempt.state):
        raise _invalid("what came back does not belong to what this browser began")
    if not 0 <= now.timestamp() - attempt.begun <= LIFE.total_seconds():
        raise _invalid("it took too long")
    if ("iss" in answer or at.names_itself) and answer.get("iss") != at.issuer:
        raise _invalid("another provider answered")
    if "error" in answer:
        raise sign_in_refused(answer["error"])
    if not answer.get("code"):
        raise _invalid("the provider answered nothing")


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def _invalid(why: str) -> Unauthenticated:
    return Unauthenticated(
        "sign-in-invalid", f"you are not signed in: {why}", next_step=Next("login", words="Begin again")
    )


def _basic(settings: Oidc) -> tuple[str, str] | None:
    if settings.secret_file is None:
        return None
    try:
        secret = read_regular(settings.secret_file, _LONGEST_SECRET).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(
            "client-secret-unreadable",
            f"cannot read {settings.secret_file}",
            next_step="Look whether GAIA_OIDC_CLIENT_SECRET_FILE names a file that the server may read.",
        ) from error
    return settings.client_id, secret
