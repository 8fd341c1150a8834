"""Webhooks in somebody's name: an admin of a place says who is told elsewhere of what happens there."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, get_args

from gaia.access import rules
from gaia.errors import Conflict, Invalid, Next, NotFound, Refused
from gaia.kit import clock
from gaia.kit.ids import new_id
from gaia.kit.visible import kept
from gaia.notifications import destinations, events, globs
from gaia.notifications.model import DeliveryView, WebhookView
from gaia.notifications.outlets import Outlets
from gaia.notifications.sending import sender
from gaia.platform.acting import Acting, Place, check_place
from gaia.records import audit, deliveries, people, webhooks
from gaia.records.model import ANY
from gaia.records.webhook_model import Delivery, Webhook, WebhookKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from gaia.access.callers import Caller
    from gaia.notifications.sending import Send
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction

_MOST = 100
"""Of one tenant: what others have is nobody's business, and takes nobody's place."""
_LONGEST = 2000
KINDS = get_args(WebhookKind)


class Webhooks:
    """One caller's webhooks of one repository."""

    def __init__(self, platform: PlatformContext, caller: Caller, send: Send | None = None) -> None:
        self._platform = platform
        self._caller = caller
        self._outlets = Outlets(platform.environ)
        self._send = send or sender(self._outlets)

    def add(
        self, kind: str, target: str, *, types: Sequence[str] = (), tenant: str = ANY, stage: str = ANY
    ) -> tuple[WebhookView, str | None]:
        """Tell `target` from now on what happens there; with the secret that deliveries are signed with, once.

        Raises:
            Refused: `not-permitted`, `url-refused`, `webhook-by-group`. NotFound: `place-unknown`.
            Conflict: `webhooks-many`, `mail-unset`.
            Invalid: `webhook-kind-unknown`, `event-type-invalid`, `url-unusable`, `webhook-host-unknown`, ….
        """
        for text, what in ((tenant, "the tenant"), (stage, "the stage")):
            check_place(text, what)
        with self._doing("webhook.create", "", tenant, stage, _no_place()):
            pass  # nobody else may have a name resolved here
        if kind not in KINDS:
            step = f"Use one of {', '.join(KINDS)}."
            raise Invalid("webhook-kind-unknown", f"there is no kind {kept(kind, 'the kind', 100)!r}", next_step=step)
        wanted = globs.checked(types)
        destination, shown = destinations.read(kind, kept(target, "the target", _LONGEST), self._outlets)  # type: ignore[arg-type]
        name, now = new_id("whk"), clock.now()
        with self._doing("webhook.create", name, tenant, stage, _no_place()) as (tx, caller):
            person = people.get_person(tx, caller.id)
            if not rules.allows(replace(caller, grants=person.grants), "administer", tenant, stage):
                raise Refused(
                    "webhook-by-group",
                    "a webhook outlives a sign-in: whoever makes it needs the role admin there themselves",
                    next_step="Let an admin give it to you, or make it with a token.",
                )
            if webhooks.count(tx, self._platform.repository, tenant) >= _MOST:
                raise Conflict(
                    "webhooks-many",
                    f"there are {_MOST} webhooks of this tenant already",
                    next_step="Remove some first.",
                )
            row = Webhook(
                id=name, repository=self._platform.repository, tenant=tenant, stage=stage, kind=kind,  # type: ignore[arg-type]
                shown=shown, sealed=destinations.sealed(self._platform.key, name, destination), types=wanted,
                person=caller.id, created_at=now, cursor=audit.last(tx), held_until=None, tried_at=None,
                disabled_at=None, disabled_why="",
            )  # fmt: skip
            webhooks.add(tx, row)
            facts = {"kind": kind, "target": shown, "types": list(wanted)}
            self._platform.audit.note(tx, caller.id, "webhook.created", name, facts, where=row)
            return _view(tx, row), destination.secret or None

    def list(self) -> Sequence[WebhookView]:
        """Those of places that the caller administers, newest first."""
        with self._platform.database.read() as tx:
            places = rules.places(self._caller, "administer")
            names = people.names(tx)
            waiting = deliveries.count_waiting(tx)
            found = webhooks.find(tx, self._platform.repository, places=places)
            return [_shown(one, names.get(one.person, one.person), waiting.get(one.id, 0)) for one in found]

    def show(self, webhook: str) -> WebhookView:
        """One of them.

        Raises:
            NotFound: `webhook-unknown`. Refused: `not-permitted`.
        """
        row = self._find(webhook, "webhook.read")
        with self._platform.database.read() as tx:
            return _view(tx, row)

    def remove(self, webhook: str) -> WebhookView:
        """Tell it nothing any more, and forget what it was told; as it was."""
        row = self._find(webhook, "webhook.remove")
        with self._doing("webhook.remove", row.id, row.tenant, row.stage, _unknown(webhook)) as (tx, caller):
            view = _view(tx, row)
            webhooks.remove(tx, row.id)
            self._platform.audit.note(tx, caller.id, "webhook.removed", row.id, {"target": row.shown}, where=row)
            return view

    def test(self, webhook: str) -> DeliveryView:
        """Send an event of which nothing happened, now and once: how it went."""
        row = self._find(webhook, "webhook.test")
        with self._doing("webhook.test", row.id, row.tenant, row.stage, _unknown(webhook)) as (tx, caller):
            self._platform.audit.note(tx, caller.id, "webhook.tested", row.id, {}, where=row)
        destination, began, message = destinations.opened(self._platform.key, row), clock.now(), new_id("msg")
        at = clock.rfc3339(began)
        event = events.test(row.repository, row.tenant, row.stage, row.id, self._caller.name, at)
        outcome = self._send(row.kind, destination, message, event)
        made = Delivery(
            message, row.id, 0, events.TEST, "delivered" if outcome.taken else "failed", 1, began, outcome.answer,
            outcome.error[:500], began, clock.now(),
        )  # fmt: skip
        with self._platform.database.begin() as tx:
            if webhooks.keep(tx, row.id):
                deliveries.put(tx, made)
        return _delivery(made)

    def deliveries(self, webhook: str, *, limit: int = 50) -> Sequence[DeliveryView]:
        """What it was told, newest first."""
        row = self._find(webhook, "webhook.read")
        with self._platform.database.read() as tx:
            return [_delivery(one) for one in deliveries.newest(tx, row.id, limit=limit)]

    def _find(self, webhook: str, audited: str) -> Webhook:
        """One that the caller may have to do with; a refusal is written down."""
        missing = _unknown(webhook)
        with self._platform.database.read() as tx:
            row = webhooks.get(tx, self._platform.repository, webhook)
        if row is None:
            raise missing
        if not rules.allows(self._caller, "administer", row.tenant, row.stage):
            with self._doing(audited, row.id, row.tenant, row.stage, missing):
                pass
        return row

    def _doing(
        self, audited: str, subject: str, tenant: str, stage: str, missing: NotFound
    ) -> AbstractContextManager[tuple[Transaction, Caller]]:
        acting = Acting(self._platform.database, self._platform.audit, self._caller)
        return acting.doing("administer", audited, subject, missing=missing, where=Place(tenant, stage))


def _view(tx: Transaction, row: Webhook) -> WebhookView:
    maker = people.names(tx).get(row.person, row.person)
    return _shown(row, maker, deliveries.count_waiting(tx).get(row.id, 0))


def _shown(row: Webhook, maker: str, waiting: int) -> WebhookView:
    state = "active" if row.disabled_at is None else "disabled"
    return WebhookView(
        row.id, row.kind, row.shown, row.types, row.tenant, row.stage, maker, clock.rfc3339(row.created_at), state,
        row.disabled_why, waiting,
    )  # fmt: skip


def _delivery(row: Delivery) -> DeliveryView:
    given = asdict(row) | {
        "created_at": clock.rfc3339(row.created_at),
        "next_at": clock.rfc3339(row.next_at) if row.status == "waiting" else None,
        "ended_at": clock.rfc3339(row.ended_at) if row.ended_at else None,
    }
    given.pop("webhook")
    return DeliveryView(**given)


def _unknown(webhook: str) -> NotFound:
    step = Next("webhook list", words="See which there are")
    return NotFound("webhook-unknown", f"there is no webhook {webhook[:100]!r}", next_step=step)


def _no_place() -> NotFound:
    return NotFound(
        "place-unknown",
        "there is no such tenant and stage, or you may not see it",
        next_step="Name a tenant and a stage that you administer.",
    )
