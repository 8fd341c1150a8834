"""Alerts of Alertmanager, by real HTTP: whose they are, which count, and when they are answered."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.unit.gitops.ground import PHOTOS
from tests.unit.gitops.rollout.guarded import BAD, GOOD, Scene
from tests.unit.gitops.rollout.test_healing import incident, rollbacks

from gaia.errors import Invalid
from gaia.gitops.rollout import alerts
from gaia.gitops.rollout.alerted import LARGEST, Alerts, listening
from gaia.kit import clock

if TYPE_CHECKING:
    from tests.unit.gitops.ground import Ground

TOKEN = "of-tests-and-of-nobody-else"
SINCE = datetime(2026, 12, 1, 8, tzinfo=UTC)
LABELS = {"alertname": "ManyErrors", "tenant": "acme", "stage": "dev", "service": "photos", "severity": "page"}


def payload(starts: datetime | None = None, status: str = "firing", **labels: str) -> dict[str, Any]:
    """A call of Alertmanager 0.27's webhook, version 4, with one alert."""
    one = {
        "status": status,
        "labels": LABELS | labels,
        "annotations": {"summary": "5 % of the answers are errors"},
        "startsAt": clock.rfc3339(starts or datetime.now(UTC)),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.com/graph",
        "fingerprint": "0123456789abcdef",
    }
    return {
        "version": "4",
        "groupKey": '{}:{alertname="ManyErrors"}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "gaia",
        "groupLabels": {"alertname": "ManyErrors"},
        "commonLabels": LABELS,
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.com",
        "alerts": [one],
    }


def post(url: str, body: object, token: str = TOKEN) -> int:
    """The status that it is answered with."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return httpx.post(url, content=content, headers=headers, timeout=20).status_code


def test_only_who_shows_the_token_is_listened_to() -> None:
    """And what is no call of Alertmanager's is refused, of whichever kind."""
    taking = Alerts(PHOTOS, patience=0.05)
    with listening("127.0.0.1:0", TOKEN, taking) as url:
        assert post(url, payload()) == 503  # it is not known yet what is looked on
        taking.expect(datetime.now(UTC) - timedelta(minutes=1))
        for token in ("x", TOKEN[:-1], f"{TOKEN}x"):
            assert post(url, payload(), token) == 401
        assert httpx.post(url, json=payload()).status_code == 401
        assert httpx.get(url, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 501
        assert post(f"{url}/other", payload()) == 404
        for body in (b"", b"\xff", b"[" * 9000, b"[]", b"{}", b'{"alerts": {}}', b'{"alerts": 7}'):
            assert post(url, body) == 400
        assert post(url, b"x" * (LARGEST + 1)) == 413
        lists: list[object] = [[7], [{}], [{"status": "firing", "labels": [], "startsAt": 7}], [{"status": ["firing"]}]]
        for held in lists:
            assert post(url, {"alerts": held}) == 200
        assert taking.next(0) is None
    for address in ("", "x", "127.0.0.1", "127.0.0.1:99999", "[::1]:\u0663"):
        with pytest.raises(Invalid) as caught, listening(address, TOKEN, taking):
            pass
        assert caught.value.code == "alerts-address-invalid"
    with pytest.raises(Invalid, match="characters and more"), listening("127.0.0.1:0", "short", taking):
        pass


@pytest.mark.parametrize(
    ("held", "counts"),
    [
        (payload(SINCE), True),
        (payload(SINCE, tenant="", stage="", namespace="acme-dev"), True),
        (payload(SINCE - timedelta(seconds=1)), False),
        (payload(SINCE - timedelta(days=300)), False),
        (payload(datetime(2030, 1, 1, tzinfo=UTC)), False),
        (payload(SINCE, status="resolved"), False),
        (payload(SINCE, service="music"), False),
        (payload(SINCE, tenant="globex"), False),
        (payload(SINCE, stage="prod", namespace="acme-prod"), False),
    ],
)
def test_what_counts_is_new_and_about_the_service(
    held: dict[str, Any], counts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that fired before the release, or is sent again later, is none of its; nor one of another service."""
    monkeypatch.setattr("gaia.kit.clock.now", lambda: SINCE + timedelta(minutes=1))
    taking = Alerts(PHOTOS, patience=0)
    taking.expect(SINCE)
    assert taking.take(json.dumps(held).encode()) == (503 if counts else 200)
    assert (taking.next(0) is not None) == counts


def test_words_of_others_are_shown_and_not_obeyed() -> None:
    """A line without what a terminal obeys, and of no great length."""
    held = payload(SINCE, alertname="\x1b[2J\n" + "x" * 5000)
    (one,) = alerts.read(json.dumps(held).encode()) or ()
    assert "\x1b" not in one.told
    assert "\n" not in one.told
    assert len(one.told) <= 1000


def test_an_alert_takes_a_release_back_and_is_answered_then(ground: Ground) -> None:
    """Not before it is in git: Alertmanager comes again until then. Sent once more, nothing more is done."""
    good, _ = ground.make(image=GOOD), ground.make(image=BAD)
    taking = Alerts(PHOTOS)
    scene = Scene(ground, alerts=taking)
    with listening("127.0.0.1:0", TOKEN, taking) as url:
        running = scene.guard().run()
        assert next(running).state == "deployed"
        held = payload(datetime.now(UTC) + timedelta(seconds=1))
        answers: list[int] = []
        caller = threading.Thread(target=lambda: answers.append(post(url, held)))
        caller.start()
        taken = next(running)
        assert (taken.state, rollbacks(ground)) == ("open", [good])
        caller.join()
        assert answers == [200]
        assert post(url, held) == 200
        with pytest.raises(Exception, match="was taken back by itself"):
            list(running)
    found = incident(ground)
    assert (found.cause, found.told) == ("alert", "alert ManyErrors: 5 % of the answers are errors")
    assert rollbacks(ground) == [good]
