"""What leaves: signed posts, Slack's blocks, and mail; and what the other side can do to whoever sends."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from standardwebhooks import Webhook as Verifier
from tests.unit.notifications.certificates import certificate

from gaia.errors import Unavailable
from gaia.notifications import mailing, posting, signing, words
from gaia.notifications.model import PREFIX, Destination, EventData, EventView
from gaia.notifications.outlets import Outlets
from gaia.notifications.sending import sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.unit.notifications.conftest import Receiver

HOSTILE = "<!channel> & <b>x</b>\r\nBcc: all@example.com\x1b[31m"
EVENT = EventView(
    "1.0", "7", "urn:gaia:p", "dev.gaia.request.approved", "2026-11-30T07:00:00.000Z", "req_1", "application/json", 7,
    EventData("grace", "p", "acme", "dev", "photos", "acme-use1-dev", "https://gaia.test/requests/req_1", {}),
)  # fmt: skip
BAD = replace(EVENT, subject=HOSTILE, data=replace(EVENT.data, actor=HOSTILE, service=HOSTILE, stack=HOSTILE))


def test_the_signature_is_that_of_the_specification() -> None:
    """Its own example, and what its verifier takes."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = signing.headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    fresh = signing.make_secret()
    now = int(time.time())
    Verifier(fresh).verify(body, signing.headers(fresh, "msg_1", now, body))


@pytest.mark.parametrize("status", [200, 204, 301, 307, 400, 404, 410, 429, 500])
def test_only_a_good_answer_is_one(receiver: Receiver, status: int) -> None:
    """No redirect is followed; 410 wants nothing more."""
    receiver.statuses.append(status)
    receiver.headers["Location"] = receiver.url
    where = Destination(receiver.url, signing.make_secret())
    outcome = posting.to_webhook(where, "msg_1", EVENT, allow_private=True)
    assert (outcome.taken, outcome.answer, outcome.gone) == (status < 300, status, status == 410)
    assert len(receiver.got) == 1


def test_nothing_leads_to_ones_own_network(receiver: Receiver) -> None:
    """Also not what was allowed when it was added."""
    outcome = posting.to_webhook(Destination(receiver.url, "whsec_eA=="), "msg_1", EVENT, allow_private=False)
    assert (outcome.taken, outcome.error.partition(":")[0], receiver.got) == (False, "url-refused", [])
    assert receiver.url not in outcome.error


@contextmanager
def drip(part: bytes) -> Iterator[str]:
    """A server that sends a byte now and then, for ever."""
    ending = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            while not ending.wait(0.02):
                try:
                    client.sendall(part)
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        ending.set()
        thread.join()
        listener.close()


def test_a_server_that_never_ends_its_answer_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then is an answer in time each; the whole try has an end."""
    monkeypatch.setattr(posting, "AT_MOST", 0.2)
    with drip(b"H") as url:
        began = time.monotonic()
        outcome = posting.to_webhook(Destination(url, "whsec_eA=="), "msg_1", EVENT, allow_private=True)
    assert not outcome.taken
    assert time.monotonic() - began < posting.PATIENCE


def test_an_event_has_a_size(receiver: Receiver) -> None:
    """Facts that are too many are left out; who wants them asks."""
    large = replace(EVENT, data=replace(EVENT.data, facts={"reason": "x" * 100_000}))
    posting.to_webhook(Destination(receiver.url, "whsec_eA=="), "msg_1", large, allow_private=True)
    assert receiver.documents()[0]["data"]["facts"] == {}


def test_slack_is_told_in_words_with_a_link(receiver: Receiver) -> None:
    """Block Kit; nothing of a name is obeyed."""
    posting.to_slack(Destination(receiver.url), EVENT, allow_private=True)
    posting.to_slack(Destination(receiver.url), BAD, allow_private=True)
    good, bad = receiver.documents()
    assert good["text"] == "photos in acme-use1-dev was approved by grace."
    assert good["blocks"][0]["text"]["text"].endswith("<https://gaia.test/requests/req_1|Show it>")
    assert good["blocks"][1]["elements"][0]["text"].startswith("acme/dev · 2026-11-30")
    assert "<!channel>" not in repr(bad)
    assert "&lt;!channel&gt; &amp;" in bad["text"]
    assert "webhook-signature" not in receiver.got[0][0]


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class Mailbox:
    """A real SMTP server: what it took, and how."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuses = ""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        """As told."""
        del server, session, options
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep it."""
        del server
        self.mails.append(
            (session.ssl is not None, envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default))
        )
        return "250 OK"


@pytest.fixture(name="smtp")
def serving(tmp_path: Path) -> Iterator[Callable[..., tuple[Mailbox, dict[str, str]]]]:
    """Starts one, and what tells Gaia of it."""
    started: list[Controller] = []
    authority = certificate(tmp_path)

    def start(*, tls: bool = True, **more: Any) -> tuple[Mailbox, dict[str, str]]:
        mailbox, context, port = Mailbox(), None, free_port()
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(authority, tmp_path / "key.pem")
        controller = Controller(mailbox, hostname="127.0.0.1", port=port, tls_context=context, **more)
        controller.start()
        started.append(controller)
        environ = {
            "GAIA_SMTP_URL": f"smtp://127.0.0.1:{port}", "GAIA_SMTP_FROM": "gaia@example.com",
            "GAIA_SMTP_CA_FILE": str(authority),
        }  # fmt: skip
        return mailbox, environ

    yield start
    for one in started:
        one.stop()


def test_mail_is_encrypted_and_says_it_in_text_and_html(smtp: Any) -> None:
    """To each address; the same id at each try; marked as made by a machine."""
    mailbox, environ = smtp()
    outcome = sender(Outlets(environ))(
        "email", Destination(addresses=("ann@example.com", "b@example.com")), "msg_1", EVENT
    )
    assert (outcome.taken, outcome.answer) == (True, 250)
    [(encrypted, to, mail)] = mailbox.mails
    assert (encrypted, to) == (True, ["ann@example.com", "b@example.com"])
    assert mail["Subject"] == "[Gaia] photos in acme-use1-dev was approved by grace."
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<msg_1@example.com>", "auto-generated")
    text, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
    assert "https://gaia.test/requests/req_1" in text
    assert '<a href="https://gaia.test/requests/req_1">' in html


def test_no_name_begins_a_header_or_html(smtp: Any) -> None:
    """However it is called."""
    mailbox, environ = smtp()
    assert sender(Outlets(environ))("email", Destination(addresses=("a@example.com",)), "msg_1", BAD).taken
    [(_, to, mail)] = mailbox.mails
    assert (to, mail["Bcc"]) == (["a@example.com"], None)
    assert "<b>" not in mail.get_body(("html",)).get_content()
    assert "\x1b" not in mail.as_string()


def test_a_server_without_encryption_is_given_nothing(smtp: Any) -> None:
    """But where its URL says so."""
    mailbox, environ = smtp(tls=False)
    to = Destination(addresses=("a@example.com",))
    outcome = sender(Outlets(environ))("email", to, "msg_1", EVENT)
    assert (outcome.taken, "STARTTLS" in outcome.error, mailbox.mails) == (False, True, [])
    environ["GAIA_SMTP_URL"] += "?tls=none"
    assert sender(Outlets(environ))("email", to, "msg_1", EVENT).taken


def test_a_server_that_nobody_vouches_for_is_given_nothing(smtp: Any) -> None:
    """Its certificate is of no authority that the machine knows."""
    mailbox, environ = smtp()
    environ.pop("GAIA_SMTP_CA_FILE")
    outcome = sender(Outlets(environ))("email", Destination(addresses=("a@example.com",)), "msg_1", EVENT)
    assert (outcome.taken, "not trusted" in outcome.error, mailbox.mails) == (False, True, [])


def test_the_password_is_given_to_the_server_and_to_nobody_else(smtp: Any, tmp_path: Path) -> None:
    """From a file; a wrong one is told without it, and is no reason to give the mail up."""
    given: list[str] = []

    def login(*arguments: Any) -> AuthResult:
        data = arguments[-1]
        given.append(data.password.decode() if isinstance(data, LoginPassword) else "")
        return AuthResult(success=given[-1] == "right-one")

    mailbox, environ = smtp(authenticator=login, auth_required=True)
    (tmp_path / "password").write_text("right-one\n")
    environ["GAIA_SMTP_URL"] = environ["GAIA_SMTP_URL"].replace("smtp://", "smtp://me%40example.com@")
    to = Destination(addresses=("a@example.com",))
    assert sender(Outlets({**environ, "GAIA_SMTP_PASSWORD_FILE": str(tmp_path / "password")}))(
        "email", to, "m", EVENT
    ).taken
    wrong = {**environ, "GAIA_SMTP_URL": environ["GAIA_SMTP_URL"].replace("@127", ":wrong-one@127")}
    outcome = sender(Outlets(wrong))("email", to, "m", EVENT)
    assert (outcome.taken, outcome.hopeless, len(mailbox.mails)) == (False, False, 1)
    assert "wrong-one" not in outcome.error + repr(Outlets(wrong).mail_server())


@pytest.mark.parametrize(("answer", "hopeless"), [("550 no such mailbox", True), ("450 later", False)])
def test_an_address_that_is_not_taken(smtp: Any, answer: str, hopeless: bool) -> None:
    """For good, or for now."""
    mailbox, environ = smtp()
    mailbox.refuses = answer
    outcome = sender(Outlets(environ))("email", Destination(addresses=("a@example.com",)), "msg_1", EVENT)
    assert (outcome.taken, outcome.answer, outcome.hopeless) == (False, int(answer[:3]), hopeless)


@pytest.mark.parametrize(
    "url", ["", "smtp://", "http://a", "smtp://a:b", "smtp://a?tls=maybe", "smtp://a/x", "smtp://a:99999"]
)
def test_an_address_of_a_server_that_is_none(url: str) -> None:
    """Told when somebody is to be told by mail, without what it holds."""
    outlets = Outlets({"GAIA_SMTP_URL": url, "GAIA_SMTP_FROM": "g@example.com"})
    outcome = sender(outlets)("email", Destination(addresses=("a@example.com",)), "m", EVENT)
    assert outcome.error.partition(":")[0] in ("mail-url-invalid", "mail-unset")


def test_a_password_file_that_is_not_there(tmp_path: Path) -> None:
    """One clear error."""
    environ = {
        "GAIA_SMTP_URL": "smtps://me@a",
        "GAIA_SMTP_FROM": "g@a.b",
        "GAIA_SMTP_PASSWORD_FILE": str(tmp_path / "x"),
    }
    with pytest.raises(Unavailable) as caught:
        Outlets(environ).mail_server()
    assert caught.value.code == "mail-password-unreadable"
    environ.pop("GAIA_SMTP_PASSWORD_FILE")
    server = Outlets(environ).mail_server()
    assert (server.port, server.tls) == (465, "implicit")


def test_addresses_are_read_one_by_one() -> None:
    """Blanks around them are nothing."""
    assert mailing.addresses("a@b.c, d@e.f,a@b.c") == ("a@b.c", "d@e.f")


def test_what_has_no_sentence_of_its_own_is_told_in_words() -> None:
    """Its type says it; a dot in it is for programs."""
    event = replace(EVENT, type=f"{PREFIX}token.created", subject="tok_1", data=replace(EVENT.data, service=None))
    assert words.sentence(event) == f"tok_1: token created, by {EVENT.data.actor}."
