"""What every `PlatformDoor` answers: the platform, with everything below it played, and the fake that doors are tested
with. The same methods and shapes, and the same code for the same wrong call."""

from __future__ import annotations

import inspect
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.platform.doors import GRANTS, Fake, Real, Remote, RemoteAwaited, ask
from tests.unit.platform.loop import STACK

from gaia.bootstrap.remote import RemotePlatform
from gaia.errors import GaiaError
from gaia.platform.acts.service import Platform
from gaia.platform.ports import PlatformDoor
from gaia.testing import views
from gaia.testing.platform import FakePlatform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.unit.platform.doors import Subject

DECIDING = ("approve", "reject")
OF_A_REQUEST = ("approve", "reject", "resume", "request", "work", "log")
METHODS = [name for name, one in vars(PlatformDoor).items() if inspect.isfunction(one) and not name.startswith("_")]


@pytest.fixture(params=["real", "fake", "over HTTP", "over HTTP, awaited"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Each, one after the other."""
    if request.param == "fake":
        yield Fake(FakePlatform(grants=GRANTS))
        return
    loop_at = request.getfixturevalue("loop_at")
    with ExitStack() as stack:
        remote = Remote if request.param == "over HTTP" else RemoteAwaited
        yield Real(loop_at) if request.param == "real" else remote(loop_at, stack=stack)


def code(call: Callable[[], object]) -> str:
    """What a call is refused with; every refusal says what to do."""
    with pytest.raises(GaiaError) as caught:
        call()
    assert caught.value.message
    assert caught.value.next_step
    return caught.value.code


def parked(subject: Subject) -> str:
    """ann's request was approved, and its application stopped."""
    request = subject.begin("approved")
    assert subject.go_on(request, to="parked").status == "parked"
    return request


def _at(subject: Subject, status: str) -> str:
    """A request of ann's with this status."""
    match status:
        case "waiting" | "done":
            return subject.begin(status)
        case "applying":
            return subject.begin("approved")
        case "parked":
            return parked(subject)
        case "rejected":
            request = subject.begin("waiting")
            subject.as_("gus").reject(request, reason="no")
        case "denied":
            request = ask(subject)
            subject.go_on(request, to="denied")
        case _:
            request = ask(subject)
    return request


def test_both_have_the_methods_of_the_port_with_its_arguments() -> None:
    """And nothing that a call of the port could not fill."""
    for port, kinds in ((PlatformDoor, (Platform, FakePlatform, RemotePlatform)),):
        for name in [each for each, member in vars(port).items() if inspect.isfunction(member) and each[0] != "_"]:
            wanted = inspect.signature(getattr(port, name)).parameters
            for kind in kinds:
                given = inspect.signature(getattr(kind, name)).parameters
                assert [(one.name, one.kind, one.default) for one in given.values()] == [
                    (one.name, one.kind, one.default) for one in wanted.values()
                ], (kind, name)


def call(door: PlatformDoor, name: str, request: str, subject: Subject) -> object:
    """A call of the port that would be right."""
    arguments: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
        "submit": ((subject.template, "music", STACK, subject.answers), {}),
        "retire": (("photos", STACK), {}),
        "keep": (("photos", STACK), {}),
        "reject": ((request,), {"reason": "no"}),
        "requests": ((), {}),
        "why": (("photos",), {}),
        "clean": ((), {}),
    }
    given, named = arguments.get(name, ((request,), {}))
    return getattr(door, name)(*given, **named)


def codes(who: str, names: Sequence[str], request: str, subject: Subject) -> dict[str, str]:
    """What each of these calls is refused with."""
    return {name: code(lambda name=name: call(subject.as_(who), name, request, subject)) for name in names}  # type: ignore[misc]


def test_there_is_no_such_request(subject: Subject) -> None:
    """One that is not there, and a beginning that is too short to mean one."""
    ask(subject)
    for text in ("nothing", "req_", "req_00000000000"):
        assert codes("root", OF_A_REQUEST, text, subject) == dict.fromkeys(OF_A_REQUEST, "request-unknown")


def test_another_tenants_request_does_not_exist(subject: Subject) -> None:
    """Nobody learns that it is there."""
    request = ask(subject)
    assert codes("bob", OF_A_REQUEST, request, subject) == dict.fromkeys(OF_A_REQUEST, "request-unknown")
    assert list(subject.as_("bob").requests()) == []


def test_a_request_is_found_by_id_beginning_and_service(subject: Subject) -> None:
    """And each is the same view."""
    request = subject.begin("waiting")
    door = subject.as_("vic")
    assert door.request(request) == door.request(request[:-1]) == door.request("photos")
    assert list(door.log(request)) == list(door.log("photos"))


def test_a_beginning_of_several_ids_means_none(subject: Subject) -> None:
    """The whole id is asked for."""
    _, first, second = ask(subject), ask(subject, "films"), ask(subject, "music")
    common = next(first[:end] for end in range(len(first), 0, -1) if second.startswith(first[:end]))
    assert len(common) >= 8  # ids begin with the time
    assert code(lambda: subject.as_("ann").request(common)) == "request-ambiguous"


def test_a_request_goes_from_asked_to_done(subject: Subject) -> None:
    """With its runs, in order, and who approved which digest."""
    view = subject.as_("ann").submit(subject.template, "photos", STACK, subject.answers)
    assert (view.status, view.kind, view.service, view.stack) == ("submitted", "provision", "photos", STACK)
    assert (view.tenant, view.stage, view.requester, view.template) == ("acme", "dev", "ann", subject.template)
    assert (view.preview, view.approvals, [(run.kind, run.status) for run in view.runs]) == (
        None, (), [("preview", "queued")],
    )  # fmt: skip
    assert view.runs[0].steps == tuple((step, "todo") for step in ("admit", "render", "resolve", "preview", "judge"))
    view = subject.go_on(view.id)
    assert view.status == "waiting"
    assert view.preview is not None
    approved = subject.as_("gus").approve(view.id, digest=view.preview.digest, reason="fine")
    assert approved.status == "applying"
    assert [(run.kind, run.status) for run in approved.runs] == [("preview", "done"), ("apply", "queued")]
    [approval] = approved.approvals
    assert (approval.decision, approval.by, approval.digest, approval.reason) == (
        "approved", "gus", view.preview.digest, "fine",
    )  # fmt: skip
    assert [name.partition(" ")[0] for name, _ in approved.runs[-1].steps][:2] == ["hold", "rebase"]
    assert subject.go_on(view.id).status == "done"
    assert subject.as_("vic").request(view.id).runs[-1].status == "done"


def test_views_of_both_have_the_same_shape(subject: Subject) -> None:
    """Down to the keys of what machines read."""
    request = subject.begin("done")
    shown = subject.as_("ann").request(request).as_json()
    example = views.waiting().as_json()
    assert list(shown) == list(example)
    assert list(shown["preview"]) == list(example["preview"])  # type: ignore[call-overload]
    assert shown["preview"]["changes"][0].keys() == example["preview"]["changes"][0].keys()  # type: ignore[index]
    assert shown["runs"][0].keys() == example["runs"][0].keys()  # type: ignore[index]


# --- asking ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"template": "no-such"}, "template-unknown"),
        ({"service": "Photos!"}, "name-invalid"),
        ({"stack": "acme-use1-nowhere"}, "stack-unknown"),
    ],
)
def test_what_cannot_be_asked_for(subject: Subject, changes: dict[str, str], expected: str) -> None:
    """Refused at once, and nothing is written down."""
    given = {"template": subject.template, "service": "photos", "stack": STACK, **changes}
    asked = (given["template"], given["service"], given["stack"], subject.answers)
    assert code(lambda: subject.as_("ann").submit(*asked)) == expected
    assert list(subject.as_("ann").requests()) == []


@pytest.mark.parametrize(
    ("who", "expected"), [("vic", "not-permitted"), ("gus", "not-permitted"), ("bob", "stack-unknown")]
)
def test_who_may_not_ask(subject: Subject, who: str, expected: str) -> None:
    """A role that may only look or approve; somebody of another tenant is told that there is no such stack."""
    assert code(lambda: subject.as_(who).submit(subject.template, "photos", STACK, subject.answers)) == expected


@pytest.mark.parametrize("stage", ["submitted", "waiting", "applying", "done", "parked"])
def test_a_name_that_is_in_use_is_not_free(subject: Subject, stage: str) -> None:
    """While a request of it is worked on, and while the service stands, or half of it."""
    _at(subject, stage)
    assert code(lambda: ask(subject)) == ("name-taken" if stage in ("done", "parked") else "service-busy")


def test_a_name_is_free_after_a_rejection(subject: Subject) -> None:
    """And the newest request is the one that the name means."""
    request = subject.begin("waiting")
    subject.as_("gus").reject(request, reason="too big")
    again = ask(subject)
    assert subject.as_("ann").request("photos").id == again
    assert [view.id for view in subject.as_("ann").requests()][0] == again  # noqa: RUF015 - newest first


def test_a_service_is_kept_where_it_ends_and_longer_than_it_does(subject: Subject) -> None:
    """Its end moves away only; what has none is not given one."""
    assert code(lambda: subject.as_("ann").keep("photos", STACK)) == "service-unknown"
    assert code(lambda: subject.as_("ann").submit(*_asked(subject, "films"), ttl=timedelta(minutes=59))) == (
        "ttl-too-short"
    )
    asked = subject.as_("ann").submit(*_asked(subject, "photos"), ttl=timedelta(days=7))
    assert (asked.ttl, asked.lives_until) == (604_800, None)
    subject.go_on(asked.id)
    subject.as_("gus").approve(asked.id)
    until = subject.go_on(asked.id).lives_until
    assert until is not None
    for who, wanted, expected in (
        ("vic", None, "not-permitted"), ("bob", None, "service-unknown"), ("ann", timedelta(days=1), "keep-shorter"),
        ("ann", timedelta(days=9999), "ttl-too-long"), ("ann", datetime(2026, 1, 1, tzinfo=UTC), "keep-shorter"),
    ):  # fmt: skip
        refusal = code(lambda who=who, wanted=wanted: subject.as_(who).keep("photos", STACK, until=wanted))  # type: ignore[misc]
        assert refusal == expected, (who, wanted)
    assert str(subject.as_("ann").keep("photos", STACK).lives_until) >= until
    assert str(subject.as_("ann").keep("photos", STACK, until=timedelta(days=30)).lives_until) > until
    assert subject.as_("ann").keep("photos", STACK, until="for-ever").lives_until is None
    assert code(lambda: subject.as_("ann").keep("photos", STACK)) == "service-endless"


def _asked(subject: Subject, service: str) -> tuple[str, str, str, dict[str, object]]:
    return subject.template, service, STACK, subject.answers


def test_what_does_not_stand_is_not_retired(subject: Subject) -> None:
    """Nothing of that name, in another stack, or not made yet."""
    assert code(lambda: subject.as_("ann").retire("photos", STACK)) == "service-unknown"
    subject.begin("waiting")
    assert code(lambda: subject.as_("ann").retire("photos", STACK)) == "service-unknown"
    assert code(lambda: subject.as_("ann").retire("photos", "acme-use1-nowhere")) == "service-unknown"


@pytest.mark.parametrize(("who", "expected"), [("vic", "not-permitted"), ("bob", "service-unknown")])
def test_who_may_not_retire(subject: Subject, who: str, expected: str) -> None:
    """As for asking."""
    subject.begin("done")
    assert code(lambda: subject.as_(who).retire("photos", STACK)) == expected


def test_a_service_is_retired_once(subject: Subject) -> None:
    """By a request like any other; when that is done the name is free and there is nothing to retire."""
    subject.begin("done")
    view = subject.as_("ann").retire("photos", STACK)
    assert (view.kind, view.status, view.template) == ("retire", "submitted", subject.template)
    assert code(lambda: subject.as_("ann").retire("photos", STACK)) == "service-busy"
    assert subject.go_on(view.id).status == "waiting"
    subject.as_("gus").approve(view.id)
    assert subject.go_on(view.id).status == "done"
    assert code(lambda: subject.as_("ann").retire("photos", STACK)) == "service-unknown"
    assert subject.as_("ann").request(ask(subject)).status == "submitted"


# --- deciding ----------------------------------------------------------------------------------------------------


def test_a_digest_that_is_not_the_current_one_is_not_approved(subject: Subject) -> None:
    """What somebody read is not what would be applied."""
    request = subject.begin("waiting")
    assert code(lambda: subject.as_("gus").approve(request, digest="sha256:00")) == "preview-changed"
    assert subject.as_("gus").request(request).status == "waiting"


def test_nobody_approves_what_they_asked_for(subject: Subject) -> None:
    """Whatever their role; they may say no."""
    request = subject.as_("root").submit(subject.template, "photos", STACK, subject.answers).id
    subject.go_on(request)
    assert code(lambda: subject.as_("root").approve(request)) == "approver-is-requester"
    view = subject.as_("root").reject(request, reason="changed my mind")
    assert (view.status, view.reason, view.approvals[-1].decision) == ("rejected", "changed my mind", "rejected")


def test_only_approvers_decide(subject: Subject) -> None:
    """A viewer is refused; whoever asked for it too, who is told of four eyes first, but may take it back."""
    request = subject.begin("waiting")
    assert codes("vic", DECIDING, request, subject) == dict.fromkeys(DECIDING, "not-permitted")
    assert code(lambda: subject.as_("ann").approve(request)) == "approver-is-requester"
    assert subject.as_("ann").reject(request, reason="a typing mistake").status == "rejected"


@pytest.mark.parametrize("status", ["submitted", "applying", "done", "parked", "denied", "rejected"])
def test_only_what_waits_is_decided(subject: Subject, status: str) -> None:
    """Before and after there is nothing to decide."""
    request = _at(subject, status)
    assert subject.as_("gus").request(request).status == status
    assert codes("gus", DECIDING, request, subject) == dict.fromkeys(DECIDING, "request-not-waiting")


@pytest.mark.parametrize("status", ["waiting", "done", "rejected"])
def test_only_what_is_parked_is_resumed(subject: Subject, status: str) -> None:
    """Else there is nothing to go on with."""
    request = _at(subject, status)
    assert code(lambda: subject.as_("ann").resume(request)) == "request-not-parked"


def test_what_is_worked_on_is_resumed_as_it_is(subject: Subject) -> None:
    """It only needs an engine."""
    request = ask(subject)
    assert subject.as_("ann").resume(request).status == "submitted"


def test_what_is_worked_on_is_cancelled_by_whoever_may_go_on_with_it(subject: Subject) -> None:
    """A preview ends for good, and nobody else can end it."""
    request = ask(subject)
    assert code(lambda: subject.as_("vic").cancel(request)) == "not-permitted"
    subject.as_("ann").cancel(request)
    assert subject.go_on(request, to="rejected").status == "rejected"
    assert code(lambda: subject.as_("ann").cancel(request)) == "request-not-working"


@pytest.mark.parametrize("status", ["waiting", "done", "rejected"])
def test_only_what_is_worked_on_is_cancelled(subject: Subject, status: str) -> None:
    """Else there is nothing to end."""
    request = _at(subject, status)
    assert code(lambda: subject.as_("ann").cancel(request)) == "request-not-working"


def test_a_parked_request_goes_on(subject: Subject) -> None:
    """By whoever may ask or approve, and by nobody else."""
    request = parked(subject)
    assert code(lambda: subject.as_("vic").resume(request)) == "not-permitted"
    assert subject.as_("ann").resume(request).status == "applying"
    assert subject.go_on(request).status == "done"


# --- looking -----------------------------------------------------------------------------------------------------


def test_requests_are_listed_newest_first(subject: Subject) -> None:
    """Of one stack, or those that are open."""
    first, second = subject.begin("done"), ask(subject, "music")
    door = subject.as_("vic")
    assert [view.id for view in door.requests()] == [second, first]
    assert [view.id for view in door.requests(open_only=True)] == [second]
    assert [view.id for view in door.requests(stack=STACK)] == [second, first]
    assert list(door.requests(stack="acme-use1-nowhere")) == []


def test_what_nobody_knows_is_not_explained(subject: Subject) -> None:
    """Nothing was asked for; and another tenant's is not there."""
    assert code(lambda: subject.as_("vic").why("photos")) == "subject-unknown"
    request = subject.begin("done")
    assert subject.as_("vic").why("photos").request == request or isinstance(subject, Fake)
    assert code(lambda: subject.as_("bob").why("photos")) == "subject-unknown"


def test_a_text_that_is_far_too_long_names_nothing(subject: Subject) -> None:
    """Of 100,000 characters, which no database looks for: no request is called so, nor anything that was made."""
    long, gus = "r" * 100_000, subject.as_("gus")
    calls: list[Callable[[], object]] = [
        lambda: gus.request(long), lambda: gus.log(long), lambda: gus.approve(long),
        lambda: gus.reject(long, reason="no"), lambda: gus.resume(long), lambda: gus.work(long),
    ]  # fmt: skip
    for call in calls:
        assert code(call) == "request-unknown"
    assert code(lambda: gus.why(long)) == code(lambda: gus.why("%" * 4000)) == "subject-unknown"
