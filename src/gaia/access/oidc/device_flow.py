"""Signing in with a terminal: the device authorization flow (RFC 8628), and what comes after it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from gaia.access.oidc.code_flow import anew, sign_in_refused
from gaia.access.oidc.discovery import discover, fetch, unreadable
from gaia.errors import Next, Unauthenticated, Unavailable
from gaia.kit.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gaia.access.oidc.discovery import Http
    from gaia.settings import Oidc

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_LONGEST_WAIT = 1800
_SLOWER = 5


@dataclass(frozen=True, slots=True)
class Way:
    """How people sign in: all that a terminal has to know, and nothing of it secret."""

    issuer: str
    client_id: str
    audience: str
    audience_parameter: str
    scopes: str
    acr_values: str = ""
    """What the provider is asked for where a second factor is needed; empty: it asks for one by itself."""

    def form(self, *, step_up: bool = False) -> dict[str, str]:
        """What asks for a token for Gaia. `step_up`: the provider is to ask anew who it is, with all factors."""
        named = {} if self.audience_parameter == "none" else {self.audience_parameter: self.audience}
        return {
            "client_id": self.client_id,
            "scope": self.scopes,
            **named,
            **(anew(self.acr_values) if step_up else {}),
        }


def way_of(settings: Oidc) -> Way:
    """What a server says of its provider."""
    named = (settings.audience, settings.audience_parameter, settings.scopes, settings.acr_values)
    return Way(settings.issuer, settings.client_id, *named)


def read_way(document: Mapping[str, object], server: str) -> Way | None:
    """What a server said; None where it knows its own tokens alone.

    Raises:
        Unavailable: `server-unreadable`.
    """
    said = document.get("oidc")
    if said is None:
        return None
    known = {one.name: "" if one.name == "acr_values" else None for one in fields(Way)}  # older servers do not say it
    names = [*known]
    texts = [
        value for name in names if isinstance(said, dict) and isinstance(value := said.get(name, known[name]), str)
    ]
    if len(texts) != len(names):
        raise Unavailable(
            "server-unreadable",
            f"{visible(server)} does not say how people sign in",
            next_step="Look whether GAIA_URL names a server of Gaia, and what stands before it.",
        )
    return Way(*texts)


@dataclass(frozen=True, slots=True)
class Code:
    """What somebody types in at the provider's address, in any browser."""

    user_code: str
    address: str
    whole_address: str
    """With the code in it; empty where the provider has none."""
    expires_in: int
    interval: int
    device_code: str

    def __repr__(self) -> str:
        return f"Code(user_code={self.user_code!r}, address={self.address!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Tokens:
    """What the provider gave."""

    access: str
    refresh: str
    """Empty where it gave none."""
    expires_in: int


def ask(http: Http, way: Way, *, step_up: bool = False) -> Code:
    """Begin. `step_up`: the provider is to ask for all factors anew.

    Raises:
        Unauthenticated: `sign-in-refused`. Unavailable: `issuer-…`.
    """
    at = discover(http, way.issuer)
    if not at.device:
        raise unreadable(way.issuer, "it has no device_authorization_endpoint, so a terminal cannot sign in there")
    given = fetch(http, "POST", at.device, issuer=way.issuer, form=way.form(step_up=step_up), refusals=True)
    if "error" in given:
        raise sign_in_refused(given["error"])
    texts = [given.get(name) for name in ("user_code", "verification_uri", "device_code")]
    whole = given.get("verification_uri_complete", "")
    addresses = (texts[1], whole or texts[1])
    if not all(isinstance(one, str) and 0 < len(one) < 2000 for one in texts) or not all(
        isinstance(one, str) and one.startswith(("https://", "http://")) for one in addresses
    ):
        raise unreadable(way.issuer, "it gave no code to type in")
    user_code, address, device_code = (str(one) for one in texts)
    return Code(
        visible(user_code),
        visible(address),
        visible(str(whole)),
        min(_seconds(given.get("expires_in"), 600), _LONGEST_WAIT),
        _seconds(given.get("interval"), 5),
        device_code,
    )


def wait(http: Http, way: Way, code: Code, pause: Callable[[float], None]) -> Tokens:
    """Return when somebody has typed in the code and agreed; `pause` waits between two questions.

    Raises:
        Unauthenticated: `sign-in-refused`, `sign-in-expired`. Unavailable: `issuer-…`.
    """
    at = discover(http, way.issuer)
    form = {"grant_type": _GRANT, "device_code": code.device_code, "client_id": way.client_id, **_resource(way)}
    interval, waited = max(1, code.interval), 0
    while waited < code.expires_in:
        pause(interval)
        waited += interval
        try:
            given = fetch(http, "POST", at.token, issuer=way.issuer, form=form, refusals=True)
        except Unavailable as away:
            if away.code != "issuer-unreachable":
                raise
            given = {"error": "slow_down"}  # what one does then, by the RFC
        error = given.get("error")
        if error is None:
            return _tokens(way, given)
        if error == "slow_down":
            interval += _SLOWER
        elif error == "expired_token":
            break
        elif error != "authorization_pending":
            raise sign_in_refused(error)
    raise Unauthenticated(
        "sign-in-expired", "nobody typed in the code in time", next_step=Next("login", words="Get a new one")
    )


def refresh(http: Http, way: Way, token: str) -> Tokens:
    """New tokens; the old refresh token may hold no longer afterwards.

    Raises:
        Unauthenticated: `sign-in-refused`. Unavailable: `issuer-…`.
    """
    at = discover(http, way.issuer)
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": way.client_id, **_resource(way)}
    given = fetch(http, "POST", at.token, issuer=way.issuer, form=form, refusals=True)
    if "error" in given:
        raise sign_in_refused(given["error"])
    made = _tokens(way, given)
    return made if made.refresh else Tokens(made.access, token, made.expires_in)


def revoke(http: Http, way: Way, token: str) -> bool:
    """Have the provider forget a refresh token (RFC 7009); False where it cannot.

    Raises:
        Unavailable: `issuer-unreachable`, `issuer-unreadable`.
    """
    at = discover(http, way.issuer)
    if not at.revocation:
        return False
    form = {"token": token, "token_type_hint": "refresh_token", "client_id": way.client_id}
    with http() as calls:
        return calls.post(at.revocation, data=form).status_code == 200


def _resource(way: Way) -> dict[str, str]:
    return {"resource": way.audience} if way.audience_parameter == "resource" else {}


def _tokens(way: Way, given: dict[str, object]) -> Tokens:
    access, again = given.get("access_token"), given.get("refresh_token", "")
    if not isinstance(access, str) or not access or not isinstance(again, str):
        raise unreadable(way.issuer, "it gave no access token")
    return Tokens(access, again, _seconds(given.get("expires_in"), 60))


def _seconds(value: object, default: int) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return min(int(str(value)), 86400) if good else default
