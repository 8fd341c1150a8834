"""How this Gaia may reach others: what its operator set, see docs/reference/configuration.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gaia.errors import Conflict, Invalid, Unavailable
from gaia.kit.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = {"smtp": 587, "smtps": 465}
_LARGEST = 4096


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail."""

    host: str
    port: int
    tls: str
    """`starttls`, `implicit`, or `none`."""
    sender: str
    user: str = ""
    password: str = ""
    authorities: Path | None = None
    """Certificates of authorities to trust, instead of the machine's."""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class Outlets:
    """`environ` is what was captured at the door."""

    environ: Mapping[str, str]

    @property
    def allow_private(self) -> bool:
        """`GAIA_WEBHOOKS_PRIVATE`: whether webhooks may lead to one's own machine and network."""
        return self.environ.get("GAIA_WEBHOOKS_PRIVATE") == "1"

    def mail_server(self) -> MailServer:
        """`GAIA_SMTP_URL` and its like.

        Raises:
            Conflict: `mail-unset`. Invalid: `mail-url-invalid`.
        """
        url, sender = self.environ.get("GAIA_SMTP_URL"), self.environ.get("GAIA_SMTP_FROM", "")
        if not url or not sender:
            raise Conflict(
                "mail-unset",
                "this Gaia does not know how to send mail",
                next_step="Set GAIA_SMTP_URL and GAIA_SMTP_FROM where its engine runs.",
            )
        try:
            read = urlsplit(url)
            port = read.port or _PORTS[read.scheme]
        except (ValueError, KeyError) as error:
            raise _invalid() from error
        plain = read.query == "tls=none" and read.scheme == "smtp"
        if not read.hostname or (read.query and not plain) or read.path not in ("", "/"):
            raise _invalid()
        authorities = self.environ.get("GAIA_SMTP_CA_FILE")
        return MailServer(
            host=read.hostname,
            port=port,
            tls="none" if plain else "implicit" if read.scheme == "smtps" else "starttls",
            sender=sender,
            user=unquote(read.username or ""),
            password=unquote(read.password or "") or self._password(),
            authorities=Path(authorities) if authorities else None,
        )

    def _password(self) -> str:
        path = self.environ.get("GAIA_SMTP_PASSWORD_FILE")
        if not path:
            return ""
        try:
            return read_regular(Path(path), _LARGEST).decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(
                "mail-password-unreadable",
                f"the file that GAIA_SMTP_PASSWORD_FILE names cannot be read: {path}",
                next_step="Check that it is there, and its owner and rights.",
            ) from error


def _invalid() -> Invalid:
    return Invalid(
        "mail-url-invalid",
        "GAIA_SMTP_URL is no address of a mail server",
        next_step="Write smtp://USER:PASSWORD@HOST:587, or smtps:// where the server begins with TLS.",
    )
