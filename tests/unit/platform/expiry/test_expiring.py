"""Services that end by themselves: warned of, destroyed by what was signed, or told of where that cannot be."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.platform.loop import KEY, STACK, STORE, Killed
from tests.unit.platform.played import refused

from gaia.errors import Conflict, GaiaError, Invalid
from gaia.kit import clock
from gaia.platform.expiry import expiring, expiry
from gaia.platform.serving.chores import CHORES, do_due
from gaia.records import approvals, audit, leases, lifetimes, people, requests, runs
from gaia.records.lifetime_model import Lifetime
from gaia.records.model import Subject
from gaia.records.tables import approvals as approvals_table
from gaia.records.tables import leases as leases_table
from gaia.records.tables import lifetimes as lifetimes_table
from gaia.records.tables import requests as requests_table
from gaia.records.tables import resources, tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.platform.loop import Loop

    from gaia.records.model import Entry

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
MINUTE = timedelta(minutes=1)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def go(self, by: timedelta) -> None:
        """Later, or sooner."""
        self.at += by


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What every part takes for now."""
    made = Clock()
    monkeypatch.setattr(clock, "now", lambda: made.at)
    return made


@pytest.fixture
def loop(loop_at: Callable[[str], Loop]) -> Loop:
    """`request` is a service of ann's that lives a week; nobody's token ends meanwhile."""
    return _lasting_tokens(loop_at("lasting"))


@pytest.fixture
def fresh(loop_at: Callable[[str], Loop]) -> Loop:
    """Nobody has asked for anything."""
    return _lasting_tokens(loop_at("new"))


def _lasting_tokens(loop: Loop) -> Loop:
    with loop.platform.database.begin() as tx:
        tx.change(tokens.update().values(expires_at=datetime(2060, 1, 1, tzinfo=UTC)))
    return loop


def service(loop: Loop, ttl: timedelta | None = WEEK, name: str = "photos") -> str:
    """A service of ann's that gus approved, and that stands; the request it came from."""
    if ttl == WEEK:
        return loop.lasting(name)
    request = loop.as_("ann").submit("pair", name, STACK, {"text": "hello"}, ttl=ttl).id
    loop.carry_out(request)
    loop.as_("gus").approve(request)
    assert loop.carry_out(request).status == "done"
    return request


def life(loop: Loop, request: str) -> Lifetime:
    """Its row."""
    with loop.platform.database.read() as tx:
        found = lifetimes.of(tx, request)
    assert found is not None
    return found


def entries(loop: Loop, action: str) -> list[Entry]:
    """What was told."""
    with loop.platform.database.read() as tx:
        return [one for one in audit.entries(tx, limit=1000) if one.action == action]


def tick(loop: Loop) -> None:
    """What the engine does each minute."""
    expiring.expire(loop.platform)


def warned(loop: Loop, time: Clock, request: str) -> None:
    """Until both warnings were given, and the end has come."""
    for before in (DAY, HOUR, timedelta(0)):
        until = life(loop, request).until
        assert until is not None
        time.at = until - before
        tick(loop)


def asked(loop: Loop, request: str) -> str:
    """The request that the engine made."""
    found = life(loop, request).retirement
    assert found is not None
    return found


# --- from asking to the end ---------------------------------------------------------------------------------------


def test_a_service_lives_from_when_it_came_to_exist(fresh: Loop, time: Clock) -> None:
    """Not from when it was asked for; who approves signs how long, and everybody is shown until when."""
    request = fresh.as_("ann").submit("pair", "photos", STACK, {"text": "hello"}, ttl=WEEK).id
    fresh.carry_out(request)
    assert (fresh.view(request).ttl, fresh.view(request).lives_until) == (7 * 86400, None)
    time.go(DAY)
    fresh.as_("gus").approve(request)
    [approval] = fresh.approvals(request)
    assert (approval.ttl, approvals.statement(approval)["ttl"]) == (7 * 86400, 7 * 86400)
    time.go(DAY)
    fresh.carry_out(request)
    assert fresh.view(request).lives_until == clock.rfc3339(time.at + WEEK)
    [why] = [one.text for one in fresh.as_("vic").why("photos").lines if one.what == "end"]
    assert str(fresh.view(request).lives_until) in why
    assert approval.id in why
    [line] = fresh.as_("vic").requests()
    assert (line.ttl, line.lives_until) == (7 * 86400, clock.rfc3339(time.at + WEEK))


def test_a_service_without_an_end_has_none(fresh: Loop, time: Clock) -> None:
    """And what is signed of it is what was signed before there were any."""
    request = service(fresh, None)
    [approval] = fresh.approvals(request)
    assert "ttl" not in approvals.statement(approval)
    time.go(timedelta(days=3000))
    tick(fresh)
    assert (fresh.view(request).lives_until, entries(fresh, expiring.SOON)) == (None, [])


def test_it_is_warned_of_twice_then_destroyed_by_what_was_signed(loop: Loop, time: Clock) -> None:
    """A day before and an hour before; nobody has to do anything, and both is written down."""
    request = loop.request
    end = life(loop, request).until
    assert end is not None
    for moment, told in ((DAY + MINUTE, 0), (DAY, 1), (HOUR + MINUTE, 1), (HOUR, 2), (MINUTE, 2)):
        time.at = end - moment
        tick(loop)
        assert len(entries(loop, expiring.SOON)) == told, moment
        assert life(loop, request).retirement is None
    assert [one.facts["lives_until"] for one in entries(loop, expiring.SOON)] == [clock.rfc3339(end)] * 2
    assert {(one.subject, one.actor, one.tenant, one.stage) for one in entries(loop, expiring.SOON)} == {
        (request, "engine", "acme", "dev")
    }
    time.at = end
    tick(loop)
    tick(loop)
    retirement = asked(loop, request)
    assert loop.carry_out(retirement).status == "applying"
    view = loop.carry_out(retirement)
    assert (view.status, view.requester, [one.by for one in view.approvals]) == ("done", "engine", ["expiry"])
    assert loop.approvals(request)[0].id in view.approvals[0].reason
    assert loop.world.states.keys() & {KEY, STORE} == set()
    [end_of_it] = entries(loop, "service.expired")
    assert (end_of_it.subject, end_of_it.facts["retirement"]) == (request, retirement)
    with loop.platform.database.read() as tx:
        assert lifetimes.of(tx, request) is None
        assert len(requests.find(tx, "platform", services=["photos"])) == 2
    time.go(WEEK)
    tick(loop)
    assert entries(loop, expiring.FAILED) == []
    assert service(loop)  # the name is free


def test_a_short_life_is_warned_of_at_fractions(fresh: Loop, time: Clock) -> None:
    """At the half and at the last third."""
    request = service(fresh, HOUR)
    end = life(fresh, request).until
    assert end is not None
    for minutes, told in ((31, 0), (30, 1), (21, 1), (20, 2)):
        time.at = end - minutes * MINUTE
        tick(fresh)
        assert len(entries(fresh, expiring.SOON)) == told, minutes
    time.at = end
    tick(fresh)
    assert fresh.carry_out(asked(fresh, request)).status == "applying"


def test_the_engine_does_it_among_its_chores(loop: Loop, time: Clock) -> None:
    """Each minute, without a webhook."""
    request = loop.request
    time.at = (life(loop, request).until or time.at) - DAY
    assert do_due(loop.platform, [one for one in CHORES if one.name == "expire"]) == {}
    assert len(entries(loop, expiring.SOON)) == 1


# --- time that jumps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [10 * MINUTE, WEEK])
@pytest.mark.parametrize("given", [0, 1, 2])
def test_after_an_outage_nothing_ends_that_was_not_warned_of(
    loop: Loop, time: Clock, gap: timedelta, given: int
) -> None:
    """Warnings that were missed are given then, and the end waits for them; what was warned of ends at once."""
    request = loop.request
    end = life(loop, request).until
    assert end is not None
    for before in (DAY, HOUR)[:given]:
        time.at = end - before
        tick(loop)
    time.at = end + gap  # nobody was there
    waited = timedelta(0)
    while life(loop, request).retirement is None:
        assert len(entries(loop, expiring.SOON)) <= 2
        tick(loop)
        waited += 10 * MINUTE
        time.go(10 * MINUTE)
    assert len(entries(loop, expiring.SOON)) == 2
    least = (DAY, HOUR, timedelta(0))[given]
    assert least <= waited <= least + 30 * MINUTE


@pytest.mark.parametrize("jump", [10 * MINUTE, -10 * MINUTE])
def test_a_clock_that_jumps_ends_nothing_unwarned_and_warns_nobody_twice(
    loop: Loop, time: Clock, jump: timedelta
) -> None:
    """Wherever in the last two hours it jumps."""
    for minutes in (119, 65, 58, 9):
        request = loop.request if minutes == 119 else service(loop)
        told = len(entries(loop, expiring.SOON))
        time.at = (life(loop, request).until or time.at) - DAY
        tick(loop)
        time.at = (life(loop, request).until or time.at) - minutes * MINUTE
        tick(loop)
        time.go(jump)
        passed = 0
        while life(loop, request).retirement is None:
            tick(loop)
            time.go(MINUTE)
            passed += 1
        assert len(entries(loop, expiring.SOON)) == told + 2
        warned_at = life(loop, request).warned_at
        assert warned_at is not None
        assert passed > 40 or minutes <= 60  # a whole warning, less what the clock was wrong by
        loop.carry_out(asked(loop, request))
        assert loop.carry_out(asked(loop, request)).status == "done"


def test_warnings_of_a_clock_that_was_ahead_are_given_again(loop: Loop, time: Clock) -> None:
    """Two short jumps, by days, give both warnings long before the end: when the clock is right they do not count."""
    until = life(loop, loop.request).until
    assert until is not None
    began = time.at
    for left in (DAY, HOUR):
        time.at = until - left + MINUTE
        tick(loop)
        time.at = began
    assert len(entries(loop, expiring.SOON)) == 2
    tick(loop)
    assert life(loop, loop.request).warned == 0
    time.at = until - DAY + MINUTE
    tick(loop)
    time.at = until - HOUR + MINUTE
    tick(loop)
    assert [one.facts["warning"] for one in entries(loop, expiring.SOON)] == [1, 2, 1, 2]
    assert life(loop, loop.request).warned_at == time.at


@given(
    st.sampled_from([HOUR, 2 * HOUR, 5 * HOUR, DAY, 3 * DAY, WEEK]),
    st.sampled_from([-10, 10]),
    st.lists(st.tuples(st.integers(0, 3 * 24 * 60), st.booleans()), max_size=30),
)
def test_nothing_ends_unwarned_whenever_it_is_looked_at(
    span: timedelta, wrong: int, looks: list[tuple[int, bool]]
) -> None:
    """However seldom an engine looks, and whichever way its clock is wrong by ten minutes when it does."""
    real = began = datetime(2026, 11, 30, tzinfo=UTC)
    one = Lifetime("req", "r", "apr", began, int(span.total_seconds()), began + span, 0, None, None, None)
    first, last = expiring.lengths(span)
    given_at: list[datetime] = []
    for minutes, off in [*looks, *[(20, False)] * 400]:
        real += minutes * MINUTE
        shown = real + (wrong * MINUTE if off else timedelta(0))
        if found := expiring.warning_due(one, shown):
            assert found.number == len(given_at) + 1 == one.warned + 1
            given_at.append(real)
            one = replace(one, warned=found.number, warned_at=shown, until=found.until)
        elif expiring.is_over(one, shown):
            break
    else:
        assert one.until is not None
        assert real < one.until + 50 * MINUTE  # its time has not come
        return
    assert len(given_at) == 2
    assert real - given_at[0] >= first * 0.75 - 10 * MINUTE
    assert real - given_at[1] >= last * 0.75 - 10 * MINUTE >= 5 * MINUTE
    assert real >= began + span - 10 * MINUTE


# --- killed, and many at once -------------------------------------------------------------------------------------


def test_an_end_that_is_killed_anywhere_comes_once(loop: Loop, time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its transactions is all or nothing: the next look goes on from there."""
    request = loop.request
    end = life(loop, request).until
    assert end is not None
    for name, before in (("warn", DAY), ("warn", HOUR), ("retire", timedelta(0))):
        time.at = end - before
        works = getattr(lifetimes, name)

        def killed(*args: Any, works: Any = works, **named: Any) -> Any:
            works(*args, **named)
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(lifetimes, name, killed)
            with pytest.raises(Killed):
                tick(loop)
        tick(loop)
        tick(loop)
    assert len(entries(loop, expiring.SOON)) == 2
    retirement = asked(loop, request)
    steps = [name for name, _ in loop.view(retirement).runs[-1].steps]
    for step in (*steps[1:], "settle"):
        loop.carry_out(retirement, until=step)
        tick(loop)
    loop.carry_out(retirement)
    with loop.platform.database.read() as tx:
        assert len(requests.find(tx, "platform", services=["photos"])) == 2
    assert loop.carry_out(retirement).status == "done"


def test_of_two_workers_one_warns_and_one_asks(loop: Loop, time: Clock) -> None:
    """What the other has read has moved on."""
    request = loop.request
    before = life(loop, request)
    assert before.until is not None
    time.at = before.until - DAY
    with loop.platform.database.begin() as tx:
        assert lifetimes.warn(tx, before, at=time.at, until=before.until)
        assert not lifetimes.warn(tx, before, at=time.at, until=before.until)
    warned(loop, time, request)
    first = asked(loop, request)
    with loop.platform.database.begin() as tx:
        assert not lifetimes.retire(tx, before, first)
        assert not lifetimes.over(tx, before, at=time.at)


def test_several_engines_at_once_do_each_thing_once(loop: Loop, time: Clock) -> None:
    """Though no chore is taken by one of them alone."""
    for before in (DAY, HOUR, timedelta(0)):
        time.at = (life(loop, loop.request).until or time.at) - before
        threads = [threading.Thread(target=tick, args=(loop,)) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert len(entries(loop, expiring.SOON)) == 2
    assert asked(loop, loop.request)
    with loop.platform.database.read() as tx:
        assert len(requests.find(tx, "platform", services=["photos"])) == 2
        assert audit.verify(tx, loop.platform.key) is None


# --- what a person decides ----------------------------------------------------------------------------------------


def stopped(loop: Loop, request: str, status: str, why: str) -> str:
    """What the engine asked for came to that, and somebody is told at once, with the cost."""
    retirement = asked(loop, request)
    view = loop.carry_out(retirement)
    assert view.status == status
    tick(loop)
    tick(loop)
    [told] = entries(loop, expiring.FAILED)
    assert (told.subject, told.facts["retirement"], told.facts["code"]) == (request, retirement, f"expiry-{status}")
    assert why in str(told.facts["why"])
    assert told.facts["currency"] == "USD"
    assert float(str(told.facts["cost_so_far"])) > 0
    return retirement


def test_a_policy_that_denies_is_told_each_day_and_asked_again(loop: Loop, time: Clock) -> None:
    """A protected service stays, and is never forgotten; once the policy lets it, it ends."""
    request = loop.request
    warned(loop, time, request)
    loop.rules.always("plan.polite.deny", "it is protected")
    stopped(loop, request, "denied", "it is protected")
    time.go(DAY)
    tick(loop)
    assert len(entries(loop, expiring.FAILED)) == 2
    tick(loop)
    again = asked(loop, request)
    loop.rules.says.clear()
    assert loop.carry_out(again).status == "applying"
    assert loop.carry_out(again).status == "done"
    time.go(DAY)
    tick(loop)
    assert len(entries(loop, expiring.FAILED)) == 2


def test_what_is_undecided_waits_for_a_person(loop: Loop, time: Clock) -> None:
    """Who may approve as any other request; it is told again each day, and asked for once."""
    request = loop.request
    warned(loop, time, request)
    loop.rules.always("plan.polite.undecided", "who knows")
    retirement = stopped(loop, request, "waiting", "undecided")
    time.go(DAY)
    tick(loop)
    assert len(entries(loop, expiring.FAILED)) == 2
    assert asked(loop, request) == retirement
    loop.rules.says.clear()
    loop.as_("gus").approve(retirement)
    assert loop.carry_out(retirement).status == "done"


def test_more_than_what_is_recorded_as_there_is_not_destroyed_by_itself(loop: Loop, time: Clock) -> None:
    """Something that nobody asked for, in a state of the service."""
    request = loop.request
    warned(loop, time, request)
    with loop.platform.database.begin() as tx:
        tx.change(resources.delete().where(resources.c.component == "photos-key"))
    stopped(loop, request, "waiting", "not what is recorded as there: acme-use1-dev/photos-key")


def test_what_has_gone_already_is_looked_at_by_a_person(loop: Loop, time: Clock) -> None:
    """It may be that the state was lost, and not the resource."""
    request = loop.request
    warned(loop, time, request)
    del loop.world.states[STORE]
    stopped(loop, request, "waiting", "not what is recorded as there: acme-use1-dev/photos-store")


@pytest.mark.parametrize("column", ["ttl", "voided_at", "signature"])
def test_a_signature_that_does_not_hold_ends_nothing(loop: Loop, time: Clock, column: str) -> None:
    """Neither one that says another time, nor one that was voided."""
    request = loop.request
    warned(loop, time, request)
    values: dict[str, object] = {"ttl": 60, "voided_at": time.at, "signature": "x"}
    with loop.platform.database.begin() as tx:
        mine = approvals_table.update().where(approvals_table.c.request == request)
        tx.change(mine.values({column: values[column]}))
    stopped(loop, request, "waiting", "does not hold any more")


def test_an_end_that_came_nearer_than_was_signed_is_looked_at_by_a_person(loop: Loop, time: Clock) -> None:
    """Whoever wrote into the row."""
    with loop.platform.database.begin() as tx:
        tx.change(lifetimes_table.update().values(until=time.at + 2 * DAY))
    warned(loop, time, loop.request)
    stopped(loop, loop.request, "waiting", "nearer than was signed")


STRICTER = "approvals: [{tenant: acme, approvers: 2, within: 2h}]\n"


def test_a_rule_that_became_stricter_leaves_the_end_to_people(loop: Loop, time: Clock) -> None:
    """One signature was enough for how long it lives, and two have to be given now; they wait by today's rules."""
    warned(loop, time, loop.request)
    loop.clone.moved(**{"approvals/rules.yaml": STRICTER})
    retirement = stopped(loop, loop.request, "waiting", "ask for more now than signed its time to live")
    needed = loop.view(retirement).approvals_needed
    assert needed is not None
    assert needed.words == "0 of 2 approvals"
    assert loop.row(retirement).expires_at == time.at + 2 * HOUR
    loop.as_("gus").approve(retirement)
    loop.as_("root").approve(retirement)
    assert loop.carry_out(retirement).status == "done"


def test_a_rule_that_became_stricter_after_the_preview_ends_nothing(loop: Loop, time: Clock) -> None:
    """The signature that stated the time to live is counted again before anything is destroyed."""
    warned(loop, time, loop.request)
    retirement = asked(loop, loop.request)
    assert loop.carry_out(retirement).status == "applying"
    loop.clone.moved(**{"approvals/rules.yaml": STRICTER})
    view = loop.carry_out(retirement)
    assert (view.status, view.runs[-1].code) == ("parked", "approval-missing")
    assert loop.world.states.keys() >= {KEY, STORE}


def test_the_row_of_a_request_says_nothing_about_its_end(fresh: Loop, time: Clock) -> None:
    """It lives as long as was signed, whatever somebody wrote into the row since."""
    request = fresh.as_("ann").submit("pair", "photos", STACK, {"text": "hello"}, ttl=WEEK).id
    fresh.carry_out(request)
    fresh.as_("gus").approve(request)
    with fresh.platform.database.begin() as tx:
        tx.change(requests_table.update().where(requests_table.c.id == request).values(ttl=3600))
    fresh.carry_out(request)
    assert life(fresh, request).until == time.at + WEEK


def test_what_cannot_be_destroyed_is_parked_and_told(loop: Loop, time: Clock) -> None:
    """Deletion protection, say: terraform is refused; a person resumes."""
    request = loop.request
    warned(loop, time, request)
    retirement = asked(loop, request)
    assert loop.carry_out(retirement).status == "applying"
    loop.world.fails = {STORE: refused("deletion protection is on")}
    assert loop.carry_out(retirement).status == "parked"
    for told in (1, 2, 3):
        tick(loop)
        assert len(entries(loop, expiring.FAILED)) == told
        assert "deletion protection is on" in str(entries(loop, expiring.FAILED)[-1].facts["why"])
        time.go(DAY)
    assert asked(loop, request) == retirement
    loop.world.fails = {}
    loop.as_("ann").resume(retirement)
    assert loop.carry_out(retirement).status == "done"


def test_an_instance_that_somebody_works_on_is_left_to_a_person(loop: Loop, time: Clock) -> None:
    """An operator holds it, who asked for nothing: she is not interrupted."""
    request = loop.request
    warned(loop, time, request)
    with loop.platform.database.begin() as tx:
        person = people.get_person(tx, "root")
        subject = Subject(KEY, "platform", "acme", "dev")
        theirs = runs.add(tx, subject, "operation", (), person=person.id, at=time.at)
        leases.acquire(tx, "platform", KEY, run=theirs.id, at=time.at)
    retirement = stopped(loop, request, "waiting", KEY)
    with loop.platform.database.begin() as tx:
        runs.move(tx, theirs.id, ["queued"], "running", at=time.at)
        runs.move(tx, theirs.id, ["running"], "done", at=time.at)
        tx.change(leases_table.update().values(released_at=time.at))
    loop.as_("gus").approve(retirement)
    assert loop.carry_out(retirement).status == "done"


def test_it_waits_for_who_works_on_the_service(loop: Loop, time: Clock) -> None:
    """Whatever is under way is not interrupted; where it does not come to an end, somebody is told."""
    request = loop.request
    theirs = loop.as_("ann").retire("photos", STACK).id
    warned(loop, time, request)
    assert (life(loop, request).retirement, entries(loop, expiring.FAILED)) == (None, [])
    loop.carry_out(theirs)
    tick(loop)
    [told] = entries(loop, expiring.FAILED)
    assert told.facts["code"] == "service-busy"
    loop.as_("gus").reject(theirs, reason="not yet")
    tick(loop)
    assert asked(loop, request) != theirs


def test_an_end_that_fails_keeps_no_other_from_its_own(
    loop: Loop, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chore says what was wrong once all are seen to."""
    first, other = loop.request, service(loop, name="films")
    works = lifetimes.warn

    def warn(tx: Any, one: Lifetime, **named: Any) -> bool:
        if one.request == first:
            raise Conflict("oddly-wrong", "no", next_step="Wait.")
        return works(tx, one, **named)

    monkeypatch.setattr(lifetimes, "warn", warn)
    time.at = (life(loop, other).until or time.at) - DAY
    with pytest.raises(Conflict):
        tick(loop)
    assert [one.subject for one in entries(loop, expiring.SOON)] == [other]


# --- keeping ------------------------------------------------------------------------------------------------------


def code(loop: Loop, who: str, until: Any) -> str:
    """What keeping is refused with."""
    with pytest.raises(GaiaError) as caught:
        loop.as_(who).keep("photos", STACK, until=until)
    return caught.value.code


def test_keeping_moves_the_end(loop: Loop, time: Clock) -> None:
    """As long again as it was given, so long, to a moment, or for ever; warnings begin anew."""
    request = loop.request
    time.at = (life(loop, request).until or time.at) - HOUR
    tick(loop)
    assert loop.as_("ann").keep("photos", STACK).lives_until == clock.rfc3339(time.at + WEEK)
    assert (life(loop, request).warned, life(loop, request).span) == (0, 7 * 86400)
    moment = time.at + timedelta(days=30)
    assert loop.as_("ann").keep("photos", STACK, until=moment).lives_until == clock.rfc3339(moment)
    kept = loop.as_("ann").keep("photos", STACK, until=timedelta(days=60))
    assert kept.lives_until == clock.rfc3339(time.at + timedelta(days=60))
    assert loop.as_("ann").keep("photos", STACK, until="for-ever").lives_until is None
    time.go(timedelta(days=3000))
    tick(loop)
    assert len(entries(loop, "service.kept")) == 4
    assert code(loop, "ann", WEEK) == "service-endless"


@pytest.mark.parametrize(
    ("who", "until", "expected"),
    [
        ("vic", None, "not-permitted"), ("gus", None, "not-permitted"), ("bob", None, "service-unknown"),
        ("ann", timedelta(days=2), "keep-shorter"), ("ann", timedelta(days=9999), "ttl-too-long"),
        ("ann", -DAY, "keep-shorter"), ("ann", datetime(2020, 1, 1, tzinfo=UTC), "keep-shorter"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("time")
def test_what_keeping_is_refused_for(loop: Loop, who: str, until: Any, expected: str) -> None:
    """An end comes no nearer without an approval; and it is written down who wanted to."""
    request = loop.request
    before = life(loop, request)
    assert code(loop, who, until) == expected
    assert life(loop, request) == before
    with loop.platform.database.read() as tx:
        refusals = [one for one in audit.entries(tx, subject=request) if one.outcome == "refused"]
    assert [one.facts["code"] for one in refusals] == [expected]


def test_a_service_that_is_asked_to_end_is_kept_until_it_is_approved(loop: Loop, time: Clock) -> None:
    """Its preview ends without an application; what waits for a person is over."""
    request = loop.request
    warned(loop, time, request)
    first = asked(loop, request)
    loop.as_("ann").keep("photos", STACK)
    assert loop.carry_out(first).status == "rejected"
    warned(loop, time, request)
    loop.rules.always("plan.polite.undecided", "who knows")
    second = asked(loop, request)
    assert loop.carry_out(second).status == "waiting"
    loop.as_("ann").keep("photos", STACK)
    assert (loop.view(second).status, loop.view(second).reason) == ("rejected", expiry.KEPT)
    loop.rules.says.clear()
    warned(loop, time, request)
    third = asked(loop, request)
    loop.carry_out(third)
    assert code(loop, "ann", None) == "service-ending"
    assert loop.carry_out(third).status == "done"
    assert code(loop, "ann", None) == "service-unknown"


def test_kept_in_the_last_moment_it_stays(loop: Loop, time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at what was signed and the approval."""
    request = loop.request
    warned(loop, time, request)
    retirement = asked(loop, request)
    works = expiry.grounds

    def grounds(context: Any, rules: Any) -> Any:
        found = works(context, rules)
        loop.as_("ann").keep("photos", STACK)
        return found

    monkeypatch.setattr(expiry, "grounds", grounds)
    assert loop.carry_out(retirement).status == "rejected"
    assert loop.world.states.keys() >= {KEY, STORE}


def test_a_template_says_how_long_and_how_long_at_most(fresh: Loop, time: Clock) -> None:
    """Its default where nobody asks, never more than its longest, neither when asked for nor when kept."""
    fresh.clone.moved(**{"templates/pair/copier.yml": _with_ttl("{default: 2d, longest: 14d}")})
    request = service(fresh, None)
    assert life(fresh, request).until == time.at + timedelta(days=2)
    assert code(fresh, "ann", timedelta(days=15)) == "ttl-too-long"
    assert code(fresh, "ann", "for-ever") == "ttl-too-long"
    fresh.as_("ann").keep("photos", STACK, until=timedelta(days=14))
    with pytest.raises(Invalid) as caught:
        fresh.as_("ann").submit("pair", "films", STACK, {"text": "x"}, ttl=timedelta(days=15))
    assert caught.value.code == "ttl-too-long"
    with pytest.raises(Invalid) as caught:
        fresh.as_("ann").submit("pair", "films", STACK, {"text": "x"}, ttl=30 * MINUTE)
    assert caught.value.code == "ttl-too-short"


def _with_ttl(said: str) -> str:
    from tests.unit.platform.loop import FILES

    return FILES["templates/pair/copier.yml"] + f"_ttl: {said}\n"


def test_policies_see_the_time_to_live(loop: Loop, time: Clock) -> None:
    """A rule may ask for one, when it is asked for and when it is kept for longer."""

    def short(document: dict[str, Any]) -> object:
        ttl = document["gaia"]["ttl"]
        return [] if ttl is not None and ttl <= 14 * 86400 else [{"message": "two weeks at most"}]

    loop.rules.says["data.gaia.request.quota.deny"] = short
    endless = loop.ask("films")
    assert loop.carry_out(endless).status == "denied"
    request = loop.request
    loop.as_("ann").keep("photos", STACK, until=timedelta(days=13))
    before = life(loop, request)
    time.go(HOUR)
    for longer in (timedelta(days=15), "for-ever"):
        assert code(loop, "ann", longer) == "policy-denied"
    assert life(loop, request) == before


def test_who_is_told_of_events_is_told_of_ends(loop: Loop) -> None:
    """With the service and its end: a warning that nobody gets is none."""
    from gaia.notifications import events, words
    from gaia.platform.expiry.expiring import SOON

    request = loop.previewed("music")
    row = loop.row(request)
    with loop.platform.database.begin() as tx:
        facts = {"lives_until": "2026-12-24T00:00:00.000Z", "why": "inside"}
        loop.platform.audit.note(tx, "engine", SOON, request, facts, where=row)
    with loop.platform.database.read() as tx:
        found = events.seen(tx, "platform", {("acme", "dev")}, all_families=False, after=0, limit=50)
        [event] = [one for one in events.made(tx, found, None) if one.type.endswith(SOON)]
    assert (event.data.service, event.data.facts) == ("music", {"lives_until": "2026-12-24T00:00:00.000Z"})
    assert words.sentence(event) == f"music in {row.stack} ends by itself soon: keep it, if somebody needs it."
