"""Approvals by several, groups, delegations, comments, budgets: over HTTP, and by the client that the terminal uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.platform.acts.test_deciding import SECURITY, ruled

from gaia.kit import clock
from gaia.records import people
from gaia.records.model import Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.api.talk import Talk
    from tests.unit.platform.loop import Loop

UNTIL = "2099-01-01T00:00:00Z"


def test_several_approve_over_http(loop: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """The first is told what is missing; a delegation and a group make it enough."""
    request = ruled(loop, SECURITY).previewed()
    talk = talk_to(loop)
    first = talk.call("POST", f"requests/{request}/approve", "gus", body={})
    assert first.status_code == 202
    assert first.json()["request"]["approvals_needed"]["words"] == "1 of 2 approvals; waits for one of group security"
    body = {"on_behalf": "lea"}
    refused = talk.call("POST", f"requests/{request}/approve", "vic", body=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "delegation-missing")
    soon = clock.rfc3339(clock.now().replace(microsecond=0).replace(year=clock.now().year + 1, month=1, day=1))
    wanted = {"to": "vic", "tenant": "acme", "stage": "dev", "until": soon}
    made = talk.call("POST", "delegations", "lea", body=wanted)
    assert (made.status_code, made.json()["owner"], made.json()["to"]) == (201, "lea", "vic")
    assert [one["id"] for one in talk.get("delegations", "vic").json()["delegations"]] == [made.json()["id"]]
    done = talk.call("POST", f"requests/{request}/approve", "vic", body=body)
    assert done.json()["request"]["status"] == "applying"
    assert [one["on_behalf"] for one in done.json()["request"]["approvals"]] == [None, "lea"]
    ended = talk.call("DELETE", f"delegations/{made.json()['id']}", "lea")
    assert ended.json()["holds"] is False


def test_what_is_no_delegation_is_refused(loop: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """Too long, without a zone, to nobody, or of what is none."""
    talk = talk_to(loop)
    for body, status in (
        ({"to": "vic", "tenant": "acme", "stage": "dev", "until": UNTIL}, 422),
        ({"to": "vic", "tenant": "acme", "stage": "dev", "until": "2026-12-24T00:00:00"}, 422),
        ({"to": "vic", "until": UNTIL, "more": 1}, 422),
        ({"to": "x" * 400, "until": UNTIL}, 422),
    ):
        assert talk.call("POST", "delegations", "gus", body=body).status_code == status


def test_groups_are_an_admins_business(loop: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """Put in, shown, and taken out again."""
    with loop.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("admin"))
    talk = talk_to(loop)
    joined = talk.call("PUT", "people/gus/groups/security", "root")
    assert (joined.status_code, joined.json()["groups"]) == (200, ["security"])
    assert talk.call("PUT", "people/gus/groups/No%20Name", "root").status_code == 422
    assert talk.call("PUT", "people/nobody/groups/security", "root").status_code == 404
    assert talk.call("PUT", "people/gus/groups/security", "gus").status_code == 403
    assert {one["name"]: one["groups"] for one in talk.get("people", "root").json()["people"]}["gus"] == ["security"]
    assert talk.call("DELETE", "people/gus/groups/security", "root").json()["groups"] == []


def test_comments_are_kept_with_the_request(waiting: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """Whoever sees it reads them."""
    talk, request = talk_to(waiting), waiting.request
    said = talk.call("POST", f"requests/{request}/comments", "gus", body={"text": "Which \x1b bucket?"})
    assert said.status_code == 201
    assert [one["text"] for one in talk.get(f"requests/{request}", "vic").json()["comments"]] == ["Which \x1b bucket?"]
    for text in ("", " ", "x" * 1001):
        assert talk.call("POST", f"requests/{request}/comments", "gus", body={"text": text}).status_code == 422


def test_budgets_show_what_is_reserved(loop: Loop, talk_to: Callable[[Loop], Talk]) -> None:
    """To who sees the whole scope of one; what is approved counts at once."""
    loop.clone.moved(
        **{
            "budgets/a.yaml": "budgets: [{tenant: acme, monthly: 50}, {monthly: 90}]\n"
            "quotas: [{tenant: acme, services: 2}, {tenant: other, services: 1}]\n"
        }
    )
    loop.approved()
    talk = talk_to(loop)
    [mine] = talk.get("budgets", "vic").json()["budgets"]
    assert (mine["tenant"], mine["committed"], mine["amount"]) == ("acme", "0", "50")
    assert float(mine["reserved"]) > 0
    assert [(one["measure"], one["used"]) for one in talk.get("quotas", "vic").json()["quotas"]] == [("services", "1")]
    assert talk.get("budgets", "bob").json()["budgets"] == []
    with loop.platform.database.begin() as tx:
        people.grant(tx, "root", Grant("viewer"))
    assert len(talk.get("budgets", "root").json()["budgets"]) == 2
