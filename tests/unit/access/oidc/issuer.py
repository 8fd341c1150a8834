"""A provider of identities that is played: real keys and signatures, no network."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gaia.access.oidc.discovery import Discovered
from gaia.access.oidc.keys import Keys, ask_keys
from gaia.settings import Oidc

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://login.example.com"
AUDIENCE = "https://gaia.example.com"
CLIENT = "gaia"
NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
SETTINGS = Oidc(issuer=URL, audience=AUDIENCE, client_id=CLIENT, roles=Path("roles.yaml"))
Key = RSAKey | ECKey | OKPKey


@cache
def key(kind: str, name: str) -> Key:
    """A pair of keys, made once."""
    given: Any = {"kid": name, "use": "sig"}
    if kind.startswith(("RS", "PS")):
        return RSAKey.generate_key(2048, given)
    if kind.startswith("ES"):
        return ECKey.generate_key({"256": "P-256", "384": "P-384", "512": "P-521"}[kind[2:]], given)
    return OKPKey.generate_key("Ed25519", given)


def signed(key: Any, header: dict[str, Any], claims: object) -> str:
    """A token, whatever it says: the library that signs would refuse some."""
    body = b".".join(_part(json.dumps(one).encode()) for one in (header, claims))
    if isinstance(key, bytes):
        signature = hmac.new(key, body, f"sha{header['alg'][2:]}").digest()
    else:
        signature = jws.JWSRegistry.algorithms[str(header["alg"])].sign(body, key)
    return (body + b"." + _part(signature)).decode()


def _part(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


class Issuer:
    """Publishes keys and answers forms; what it was asked can be read."""

    def __init__(self, *keys: Key) -> None:
        self.keys = list(keys) or [key("ES256", "one")]
        self.document: dict[str, object] = {
            "issuer": URL,
            "jwks_uri": f"{URL}/keys",
            "authorization_endpoint": f"{URL}/auth",
            "token_endpoint": f"{URL}/token",
            "device_authorization_endpoint": f"{URL}/device",
            "revocation_endpoint": f"{URL}/revoke",
            "authorization_response_iss_parameter_supported": True,
        }
        self.asked: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.answers: dict[str, Callable[[dict[str, str]], httpx.Response]] = {}
        self.down = False

    def answer(self, request: httpx.Request) -> httpx.Response:
        """One call."""
        path = request.url.path
        self.asked.append(path)
        if self.down:
            raise httpx.ConnectError("refused")
        if request.method == "POST":
            self.forms.append(dict(parse_qsl(request.content.decode())))
        if path in self.answers:
            return self.answers[path](self.forms[-1] if self.forms else {})
        if path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self.document)
        if path == "/keys":
            return httpx.Response(200, json={"keys": [one.as_dict(private=False) for one in self.keys]})
        return httpx.Response(404, json={})

    def http(self) -> httpx.Client:
        """A client that calls it."""
        return httpx.Client(transport=httpx.MockTransport(self.answer))

    def found(self, clock: Callable[[], float] = lambda: 0.0) -> Keys:
        """Its keys, as Gaia keeps them."""
        return Keys(lambda: ask_keys(self.http, Discovered(self.http, URL, clock)), clock)

    def token(self, *, header: dict[str, Any] | None = None, by: Key | None = None, **claims: object) -> str:
        """An access token of dana's, with what is given instead; None takes a claim out."""
        by = by or self.keys[0]
        said = {
            "iss": URL,
            "aud": AUDIENCE,
            "sub": "u-1",
            "exp": int(NOW.timestamp()) + 600,
            "iat": int(NOW.timestamp()),
            "preferred_username": "Dana@example.com",
            "groups": ["platform-admins"],
            **claims,
        }
        kept = {name: value for name, value in said.items() if value is not None}
        head = {"alg": algorithm(by), "kid": by.kid, "typ": "at+jwt", **(header or {})}
        return signed(by, {name: value for name, value in head.items() if value is not None}, kept)


def algorithm(by: Key) -> str:
    """What a key signs with."""
    if isinstance(by, RSAKey):
        return "RS256"
    return {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}[by.curve_name] if isinstance(by, ECKey) else "EdDSA"


def set_to(**changed: object) -> Oidc:
    """The settings with something else."""
    return replace(SETTINGS, **changed)  # type: ignore[arg-type]
