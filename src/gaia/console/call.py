"""One call of a browser: who calls, what was typed, and what acts in their name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from gaia.console import forgery
from gaia.errors import Invalid
from gaia.kit.visible import kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from gaia.access.callers import Caller
    from gaia.bootstrap.served import Served
    from gaia.platform.acts.drifting import Drifting
    from gaia.platform.acts.service import Platform
    from gaia.platform.callers.people import People
    from gaia.platform.views.happening import Happening
    from gaia.platform.views.listing import Listing
    from gaia.platform.views.offering import Offering
    from gaia.platform.views.reading import Reading

SESSION = "__Host-gaia-session"
"""The cookie of a browser's session, which signing in sets; a test holds it to be the same there."""
REPOSITORY = "gaia-repository"
"""The cookie that says which repository is looked at, where several are served."""
THEME = "gaia-theme"
"""The cookie that says whether somebody wants it light or dark."""
_MOST_FIELDS = 500
_LONGEST = 300
"""Characters of what is in an address."""


@dataclass(frozen=True)
class Call:
    """What a page is made for."""

    request: Request
    served: Served
    caller: Caller
    form: Mapping[str, str] = field(default_factory=dict)
    """What was typed; of fields of one name the last."""

    @property
    def part(self) -> bool:
        """Whether a script asks for a part of a page."""
        return "hx-request" in self.request.headers

    @property
    def token(self) -> str:
        """What each form of this session carries."""
        return forgery.token(self.request.cookies.get(SESSION, ""))

    @property
    def repository(self) -> str:
        """Which repository is looked at."""
        wanted = self.request.cookies.get(REPOSITORY, "")
        return wanted if wanted in self.served.repositories else self.served.repositories[0]

    @property
    def platform(self) -> Platform:
        """The platform in the caller's name."""
        return self.served.platform(self.caller, repository=self.repository)

    def platform_of(self, request: str) -> Platform:
        """The platform that has this request."""
        several = len(self.served.repositories) > 1
        return self.served.platform(self.caller, request=request) if several else self.platform

    @property
    def listing(self) -> Listing:
        """Lists, in the caller's name."""
        return self.served.listing(self.caller, repository=self.repository)

    @property
    def reading(self) -> Reading:
        """The repository's files, in the caller's name."""
        return self.served.reading(self.caller, repository=self.repository)

    @property
    def happening(self) -> Happening:
        """What happened, as far as the caller may see it."""
        return self.served.happening(self.caller, repository=self.repository)

    @property
    def drifting(self) -> Drifting:
        """What was found of instances, in the caller's name."""
        return self.served.drifting(self.caller, repository=self.repository)

    @property
    def offering(self) -> Offering:
        """What the caller could do: a button stands where the platform says so."""
        return self.served.offering(self.caller)

    @property
    def people(self) -> People:
        """People, tokens and the audit log, in the caller's name."""
        return self.served.people(self.caller)

    def asked(self, name: str) -> str:
        """A field of the address; empty where it is not there.

        Raises:
            Invalid: `text-too-long`, `text-invalid`.
        """
        return kept(self.request.query_params.get(name, "").strip(), name, _LONGEST)

    def typed(self, name: str) -> str:
        """A field of the form; empty where it is not there.

        Raises:
            Invalid: `text-too-long`, `text-invalid`.
        """
        return kept(self.form.get(name, "").strip(), name)

    def named(self, name: str) -> str:
        """A part of the path."""
        return kept(str(self.request.path_params[name]), name, _LONGEST)


def read_form(body: bytes) -> dict[str, str]:
    """What a form sends.

    Raises:
        Invalid: `form-unreadable`.
    """
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=False, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise Invalid(
            "form-unreadable", "what the form sent cannot be read", next_step="Go back, and send it again."
        ) from error
