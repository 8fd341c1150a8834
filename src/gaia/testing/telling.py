"""Events and webhooks from memory, for tests of doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import NotFound
from gaia.notifications.model import DeliveryView, EventData, EventView, WebhookView
from gaia.platform.callers.webhooks import Webhooks
from gaia.platform.views.happening import Happening

if TYPE_CHECKING:
    from collections.abc import Sequence


class FakeHappening(Happening):
    """One event."""

    def __init__(self) -> None:
        data = EventData("grace", "p", "acme", "dev", "photos", "acme-use1-dev", "https://gaia.test/requests/req_1", {})
        self.made = [
            EventView(
                "1.0", "7", "urn:gaia:p", "dev.gaia.request.approved", "2026-11-23T23:05:08.000Z", "req_1",
                "application/json", 7, data,
            )
        ]  # fmt: skip

    def after(self, seq: int, *, limit: int) -> Sequence[EventView]:
        """Those after it."""
        return [one for one in self.made if one.seq > seq][:limit]

    def newest(self, *, limit: int) -> Sequence[EventView]:
        """All of them."""
        return self.made[-limit:]


class FakeWebhooks(Webhooks):
    """Webhooks in a list; what is sent is taken unless the test says otherwise."""

    def __init__(self) -> None:
        self.made: list[WebhookView] = []
        self.taken = True

    def add(
        self, kind: str, target: str, *, types: Sequence[str] = (), tenant: str = "*", stage: str = "*"
    ) -> tuple[WebhookView, str | None]:
        """Remember it."""
        name, at = f"whk_{len(self.made) + 1}", "2026-11-23T23:05:08.000Z"
        view = WebhookView(name, kind, target, tuple(types) or ("*",), tenant, stage, "ada", at, "active", "", 0)
        self.made.append(view)
        return view, "whsec_c2VjcmV0" if kind == "webhook" else None

    def list(self) -> Sequence[WebhookView]:
        """Newest first."""
        return self.made[::-1]

    def show(self, webhook: str) -> WebhookView:
        """By id."""
        found = next((one for one in self.made if one.id == webhook), None)
        if found is None:
            raise NotFound("webhook-unknown", f"there is no webhook {webhook!r}", next_step="List them.")
        return found

    def remove(self, webhook: str) -> WebhookView:
        """Forget it."""
        gone = self.show(webhook)
        self.made.remove(gone)
        return gone

    def test(self, webhook: str) -> DeliveryView:
        """As the test says."""
        self.show(webhook)
        return self._delivery("webhook.test")

    def deliveries(self, webhook: str, *, limit: int = 50) -> Sequence[DeliveryView]:
        """One."""
        self.show(webhook)
        return [self._delivery("request.approved")][:limit]

    def _delivery(self, kind: str) -> DeliveryView:
        status, error = ("delivered", "") if self.taken else ("failed", "ConnectError")
        at = "2026-11-23T23:05:08.000Z"
        return DeliveryView("msg_1", 7, kind, status, 1, 204 if self.taken else None, error, None, at, at)
