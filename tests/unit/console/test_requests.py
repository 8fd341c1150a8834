"""The page of a request, and deciding on it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient
from tests.unit.api.conftest import served_of
from tests.unit.console.conftest import ADDRESS, Browser

from gaia.api.app import make_api
from gaia.console.app import Console
from gaia.console.pages import requests
from gaia.platform.acts.service import Platform
from gaia.records import people
from gaia.testing import views

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message
    from tests.unit.platform.loop import Loop

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202eevil\u0000" + "x" * 5000


def test_an_approver_reads_signs_and_it_goes_on(browser: Browser) -> None:
    """What is signed is what the page showed: the digests stand in the form."""
    browser.sign_in("gus")
    request = browser.loop.request
    view = browser.loop.view(request)
    assert view.preview is not None
    shown = browser.get(f"/requests/{request}").text
    assert "aws_s3_bucket.this" in shown
    assert f'name="digest" value="{view.preview.digest}"' in shown
    sent = browser.post(
        f"/requests/{request}/approve", digest=view.preview.digest, judgement=view.preview.judgement, reason="fine"
    )
    assert sent.url.path == f"/requests/{request}"
    assert browser.loop.view(request).status == "applying"
    assert "fine" in sent.text


def test_another_preview_than_that_which_was_read_is_not_signed(browser: Browser) -> None:
    """The page says so, as it is now, and keeps the reason."""
    browser.sign_in("gus")
    sent = browser.post(f"/requests/{browser.loop.request}/approve", digest="sha256:other", reason="my reason")
    assert sent.status_code == 409
    assert "my reason" in sent.text
    assert browser.loop.view(browser.loop.request).status == "waiting"


def test_two_tabs_decide_and_the_second_is_told(browser: Browser) -> None:
    """The first counts."""
    browser.sign_in("gus")
    token, path = browser.token(), f"/requests/{browser.loop.request}"
    assert browser.post(f"{path}/reject", token=token, reason="no").status_code == 200
    late = browser.post(f"{path}/approve", token=token, reason="yes")
    assert late.status_code == 409
    assert browser.loop.view(browser.loop.request).status == "rejected"


def test_who_asked_may_not_approve_but_take_it_back(browser: Browser) -> None:
    """The page offers what is possible, and the platform refuses the rest."""
    browser.sign_in("ann")
    path = f"/requests/{browser.loop.request}"
    shown = browser.get(path).text
    assert "Take it back" in shown
    assert ">Approve<" not in shown
    assert browser.post(f"{path}/approve").status_code == 403
    assert "Take it back" in browser.get(path).text


def test_a_role_that_was_taken_counts_no_more(browser: Browser) -> None:
    """The page was open meanwhile; what is sent from it is refused, and it is not shown again."""
    from gaia.records import people
    from gaia.records.model import Grant

    browser.sign_in("gus")
    token = browser.token()
    with browser.loop.platform.database.begin() as tx:
        people.withdraw(tx, "gus", Grant("approver", "acme"))
    sent = browser.post(f"/requests/{browser.loop.request}/approve", token=token)
    assert sent.status_code == 404
    assert browser.loop.view(browser.loop.request).status == "waiting"


@pytest.mark.parametrize("act", ["", "/log", "/live"])
def test_another_tenants_request_is_not_there(browser: Browser, act: str) -> None:
    """The answer is that of one that never was, but for the name."""
    browser.sign_in("bob")
    request, other = browser.loop.request, "req_" + "0" * 32
    theirs, none = browser.get(f"/requests/{request}{act}"), browser.get(f"/requests/{other}{act}")
    assert theirs.status_code == none.status_code == 404
    assert theirs.text.replace(request, "") == none.text.replace(other, "")


def test_texts_of_people_are_shown_and_obeyed_nowhere(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Markup, escapes, turned writing, length: in names, answers, comments, values and logs."""
    whole = views.waiting()
    assert whole.preview is not None
    change = replace(whole.preview.changes[0], address=HOSTILE, after={HOSTILE: HOSTILE, "list": [HOSTILE]})
    finding = {**whole.preview.findings[0], "message": HOSTILE, "title": HOSTILE, "remediation": HOSTILE}
    view = replace(
        whole, id=browser.loop.request, service="x" * 63, requester=HOSTILE, reason=HOSTILE, answers={HOSTILE: HOSTILE},
        preview=replace(whole.preview, changes=(change,), findings=(finding,)),
        comments=(replace(views.comment(), text=HOSTILE),), approvals=(replace(views.approval(), reason=HOSTILE),),
    )  # fmt: skip
    monkeypatch.setattr(Platform, "request", lambda *_: view)
    browser.sign_in("gus")
    shown = browser.get(f"/requests/{browser.loop.request}").text
    assert "<script>alert" not in shown
    assert not {"\x1b", "\u202e", "\x00"} & set(shown)
    assert "&lt;script&gt;" in shown


def test_news_come_as_parts_of_the_page_and_end(approved: Loop, browser_of: Callable[[Loop], Browser]) -> None:
    """Log lines are numbered; when it has ended the whole page is brought up to date, and the stream is closed."""
    browser = browser_of(approved)
    browser.sign_in("gus")
    approved.carry_out(approved.request)
    stream = browser.get(f"/requests/{approved.request}/live").text
    assert 'hx-target="#log"' in stream
    assert 'hx-target="#request"' in stream
    assert "\nid: " in f"\n{stream}"
    assert stream.endswith("event: end\ndata: {}\n\n")
    last = max(int(line.removeprefix("id: ")) for line in stream.splitlines() if line.startswith("id: "))
    again = browser.get(f"/requests/{approved.request}/live", **{"last-event-id": str(last)}).text
    assert 'hx-target="#log"' not in again


@pytest.mark.parametrize("last", ["x", "-1", "9" * 40, "\uff11"])
def test_a_number_that_is_none_begins_anew(done: Loop, browser_of: Callable[[Loop], Browser], last: str) -> None:
    """Nothing breaks by it."""
    browser = browser_of(done)
    browser.sign_in("gus")
    assert browser.client.get(f"/requests/{done.request}/live?after={last}").status_code == 200


def looks_once(loop: Loop, who: str) -> Browser:
    """Somebody's browser at a page whose streams tell once what is new, and are closed."""
    served = served_of(loop)
    app = make_api(served, page=lambda served, who: Console(served, who, longest_stream=0))
    browser = Browser(TestClient(app, base_url=ADDRESS, raise_server_exceptions=False), served, loop)
    browser.sign_in(who)
    return browser


def stream_of(page: str) -> str:
    """Where a page hears what is new."""
    found = re.search(r'hx-sse:connect="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_a_page_that_waits_is_told_what_others_do(waiting: Loop) -> None:
    """Nothing until then; a comment changes no more than where it stands, and a decision the whole page."""
    ann = looks_once(waiting, "ann")
    live = stream_of(ann.get(f"/requests/{waiting.request}").text)
    assert ann.get(live).text == ""
    waiting.as_("gus").comment(waiting.request, "soon")
    told = ann.get(live).text
    assert "soon" in told
    assert 'hx-target="#comments"' in told
    assert 'hx-target="#request"' not in told
    assert "event: end" not in told
    waiting.as_("gus").reject(waiting.request, reason="not now")
    told = ann.get(live).text
    assert "Rejected" in told
    assert 'hx-target="#request"' in told
    assert "event: end" in told


def test_home_is_told_what_needs_somebody(waiting: Loop) -> None:
    """What another decided is gone from it; who may not see the place is told nothing."""
    gus, bob = looks_once(waiting, "gus"), looks_once(waiting, "bob")
    mine, theirs = (stream_of(one.get("/").text) for one in (gus, bob))
    assert gus.get(mine).text == ""
    waiting.as_("ann").reject(waiting.request, reason="not needed")
    told = gus.get(mine).text
    assert "Nothing needs you" in told
    assert 'hx-target="#lists"' in told
    assert bob.get(theirs).text == ""


def test_what_a_page_is_told_is_what_its_reader_may_see_by_then(waiting: Loop) -> None:
    """A role that was taken while the page was open shows nothing any more, and a session that ended neither."""
    gus = looks_once(waiting, "gus")
    home, request = (stream_of(gus.get(path).text) for path in ("/", f"/requests/{waiting.request}"))
    with waiting.platform.database.begin() as tx:
        for one in people.get_person(tx, "gus").grants:
            people.withdraw(tx, people.get_person(tx, "gus").id, one)
    waiting.as_("ann").comment(waiting.request, "secret-plans")
    assert "photos" not in gus.get(home).text
    assert "secret-plans" not in gus.get(request).text
    gus.client.cookies.clear()
    assert "photos" not in gus.get(home).text


@pytest.mark.parametrize("query", ["show=nonsense", "q=%00", "q=" + "x" * 400, "after=zzz", "q=%F0%9F%8E%89"])
def test_any_question_to_the_list_has_an_answer(browser: Browser, query: str) -> None:
    """A page, or one clear error."""
    browser.sign_in("gus")
    assert browser.get(f"/requests?{query}").status_code in (200, 422)


def test_the_tabs_show_what_they_say(browser: Browser) -> None:
    """Each lists its own."""
    browser.sign_in("gus")
    for tab in requests.TABS:
        assert ("photos" in browser.get(f"/requests?show={tab}").text) == (tab in ("", "waiting"))


def test_one_person_does_not_take_all_that_can_be_followed(
    approved: Loop, browser_of: Callable[[Loop], Browser]
) -> None:
    """Who has as many pages open as one may is told so; others follow theirs."""
    browser = browser_of(approved)
    browser.sign_in("gus")
    console = browser.client.app.state.page  # type: ignore[attr-defined]
    assert isinstance(console, Console)
    with approved.platform.database.read() as tx:
        mine = people.get_person(tx, "gus").id
    with ExitStack() as open_ones:
        for _ in range(20):
            open_ones.enter_context(console.streams.one(mine))
        assert console.following == 20
        refused = browser.get(f"/requests/{approved.request}/live")
        assert refused.status_code == 429
        console.streams.check("somebody-else")
    assert console.following == 0


def test_who_asks_for_many_streams_at_once_gets_as_many_as_one_may_have(
    approved: Loop, browser_of: Callable[[Loop], Browser]
) -> None:
    """On the page as at the API: twenty, and each of the others is told so before anything is sent."""
    browser = browser_of(approved)
    browser.sign_in("gus")
    app, request = browser.client.app, approved.request
    cookie = "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())
    page = opened_at_once(app, 30, f"/requests/{request}/live", cookie=cookie)
    assert Counter(page) == {200: 20, 429: 10}
    bearer = f"Bearer {approved.tokens['gus']}"
    api = opened_at_once(app, 30, f"/api/v1/requests/{request}/events", authorization=bearer)
    assert Counter(api) == {200: 20, 429: 10}
    assert browser.get(f"/requests/{request}").status_code == 200


def opened_at_once(app: Any, number: int, path: str, **headers: str) -> list[int]:
    """How so many calls are answered that are there at the same time, and stay."""

    async def called(gone: asyncio.Event) -> int:
        statuses: list[int] = []

        async def receive() -> Message:
            if not statuses:
                return {"type": "http.request", "body": b"", "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                answered.append(message["status"])
                if len(answered) == number:
                    gone.set()

        given = [(name.encode(), value.encode()) for name, value in {**headers, "host": "localhost"}.items()]
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
                 "headers": given, "scheme": "https", "server": ("localhost", 443), "client": ("127.0.0.1", 1),
                 "http_version": "1.1", "root_path": "", "state": {}, "asgi": {"version": "3.0"}}  # fmt: skip
        await app(scope, receive, send)
        return statuses[0]

    async def all_of_them() -> list[int]:
        gone = asyncio.Event()
        return await asyncio.gather(*(called(gone) for _ in range(number)))

    answered: list[int] = []
    return asyncio.run(all_of_them())


def test_a_page_that_follows_comes_again_after_a_while(approved: Loop) -> None:
    """No stream outlasts its time, while a run goes on too: the browser opens another, and is asked who it is."""
    served = served_of(approved)
    app = make_api(served, page=lambda served, who: Console(served, who, longest_stream=0))
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        browser = Browser(client, served, approved)
        browser.sign_in("gus")
        text = browser.get(f"/requests/{approved.request}/live").text
    assert 'hx-target="#log"' in text
    assert "event: end" not in text
