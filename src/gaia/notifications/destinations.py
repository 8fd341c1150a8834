"""Where a webhook leads: read from what somebody wrote, sealed at rest, and shown without what is secret."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from gaia.errors import Invalid, Unavailable
from gaia.kit import outgoing, sealing
from gaia.notifications import mailing, signing
from gaia.notifications.model import Destination

if TYPE_CHECKING:
    from gaia.kit.keys import SecretKey
    from gaia.notifications.outlets import Outlets
    from gaia.records.webhook_model import Webhook, WebhookKind


def read(kind: WebhookKind, target: str, outlets: Outlets) -> tuple[Destination, str]:
    """Where to, and what of it may be shown.

    Raises:
        Invalid: `url-unusable`, `webhook-host-unknown`, `mail-address-invalid`, `slack-url-invalid`.
        Refused: `url-refused`. Conflict: `mail-unset`.
    """
    if kind == "email":
        outlets.mail_server()
        to = mailing.addresses(target)
        return Destination(addresses=to), ", ".join(to)
    try:
        outgoing.check_url(target, allow_private=outlets.allow_private)
    except Unavailable as error:  # here the name is what somebody has just written, and not a network that is away
        raise Invalid("webhook-host-unknown", error.message, next_step=str(error.next_step)) from error
    split = urlsplit(target)
    if kind == "slack":
        if len(split.path) < 2:
            raise Invalid(
                "slack-url-invalid",
                "this is no address of an incoming webhook",
                next_step="Take it from the settings of the Slack app: https://hooks.slack.com/services/…",
            )
        return Destination(url=target), f"{split.scheme}://{split.netloc}/…"
    shown = split._replace(query="…" if split.query else "").geturl()
    return Destination(url=target, secret=signing.make_secret()), shown


def sealed(key: SecretKey, webhook: str, destination: Destination) -> bytes:
    """As it is kept."""
    content = {"url": destination.url, "secret": destination.secret, "addresses": destination.addresses}
    return sealing.seal(key, orjson.dumps(content), about=f"webhook {webhook}")


def opened(key: SecretKey, webhook: Webhook) -> Destination:
    """What was sealed.

    Raises:
        Unavailable: see `gaia.kit.sealing.unseal`.
    """
    content = orjson.loads(sealing.unseal(key, webhook.sealed, about=f"webhook {webhook.id}"))
    return Destination(content["url"], content["secret"], tuple(content["addresses"]))
