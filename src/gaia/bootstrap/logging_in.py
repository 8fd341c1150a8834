"""The terminal signs in: at the provider of the server that GAIA_URL names, else of this home."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from gaia.errors import GaiaError, Next, Unauthenticated, Unavailable
from gaia.kit import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.access.oidc.device_flow import Code, Tokens, Way
    from gaia.access.oidc.discovery import Http
    from gaia.access.oidc.kept import Kept
    from gaia.settings import Settings

_SOON = timedelta(seconds=60)
"""A token that ends so soon is not begun to call with."""


class LoggingIn:
    """Signs in and out for one server, and keeps what it was given in `GAIA_HOME`."""

    def __init__(self, settings: Settings, http: Http | None = None) -> None:
        from gaia.access.oidc.kept import Logins
        from gaia.kit import outgoing

        self._settings = settings
        self._logins = Logins(settings.home)
        # Whoever types the command names the server, which names the provider: both may be on one's own network.
        self._http = http or partial(outgoing.client, allow_private=True)
        self.server = (settings.url or "").rstrip("/")
        """The server; empty for this home."""

    def way(self) -> Way:
        """How to sign in, as the server says.

        Raises:
            Unavailable: `sign-in-not-set`. GaiaError: as the client of the API.
        """
        found = self._advertised() if self.server else self._own()
        if found is None:
            raise Unavailable(
                "sign-in-not-set",
                f"no provider of identities is set {f'at {self.server}' if self.server else 'here'}",
                next_step="Set GAIA_TOKEN to a token that an admin made for you.",
            )
        return found

    def ask(self, way: Way, *, step_up: bool = False) -> Code:
        """The code to type in; see `gaia.access.oidc.device_flow.ask`."""
        from gaia.access.oidc import device_flow

        return device_flow.ask(self._http, way, step_up=step_up)

    def wait(self, way: Way, code: Code, pause: Callable[[float], None]) -> None:
        """Return when somebody has agreed, and what they were given is kept; see `device_flow.wait`."""
        from gaia.access.oidc import device_flow

        given = device_flow.wait(self._http, way, code, pause)
        with self._logins.alone():
            self._keep(way, given)

    def leave(self) -> bool:
        """Forget what is kept, and have the provider forget it too; False where nothing was kept."""
        from gaia.access.oidc import device_flow

        with self._logins.alone():
            kept = self._logins.get(self.server)
            if kept is None:
                return False
            self._logins.drop(self.server)
        if kept.refresh:
            device_flow.revoke(self._http, kept.way, kept.refresh)
        return True

    def is_in(self) -> bool:
        """Whether somebody has signed in."""
        return self._logins.get(self.server) is not None

    def token(self) -> str | None:
        """An access token that holds for a while yet; None where nobody has signed in.

        Raises:
            Unauthenticated: `sign-in-expired`. Unavailable: `issuer-…`, `logins-damaged`.
        """
        kept = self._logins.get(self.server)
        if kept is None or not _ends_soon(kept):
            return kept.access if kept is not None else None
        with self._logins.alone():
            kept = self._logins.get(self.server)
            if kept is None or not _ends_soon(kept):  # another command has got new ones
                return kept.access if kept is not None else None
            return self._renewed(kept)

    def _renewed(self, kept: Kept) -> str:
        from gaia.access.oidc import device_flow

        try:
            if not kept.refresh:
                raise _expired()
            made = device_flow.refresh(self._http, kept.way, kept.refresh)
        except GaiaError as error:
            if kept.ends_at > clock.now():
                return kept.access
            if isinstance(error, Unauthenticated):
                raise _expired() from error
            raise
        self._keep(kept.way, made)
        return made.access

    def _keep(self, way: Way, given: Tokens) -> None:
        from gaia.access.oidc.kept import Kept

        ends_at = clock.now() + timedelta(seconds=given.expires_in)
        self._logins.put(self.server, Kept(way, given.access, given.refresh, ends_at))

    def _own(self) -> Way | None:
        from gaia.access.oidc.checked import checked
        from gaia.access.oidc.device_flow import way_of

        return way_of(checked(self._settings.oidc)) if self._settings.oidc is not None else None

    def _advertised(self) -> Way | None:
        from gaia.access.oidc.device_flow import read_way
        from gaia.bootstrap.server_url import server_url
        from gaia.client import Client

        server_url(self._settings)
        with Client(self.server) as client:
            return read_way(client.login(), self.server)


def _ends_soon(kept: Kept) -> bool:
    return kept.ends_at - _SOON <= clock.now()


def _expired() -> Unauthenticated:
    return Unauthenticated(
        "sign-in-expired", "you signed in too long ago", next_step=Next("login", words="Sign in again")
    )
