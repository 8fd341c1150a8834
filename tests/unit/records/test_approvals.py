"""Approvals: who may, what is signed, what voids."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, update
from tests.unit.records.moments import T0

from gaia.errors import Conflict, Invalid
from gaia.kit.keys import SecretKey
from gaia.records import approvals, previews, requests, tables
from gaia.records.model import Approval, Grant

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Database, Transaction
    from gaia.records.model import Judgement, Person, Request, Verdict

LATER = T0 + timedelta(minutes=5)
OTHER = SecretKey("key-two", b"2" * 32)


@pytest.fixture
def boss(tx: Transaction, make_person: Callable[..., Person]) -> Person:
    """Somebody who may approve."""
    return make_person(tx, "boss", Grant("approver"))


@pytest.fixture
def request_(tx: Transaction, make_request: Callable[..., Request]) -> Request:
    """A request that waits."""
    made = make_request(tx)
    return requests.move(tx, made.id, ["submitted"], "waiting", at=T0)


def judged(
    tx: Transaction, request: Request, key: SecretKey, digest: str = "sha256:1", verdict: Verdict = "undecided"
) -> Judgement:
    """A judged preview."""
    made = previews.add(tx, request, digest, key=key, commit="c", at=T0)
    return previews.add_judgement(
        tx, made, findings=[], undecided=["wildcard"], cost={}, policies="sha256:p", verdict=verdict, at=T0
    )


def test_an_approval_signs_what_was_judged(tx: Transaction, request_: Request, boss: Person, key: SecretKey) -> None:
    """It names digest, judgement, person and the undecided rules, and verifies with the key."""
    judgement = judged(tx, request_, key)
    made = approvals.decide(tx, judgement, "approved", person=boss.id, key=key, at=T0, reason="ok")
    assert approvals.live(tx, request_.id, "sha256:1") == (made,)
    assert approvals.of_request(tx, request_.id) == (made,)
    assert (made.judgement, made.undecided, made.key_id) == (judgement.digest, ("wildcard",), key.id)
    assert approvals.verify(made, [OTHER, key])


@pytest.mark.parametrize(
    "forged",
    [
        {"request": "req_0"},
        {"preview": "sha256:2"},
        {"judgement": "sha256:3"},
        {"decision": "rejected"},
        {"person": "per_0"},
        {"person": None},
        {"at": LATER},
        {"reason": "not ok"},
        {"undecided": ()},
        {"id": "apr_0"},
        {"signature": ""},
        {"signature": "\u00fc"},
        {"signature": b""},
        {"reason": b"ok"},
        {"reason": "\ud800"},
        {"key_id": "key-two"},
    ],
)
def test_a_changed_statement_does_not_verify(
    tx: Transaction, request_: Request, boss: Person, key: SecretKey, forged: dict[str, object]
) -> None:
    """Each field is covered."""
    made = approvals.decide(tx, judged(tx, request_, key), "approved", person=boss.id, key=key, at=T0)
    assert approvals.verify(made, [key])
    assert not approvals.verify(replace(made, **forged), [key, OTHER])  # type: ignore[arg-type]


def test_a_row_that_was_changed_in_the_table_does_not_verify(
    tx: Transaction, request_: Request, boss: Person, key: SecretKey
) -> None:
    """What is read back is what is checked; a key of the same id but other bytes does not help."""
    made = approvals.decide(tx, judged(tx, request_, key), "rejected", person=boss.id, key=key, at=T0)
    tx.change(update(tables.approvals).values(decision="approved"))
    assert not approvals.verify(approvals.of_request(tx, request_.id)[0], [key])
    assert not approvals.verify(made, [SecretKey(key.id, b"3" * 32)])
    assert not approvals.verify(made, [])


def test_what_a_policy_denies_cannot_be_approved(
    tx: Transaction, request_: Request, boss: Person, key: SecretKey
) -> None:
    """Not even by the right person."""
    with pytest.raises(Invalid) as caught:
        approvals.decide(tx, judged(tx, request_, key, verdict="denied"), "approved", person=boss.id, key=key, at=T0)
    assert caught.value.code == "approval-denied"


def test_a_policy_may_approve(tx: Transaction, request_: Request, key: SecretKey) -> None:
    """Nobody's name stands there then, and it is signed all the same."""
    made = approvals.decide(tx, judged(tx, request_, key, verdict="allowed"), "approved", person=None, key=key, at=T0)
    assert made.person is None
    assert approvals.verify(made, [key])


def test_there_is_one_decision_on_a_preview_until_it_is_voided(
    tx: Transaction, request_: Request, boss: Person, key: SecretKey
) -> None:
    """The second is a conflict; another digest is another decision; after voiding it can be made anew."""
    judgement = judged(tx, request_, key)
    first = approvals.decide(tx, judgement, "approved", person=boss.id, key=key, at=T0)
    with pytest.raises(Conflict) as caught:
        approvals.decide(tx, judgement, "rejected", person=boss.id, key=key, at=T0)
    assert caught.value.code == "already-decided"
    approvals.decide(tx, judged(tx, request_, key, "sha256:2"), "approved", person=boss.id, key=key, at=T0)
    assert approvals.void(tx, request_.id, "preview-changed", at=LATER) == 2
    assert approvals.void(tx, request_.id, "again", at=LATER) == 0
    assert approvals.live(tx, request_.id, "sha256:1") == ()
    voided = next(each for each in approvals.of_request(tx, request_.id) if each.id == first.id)
    assert (voided.voided_at, voided.voided_why) == (LATER, "preview-changed")
    assert not approvals.verify(voided, [key])
    approvals.decide(tx, judgement, "approved", person=boss.id, key=key, at=LATER)


def test_open_approvals_by_other_keys_are_found(
    tx: Transaction, make_request: Callable[..., Request], boss: Person, key: SecretKey
) -> None:
    """Not those of what has ended, which keeps its proof, nor what the new key signed."""
    ended, open_, fresh = (make_request(tx, name) for name in ("ended", "open", "fresh"))
    for request, signer in ((ended, key), (open_, key), (fresh, OTHER)):
        approvals.decide(tx, judged(tx, request, signer), "approved", person=boss.id, key=signer, at=T0)
        requests.move(tx, request.id, ["submitted"], "applying", at=T0)
    requests.move(tx, ended.id, ["applying"], "done", at=T0)
    assert approvals.by_other_keys(tx, OTHER) == (open_.id,)
    approvals.void(tx, open_.id, "key-rotated", at=LATER)
    assert approvals.by_other_keys(tx, OTHER) == ()


def test_a_forged_row_does_not_verify(tx: Transaction, request_: Request, boss: Person, key: SecretKey) -> None:
    """Written to the table without the key, with the signature of a real one or with none."""
    real = approvals.decide(tx, judged(tx, request_, key), "approved", person=boss.id, key=key, at=T0)
    other = judged(tx, request_, key, "sha256:2")
    for number, signature in enumerate((real.signature, "", "hmac-sha256:")):
        forged = replace(
            real, id=f"apr_{number}", preview=f"sha256:{number}-forged", judgement=other.digest, signature=signature
        )
        tx.change(insert(tables.approvals).values({name: getattr(forged, name) for name in forged.__slots__}))
        [found] = approvals.live(tx, request_.id, forged.preview)
        assert found == forged
        assert not approvals.verify(found, [key, OTHER])


def test_a_live_decision_is_on_exactly_this_preview_of_this_request(
    tx: Transaction, make_request: Callable[..., Request], boss: Person, key: SecretKey
) -> None:
    """Neither that on another preview, nor another request's on one of the same digest."""
    one, two = make_request(tx, "one"), make_request(tx, "two")
    first = approvals.decide(tx, judged(tx, one, key), "approved", person=boss.id, key=key, at=T0)
    second = approvals.decide(tx, judged(tx, one, key, "sha256:2"), "rejected", person=boss.id, key=key, at=T0)
    assert approvals.live(tx, one.id, "sha256:1") == (first,)
    assert approvals.live(tx, one.id, "sha256:2") == (second,)
    assert approvals.live(tx, one.id, "sha256:3") == ()
    assert approvals.live(tx, two.id, "sha256:1") == ()
    assert approvals.of_request(tx, one.id) == (first, second)
    assert approvals.of_request(tx, two.id) == ()


def test_voiding_hits_one_request(
    tx: Transaction, make_request: Callable[..., Request], boss: Person, key: SecretKey
) -> None:
    """Others' decisions, also on the same digest, count on; one that was voided keeps its time and reason."""
    one, two = make_request(tx, "one"), make_request(tx, "two")
    made = {
        each.id: approvals.decide(tx, judged(tx, each, key), "approved", person=boss.id, key=key, at=T0)
        for each in (one, two)
    }
    assert approvals.void(tx, one.id, "preview-changed", at=LATER) == 1
    assert approvals.live(tx, two.id, "sha256:1") == (made[two.id],)
    assert approvals.void(tx, one.id, "again", at=LATER + timedelta(hours=1)) == 0
    [voided] = approvals.of_request(tx, one.id)
    assert voided == replace(made[one.id], voided_at=LATER, voided_why="preview-changed")


def test_the_form_that_is_signed_is_that_of_before(key: SecretKey) -> None:
    """Approvals in homes of today are verified by every later Gaia."""
    made = Approval(
        id="apr_1", request="req_1", preview="sha256:1", judgement="sha256:j", decision="approved", person="per_1",
        at=T0, reason="ok", undecided=("wildcard",), key_id=key.id,
        signature="hmac-sha256:01dea74940d51872d084d5b57673b3f4a5379ca21b70f333915647b18c311241",
    )  # fmt: skip
    assert approvals.verify(made, [key]) is True
    assert approvals.verify(made, [SecretKey("key-other", key.secret)]) is False
    assert approvals.verify(replace(made, signature="\u00fc"), [key]) is False


def test_several_people_decide_on_one_preview(
    tx: Transaction, make_person: Callable[..., Person], request_: Request, boss: Person, key: SecretKey
) -> None:
    """Each once, and a policy once; oldest first; one person's are voided alone."""
    judgement = judged(tx, request_, key, verdict="allowed")
    other = make_person(tx, "other", Grant("approver"))
    made = tuple(
        approvals.decide(tx, judgement, "approved", person=one, key=key, at=T0) for one in (boss.id, other.id, None)
    )
    assert approvals.live(tx, request_.id, "sha256:1") == made
    assert approvals.live_of(tx, [request_.id, "req_0"]) == made
    for person in (other.id, None):
        with pytest.raises(Conflict) as caught:
            approvals.decide(tx, judgement, "approved", person=person, key=key, at=T0)
        assert caught.value.code == "already-decided"
    assert approvals.void_of(tx, request_.id, boss.id, "signed again", at=LATER) == 1
    assert approvals.live(tx, request_.id, "sha256:1") == made[1:]


@pytest.mark.parametrize(
    "forged",
    [
        {"on_behalf": None},
        {"on_behalf": "per_0"},
        {"groups": ()},
        {"groups": ("audit",)},
        {"proved_at": LATER},
        {"proved_at": None},
    ],
)
def test_in_whose_name_in_which_groups_and_how_proved_is_signed(
    tx: Transaction,
    make_person: Callable[..., Person],
    request_: Request,
    boss: Person,
    key: SecretKey,
    forged: dict[str, object],
) -> None:
    """None of it can be added, taken away or changed."""
    other = make_person(tx, "other", Grant("approver"))
    made = approvals.decide(
        tx, judged(tx, request_, key), "approved", person=boss.id, key=key, at=T0, on_behalf=other.id,
        groups=["security", "audit"], proved_at=T0,
    )  # fmt: skip
    [read] = approvals.of_request(tx, request_.id)
    assert (read, read.groups) == (made, ("audit", "security"))
    assert approvals.verify(read, [key])
    assert not approvals.verify(replace(made, **forged), [key])  # type: ignore[arg-type]


def test_two_who_approve_at_once_see_each_other(
    database: Database, make_person: Callable[..., Person], make_request: Callable[..., Request], key: SecretKey
) -> None:
    """Whoever changes the request second counts the first one's approval: two of two are never both one of two."""
    with database.begin() as tx:
        row = make_request(tx)
        requests.move(tx, row.id, ["submitted"], "waiting", at=T0)
        judgement = judged(tx, row, key)
        named = [make_person(tx, name, Grant("approver")).id for name in ("one", "two")]
    ready, seen = threading.Barrier(2), list[int]()

    def approve(person: str) -> None:
        ready.wait(10)
        with database.begin() as tx:
            requests.note(tx, row.id, at=LATER, asked={"approvers": 2})
            approvals.decide(tx, judgement, "approved", person=person, key=key, at=LATER)
            seen.append(len(approvals.live(tx, row.id, "sha256:1")))

    threads = [threading.Thread(target=approve, args=(one,)) for one in named]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(seen) == [1, 2]
