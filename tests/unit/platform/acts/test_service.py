"""What doors may ask, who may, and what is written down: without terraform."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gaia.cli.next_step import told
from gaia.errors import Conflict, GaiaError, Invalid, NotFound, Refused, Unauthenticated
from gaia.kit import clock
from gaia.operations.journal import Journal
from gaia.platform.instances import journals
from gaia.platform.requests import rendering
from gaia.records import approvals, audit, leases, requests, runs

if TYPE_CHECKING:
    from tests.unit.platform.conftest import House

    from gaia.platform.model import RequestView


@pytest.mark.slow
def test_a_request_is_written_down_with_its_queued_preview_and_an_audit_entry(house: House) -> None:
    """Request, run and audit entry appear together; the view says how to go on."""
    view = house.ask()
    assert (view.status, view.requester, view.tenant, view.stage) == ("submitted", "ann", "acme", "dev")
    assert "resume" in told(view.next_step)
    with house.platform.database.read() as tx:
        [run] = runs.live(tx)
        assert (run.kind, run.status, run.request) == ("preview", "queued", view.id)
        assert [entry.action for entry in audit.entries(tx, subject=view.id)] == ["request.submitted"]


@pytest.mark.slow
def test_what_was_rendered_to_check_the_answers_is_what_is_proposed(house: House) -> None:
    """The process that asks and then carries out renders once, for the request by its id."""
    view = house.ask()
    with house.platform.database.read() as tx:
        request = requests.get(tx, view.id)
    before = rendering.rendered.cache_info().hits
    made = rendering.draft(house.platform, request, house.platform.clone().fetch())
    assert rendering.rendered.cache_info().hits == before + 1
    assert list(made.files) == [made.manifest]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("template", "service", "stack", "code"),
    [
        ("no-such", "photos", "acme-use1-dev", "template-unknown"),
        ("object-store", "photos", "acme-use1-nowhere", "stack-unknown"),
        ("object-store", "Photos!", "acme-use1-dev", "name-invalid"),
        ("object-store", "photos", "acme-use1-dev", "answer-missing"),
    ],
)
def test_a_request_that_cannot_be_is_refused_at_once(
    house: House, template: str, service: str, stack: str, code: str
) -> None:
    """One clear error with a next step, and no row."""
    with pytest.raises(GaiaError) as raised:
        house.as_("ann").submit(template, service, stack, {})
    assert raised.value.code == code
    assert raised.value.next_step
    assert house.as_("ann").requests() == []


def test_only_developers_of_the_tenant_may_ask(house: House) -> None:
    """A viewer is refused, which is audited; another tenant's person is told that there is no such stack."""
    from tests.unit.platform.conftest import ANSWERS

    with pytest.raises(Refused):
        house.as_("vic").submit("object-store", "photos", "acme-use1-dev", ANSWERS)
    with pytest.raises(NotFound) as raised:
        house.as_("bob").submit("object-store", "photos", "acme-use1-dev", ANSWERS)
    assert raised.value.code == "stack-unknown"
    with house.platform.database.read() as tx:
        assert [entry.outcome for entry in audit.entries(tx)] == ["refused", "refused"]
        assert audit.verify(tx, house.platform.key) is None


def test_nobody_is_anonymous(house: House) -> None:
    """Without a token every call is refused."""
    with pytest.raises(Unauthenticated) as raised:
        house.as_("nobody").requests()
    assert raised.value.code == "token-missing"


def test_approval_leases_the_instances_and_queues_the_application(house: House) -> None:
    """Everything that follows from the decision is in one transaction with it."""
    request = house.previewed(undecided=("no_wildcard_grant x y",))
    view = house.as_("gus").approve(request, reason="fine")
    assert view.status == "applying"
    assert [(one.by, one.undecided) for one in view.approvals] == [("gus", ("no_wildcard_grant x y",))]
    with house.platform.database.read() as tx:
        assert [run.kind for run in runs.live(tx)] == ["apply"]
        assert {lease.name for lease in leases.of_request(tx, request)} == {
            "acme-use1-dev/photos-key",
            "acme-use1-dev/photos-bucket",
        }


def test_a_second_request_for_a_leased_instance_is_refused_whole(house: House) -> None:
    """When an instance is held by somebody else, nothing of the approval remains."""
    request = house.previewed()
    other = house.written("music")
    with house.platform.database.begin() as tx:
        [run] = runs.of_request(tx, other)
        leases.acquire(tx, "platform", "acme-use1-dev/photos-bucket", request=other, run=run.id, at=clock.now())
    with pytest.raises(Conflict) as raised:
        house.as_("gus").approve(request)
    assert raised.value.code == "instance-leased"
    assert house.as_("gus").request(request).approvals == ()
    assert house.as_("gus").request(request).status == "waiting"


def test_whoever_cannot_approve_is_refused(house: House) -> None:
    """A developer is refused by role, the requester with any role, another tenant's admin does not find it."""
    request = house.previewed()
    with pytest.raises(Refused):
        house.as_("vic").approve(request)
    with pytest.raises(NotFound):
        house.as_("bob").approve(request)


def test_an_approval_of_something_else_is_refused(house: House) -> None:
    """The digest that was read must be the current one; an expired or decided request has nothing to decide."""
    request = house.previewed()
    with pytest.raises(Conflict) as raised:
        house.as_("gus").approve(request, digest="sha256:1")
    assert raised.value.code == "preview-changed"
    with house.platform.database.begin() as tx:
        requests.note(tx, request, at=clock.now(), expires_at=clock.now() - timedelta(seconds=1))
    assert house.as_("gus").request(request).status == "expired"
    with pytest.raises(Conflict) as raised:
        house.as_("gus").approve(request)
    assert raised.value.code == "request-expired"


def test_a_rejection_ends_the_request_and_frees_the_name(house: House) -> None:
    """After a no the same name can be asked for again."""
    view: RequestView = house.as_("gus").reject(house.previewed(), reason="too big")
    assert (view.status, view.approvals[0].decision) == ("rejected", "rejected")
    house.written()


@pytest.mark.slow
def test_a_service_that_stands_keeps_its_name_until_it_is_retired(house: House) -> None:
    """A done request takes the name; retiring needs a service that stands."""
    request = house.previewed()
    with house.platform.database.begin() as tx:
        requests.move(tx, request, ["waiting"], "applying", at=clock.now())
        requests.move(tx, request, ["applying"], "done", at=clock.now())
    with pytest.raises(Conflict) as raised:
        house.ask()
    assert raised.value.code == "name-taken"
    with pytest.raises(NotFound):
        house.as_("ann").retire("music", "acme-use1-dev")
    view = house.as_("ann").retire("photos", "acme-use1-dev")
    assert (view.kind, view.status, view.answers["owner"]) == ("retire", "submitted", "team-photos")


def _rejected_part_way(house: House, *, begun: bool) -> str:
    """A request whose application was parked, whose approval was then void, and which was rejected."""
    request = house.previewed()
    house.as_("gus").approve(request)
    with house.platform.database.begin() as tx:
        [run] = runs.live(tx)
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
        runs.start_step(tx, run.id, "apply acme-use1-dev/photos-key" if begun else "hold", at=clock.now())
        runs.move(tx, run.id, ["running"], "parked", at=clock.now(), reason="interrupted")
        leases.release_all(tx, request, at=clock.now())
        requests.move(tx, request, ["applying"], "waiting", at=clock.now(), reason="the component has changed")
        approvals.void(tx, request, "the component has changed", at=clock.now())
    house.as_("gus").reject(request, reason="not like this")
    return request


def test_what_began_to_be_made_stands_however_its_request_ended(house: House) -> None:
    """A rejection makes nothing undone: the name stays taken, and it can be retired."""
    from gaia.platform.services import live_services

    request = _rejected_part_way(house, begun=True)
    assert "gaia retire photos -s acme-use1-dev" in told(house.as_("ann").request(request).next_step)
    with house.platform.database.read() as tx:
        assert live_services.count(tx, "platform", "acme-use1-dev") == 1
    assert house.as_("ann").retire("photos", "acme-use1-dev").kind == "retire"


def test_what_never_began_to_be_made_leaves_nothing(house: House) -> None:
    """A request that was rejected before it changed an instance: there is nothing to retire."""
    request = _rejected_part_way(house, begun=False)
    assert "gaia retire" not in told(house.as_("ann").request(request).next_step)
    with pytest.raises(NotFound) as refused:
        house.as_("ann").retire("photos", "acme-use1-dev")
    assert refused.value.code == "service-unknown"


@pytest.mark.slow
def test_a_request_that_nobody_decided_in_time_makes_way(house: House) -> None:
    """It is expired for good, which is audited, and the name can be asked for again."""
    old = house.previewed()
    with house.platform.database.begin() as tx:
        requests.note(tx, old, at=clock.now(), expires_at=clock.now() - timedelta(seconds=1))
    assert house.ask().status == "submitted"
    with house.platform.database.read() as tx:
        assert requests.get(tx, old).status == "expired"
        assert [entry.action for entry in audit.entries(tx, subject=old)] == ["request.submitted", "request.expired"]


def test_resume_queues_what_was_parked_and_nothing_else(house: House) -> None:
    """A waiting request has nothing to resume; a parked one with a living approval is applied again."""
    request = house.previewed()
    with pytest.raises(Conflict):
        house.as_("ann").resume(request)
    house.as_("gus").approve(request)
    with house.platform.database.begin() as tx:
        [run] = runs.live(tx)
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
        runs.move(tx, run.id, ["running"], "parked", at=clock.now(), reason="terraform was tired")
        requests.move(tx, request, ["applying"], "parked", at=clock.now())
    assert house.as_("ann").resume(request).status == "applying"


def test_a_service_of_which_something_may_be_lost_is_not_retired(house: House) -> None:
    """An application that was stopped half-way is finished first; the refusal names it and what is in doubt."""
    request = house.previewed()
    house.as_("gus").approve(request)
    with house.platform.database.begin() as tx:
        [run] = runs.live(tx)
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
        runs.move(tx, run.id, ["running"], "parked", at=clock.now(), reason="interrupted")
        leases.release_all(tx, request, at=clock.now())
        requests.move(tx, request, ["applying"], "parked", at=clock.now())
    key = "acme-use1-dev/photos-key"
    journal = Journal(journals.of_request(house.platform, request, key))
    journal.append("begin", operation="apply", instance=key)
    journal.append("applying", digest="d", changes=[["aws_kms_key.this", ["create"]]])
    with pytest.raises(Conflict) as refused:
        house.as_("ann").retire("photos", "acme-use1-dev")
    assert refused.value.code == "apply-unfinished"
    assert f"gaia resume {request}" in told(refused.value.next_step)
    assert refused.value.facts["left"] == [f"{key}: aws_kms_key.this"]
    journal = Journal(journals.of_request(house.platform, request, key))
    journal.append("saved")
    assert house.as_("ann").retire("photos", "acme-use1-dev").kind == "retire"


@pytest.mark.parametrize(("reason", "code"), [("a" * 1001, "text-too-long"), ("\udcff", "text-invalid")])
def test_a_reason_is_a_text_with_an_end(house: House, reason: str, code: str) -> None:
    """Nothing is decided otherwise."""
    request, gus = house.previewed(), house.as_("gus")
    for decide in (gus.approve, gus.reject):
        with pytest.raises(Invalid) as caught:
            decide(request, reason=reason)
        assert caught.value.code == code
    assert gus.request(request).status == "waiting"
