"""Asking, deciding and following over HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.platform.loop import STACK

from gaia.api.plain import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.api.talk import Talk
    from tests.unit.platform.loop import Loop

ASKED = {"template": "pair", "service": "films", "stack": STACK, "answers": {"text": "x"}}


def test_a_service_is_asked_for_and_the_answer_says_where_to_go_on(talk: Talk) -> None:
    """202, with the request that was written down, and links to what comes of it."""
    answered = talk.post("services", body=ASKED)
    made = answered.json()
    assert answered.status_code == 202
    assert made["request"]["status"] == "submitted"
    assert answered.headers["location"] == made["links"]["self"] == f"/api/v1/requests/{made['request']['id']}"
    assert talk.get(made["links"]["log"]).json() == {"lines": [], "next": 0}
    assert talk.get(made["links"]["preview"]).json()["code"] == "preview-missing"


def test_a_request_is_shown_as_the_terminal_has_it(talk: Talk, waiting: Loop) -> None:
    """The same machine form; only a next step is said in words, for a page has no command to type."""
    view = waiting.view(waiting.request)
    assert talk.get(f"requests/{waiting.request}").json() == plain(view.as_json())
    assert talk.get("requests/photos").json()["id"] == waiting.request
    assert view.preview is not None
    assert talk.get(f"requests/{waiting.request}/preview").json()["digest"] == view.preview.digest


def test_the_list_goes_on_where_a_page_ended(talk: Talk, waiting: Loop) -> None:
    """`next` is the cursor; it is null on the last page, and nothing stands twice."""
    ids = {waiting.request, *(waiting.written(name) for name in ("one", "two"))}
    first = talk.get("requests?limit=2").json()
    second = talk.get(f"requests?limit=2&after={first['next']}").json()
    assert second["next"] is None
    assert {each["id"] for each in (*first["requests"], *second["requests"])} == ids
    assert talk.get("requests?open=true&stack=elsewhere").json() == {"requests": [], "next": None}


def test_services_are_listed_a_page_at_a_time(done: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """As requests are."""
    done.done("books")
    talk = talk_to(done)
    first = talk.get("services?limit=1").json()
    second = talk.get(f"services?limit=1&after={first['next']}").json()
    assert [one["service"] for one in (*first["services"], *second["services"])] == ["books", "photos"]
    assert talk.get(f"services?after={second['next']}").json() == {"services": [], "next": None}
    assert len(talk.get("services").json()["services"]) == 2


def test_an_approval_names_what_was_read(talk: Talk, waiting: Loop) -> None:
    """Another preview than the current one is refused; what is approved is queued."""
    digest = talk.get(f"requests/{waiting.request}/preview").json()["digest"]
    refused = talk.post(f"requests/{waiting.request}/approve", "gus", {"digest": "sha256:other"})
    assert (refused.status_code, refused.json()["code"]) == (409, "preview-changed")
    approved = talk.post(f"requests/{waiting.request}/approve", "gus", {"digest": digest, "reason": "small"})
    assert approved.status_code == 202
    assert approved.json()["request"]["status"] == "applying"
    again = talk.post(f"requests/{waiting.request}/approve", "gus", {"digest": digest})
    assert (again.status_code, again.json()["code"]) == (409, "request-not-waiting")


def test_who_asks_does_not_approve_and_may_take_it_back(talk: Talk, waiting: Loop) -> None:
    """403 for the requester; a rejection needs a reason."""
    assert talk.post(f"requests/{waiting.request}/approve").json()["code"] in ("approver-is-requester", "not-permitted")
    assert talk.post(f"requests/{waiting.request}/reject").status_code == 422
    assert talk.post(f"requests/{waiting.request}/reject", body={"reason": "no"}).json()["status"] == "rejected"


def test_resuming_and_retiring(done: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """A service is retired by its name, or by the request that it came from; what is not parked is not resumed."""
    talk = talk_to(done)
    assert [one["service"] for one in talk.get("services").json()["services"]] == ["photos"]
    assert talk.post(f"requests/{done.request}/resume").json()["code"] == "request-not-parked"
    retired = talk.post(f"requests/{done.request}/retire")
    assert retired.json()["request"]["kind"] == "retire"
    busy = talk.post("services/photos/retire", body={"stack": STACK})
    assert (busy.status_code, busy.json()["code"]) == (409, "service-busy")
    step = busy.json()["next"]
    assert (step["act"], step["method"]) == ("status", "GET")
    assert talk.get(step["href"]).status_code == 200


def test_a_service_with_an_end_is_kept(loop: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """It is shown until when it lives; what would end it sooner, or says several ends, is refused."""
    talk = talk_to(loop)
    request = talk.post("services", body=ASKED | {"ttl": 604_800}).json()["request"]["id"]
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    loop.carry_out(request)
    [line] = talk.get("services").json()["services"]
    assert (line["ttl"], line["lives_until"]) == (604_800, talk.get(f"requests/{request}").json()["lives_until"])
    kept = talk.post("services/films/keep", body={"stack": STACK, "until": "2099-12-24T18:00:00Z"})
    assert (kept.status_code, kept.json()["code"]) == (422, "ttl-too-long")
    kept = talk.post("services/films/keep", body={"stack": STACK, "seconds": 1_000_000})
    assert (kept.status_code, kept.json()["lives_until"] > line["lives_until"]) == (200, True)
    for body, code in (
        ({}, "keep-shorter"), ({"seconds": 7200}, "keep-shorter"), ({"seconds": 0}, "call-invalid"),
        ({"until": "2099-12-24T18:00:00"}, "call-invalid"), ({"seconds": 2, "for_ever": True}, "keep-ambiguous"),
    ):  # fmt: skip
        said = talk.post("services/films/keep", body={"stack": STACK, **body})
        assert (said.status_code, said.json()["code"]) == (422, code)
    assert talk.post("services/films/keep", body={"stack": STACK, "for_ever": True}).json()["lives_until"] is None
    again = talk.post("services/films/keep", body={"stack": STACK})
    assert (again.status_code, again.json()["code"]) == (409, "service-endless")
    assert talk.post("services", body=ASKED | {"ttl": 60}).json()["code"] == "ttl-too-short"


def test_the_log_is_read_by_pages(talk: Talk, waiting: Loop) -> None:
    """`next` is where the following page begins."""
    every = talk.get(f"requests/{waiting.request}/log").json()
    first = talk.get(f"requests/{waiting.request}/log?limit=2").json()
    rest = talk.get(f"requests/{waiting.request}/log?after={first['next']}").json()
    assert [*first["lines"], *rest["lines"]] == every["lines"] == list(waiting.as_("ann").log(waiting.request))
    assert rest["next"] == len(every["lines"])


def test_events_go_on_after_the_last_one_that_was_read(talk: Talk, waiting: Loop) -> None:
    """Lines are numbered over all runs; whoever has seen all of a request that waits is told not to come again."""
    events = _events(talk.get(f"requests/{waiting.request}/events").text)
    numbers = [int(one["id"]) for one in events if "id" in one]
    assert numbers == list(range(1, len(waiting.lines(waiting.request)) + 1))
    assert [one["event"] for one in events if one["event"] != "log"] == ["request", "end"]
    again = _events(talk.get(f"requests/{waiting.request}/events", **{"Last-Event-ID": "3"}).text)
    assert [int(one["id"]) for one in again if "id" in one] == numbers[3:]
    seen = talk.get(f"requests/{waiting.request}/events", **{"Last-Event-ID": str(numbers[-1])})
    assert (seen.status_code, seen.text) == (204, "")


def _events(text: str) -> list[dict[str, str]]:
    parts = [part for part in text.split("\n\n") if part and not part.startswith(":")]
    return [dict(line.split(": ", 1) for line in part.split("\n")) for part in parts]


def test_a_stream_follows_a_run_as_it_goes(approved: Loop) -> None:
    """What a reader has seen does not come again; a change of the request comes as the request."""
    feed = approved.as_("ann").events(approved.request)
    before = feed.news()
    ended = [feed.ended]
    assert feed.news() == []
    approved.carry_out(approved.request)
    after = feed.news()
    assert [*ended, feed.ended] == [False, True]
    assert after[0].number == len([one for one in before if one.number]) + 1
    assert after[-1].data["status"] == "done"


@pytest.mark.parametrize("name", ["nothing", "req_00000000000000000000000000000000", "%F0%9F%A6%8A", "a" * 200])
def test_what_is_not_there_is_not_found(talk: Talk, name: str) -> None:
    """With the same code, however it is named."""
    answered = talk.get(f"requests/{name}")
    assert (answered.status_code, answered.json()["code"]) == (404, "request-unknown")


def test_of_several_repositories_one_is_named_or_the_request_tells(talk: Talk, waiting: Loop) -> None:
    """Without either nobody guesses."""
    served = talk.app.state.served
    other = replace(waiting.platform, repository="other")
    both = replace(waiting.platform, home_serves=lambda: [waiting.platform, other])
    served.first = both
    assert talk.get("requests").json()["code"] == "repository-unnamed"
    assert talk.get("requests?repository=nowhere").json()["code"] == "repository-unknown"
    assert talk.get("requests?repository=other").json()["requests"] == []
    assert talk.get(f"requests/{waiting.request}").status_code == 200
    assert talk.get("me").json()["repositories"] == ["platform", "other"]


def test_what_is_answered_is_json_that_anybody_reads(talk: Talk, waiting: Loop) -> None:
    """UTF-8, with its content type."""
    answered = talk.get(f"requests/{waiting.request}")
    assert answered.headers["content-type"] == "application/json"
    assert json.loads(answered.content)["service"] == "photos"
