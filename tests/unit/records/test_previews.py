"""Previews by content and their judgements."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError
from tests.unit.records.moments import T0

from gaia.errors import NotFound, Unavailable
from gaia.kit import canonical
from gaia.kit.keys import SecretKey
from gaia.records import previews, requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Transaction
    from gaia.records.model import Judgement, Preview, Request

LATER = T0 + timedelta(minutes=5)


def judge(tx: Transaction, preview: Preview, **changed: object) -> Judgement:
    """Judge with values that a test changes one of."""
    values: dict[str, object] = {
        "findings": [{"rule": "tags", "effect": "warn"}],
        "undecided": ["wildcard"],
        "cost": {"version": "0.2", "totalMonthlyCost": "1.15", "timeGenerated": "2026-11-23T20:00:00Z"},
        "policies": "sha256:p",
        "verdict": "undecided",
        "at": T0,
    }
    return previews.add_judgement(tx, preview, **(values | changed))  # type: ignore[arg-type]


@pytest.fixture
def preview(tx: Transaction, make_request: Callable[..., Request], key: SecretKey) -> Preview:
    """A preview of a request."""
    return previews.add(tx, make_request(tx), "sha256:1", key=key, commit="c1", at=T0)


def test_a_preview_is_read_back_as_it_was_written(tx: Transaction, preview: Preview, key: SecretKey) -> None:
    """With the id of the key that its secrets are hashed with."""
    assert previews.get(tx, preview.request, "sha256:1") == preview
    assert (preview.key_id, preview.commit) == (key.id, "c1")


def test_the_same_content_made_again_is_the_same_preview(
    tx: Transaction, make_request: Callable[..., Request], key: SecretKey
) -> None:
    """A new commit alone moves commit and time; other content is another preview."""
    request = make_request(tx)
    for minute, (digest, commit) in enumerate([("sha256:1", "c1"), ("sha256:2", "c1"), ("sha256:1", "c2")]):
        at = T0 + timedelta(minutes=minute)
        previews.add(tx, request, digest, key=key, commit=commit, at=at)
    assert [(each.digest, each.commit) for each in previews.of_request(tx, request.id)] == [
        ("sha256:2", "c1"),
        ("sha256:1", "c2"),
    ]


def test_two_requests_may_have_a_preview_of_one_digest(
    tx: Transaction, make_request: Callable[..., Request], key: SecretKey
) -> None:
    """Content addresses are not shared between requests."""
    one, two = make_request(tx, "one"), make_request(tx, "two")
    for request in (one, two):
        previews.add(tx, request, "sha256:1", key=key, commit=request.id, at=T0)
    assert previews.get(tx, one.id, "sha256:1").commit == one.id
    with pytest.raises(NotFound) as caught:
        previews.get(tx, one.id, "sha256:2")
    assert caught.value.code == "preview-unknown"


def test_a_judgement_is_read_back_as_it_was_written(tx: Transaction, preview: Preview) -> None:
    """Findings, undecided rules, cost and policies."""
    made = judge(tx, preview)
    assert previews.judgement(tx, preview.request, made.digest) == made
    assert previews.latest_judgement(tx, preview.request, preview.digest) == made
    assert made.findings == ({"rule": "tags", "effect": "warn"},)
    with pytest.raises(NotFound) as caught:
        previews.judgement(tx, preview.request, "sha256:none")
    assert caught.value.code == "judgement-unknown"


def test_a_preview_that_is_not_judged_has_no_judgement(tx: Transaction, preview: Preview) -> None:
    """None, not an error: judging comes after."""
    assert previews.latest_judgement(tx, preview.request, preview.digest) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"findings": []},
        {"undecided": []},
        {"cost": {"version": "0.2", "totalMonthlyCost": "1.16"}},
        {"policies": "sha256:q"},
        {"verdict": "denied"},
    ],
)
def test_the_digest_of_a_judgement_covers_its_content(
    tx: Transaction, preview: Preview, changed: dict[str, object]
) -> None:
    """Whatever changed, it is another judgement, and the newest one counts."""
    before = judge(tx, preview)
    after = judge(tx, preview, at=LATER, **changed)
    assert after.digest != before.digest
    assert previews.latest_judgement(tx, preview.request, preview.digest) == after
    assert previews.judgement(tx, preview.request, before.digest) == before


def test_the_form_that_a_judgements_digest_is_made_of_is_that_of_before(tx: Transaction, preview: Preview) -> None:
    """It is signed: approvals in homes of today hold in every later Gaia."""
    content = {
        "preview": "sha256:1", "findings": [{"rule": "tags", "effect": "warn"}], "undecided": ["wildcard"],
        "cost": {"version": "0.2", "totalMonthlyCost": "1.15"}, "policies": "sha256:p", "verdict": "undecided",
    }  # fmt: skip
    assert judge(tx, preview).digest == canonical.digest(content)


def test_judging_again_with_the_same_result_keeps_the_digest(tx: Transaction, preview: Preview) -> None:
    """Neither the time of judging nor the time inside the estimate is content."""
    before = judge(tx, preview)
    cost = {**before.cost, "timeGenerated": "2026-11-24T00:00:00Z"}
    after = judge(tx, preview, at=LATER, cost=cost)
    assert after.digest == before.digest
    assert previews.judgement(tx, preview.request, after.digest) == after
    assert after.made_at == LATER


def test_a_preview_made_again_has_the_newer_key_and_place(tx: Transaction, preview: Preview, key: SecretKey) -> None:
    """After a rotation its secrets are hashed with another key; another request's preview is not touched."""
    del key
    request = requests.get(tx, preview.request)
    again = previews.add(tx, request, preview.digest, key=SecretKey("key-two", b"2" * 32), commit="c2", at=LATER)
    assert previews.get(tx, preview.request, preview.digest) == again
    assert (again.key_id, again.commit, again.made_at) == ("key-two", "c2", LATER)


def test_previews_and_judgements_are_told_apart(
    tx: Transaction, preview: Preview, make_request: Callable[..., Request], key: SecretKey
) -> None:
    """By request and by preview, also where everything else is the same, and the newest of several counts."""
    other = previews.add(tx, make_request(tx, "other"), "sha256:1", key=key, commit="c", at=LATER)
    second = previews.add(tx, requests.get(tx, preview.request), "sha256:2", key=key, commit="c", at=LATER)
    assert previews.of_request(tx, preview.request) == (preview, second)
    assert previews.of_request(tx, other.request) == (other,)
    first = judge(tx, preview)
    later = judge(tx, second, at=LATER)
    theirs = judge(tx, other, at=LATER + timedelta(minutes=1))
    assert len({first.digest, later.digest}) == 2
    assert previews.latest_judgement(tx, preview.request, preview.digest) == first
    assert previews.latest_judgement(tx, second.request, second.digest) == later
    assert previews.latest_judgement(tx, other.request, other.digest) == theirs


@pytest.mark.parametrize(
    "change",
    [
        "findings = '[]'", "undecided = '[]'", "cost = '{}'", "cost = '{\"totalMonthlyCost\": NaN}'",
        "policies = 'sha256:q'", "verdict = 'allowed'", "findings = '[\"\\ud800\"]'",
    ],
)  # fmt: skip
def test_a_judgement_that_was_changed_since_is_one_clear_error(tx: Transaction, preview: Preview, change: str) -> None:
    """Found by its digest or as the newest, it says how to go on; lists do not look, and judging again repairs it.

    PostgreSQL does not even take what is no JSON.
    """
    made = judge(tx, preview)
    try:
        tx.connection.execute(text(f"UPDATE judgements SET {change}".replace(":", "\\:")))  # noqa: S608
    except DataError:
        assert "NaN" in change
        return
    reads: list[Callable[[], object]] = [
        lambda: previews.judgement(tx, preview.request, made.digest),
        lambda: previews.latest_judgement(tx, preview.request, preview.digest),
    ]
    for read in reads:
        with pytest.raises(Unavailable) as caught:
            read()
        assert caught.value.code == "judgement-damaged"
        assert made.digest in caught.value.message
        assert "reject the request" in caught.value.next_step
        assert caught.value.facts == {"request": preview.request, "digest": made.digest}
    assert len(previews.latest_judgements(tx, [(preview.request, preview.digest)])) == 1
    assert judge(tx, preview) == previews.latest_judgement(tx, preview.request, preview.digest) == made


def test_when_an_estimate_was_made_is_no_part_of_a_judgement(tx: Transaction, preview: Preview) -> None:
    """Another time in the row is no damage."""
    made = judge(tx, preview)
    moved = '{"version": "0.2", "totalMonthlyCost": "1.15", "timeGenerated": "later"}'
    tx.connection.execute(text("UPDATE judgements SET cost = :cost"), {"cost": moved})
    assert previews.judgement(tx, preview.request, made.digest).cost["timeGenerated"] == "later"
