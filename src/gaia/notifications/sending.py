"""One try of one event, by the kind of its destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.errors import GaiaError
from gaia.notifications import mailing, posting
from gaia.notifications.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.notifications.model import Destination, EventView
    from gaia.notifications.outlets import Outlets
    from gaia.records.webhook_model import WebhookKind

    Send = Callable[["WebhookKind", Destination, str, EventView], Outcome]


def sender(outlets: Outlets) -> Send:
    """What sends. It raises nothing: a try that fails is an outcome."""

    def send(kind: WebhookKind, destination: Destination, message: str, event: EventView) -> Outcome:
        try:
            if kind == "email":
                return mailing.send(outlets.mail_server(), destination.addresses, message, event)
            if kind == "slack":
                return posting.to_slack(destination, event, allow_private=outlets.allow_private)
            return posting.to_webhook(destination, message, event, allow_private=outlets.allow_private)
        except GaiaError as error:
            return Outcome(False, error=f"{error.code}: {error.message}")
        except ValueError as error:  # what cannot be written as a mail, or a header, never can
            return Outcome(False, error=type(error).__name__, hopeless=True)

    return send
