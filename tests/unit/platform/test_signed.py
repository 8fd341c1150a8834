"""What an application acts on: the signature, never what stands in the request, and only what is what it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from tests.unit.platform.loop import run_context

from gaia.errors import Conflict, Unauthenticated, Unavailable
from gaia.kit import clock
from gaia.platform.approvals import signing
from gaia.platform.requests import previewing
from gaia.platform.serving import serving
from gaia.records import approvals, requests, runs
from gaia.records.tables import approvals as table
from gaia.records.tables import judgements
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.platform.conftest import House

    from gaia.platform.context import RunContext


def held(house: House, request: str) -> Mapping[str, str]:
    """What `hold` found: the approval that was just given."""
    with house.platform.database.read() as tx:
        [approval] = approvals.of_request(tx, request)
    return {"approval": approval.id, "digest": approval.preview}


def at(house: House, request: str, **results: Mapping[str, str]) -> RunContext:
    """A later step of the application."""
    with house.platform.database.read() as tx:
        run = runs.of_request(tx, request)[-1]
    with run_context(house.platform, run.id) as context:
        return context.at("publish", results)


def refused(context: RunContext) -> str:
    """The code that a step is refused with."""
    with pytest.raises(Conflict) as caught:
        signing.signed(context)
    return caught.value.code


def test_what_was_signed_counts_and_not_what_the_request_says(house: House) -> None:
    """The request's preview was changed after `hold`: the digest is that of the approval."""
    request = house.previewed()
    house.as_("gus").approve(request)
    found = held(house, request)
    with house.platform.database.begin() as tx:
        requests.note(tx, request, at=clock.now(), preview="sha256:" + "f" * 64)
    assert signing.signed(at(house, request, hold=found)).preview == found["digest"]


def test_an_approval_that_was_voided_meanwhile_counts_no_longer(house: House) -> None:
    """Read anew in each step: a rotation of the key, say, ends an application between two instances."""
    request = house.previewed()
    house.as_("gus").approve(request)
    found = held(house, request)
    with house.platform.database.begin() as tx:
        approvals.void(tx, request, "key-rotated", at=clock.now())
    assert refused(at(house, request, hold=found)) == "approval-missing"


def test_a_forged_approval_counts_for_nothing(house: House) -> None:
    """A row whose digest was changed bears a signature of something else."""
    request = house.previewed()
    house.as_("gus").approve(request)
    found = held(house, request)
    with house.platform.database.begin() as tx:
        tx.change(update(table).values(preview="sha256:" + "f" * 64))
    assert refused(at(house, request, hold=found)) == "approval-missing"


def test_the_approval_of_another_request_counts_for_nothing(house: House) -> None:
    """A step result that names it was tampered with."""
    mine, theirs = house.previewed(), house.previewed("music")
    house.as_("gus").approve(mine)
    house.as_("gus").approve(theirs)
    assert refused(at(house, mine, hold=held(house, theirs))) == "approval-missing"


def test_a_preview_that_was_edited_is_neither_shown_nor_signed(house: House) -> None:
    """Its content is held against its digest on every load; the request says what to do."""
    request = house.previewed()
    digest = NormalForm({}, house.platform.key.id).digest
    other = NormalForm({}, "key-of-somebody-else")
    kept = {"normal": other.as_json(), "alone": []}
    house.platform.documents.put("preview", previewing.document_name(digest), json.dumps(kept).encode())
    with pytest.raises(Unavailable) as caught:
        house.as_("gus").approve(request)
    assert caught.value.code == "preview-damaged"
    shown = house.as_("gus").request(request)
    assert shown.preview is None
    assert "changed since it was made" in shown.reason
    assert shown.status == "waiting"


def test_a_judgement_that_was_edited_is_neither_shown_nor_approved(house: House) -> None:
    """Held against its digest like the preview; saying no to it is the way out."""
    request = house.previewed()
    with house.platform.database.begin() as tx:
        tx.change(update(judgements).values(cost={"totalMonthlyCost": "0"}))
    with pytest.raises(Unavailable) as caught:
        house.as_("gus").approve(request)
    assert caught.value.code == "judgement-damaged"
    shown = house.as_("gus").request(request)
    assert (shown.status, shown.preview) == ("waiting", None)
    assert "changed since it was made" in shown.reason
    assert "reject the request" in shown.reason
    assert house.as_("gus").reject(request, reason="forged").status == "rejected"


def test_a_void_approval_is_decided_anew(house: House) -> None:
    """Parked because what would be done is something else: resuming previews that, for somebody to decide on."""
    request = house.previewed()
    house.as_("gus").approve(request)
    with house.platform.database.begin() as tx:
        [_, run] = runs.of_request(tx, request)
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
        runs.move(tx, run.id, ["running"], "parked", at=clock.now(), code="approval-void")
        requests.move(tx, request, ["applying"], "parked", at=clock.now())
    resumed = house.as_("gus").resume(request)
    assert resumed.status == "submitted"
    assert resumed.runs[-1].kind == "preview"
    with house.platform.database.read() as tx:
        assert approvals.live(tx, request, held(house, request)["digest"]) == ()


def test_a_log_is_refused_before_its_first_line_is_asked_for(house: House) -> None:
    """A door that begins to send learns first that the caller may not see it."""
    request = house.previewed()
    with pytest.raises(Unauthenticated):
        house.as_("nobody").log(request)


def test_a_run_whose_steps_cannot_be_read_back_parks(house: House) -> None:
    """By its name and with what to do; what had not begun to be applied fails, and one that ended is left alone."""
    applying, asked = house.previewed(), house.written("music")
    house.as_("gus").approve(applying)
    for request in (applying, asked):
        with house.platform.database.read() as tx:
            run = runs.of_request(tx, request)[-1]
        serving._abandon(house.platform, run.id)
        serving._abandon(house.platform, run.id)
    parked, failed = house.as_("gus").request(applying), house.as_("gus").request(asked)
    assert (parked.status, parked.runs[-1].code) == ("parked", "engine-row-unreadable")
    assert (failed.status, failed.runs[-1].code) == ("failed", "engine-row-unreadable")
    assert parked.runs[-1].id in parked.reason
    assert house.as_("gus").resume(applying).status == "applying"
