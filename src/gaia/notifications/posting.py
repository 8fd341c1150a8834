"""Sending to a URL: signed, or to Slack. Nothing of the answer is read but its status."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from gaia.errors import GaiaError
from gaia.kit import outgoing
from gaia.notifications import signing, words
from gaia.notifications.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.notifications.model import Destination, EventView

PATIENCE = 4.0
"""Seconds for each wait of a try."""
AT_MOST = 8.0
"""Seconds after which the connection of a try is closed, whatever goes on there."""
LARGEST = 60_000
"""Bytes of a body."""
_GONE = 410


def to_webhook(destination: Destination, message: str, event: EventView, *, allow_private: bool) -> Outcome:
    """One try of a signed event as CloudEvents JSON."""
    body = orjson.dumps(asdict(event))
    if len(body) > LARGEST:  # nothing that was done is worth more; who wants it comes and asks
        body = orjson.dumps({**asdict(event), "data": {**asdict(event.data), "facts": {}}})
    signed = signing.headers(destination.secret, message, int(time.time()), body)
    headers = {"Content-Type": "application/cloudevents+json", "User-Agent": "Gaia", **signed}
    return _post(destination.url, body, headers, allow_private=allow_private)


def to_slack(destination: Destination, event: EventView, *, allow_private: bool) -> Outcome:
    """One try of a message for an incoming webhook of Slack's."""
    body = orjson.dumps(slack_message(event))
    return _post(destination.url, body, {"Content-Type": "application/json"}, allow_private=allow_private)


def slack_message(event: EventView) -> dict[str, Any]:
    """Block Kit: what happened, where and when, and a link where there is one. Nothing in it is obeyed by Slack."""
    said = _plain(words.sentence(event))
    about = _plain(f"{words.place(event)} · {event.time} · {event.type}")
    text = f"{said} <{event.data.url}|Show it>" if event.data.url else said
    return {
        "text": said,
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}},
            {"type": "context", "elements": [{"type": "plain_text", "text": about, "emoji": False}]},
        ],
        "unfurl_links": False,
    }


def _plain(text: str) -> str:
    """As Slack says: these three begin all that is not text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[:2900]


def _post(url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> Outcome:
    try:
        with (
            outgoing.client(allow_private=allow_private, timeout=PATIENCE) as http,
            _ended_after(AT_MOST, http),
            http.stream("POST", url, content=body, headers=headers) as answered,
        ):
            status = answered.status_code
    except GaiaError as error:
        return Outcome(False, error=f"{error.code}: {error.message.replace(url, '…')}")  # it may be a secret
    except (httpx.HTTPError, RuntimeError, OSError) as error:  # the two others: it was closed meanwhile
        return Outcome(False, error=type(error).__name__)
    if 200 <= status < 300:
        return Outcome(True, status)
    return Outcome(False, status, f"it answered {status}", gone=status == _GONE)


@contextmanager
def _ended_after(seconds: float, http: httpx.Client) -> Iterator[None]:
    """A server that sends a byte now and then would keep a worker for good: each of them is an answer in time."""
    timer = threading.Timer(seconds, http.close)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
