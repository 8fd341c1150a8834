"""Who may tell whom of what, and what of a webhook is ever shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.notifications.conftest import Told, receiving, told
from tests.unit.platform.conftest import loop, loop_at, stages

from gaia.errors import Conflict, GaiaError, NotFound, Refused, Unavailable
from gaia.notifications.model import Outcome
from gaia.platform.callers import webhooks as room
from gaia.records import audit, people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from tests.unit.notifications.conftest import Receiver

    from gaia.notifications.model import Destination, EventView

__all__ = ["loop", "loop_at", "receiving", "stages", "told"]
PRIVATE = "http://127.0.0.1:9/hook"
SLACK = "http://127.0.0.1:9/services/T0/B0/verysecret"


def raised(told: Told, who: str, kind: str, target: str, **more: object) -> GaiaError:
    """What adding it raises."""
    with pytest.raises(GaiaError) as caught:
        told.webhooks(who).add(kind, target, **more)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("who", "tenant", "stage", "code"),
    [
        ("root", "other", "dev", "place-unknown"),
        ("root", "*", "*", "place-unknown"),
        ("gus", "acme", "dev", "not-permitted"),
        ("ann", "acme", "*", "not-permitted"),
        ("bob", "acme", "dev", "place-unknown"),
        ("root", "acme\nX: y", "dev", "name-invalid"),
    ],
)
def test_only_an_admin_of_the_place(told: Told, who: str, tenant: str, stage: str, code: str) -> None:
    """A place that is not seen is one that there is not; a refusal is written down, and no name was resolved."""
    assert raised(told, who, "webhook", "https://nowhere.invalid/", tenant=tenant, stage=stage).code == code
    with told.loop.platform.database.read() as tx:
        refused = audit.entries(tx, outcome="refused")
    assert [one.action for one in refused] == ([] if code == "name-invalid" else ["webhook.create"])


@pytest.mark.parametrize(
    ("kind", "target", "code"),
    [
        ("webhook", "ftp://example.com/", "url-unusable"),
        ("webhook", "https://user:pw@127.0.0.1/", "url-unusable"),
        ("webhook", "http://169.254.169.254/latest/meta-data", "url-refused"),
        ("webhook", "\x1b[31m", "text-invalid"),
        ("webhook", "https://a/" + "a" * 3000, "text-too-long"),
        ("slack", "http://127.0.0.1:9/", "slack-url-invalid"),
        ("email", "ann@example.com", "mail-unset"),
        ("webhook", "https://nowhere.invalid/", "webhook-host-unknown"),
        ("pager", "https://127.0.0.1/", "webhook-kind-unknown"),
    ],
)
def test_what_leads_nowhere_is_refused_at_once(told: Told, kind: str, target: str, code: str) -> None:
    """With one clear error."""
    found = raised(told, "root", kind, target, tenant="acme")
    assert found.code in (code, "url-unusable" if code == "text-invalid" else code)
    assert found.next_step


def test_ones_own_network_is_called_only_where_a_setting_says_so(told: Told) -> None:
    """Else whoever administers a tenant could call what only Gaia reaches."""
    told.environ.pop("GAIA_WEBHOOKS_PRIVATE")
    assert raised(told, "root", "webhook", "https://127.0.0.1/", tenant="acme").code == "url-refused"


@pytest.mark.parametrize("address", ["a", "a@b\r\nBcc: x@y.z", "a@b.c\nX: y", "", "<a@b.c>", "ä@b.c", "a b@c.d", "a@"])
def test_what_is_no_address_is_refused(told: Told, address: str) -> None:
    """No header can be begun with one."""
    told.environ |= {"GAIA_SMTP_URL": "smtp://127.0.0.1:9", "GAIA_SMTP_FROM": "gaia@example.com"}
    assert raised(told, "root", "email", address, tenant="acme").code in ("mail-address-invalid", "text-invalid")


@pytest.mark.parametrize("kind", ["", "x y", "Request.Approved", "a" * 101, "request.\x1b[31m", "[a-z]"])
def test_a_type_that_is_none_is_refused(told: Told, kind: str) -> None:
    """What is no glob of types would never be told of anything."""
    assert raised(told, "root", "webhook", PRIVATE, tenant="acme", types=[kind]).code == "event-type-invalid"


def test_what_is_secret_is_shown_once_and_kept_sealed(told: Told) -> None:
    """Neither the secret nor Slack's URL is in a view, the audit log or the database file."""
    root = told.webhooks("root")
    _, secret = root.add("webhook", PRIVATE + "?token=hidden99", tenant="acme")
    made, none = root.add("slack", SLACK, tenant="acme")
    assert (str(secret)[:6], none, made.target) == ("whsec_", None, "http://127.0.0.1:9/…")
    platform = told.loop.platform
    with platform.database.read() as tx:
        shown = repr(root.list()) + repr(audit.entries(tx))
    stored = b"".join(path.read_bytes() for path in platform.home.glob("gaia.db*"))
    for part in (str(secret), "verysecret", "hidden99"):
        assert part not in shown
        assert part.encode() not in stored


def test_another_tenants_is_one_that_there_is_not(told: Told) -> None:
    """The same error as for an id of nobody's; in no list; who sees the place is told that they may not."""
    made, _ = told.webhooks("root").add("webhook", PRIVATE, tenant="acme")
    for act in ("show", "remove", "test", "deliveries"):
        with pytest.raises(NotFound) as caught:
            getattr(told.webhooks("bob"), act)(made.id)
        with pytest.raises(NotFound) as missing:
            getattr(told.webhooks("bob"), act)("whk_" + "0" * 32)
        assert str(caught.value).replace(made.id, "") == str(missing.value).replace("whk_" + "0" * 32, "")
        with pytest.raises(Refused):
            getattr(told.webhooks("gus"), act)(made.id)
    assert (told.webhooks("bob").list(), told.webhooks("gus").list()) == ([], [])
    assert [one.id for one in told.webhooks("root").list()] == [made.id]


def test_a_test_says_how_it_went(told: Told, receiver: Receiver) -> None:
    """Once, signed; also where there is nobody."""
    root = told.webhooks("root")
    made, secret = root.add("webhook", receiver.url, tenant="acme")
    assert (root.test(made.id).status, receiver.verified(str(secret))) == ("delivered", 1)
    assert (receiver.types(), receiver.documents()[0]["seq"]) == (["dev.gaia.webhook.test"], 0)
    nobody, _ = root.add("webhook", "http://127.0.0.1:9/", tenant="acme")
    went = root.test(nobody.id)
    assert (went.status, went.answer, went.error) == ("failed", None, "ConnectError")
    assert [one.type for one in root.deliveries(made.id)] == ["webhook.test"]


def test_one_that_is_removed_is_told_nothing(told: Told, receiver: Receiver) -> None:
    """Nor of what was waiting; nothing of it is left, but in the audit log."""
    root = told.webhooks("root")
    made, _ = root.add("webhook", receiver.url, tenant="acme")
    told.happens("request.approved")
    assert root.remove(made.id).id == made.id
    told.delivering().once()
    assert (receiver.got, root.list()) == ([], [])


def test_one_that_is_removed_while_it_is_told_stays_removed(told: Told, receiver: Receiver) -> None:
    """Whoever sends finds nothing to note it at."""
    made, _ = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    told.happens("request.approved")

    def send(kind: str, destination: Destination, message: str, event: EventView) -> Outcome:
        del kind, destination, message, event
        told.webhooks("root").remove(made.id)
        return Outcome(True, 200)

    told.delivering(send).once()
    assert told.webhooks("root").list() == []


def test_there_are_not_many(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant has a limited number of them; those of another one, and of all, take none of its places."""
    monkeypatch.setattr(room, "_MOST", 1)
    with told.loop.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    for tenant in ("other", "*", "acme"):
        told.webhooks("root").add("webhook", PRIVATE, tenant=tenant)
    assert isinstance(raised(told, "root", "webhook", PRIVATE, tenant="acme"), Conflict)


def test_a_secret_that_cannot_be_unsealed_is_told(told: Told, receiver: Receiver) -> None:
    """A row that was changed is not sent to."""
    made, _ = told.webhooks("root").add("webhook", receiver.url, tenant="acme")
    told.happens("request.approved")
    with told.loop.platform.database.begin() as tx:
        from sqlalchemy import update

        from gaia.records.tables import webhooks

        tx.change(update(webhooks).where(webhooks.c.id == made.id).values(sealed=b"gaia-sealed 1 x\nno"))
    with pytest.raises(Unavailable):
        told.delivering().once()
    assert receiver.got == []
