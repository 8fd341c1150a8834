"""Requests and their status."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise, product
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.records.moments import T0

from gaia.errors import Conflict, Defect, Invalid, NotFound
from gaia.platform import model as views
from gaia.records import origins, requests, runs
from gaia.records.model import BUSY, TRANSITIONS, Request, RequestStatus
from gaia.records.sorting import Sorting

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.records.database import Database, Transaction
    from gaia.records.sorting import Sort

LATER = T0 + timedelta(minutes=5)

EVERYWHERE = {("*", "*")}


def test_a_request_is_read_back_as_it_was_written(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Every column survives, with types, order and time zone."""
    made = make_request(tx)
    assert requests.get(tx, made.id) == made
    assert made.status == "submitted"
    changed = requests.note(
        tx,
        made.id,
        at=LATER,
        branch="gaia/photos",
        base="a" * 40,
        commit="b" * 40,
        manifest="stacks/orgs/acme/dev/services/photos.yaml",
        instances=("acme-use1-dev/photos-key", "acme-use1-dev/photos-bucket"),
        origins={"stacks/x.yaml": {"3": ["gigabytes"]}},
        preview="sha256:1",
    )
    assert requests.get(tx, made.id) == changed
    assert changed.instances == ("acme-use1-dev/photos-key", "acme-use1-dev/photos-bucket")
    assert changed.updated_at == LATER
    assert changed.answers == {"gigabytes": 5, "public": False}


def test_an_unknown_request_is_not_found(tx: Transaction) -> None:
    """For reading, moving and noting alike."""
    with pytest.raises(NotFound) as caught:
        requests.get(tx, "req_0")
    assert caught.value.code == "request-unknown"
    with pytest.raises(NotFound):
        requests.move(tx, "req_0", ["submitted"], "waiting", at=T0)
    with pytest.raises(NotFound):
        requests.note(tx, "req_0", at=T0, reason="x")


def test_a_service_name_is_checked(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """A name that cannot be a file name or a tag is refused."""
    with pytest.raises(Invalid) as caught:
        make_request(tx, "../photos")
    assert caught.value.code == "name-invalid"


def test_one_request_of_a_service_is_worked_on_at_a_time(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """A second one is a conflict that names the first; other stacks and services are free; an end frees the name."""
    first = make_request(tx)
    with pytest.raises(Conflict) as caught:
        make_request(tx)
    assert caught.value.code == "service-busy"
    assert caught.value.facts == {"request": first.id}
    make_request(tx, "videos")
    make_request(tx, stack="acme-use1-prod")
    requests.move(tx, first.id, ["submitted"], "failed", at=T0)
    make_request(tx)


def test_a_parked_request_lets_its_service_be_retired_but_not_both_go_on(
    tx: Transaction, make_request: Callable[..., Request]
) -> None:
    """Going on with the parked one waits until the other has ended."""
    first = make_request(tx)
    requests.move(tx, first.id, ["submitted"], "applying", at=T0)
    requests.move(tx, first.id, ["applying"], "parked", at=T0, reason="lock-foreign")
    second = make_request(tx, kind="retire")
    with pytest.raises(Conflict) as caught:
        requests.move(tx, first.id, ["parked"], "applying", at=T0)
    assert caught.value.code == "service-busy"
    assert caught.value.facts == {"request": second.id}
    requests.move(tx, second.id, ["submitted"], "denied", at=T0)
    assert requests.move(tx, first.id, ["parked"], "applying", at=T0).status == "applying"


def test_a_move_that_comes_too_late_says_where_the_request_is(
    tx: Transaction, make_request: Callable[..., Request]
) -> None:
    """Compare and set: the second of two moves fails and changes nothing."""
    made = make_request(tx)
    requests.move(tx, made.id, ["submitted"], "waiting", at=LATER, preview="sha256:1")
    with pytest.raises(Conflict) as caught:
        requests.move(tx, made.id, ["submitted"], "failed", at=LATER, reason="late")
    assert caught.value.code == "request-moved"
    assert caught.value.facts["status"] == "waiting"
    now = requests.get(tx, made.id)
    assert (now.status, now.reason, now.preview, now.updated_at) == ("waiting", "", "sha256:1", LATER)


def test_a_reason_goes_with_its_status(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Whoever goes on from a parked request does not carry the old reason along."""
    made = make_request(tx)
    requests.move(tx, made.id, ["submitted"], "applying", at=T0)
    assert requests.move(tx, made.id, ["applying"], "parked", at=T0, reason="a lock").reason == "a lock"
    assert requests.move(tx, made.id, ["parked"], "applying", at=T0).reason == ""


def test_what_has_ended_is_not_changed(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """A finished request keeps its columns."""
    made = make_request(tx)
    requests.move(tx, made.id, ["submitted"], "denied", at=T0)
    with pytest.raises(Conflict) as caught:
        requests.note(tx, made.id, at=LATER, branch="x")
    assert caught.value.code == "request-moved"


@given(st.lists(st.sampled_from(get_args(RequestStatus)), min_size=1, max_size=12))
def test_only_transitions_of_the_table_happen(
    database: Database, make_request: Callable[..., Request], wanted: list[RequestStatus]
) -> None:
    """From wherever a request is, a move succeeds exactly when the table leads there, and sticks."""

    with database.begin() as tx:
        made = make_request(tx)
        status = made.status
        for to in wanted:
            if to in TRANSITIONS[status]:
                assert requests.move(tx, made.id, [status], to, at=T0).status == to
                status = to
            else:
                with pytest.raises(Defect):
                    requests.move(tx, made.id, [status], to, at=T0)
            assert requests.get(tx, made.id).status == status
        tx.connection.rollback()


def test_the_table_of_transitions_fits_the_words_that_doors_show() -> None:
    """Each has an entry, can be reached or is the first; what is worked on stands in the way of another request."""
    assert set(TRANSITIONS) == set(get_args(RequestStatus))
    assert set().union({"queued"}, *TRANSITIONS.values()) == set(get_args(RequestStatus))
    assert set(BUSY) >= views.WORKING
    assert not views.WORKING & views.FINAL


def test_a_move_from_nowhere_is_a_defect(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """An empty list of expected statuses is a mistake of the caller."""
    made = make_request(tx)
    with pytest.raises(Defect):
        requests.move(tx, made.id, [], "waiting", at=T0)


def test_requests_are_found_newest_first(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """By stack, service, status and commit."""
    one, two = make_request(tx, "one"), make_request(tx, "two", stack="acme-use1-prod")
    requests.move(tx, one.id, ["submitted"], "waiting", at=T0, commit="abc123")
    assert {each.id for each in requests.find(tx, "repo-1")} == {one.id, two.id}
    assert [each.id for each in requests.find(tx, "repo-1", limit=1)] == [max(one.id, two.id)]
    assert [each.id for each in requests.find(tx, "repo-1", stack="acme-use1-prod")] == [two.id]
    assert [each.id for each in requests.find(tx, "repo-1", services=["one"])] == [one.id]
    assert [each.id for each in requests.find(tx, "repo-1", statuses=["waiting", "parked"])] == [one.id]
    assert [each.id for each in requests.find(tx, "repo-1", commit="abc")] == [one.id]
    assert requests.find(tx, "repo-2") == ()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("by", ["asked", "name"])
def test_requests_are_found_in_an_order_page_by_page(
    tx: Transaction, make_request: Callable[..., Request], by: Sort, descending: bool
) -> None:
    """Each once, also those of one name."""
    for stack in ("acme-use1-dev", "acme-use1-prod"):
        for service in ("b", "a", "c"):
            make_request(tx, service, stack=stack)
    found, after = list[Request](), tuple[str, ...]()
    while page := requests.find(tx, "repo-1", sorting=Sorting(by, descending, after), limit=2):
        found += page
        after = (page[-1].service, page[-1].id)[by == "asked" :]
    keys = [(one.service, one.id) if by == "name" else one.id for one in found]
    assert (keys, len(keys)) == (sorted(keys, reverse=descending), 6)


def test_a_request_is_meant_by_id_prefix_or_service(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """The newest request of a service is meant; an old one by its id."""
    old = make_request(tx)
    requests.move(tx, old.id, ["submitted"], "failed", at=T0)
    new = make_request(tx)
    newest = max(old.id, new.id)
    assert requests.resolve(tx, "repo-1", "photos", places=EVERYWHERE).id == newest
    assert requests.resolve(tx, "repo-1", old.id, places=EVERYWHERE).id == old.id
    assert requests.resolve(tx, "repo-1", old.id[:-1], places=EVERYWHERE).id in {old.id}
    for text in ("nothing", "req_", "%", "req_______________________________________"):
        with pytest.raises(NotFound):
            requests.resolve(tx, "repo-1", text, places=EVERYWHERE)


@pytest.mark.parametrize("length", [129, 100_000])
def test_a_text_that_is_too_long_names_none(tx: Transaction, length: int) -> None:
    """The database, which looks for so much only, is not asked; the answer holds its beginning."""
    with pytest.raises(NotFound) as caught:
        requests.resolve(tx, "repo-1", "r" * length, places=EVERYWHERE)
    assert caught.value.code == "request-unknown"
    assert caught.value.message == f"there is no request '{'r' * 127}…'"


def test_an_ambiguous_text_is_not_guessed(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Neither a prefix of two ids nor a service in two stacks is decided for the reader."""
    one = make_request(tx)
    make_request(tx, stack="acme-use1-prod", stage="prod")
    for text in ("photos", one.id[:8]):
        with pytest.raises(Invalid) as caught:
            requests.resolve(tx, "repo-1", text, places=EVERYWHERE)
        assert caught.value.code == "request-ambiguous"


def test_what_a_person_may_not_see_does_not_exist(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Another tenant's request is not found by its id and makes no name ambiguous."""
    mine = make_request(tx)
    other = make_request(tx, stack="globex-use1-dev", tenant="globex")
    assert requests.resolve(tx, "repo-1", "photos", places={("acme", "*")}) == mine
    with pytest.raises(NotFound) as caught:
        requests.resolve(tx, "repo-1", other.id, places={("acme", "*")})
    assert caught.value.code == "request-unknown"


def test_moving_and_noting_change_no_other_request(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """And the conflict of one that came too late says which request stands where."""
    one, two = make_request(tx, "one"), make_request(tx, "two")
    requests.note(tx, one.id, at=LATER, branch="b")
    requests.move(tx, one.id, ["submitted"], "failed", at=LATER)
    assert requests.get(tx, two.id) == two
    with pytest.raises(Conflict) as noted:
        requests.note(tx, one.id, at=LATER, branch="c")
    with pytest.raises(Conflict) as moved:
        requests.move(tx, one.id, ["submitted"], "waiting", at=LATER)
    assert noted.value.facts == moved.value.facts == {"request": one.id, "status": "failed"}


def test_a_conflict_of_a_service_names_the_other_request(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """Not the one that wants to go on, whichever is older."""
    first = make_request(tx)
    requests.move(tx, first.id, ["submitted"], "applying", at=T0)
    requests.move(tx, first.id, ["applying"], "parked", at=T0)
    second = make_request(tx, kind="retire")
    requests.move(tx, second.id, ["submitted"], "applying", at=T0)
    requests.move(tx, second.id, ["applying"], "parked", at=T0)
    requests.move(tx, first.id, ["parked"], "applying", at=T0)
    with pytest.raises(Conflict) as caught:
        requests.move(tx, second.id, ["parked"], "applying", at=T0)
    assert caught.value.facts == {"request": first.id}


def _ended(tx: Transaction, request: Request, *statuses: RequestStatus) -> Request:
    for before, after in pairwise(("submitted", *statuses)):
        requests.move(tx, request.id, [before], after, at=T0)
    return requests.get(tx, request.id)


def test_services_come_from_the_newest_request_that_made_them(
    tx: Transaction, make_request: Callable[..., Request]
) -> None:
    """What was done, was parked or began to be applied; a retirement that is done ends it, until it is made again."""
    made = _ended(tx, make_request(tx, "photos"), "applying", "done")
    assert origins.origins(tx, "repo-1", "apply") == (made,)
    asked = make_request(tx, "photos", kind="retire")
    assert origins.origins(tx, "repo-1", "apply") == (made,)
    _ended(tx, asked, "applying", "done")
    assert origins.origins(tx, "repo-1", "apply") == ()
    again = _ended(tx, make_request(tx, "photos"), "applying", "parked")
    assert origins.origins(tx, "repo-1", "apply") == (again,)
    assert origins.origins(tx, "repo-2", "apply") == ()


def test_what_began_to_be_applied_counts_however_it_ended(
    tx: Transaction, make_request: Callable[..., Request]
) -> None:
    """By whole word: what was only planned, or is called otherwise, made nothing."""
    names = ("one", "two", "three", "four", "five")
    found = {name: make_request(tx, name) for name in names}
    steps = {"one": "apply s/a", "two": "apply s/a", "three": "applying s/a", "four": "apply", "five": "appl% s/a"}
    for name, step in steps.items():
        run = runs.add(tx, found[name], "apply", (step,), at=T0)
        if name != "two":
            runs.start_step(tx, run.id, step, at=T0)
    assert [one.service for one in origins.origins(tx, "repo-1", "apply")] == ["one"]
    assert origins.origins(tx, "repo-1", "appl%") == (found["five"],)


def test_services_are_listed_a_page_at_a_time(tx: Transaction, make_request: Callable[..., Request]) -> None:
    """By stack and service, of the places that are asked for; each once."""
    for stack in ("acme-use1-dev", "acme-use1-prod"):
        for service in ("b", "a", "c"):
            stage = stack.rpartition("-")[2]
            _ended(tx, make_request(tx, service, stack=stack, stage=stage), "applying", "done")
    every = [(one.stack, one.service) for one in origins.origins(tx, "repo-1", "apply")]
    assert every == sorted(every)
    assert len(every) == 6
    keys: dict[Sort, Callable[[Request], tuple[str, ...]]] = {
        "stack": lambda one: (one.stack, one.service),
        "name": lambda one: (one.service, one.stack),
        "asked": lambda one: (one.id,),
    }
    for (by, key), descending in product(keys.items(), (False, True)):
        pages, after = list[Request](), tuple[str, ...]()
        while page := origins.origins(tx, "repo-1", "apply", sorting=Sorting(by, descending, after), limit=2):
            pages += page
            after = key(page[-1])
        assert [key(one) for one in pages] == sorted(map(key, pages), reverse=descending)
        assert len(pages) == 6
    assert len(origins.origins(tx, "repo-1", "apply", places={("acme", "prod")})) == 3
    assert origins.origins(tx, "repo-1", "apply", places=()) == ()
    assert [one.stack for one in origins.origins(tx, "repo-1", "apply", services=["b"])] == [every[0][0], every[3][0]]
    assert len(origins.origins(tx, "repo-1", "apply", stack="acme-use1-dev")) == 3
