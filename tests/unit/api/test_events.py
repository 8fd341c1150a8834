"""Events, webhooks and exports over HTTP: the same through the client as at home."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of

from gaia.access.callers import authenticate
from gaia.api.app import make_api
from gaia.api.limits import Limits
from gaia.bootstrap.remote_people import RemotePeople
from gaia.bootstrap.remote_telling import RemoteHappening, RemoteWebhooks
from gaia.client import Client
from gaia.errors import NotFound, Refused, TooMany, Unauthenticated
from gaia.kit import clock
from gaia.kit.streams import Streams
from gaia.platform.serving.chores import CHORES, do_due
from gaia.platform.views.happening import Happening, event_of
from gaia.records import people
from gaia.records.audit_export import verify
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.platform.loop import Loop

    from gaia.access.callers import Caller
    from gaia.api.stream import Feed
    from gaia.records.audit_export import Form


FORMS: tuple[Form, ...] = ("jsonl", "csv")


@pytest.fixture
def http(waiting: Loop) -> Iterator[TestClient]:
    """A server whose streams end at once; boss administers everything."""
    platform = replace(waiting.platform, environ={**waiting.platform.environ, "GAIA_WEBHOOKS_PRIVATE": "1"})
    with platform.database.begin() as tx:
        people.add_person(tx, "boss", at=clock.now())
        people.grant(tx, "boss", Grant("admin"))
        day = clock.now() + timedelta(days=1)
        waiting.tokens["boss"] = people.create_token(tx, "boss", at=clock.now(), expires=day)[1]
    app = make_api(served_of(replace(waiting, platform=platform)), limits=Limits(longest_stream=0))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def client(loop: Loop, http: TestClient, who: str) -> Client:
    """In somebody's name."""
    return Client("http://testserver", loop.tokens[who], http=http, pause=lambda _: None)


def test_what_happened_is_the_same_page_by_page_and_as_it_comes(waiting: Loop, http: TestClient) -> None:
    """By a cursor; the newest; as a stream that is resumed by number."""
    vic = client(waiting, http, "vic")
    first = vic.happened(limit=1)
    rest = vic.happened(after=first["next"])
    every = first["events"] + rest["events"]
    assert [one["type"] for one in every] == ["dev.gaia.request.submitted", "dev.gaia.request.waiting"]
    assert (every[0]["data"]["service"], every[0]["data"]["actor"]) == ("photos", "ann")
    assert vic.happened(newest=True, limit=1)["events"] == every[-1:]
    assert vic.happened(after=rest["next"]) == {"events": [], "next": rest["next"]}
    stream = vic.follow(after=first["next"])
    event = next(stream)
    assert (event.kind, event.number, event.data) == ("event", every[1]["seq"], every[1])
    remote = RemoteHappening(vic)
    assert [event_of(one).id for one in remote.feed(0).news()] == [every[0]["id"]]
    assert [one.seq for one in remote.newest(limit=9)] == [one["seq"] for one in every]
    assert [one.seq for one in remote.after(0, limit=1)] == [every[0]["seq"]]


def test_a_reader_that_was_cut_off_goes_on(waiting: Loop, http: TestClient) -> None:
    """By the header that browsers send."""
    token = {"Authorization": f"Bearer {waiting.tokens['vic']}"}
    whole = http.get("/api/v1/events/stream", headers=token).text
    assert whole.count("event: event") == 2
    last = next(line for line in whole.splitlines() if line.startswith("id: ")).removeprefix("id: ")
    rest = http.get("/api/v1/events/stream", headers={**token, "Last-Event-ID": last}).text
    assert rest.count("event: event") == 1
    assert http.get("/api/v1/events/stream", headers={**token, "Last-Event-ID": "x"}).status_code == 422


def test_another_tenant_sees_nothing_of_it(waiting: Loop, http: TestClient) -> None:
    """And who administers everything sees tokens too."""
    assert client(waiting, http, "bob").happened()["events"] == []
    boss = client(waiting, http, "boss")
    boss.create_token("zoe", roles=["viewer"])
    assert boss.happened(newest=True)["events"][-1]["type"] == "dev.gaia.token.created"
    assert "token" not in str(client(waiting, http, "root").happened(newest=True))


def test_webhooks_are_the_same_from_elsewhere(waiting: Loop, http: TestClient) -> None:
    """Made, listed, tried, looked at, removed."""
    root = RemoteWebhooks(client(waiting, http, "root"))
    made, secret = root.add("webhook", "http://127.0.0.1:9/", types=["request.*"], tenant="acme", stage="dev")
    assert str(secret).startswith("whsec_")
    assert root.list() == [made] == [root.show(made.id)]
    assert (root.test(made.id).error, root.deliveries(made.id)[0].type) == ("ConnectError", "webhook.test")
    assert RemoteWebhooks(client(waiting, http, "bob")).list() == []
    with pytest.raises(NotFound):
        RemoteWebhooks(client(waiting, http, "bob")).remove(made.id)
    assert root.remove(made.id) == made


def test_the_audit_log_is_exported_and_proves_itself(waiting: Loop, http: TestClient) -> None:
    """For an admin of everything; a part by its times."""
    boss = RemotePeople(client(waiting, http, "boss"))
    for form in FORMS:
        end = verify(boss.export(form=form), boss.export_key())
        assert end["first"] == 1
    with pytest.raises(Refused):
        list(RemotePeople(client(waiting, http, "root")).export(form="jsonl"))
    with pytest.raises(NotFound):
        list(boss.export(form="jsonl", until=clock.parse_rfc3339("2001-01-01T00:00:00Z")))


def test_the_engine_tells_what_happened(waiting: Loop, http: TestClient) -> None:
    """One of its chores; one that nobody takes is tried again, and that is no error of the chore."""
    root = RemoteWebhooks(client(waiting, http, "root"))
    made, _ = root.add("webhook", "http://127.0.0.1:9/", tenant="acme")
    waiting.as_("gus").reject(waiting.request, reason="no")
    platform = replace(waiting.platform, environ={"GAIA_WEBHOOKS_PRIVATE": "1"})
    assert do_due(platform, [one for one in CHORES if one.name == "notify"]) == {}
    [line] = root.deliveries(made.id)
    assert (line.type, line.status, line.tries, line.error) == ("request.rejected", "waiting", 1, "ConnectError")
    assert root.show(made.id).waiting == 1


def caller_of(loop: Loop, who: str) -> Caller:
    """As a door finds out."""
    with loop.platform.database.read() as tx:
        return authenticate(tx, loop.tokens[who], clock.now())


@pytest.mark.parametrize("end", ["disabled", "revoked", "role"])
def test_a_stream_ends_with_what_its_reader_may_see(approved: Loop, end: str) -> None:
    """Each look asks again: a person who was shut out, or whose token or role was taken, reads nothing more."""
    platform, caller = approved.platform, caller_of(approved, "vic")
    feeds: list[Feed] = [approved.as_("vic").events(approved.request), Happening(platform, caller).feed(0)]
    for feed in feeds:
        assert feed.news()
        assert feed.news() == []
    with platform.database.begin() as tx:
        if end == "disabled":
            people.set_disabled(tx, caller.name, disabled=True)
        elif end == "revoked":
            people.revoke_token(tx, caller.token, at=clock.now())
        else:
            people.withdraw(tx, "vic", caller.grants[0])
    approved.carry_out(approved.request)
    with pytest.raises(NotFound if end == "role" else Unauthenticated):
        feeds[0].news()
    if end == "role":
        assert feeds[1].news() == []
    else:
        with pytest.raises(Unauthenticated):
            feeds[1].news()


def test_one_person_does_not_take_all_streams() -> None:
    """Each has a share; a stream that has ended is given back."""
    streams = Streams(3, each=2)
    with streams.one("ann"), streams.one("ann"):
        with pytest.raises(TooMany) as caught, streams.one("ann"):
            pass
        assert caught.value.code == "streams-many"
        with streams.one("bob"), pytest.raises(TooMany):
            streams.check("cid")
        streams.check("cid")
    streams.check("ann")


def test_a_stream_of_a_request_is_closed_after_a_while(approved: Loop) -> None:
    """While a run goes on, too: who reads it comes again by its number."""
    app = make_api(served_of(approved), limits=Limits(longest_stream=0))
    token = {"Authorization": f"Bearer {approved.tokens['vic']}"}
    with TestClient(app, raise_server_exceptions=False) as http:
        text = http.get(f"/api/v1/requests/{approved.request}/events", headers=token).text
    assert "event: request" in text
    assert "event: end" not in text
