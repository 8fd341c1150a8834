"""Sending mail: a message of text and HTML to a server that takes it (SMTP, RFC 5321), encrypted."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.kit.visible import visible
from gaia.notifications import words
from gaia.notifications.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.notifications.model import EventView
    from gaia.notifications.outlets import MailServer

PATIENCE = 4.0
"""Seconds for each wait."""
_MOST = 20
_LONGEST = 254


def addresses(text: str) -> tuple[str, ...]:
    """The addresses in a text, between commas.

    Raises:
        Invalid: `mail-address-invalid`.
    """
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    wrong = next((one for one in found if not _is_address(one)), None)
    if wrong is not None or len(found) > _MOST:
        what = f"{visible(wrong[:100])!r} is no address" if wrong is not None else f"more than {_MOST} addresses"
        raise Invalid("mail-address-invalid", what, next_step="Write them as ann@example.com, with commas between.")
    return found


def _is_address(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or len(text) > _LONGEST or any(one in text for one in ' "<>()'):
        return False
    with suppress(ValueError, IndexError):
        read = Address(addr_spec=text)
        return bool(read.username and read.domain) and read.addr_spec == text
    return False


def send(server: MailServer, to: Sequence[str], message: str, event: EventView) -> Outcome:
    """One try. A server that offers no encryption is given nothing, unless its URL says so.

    Raises:
        Invalid: `mail-address-invalid` for what GAIA_SMTP_FROM is.
    """
    mail = written(server.sender, to, message, event)
    try:
        with _connected(server) as smtp:
            if server.user:
                smtp.login(server.user, server.password)
            refused = smtp.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        status = min(code for code, _ in error.recipients.values())
        return Outcome(False, status, f"no address was taken: {status}", hopeless=status >= 500)
    except smtplib.SMTPResponseException as error:  # its text may repeat what was sent
        hopeless = error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)
        return Outcome(False, error.smtp_code, f"{type(error).__name__}: {error.smtp_code}", hopeless=hopeless)
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(False, error=_said(error))
    left_out = f"not taken: {', '.join(sorted(refused))}" if refused else ""
    return Outcome(True, 250, visible(left_out))


def _connected(server: MailServer) -> smtplib.SMTP:
    trust = ssl.create_default_context(cafile=str(server.authorities) if server.authorities else None)
    if server.tls == "implicit":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE, context=trust)
    smtp = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
    try:
        if server.tls == "starttls":
            smtp.starttls(context=trust)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "the server offers no STARTTLS, and nothing is sent unencrypted"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return type(error).__name__


def written(sender: str, to: Sequence[str], message: str, event: EventView) -> EmailMessage:
    """The mail. Nothing in it can begin a header, or HTML, of its own."""
    addresses(sender)
    said = words.sentence(event)
    about = ((words.place(event), event.time), (event.type, event.subject))
    lines = [said, "", *(" · ".join(visible(part) for part in line) for line in about)]
    if event.data.url:
        lines += ["", event.data.url]
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, ", ".join(to)
    mail["Subject"] = f"[Gaia] {said}"[:200]
    mail["Message-ID"] = f"<{message}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(lines) + "\n")
    link = f'<p><a href="{escape(event.data.url)}">Show it</a></p>' if event.data.url else ""
    rest = "".join(f"<p><small>{escape(line)}</small></p>" for line in lines[2:4])
    mail.add_alternative(f"<p><strong>{escape(said)}</strong></p>{link}{rest}\n", subtype="html")
    return mail
