"""The pages of one service: its change, its drift, its history, what it cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gaia.kit import clock
from gaia.records import looks, runs
from gaia.records.model import Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.console.conftest import Browser
    from tests.unit.platform.loop import Loop

STACK = "acme-use1-dev"
PATH = f"/services/{STACK}/photos"


@pytest.fixture
def browser(done: Loop, browser_of: Callable[[Loop], Browser]) -> Browser:
    """Where photos lives; ann has signed in."""
    made = browser_of(done)
    made.sign_in("ann")
    return made


def drift(loop: Loop, component: str = "photos-store") -> None:
    """A look has found that somebody changed the instance."""
    found = {
        "kind": "changed outside", "fingerprint": "f" * 16, "title": "aws_s3_bucket <b>photos</b>", "ignored": False,
        "places": [{"instance": f"{STACK}/{component}", "address": "aws_s3_bucket.this", "role": "changed",
                    "would": None}],
        "attributes": [{"path": "tags.owner", "before": "team-media", "after": "<script>mallory</script>",
                        "put_back": True, "relevant": False, "read_by": [], "ignored": None}],
        "repair": "update", "loses": [], "reason": None, "at": None,
    }  # fmt: skip
    rule = {**found, "ignored": True, "title": "let be", "kind": "changed outside"}
    loop.platform.documents.put("drift", "found", json.dumps({"findings": [rule, found]}).encode())
    with loop.platform.database.begin() as tx:
        of = Subject(f"drift {STACK}/{component}", "platform", "acme", "dev")
        run = runs.add(tx, of, "drift", ("look",), at=clock.now())
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
        runs.move(tx, run.id, ["running"], "done", at=clock.now())
        looks.add(tx, run, STACK, component, "drifted", at=clock.now(), commit="c" * 40, causes=1,
                         document="found")  # fmt: skip


def test_every_tab_of_a_service_is_shown_to_who_sees_it(browser: Browser) -> None:
    """Change only to who may ask; to another tenant's admin nothing is there."""
    for who, tabs in (("ann", 5), ("gus", 4), ("vic", 4), ("root", 5)):
        browser.sign_in(who)
        shown = browser.get(PATH).text
        assert shown.count('<a href="/services/acme-use1-dev/photos') - shown.count("All of its history") == tabs, who
        for tab in ("", "/history", "/cost", "/drift"):
            assert browser.get(PATH + tab).status_code == 200, tab
        assert browser.get(f"{PATH}/change").status_code == (200 if tabs == 5 else 403)
    browser.sign_in("bob")
    for tab in ("", "/history", "/cost", "/drift", "/change"):
        assert browser.get(PATH + tab).status_code == 404
    for act in ("look", "reconcile", "change", "change/trial"):
        assert browser.post(f"{PATH}/{act}").status_code == 404


def test_a_change_begins_with_the_answers_of_today(browser: Browser) -> None:
    """While one types, what differs and what would be destroyed is said; what is asked for are only those."""
    form = browser.get(f"{PATH}/change").text
    assert 'value="hello"' in form
    same = browser.post(f"{PATH}/change/trial", **{"answer.text": "hello", "answer.alone": "false"}).text
    assert "Change an answer" in same
    other = browser.post(f"{PATH}/change/trial", **{"answer.text": "more", "answer.alone": "false"}).text
    assert "Ready to ask for" in other
    assert "It destroys" not in other
    gone = browser.post(f"{PATH}/change/trial", **{"answer.text": "hello", "answer.alone": "true"}).text
    assert "It destroys 1 instance" in gone
    assert f"{STACK}/photos-store" in gone
    code = browser.post(f"{PATH}/change/trial", **{"answer.text": "!exec rm", "answer.alone": "false"}).text
    assert "would be taken for code" in code
    asked = browser.post(f"{PATH}/change", **{"answer.text": "more", "answer.alone": "false"})
    assert asked.url.path.startswith("/requests/req_")
    row = browser.loop.row(asked.url.path.rpartition("/")[2])
    assert row.given == {"text": "more"}


def test_a_change_that_cannot_be_asked_for_stays_typed(browser: Browser) -> None:
    """What is wrong is said where it was typed; what changes nothing is refused."""
    refused = browser.post(f"{PATH}/change", **{"answer.text": "{{ precious }}", "answer.alone": "false"})
    assert refused.status_code == 422
    assert "precious" in refused.text
    nothing = browser.post(f"{PATH}/change", **{"answer.text": "hello", "answer.alone": "false"})
    assert nothing.status_code == 409


def test_a_form_of_another_template_is_shown_again_before_it_is_sent(browser: Browser) -> None:
    """Its questions may mean something else now: nothing is asked for, and nothing that was typed is lost."""
    for path, typed in ((f"{PATH}/change", {}), ("/new/pair", {"service": "notes", "stack": STACK})):
        fields = {**typed, "answer.text": "precious", "answer.alone": "false", "questions": "of-before"}
        before = len(browser.loop.as_("ann").requests())
        sent = browser.post(path, **fields)
        assert sent.status_code == 409
        assert "was changed while this form was open" in sent.text
        assert 'value="precious"' in sent.text
        assert len(browser.loop.as_("ann").requests()) == before


def test_drift_is_told_attribute_by_attribute(browser: Browser) -> None:
    """By its class, what is let be last; put back by who may ask, which is a request."""
    assert "Nobody has looked yet" in browser.get(f"{PATH}/drift").text
    assert browser.post(f"{PATH}/reconcile").status_code == 409
    drift(browser.loop)
    shown = browser.get(f"{PATH}/drift").text
    for part in ("Changed by somebody else", "tags.owner", "team-media", "would be put back", "Let be by a rule"):
        assert part in shown
    assert shown.index("Changed by somebody else") < shown.index("Let be by a rule")
    assert "<script>mallory" not in shown
    assert "<b>photos" not in shown
    assert "Drifted" in browser.get(PATH).text
    browser.sign_in("vic")
    assert "Ask to put it back" not in browser.get(f"{PATH}/drift").text
    assert browser.post(f"{PATH}/reconcile").status_code == 403
    browser.sign_in("ann")
    asked = browser.post(f"{PATH}/reconcile")
    assert asked.url.path.startswith("/requests/req_")


def test_a_look_is_asked_for(browser: Browser) -> None:
    """Of each instance once; who may only look on is refused."""
    assert browser.post(f"{PATH}/look").status_code == 200
    assert browser.get(f"{PATH}/drift").text.count("Being looked at") >= 2
    assert browser.post(f"{PATH}/look").status_code == 200
    with browser.loop.platform.database.read() as tx:
        assert len([one for one in runs.live(tx, "platform") if one.kind == "drift"]) == 2
    browser.sign_in("vic")
    assert browser.post(f"{PATH}/look").status_code == 403


def test_history_and_cost_go_back_to_who_asked_and_who_signed(browser: Browser) -> None:
    """Request by request, with what each changed and the digest that was signed."""
    loop = browser.loop
    loop.change_done("otherwise", alone=True)
    browser.get(PATH)
    shown = browser.get(f"{PATH}/history").text
    for part in ("Asked for by", "ann", "gus", "approved", "hello", "otherwise", "Changed with pair"):
        assert part in shown
    digest = loop.approvals(loop.request)[0].preview
    assert digest.removeprefix("sha256:")[:10] in shown
    assert shown.index("otherwise") < shown.index("Made with pair")
    cost = browser.get(f"{PATH}/cost").text
    assert cost.count("data-amount=") == 2
    assert "vendor/uPlot" in cost
    assert "vendor/uPlot" not in browser.get(PATH).text


def test_a_sentence_is_shortened_for_people_and_stays_text() -> None:
    """A request is led to, a moment told by its distance; what only looks like one stays as somebody wrote it."""
    from gaia.console.words import told

    request = "req_" + "0a" * 16
    said = str(told(f"{request}: <b>ann</b> asked, 2026-13-45T99:99:99Z, sha256:{'ab' * 32}\x1b"))
    assert f'href="/requests/{request}"' in said
    assert "&lt;b&gt;ann" in said
    assert "2026-13-45T99:99:99Z" in said
    assert ">ababababab<" in said
    assert "\x1b" not in said
    assert "<time" in str(told("it was 2026-11-30T15:53:36.198Z"))
