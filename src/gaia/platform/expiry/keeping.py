"""Keeping a service that would end by itself: its end is moved, within what its template and the policies allow.

An end only moves away: one that came nearer would have to be approved, as any destruction, and a service without an end
is retired.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gaia.errors import Conflict, GaiaError, Invalid, Next, NotFound, Refused
from gaia.kit import clock
from gaia.platform import refusals
from gaia.platform.expiry import expiry
from gaia.platform.instances import policy_input
from gaia.platform.model import FOR_EVER, WORKING
from gaia.platform.services import live_services, placing
from gaia.records import lifetimes, requests, runs

if TYPE_CHECKING:
    from gaia.platform.acting import Acting
    from gaia.platform.context import PlatformContext
    from gaia.platform.model import Until
    from gaia.platform.snapshot import Snapshot
    from gaia.records.database import Transaction
    from gaia.records.lifetime_model import Lifetime
    from gaia.records.model import Request


def keep(platform: PlatformContext, acting: Acting, service: str, stack: str, until: Until | None) -> str:
    """Move its end; the request that the service came from.

    Raises:
        NotFound: `service-unknown`. Refused: `not-permitted`, `policy-denied`.
        Invalid: `keep-shorter`, `ttl-too-short`, `ttl-too-long`. Conflict: `service-endless`, `service-ending`.
    """
    with platform.database.read() as tx:
        origin = live_services.origin(tx, platform.repository, stack, service)
    missing = refusals.service_unknown(service, stack)
    if origin is None:
        raise missing
    now = clock.now()
    end, span = _wanted(origin, until, now)
    where = placing.place_at(platform, platform.clone().fetch(), origin)
    with acting.doing("request", "service.keep", origin.id, missing=missing, where=where) as (tx, _):
        _standing(tx, origin, end)  # who may not learns nothing more
        services = live_services.count(tx, platform.repository, stack)
    placed = replace(origin, tenant=where.tenant, stage=where.stage)
    refused = _refusal(platform, placed, span, services)
    with acting.doing("request", "service.keep", origin.id, missing=missing, where=where) as (tx, caller):
        if refused is not None:
            raise refused
        origin = placing.follow(tx, origin, where, at=now)
        life = _standing(tx, origin, end)
        if not lifetimes.keep(tx, life, until=end, span=span):
            raise Conflict("service-moved", f"the end of {service} was moved just now", next_step="Look at it again.")
        _stop_ending(tx, life)
        before = clock.rfc3339(life.until) if life.until else None
        facts = {"lives_until": clock.rfc3339(end) if end else None, "before": before}
        platform.audit.about(tx, caller.id, "service.kept", origin, **facts)
    return origin.id


def _wanted(origin: Request, until: Until | None, now: datetime) -> tuple[datetime | None, timedelta | None]:
    """The end that is meant, and how far that is from now; None: none."""
    if until == FOR_EVER:
        return None, None
    if isinstance(until, datetime):
        return until, until - now
    span = until if isinstance(until, timedelta) else timedelta(seconds=origin.ttl or 0)
    return now + span, span


def _refusal(platform: PlatformContext, origin: Request, span: timedelta | None, services: int) -> GaiaError | None:
    """Why its template, or a policy, does not let it live so long from now on."""
    from gaia.scaffold.lifespan import Lifespan
    from gaia.scaffold.template import load_template

    snapshot = platform.snapshot(platform.clone().fetch())
    try:
        lifespan = load_template(snapshot.tree, origin.template).lifespan
    except (NotFound, Invalid):  # it has gone, or nobody can read it: so long as was signed
        lifespan = Lifespan(longest=timedelta(seconds=origin.ttl or 0))
    try:
        lifespan.check(span)
        _ask_policies(platform, snapshot, origin, span, services)
    except GaiaError as error:
        return error
    return None


def _standing(tx: Transaction, origin: Request, end: datetime | None) -> Lifetime:
    """Its life, which ends, and not later than that."""
    life = live_services.life(tx, origin)
    if life is None or life.until is None:
        raise refusals.service_endless(origin.service, origin.stack)
    if end is not None and end < life.until:
        raise refusals.keep_shorter(origin.service, origin.stack, clock.rfc3339(life.until))
    return life


def _stop_ending(tx: Transaction, life: Lifetime) -> None:
    """What the engine asked for is over, if nobody has approved it yet.

    Raises:
        Conflict: `service-ending`.
    """
    if life.retirement is None:
        return
    asked = requests.get(tx, life.retirement)
    if asked.status in ("applying", "parked", "done"):
        raise Conflict(
            "service-ending",
            f"{asked.service} is being destroyed: its time was over ({asked.id} is {asked.status})",
            next_step=Next("status", asked.id, "Look at it"),
        )
    if asked.status in WORKING:  # its preview ends, and finds that nothing ends any more
        for run in runs.of_request(tx, asked.id):
            runs.cancel(tx, run.id, 1)
    elif asked.status == "waiting":
        requests.move(tx, asked.id, ["waiting"], "rejected", at=clock.now(), reason=expiry.KEPT)


def _ask_policies(
    platform: PlatformContext, snapshot: Snapshot, origin: Request, span: timedelta | None, services: int
) -> None:
    """What rules about requests would have said of such a time to live, and did not say of the one that was asked for.

    Raises:
        Refused: `policy-denied`.
    """
    from gaia.policy.judge import judge_each

    plain = replace(origin, instances=())
    longer = replace(plain, ttl=None if span is None else int(span.total_seconds()))
    asked = [policy_input.request_input(one, services) for one in (plain, longer)]
    before, after = judge_each(
        snapshot.policies, "request", asked, engine=platform.policy_engine(), effects=("deny", "undecided")
    )
    if against := [one for one in after if one not in before]:
        raise Refused(
            "policy-denied",
            "; ".join(f"{one.title}: {one.message}" for one in against),
            next_step="Keep it for less, or ask who answers for the rule.",
        )
