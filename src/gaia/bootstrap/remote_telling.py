"""Events and webhooks of a server elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gaia.notifications.model import DeliveryView, EventView, WebhookView
from gaia.platform.callers.webhooks import Webhooks
from gaia.platform.views import wire
from gaia.platform.views.events import Event
from gaia.platform.views.happening import EventFeed, Happening
from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gaia.client import Client


_PAGE = 100


class RemoteHappening(Happening):
    """Events over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def after(self, seq: int, *, limit: int) -> Sequence[EventView]:
        """See `Happening`."""
        return [wire.read(EventView, one) for one in self._client.happened(after=seq, limit=limit)["events"]]

    def newest(self, *, limit: int) -> Sequence[EventView]:
        """See `Happening`."""
        return [wire.read(EventView, one) for one in self._client.happened(newest=True, limit=limit)["events"]]

    def between(self, since: datetime, until: datetime, *, limit: int) -> Sequence[EventView]:
        """See `Happening`. The API tells events by number alone, so they are read from the first one on."""
        found: list[EventView] = []
        after = 0
        while page := self.after(after, limit=_PAGE):
            found += [one for one in page if since <= datetime.fromisoformat(one.time) < until]
            after = page[-1].seq
        return found[-limit:]

    def feed(self, after: int) -> EventFeed:
        """See `Happening`."""
        return _Followed(self._client, self, after)


class _Followed(EventFeed):
    """One stream that is read on, instead of pages that are asked for."""

    def __init__(self, client: Client, happening: Happening, after: int) -> None:
        super().__init__(happening, after)
        self._events = client.follow(after=after)

    def news(self) -> Sequence[Event]:
        """The next one, when it comes."""
        one = next(self._events)
        return [Event("event", one.data, one.number)]


class RemoteWebhooks(Webhooks):
    """Webhooks over HTTP."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def add(
        self, kind: str, target: str, *, types: Sequence[str] = (), tenant: str = ANY, stage: str = ANY
    ) -> tuple[WebhookView, str | None]:
        """See `Webhooks`."""
        made = self._client.add_webhook(kind, target, types=types, tenant=tenant, stage=stage)
        return wire.read(WebhookView, made), made["secret"]

    def list(self) -> Sequence[WebhookView]:
        """See `Webhooks`."""
        return [wire.read(WebhookView, one) for one in self._client.webhooks()]

    def show(self, webhook: str) -> WebhookView:
        """See `Webhooks`."""
        return wire.read(WebhookView, self._client.webhook(webhook))

    def remove(self, webhook: str) -> WebhookView:
        """See `Webhooks`."""
        return wire.read(WebhookView, self._client.remove_webhook(webhook))

    def test(self, webhook: str) -> DeliveryView:
        """See `Webhooks`."""
        return wire.read(DeliveryView, self._client.test_webhook(webhook))

    def deliveries(self, webhook: str, *, limit: int = 50) -> Sequence[DeliveryView]:
        """See `Webhooks`."""
        return [wire.read(DeliveryView, one) for one in self._client.deliveries(webhook, limit=limit)]
