"""Several services in one request, a whole stack say: one preview, one judgement, one approval, one application.

An order is a request that no template makes: its `parts` are the services. All are let in, or none. Until it is done it
stands for all of them: it is resumed, or retired, as one. When it is done each part is a service of its own, as if it
had been asked for alone, and the order is none any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gaia.errors import Conflict, Invalid
from gaia.kit import clock, ids
from gaia.platform import refusals
from gaia.platform.requests.asking import end_undecided, write_down
from gaia.platform.requests.rendering import Wanted, render
from gaia.platform.requests.waiting import DECIDE_WITHIN
from gaia.platform.services import live_services
from gaia.records import approvals, lifetimes, previews, requests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gaia.platform.acting import Acting
    from gaia.platform.context import PlatformContext, RunContext
    from gaia.platform.model import Wish
    from gaia.platform.snapshot import Snapshot, StackScope
    from gaia.records.database import Transaction
    from gaia.records.model import Judgement, OnFailure, Request

MOST = 20
"""Services in one order."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all services of an order."""

    expires: timedelta | None = None
    ttl: timedelta | None = None
    on_failure: OnFailure = "park"


def ask_for_several(
    platform: PlatformContext,
    acting: Acting,
    name: str,
    scope: StackScope,
    snapshot: Snapshot,
    stack: str,
    wishes: Sequence[Wish],
    terms: Terms,
) -> str:
    """Check each service as if it were asked for alone, write the order down, queue its preview; the request.

    Raises:
        Invalid: `order-invalid`, `name-invalid`, or what is wrong with a service's answers. NotFound:
            `template-unknown`. Conflict: `name-taken`, `service-busy`.
    """
    missing, act, what = refusals.stack_unknown(stack), "request.submit", f"{stack}/{name}"
    with acting.doing("request", act, what, missing=missing, where=scope):
        pass  # who may not ask learns nothing more
    _check_names(name, wishes)
    named = ids.new_id("req")
    with acting.doing("request", act, what, missing=missing, where=scope) as (_, asker):
        requester = asker.id
    made = [_part(snapshot, wish, stack, named, requester, terms.ttl) for wish in wishes]
    lives = [life for _, life in made if life is not None]
    with acting.doing("request", act, what, missing=missing, where=scope) as (tx, caller):
        now = clock.now()
        _check_free(tx, platform, stack, [name, *(wish.service for wish in wishes)])
        request = write_down(
            tx,
            platform,
            facts={"services": [wish.service for wish in wishes]},
            tenant=scope.tenant,
            stage=scope.stage,
            stack=stack,
            service=name,
            kind="provision",
            template="",
            template_version="",
            answers={},
            requester=caller.id,
            at=now,
            expires_at=now + (terms.expires or DECIDE_WITHIN),
            named=named,
            ttl=min(lives, default=None),
            on_failure=terms.on_failure,
            parts=tuple(part for part, _ in made),
        )
    return request.id


def alone(request: Request) -> tuple[Request, ...]:
    """The request as one for each of its services, for whoever judges those; itself, where it is of one."""
    if not request.parts:
        return (request,)
    return tuple(
        replace(
            request,
            service=part["service"],
            template=part["template"],
            template_version=part["template_version"],
            answers=part["answers"],
            manifest=part["manifest"],
            instances=tuple(part["instances"]),
            parts=(),
        )
        for part in request.parts
    )


def hand_over(tx: Transaction, context: RunContext) -> tuple[Request, ...]:
    """An order is done: each of its services is one of its own from now on, with its part of the estimate."""
    order, now = context.request, clock.now()
    named = context.results["hold"]["approval"]
    approval = next(one for one in approvals.of_request(tx, order.id) if one.id == named)
    judged = previews.judgement(tx, order.id, approval.judgement)
    made = []
    for part in order.parts:
        one = requests.add_part(tx, order, part, commit=str(order.commit), at=now)
        kept = previews.add(tx, one, approval.preview, key=context.platform.key, commit=str(order.commit), at=now)
        _judge(tx, kept, judged, one)
        if approval.ttl is not None:
            lifetimes.begin(tx, one, approval, at=now, until=now + timedelta(seconds=approval.ttl))
        made.append(one)
    return tuple(made)


def _judge(tx: Transaction, kept: Any, judged: Judgement, one: Request) -> None:  # noqa: ANN401 - a Preview of records
    from gaia.cost.combine import part_of

    mine = {*one.instances, None}
    previews.add_judgement(
        tx,
        kept,
        findings=tuple(each for each in judged.findings if each.get("instance") in mine),
        undecided=judged.undecided,
        cost=part_of(judged.cost, one.instances) if judged.cost else {},
        policies=judged.policies,
        verdict=judged.verdict,
        at=judged.made_at,
    )


def _part(
    snapshot: Snapshot, wish: Wish, stack: str, request: str, requester: str, ttl: timedelta | None
) -> tuple[Mapping[str, Any], int | None]:
    """A service of an order as it is written down, and how long it would live."""
    from gaia.scaffold.template import check_answers, load_template

    chosen = load_template(snapshot.tree, wish.template)
    checked, lives = check_answers(chosen, wish.answers), chosen.lifespan.seconds(ttl)
    made = render(snapshot, Wanted(request, chosen.name, checked, wish.service, stack, requester))
    part = {"service": wish.service, "template": chosen.name, "template_version": chosen.version, "answers": checked}
    return {**part, "manifest": made.manifest, "instances": []}, lives


def _check_names(name: str, wishes: Sequence[Wish]) -> None:
    names = [wish.service for wish in wishes]
    for one in (name, *names):
        ids.check_name(one, "service")
    if not 1 <= len(names) <= MOST:
        raise Invalid("order-invalid", f"an order is of 1 to {MOST} services", next_step="Make several orders.")
    if twice := sorted({one for one in (name, *names) if [name, *names].count(one) > 1}):
        raise Invalid(
            "order-invalid",
            f"an order's name and those of its services differ; {', '.join(twice)} is there twice",
            next_step="Give each a name of its own.",
        )


def _check_free(tx: Transaction, platform: PlatformContext, stack: str, names: Sequence[str]) -> None:
    """None of the services stands, or is being asked for: all are let in, or none."""
    now = clock.now()
    live = live_services.by_name(tx, platform.repository, stack)
    for one in names:
        end_undecided(tx, platform, stack, one, at=now)
        if (stack, one) in live:
            raise refusals.name_taken(one, stack)
        if requests.busy(tx, platform.repository, stack, one):
            raise Conflict(
                "service-busy", f"{one} in {stack} is asked for already", next_step="Wait for that, or reject it."
            )
