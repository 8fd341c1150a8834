"""Requests, and the one function that changes their status."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from sqlalchemy import insert, or_, select, update

from gaia.errors import Conflict, Defect, Invalid, Next, NotFound
from gaia.kit.ids import check_name, new_id
from gaia.kit.visible import cut
from gaia.records.model import BUSY, OPEN, TRANSITIONS, Request, RequestKind, RequestStatus
from gaia.records.places import within
from gaia.records.sorting import Sorting, in_order
from gaia.records.tables import requests

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Select

    from gaia.records.database import Transaction
    from gaia.records.model import OnFailure

_SHORTEST_PREFIX = 8
_LONGEST = 128
"""Characters of what may name a request: more than ids and services have, and far less than SQLite looks for."""


class Changes(TypedDict, total=False):
    """Columns that change while a request lives; the rest is what was asked for and stays."""

    reason: str
    expires_at: datetime | None
    branch: str | None
    base: str | None
    commit: str | None
    manifest: str
    instances: tuple[str, ...]
    origins: Mapping[str, Mapping[str, list[str]]]
    preview: str | None
    asked: Mapping[str, object]
    follows: str | None
    answers: Mapping[str, object]
    template_version: str
    leaving: tuple[str, ...]
    parts: tuple[Mapping[str, Any], ...]


def add(
    tx: Transaction,
    *,
    repository: str,
    tenant: str,
    stage: str,
    stack: str,
    service: str,
    kind: RequestKind,
    template: str,
    template_version: str,
    answers: Mapping[str, object],
    requester: str,
    at: datetime,
    expires_at: datetime | None = None,
    named: str = "",
    ttl: int | None = None,
    status: RequestStatus = "submitted",
    follows: str | None = None,
    given: Mapping[str, object] | None = None,
    replaces: str | None = None,
    on_failure: OnFailure = "park",
    parts: tuple[Mapping[str, Any], ...] = (),
) -> Request:
    """Write a new request down, `submitted` or, to wait in line, `queued`.

    `requester` is a person's id; `named` that of the request, if it has one.

    Raises:
        Invalid: `name-invalid` for the service.
        Conflict: `service-busy` when another request of the same service and stack is being worked on.
    """
    check_name(service, "service")
    request = Request(
        id=named or new_id("req"),
        repository=repository,
        tenant=tenant,
        stage=stage,
        stack=stack,
        service=service,
        kind=kind,
        template=template,
        template_version=template_version,
        answers=answers,
        requester=requester,
        status=status,
        reason="",
        created_at=at,
        updated_at=at,
        expires_at=expires_at,
        branch=None,
        base=None,
        commit=None,
        manifest="",
        instances=(),
        origins={},
        preview=None,
        ttl=ttl,
        asked={},
        follows=follows,
        given=given or {},
        replaces=replaces,
        on_failure=on_failure,
        parts=parts,
    )
    values = {name: getattr(request, name) for name in Request.__slots__}
    tx.put(insert(requests).values(values), _busy(tx, request.id, repository, stack, service))
    return request


def add_part(tx: Transaction, order: Request, part: Mapping[str, Any], *, commit: str, at: datetime) -> Request:
    """Write one service of an order that is done as a request of its own, which is done too."""
    made = replace(
        order,
        id=new_id("req"),
        service=part["service"],
        template=part["template"],
        template_version=part["template_version"],
        answers=part["answers"],
        manifest=part["manifest"],
        instances=tuple(part["instances"]),
        commit=commit,
        status="done",
        updated_at=at,
        follows=order.id,
        parts=(),
    )
    tx.change(insert(requests).values({name: getattr(made, name) for name in Request.__slots__}))
    return made


def get(tx: Transaction, request: str) -> Request:
    """The request with exactly this id, or `NotFound("request-unknown")`."""
    row = tx.first(select(requests).where(requests.c.id == request))
    if row is None:
        raise unknown(request)
    return Request(**row)


def resolve(tx: Transaction, repository: str, text: str, *, places: Collection[tuple[str, str]]) -> Request:
    """The request that somebody means: an id, a unique prefix of one, or a service's newest request.

    `places` are where they may see any, as in `find`.

    Raises:
        NotFound: `request-unknown`, also for what is nowhere in `places`.
        Invalid: `request-ambiguous` when the text begins several ids or names a service in several stacks.
    """
    if len(text) > _LONGEST:
        raise unknown(text)
    mine = (
        select(requests)
        .where(requests.c.repository == repository, within(requests, places))
        .order_by(requests.c.id.desc())
    )
    wanted = requests.c.service == text
    if len(text) >= _SHORTEST_PREFIX:
        wanted |= requests.c.id.startswith(text, autoescape=True)
    matching = [Request(**row) for row in tx.all(mine.where(wanted))]
    by_id = [each for each in matching if each.id.startswith(text)]
    named = [each for each in matching if each.service == text]
    if len(by_id) > 1 or (not by_id and len({each.stack for each in named}) > 1):
        many = by_id or named
        raise Invalid(
            "request-ambiguous",
            f"{text!r} means several requests: {', '.join(f'{each.id} ({each.stack})' for each in many[:5])}",
            next_step="Give the whole id.",
        )
    if not by_id and not named:
        raise unknown(text)
    return (by_id or named)[0]


def owners(tx: Transaction, text: str) -> frozenset[str]:
    """The repositories that have a request whose id begins so; none for what is too short, or no beginning of an id."""
    if not _SHORTEST_PREFIX <= len(text) <= _LONGEST:
        return frozenset()
    begins = requests.c.id.startswith(text, autoescape=True)
    return frozenset(row["repository"] for row in tx.all(select(requests.c.repository).where(begins).distinct()))


def subjects(tx: Transaction, ids: Collection[str]) -> dict[str, tuple[str, str, RequestKind]]:
    """Service, stack and kind of each of these requests."""
    columns = (requests.c.id, requests.c.service, requests.c.stack, requests.c.kind)
    rows = tx.all(select(*columns).where(requests.c.id.in_(ids)))
    return {row["id"]: (row["service"], row["stack"], row["kind"]) for row in rows}


def those(tx: Transaction, repository: str, ids: Collection[str]) -> tuple[Request, ...]:
    """The requests of these ids, as far as there are such in the repository; in no order."""
    mine = select(requests).where(requests.c.repository == repository, requests.c.id.in_(sorted(ids)))
    return tuple(Request(**row) for row in tx.all(mine))


def find(
    tx: Transaction,
    repository: str,
    *,
    stack: str | None = None,
    services: Collection[str] | None = None,
    statuses: Collection[RequestStatus] | None = None,
    commit: str | None = None,
    named: str | None = None,
    places: Collection[tuple[str, str]] | None = None,
    after: str | None = None,
    sorting: Sorting | None = None,
    limit: int | None = None,
) -> tuple[Request, ...]:
    """Requests that fit, newest first; `places` are (tenant, stage), each of which may be `*`, and none is nowhere.

    `named` is a part of the service's or the template's name, or the beginning of the id. `after` is the id of one;
    `sorting` another order, with its own: service and id, or the id alone where that is `asked`.
    """
    statement = select(requests).where(requests.c.repository == repository)
    if stack is not None:
        statement = statement.where(requests.c.stack == stack)
    if services is not None:
        statement = statement.where(requests.c.service.in_(sorted(services)))
    if statuses is not None:
        statement = statement.where(requests.c.status.in_(sorted(statuses)))
    if commit is not None:
        statement = statement.where(requests.c.commit.startswith(commit, autoescape=True))
    if named is not None:
        parts = [
            requests.c.service.contains(named, autoescape=True),
            requests.c.template.contains(named, autoescape=True),
        ]
        statement = statement.where(or_(*parts, requests.c.id.startswith(named, autoescape=True)))
    if places is not None:
        statement = statement.where(within(requests, places))
    order = sorting or Sorting("asked", True, (after,) if after is not None else ())
    columns = (requests.c.id,) if order.by == "asked" else (requests.c.service, requests.c.id)
    return tuple(Request(**row) for row in tx.all(in_order(statement, columns, order).limit(limit)))


def applied_proposals(tx: Transaction, repository: str) -> tuple[Request, ...]:
    """Changes that no template made (see `Request.is_proposal`), and that were applied, or may have been in part."""
    kind = (requests.c.kind == "change", requests.c.template == "", requests.c.status.in_(("done", "parked")))
    return tuple(Request(**row) for row in tx.all(select(requests).where(requests.c.repository == repository, *kind)))


def move(
    tx: Transaction,
    request: str,
    expected: Collection[RequestStatus],
    to: RequestStatus,
    *,
    at: datetime,
    **changes: Unpack[Changes],
) -> Request:
    """Change the status, and columns with it, if it still is one of `expected`; the only way a status changes.

    A reason belongs to a status: it is emptied unless a new one is given.

    Raises:
        Conflict: `request-moved` when somebody else was faster; `service-busy`, see `add`.
        Defect: `transition-unknown` when TRANSITIONS does not lead from an expected status to `to`.
    """
    wrong = sorted(status for status in expected if to not in TRANSITIONS[status])
    if wrong or not expected:
        raise Defect("transition-unknown", f"no way from {wrong} to {to}", next_step="Report this as a bug of Gaia.")
    statement = update(requests).where(requests.c.id == request, requests.c.status.in_(sorted(expected)))
    before = get(tx, request)
    busy = _busy(tx, request, before.repository, before.stack, before.service)
    if not tx.put(statement.values({"status": to, "updated_at": at, "reason": "", **changes}), busy):
        now = get(tx, request).status
        raise Conflict(
            "request-moved",
            f"request {request} is {now} now, not {' or '.join(sorted(expected))}",
            next_step=Next("status", request, "Look at it, then decide again"),
            facts={"request": request, "status": now},
        )
    return get(tx, request)


def note(tx: Transaction, request: str, *, at: datetime, **changes: Unpack[Changes]) -> Request:
    """Change columns of a request that has not ended, and not its status.

    Raises:
        Conflict: `request-moved` when it has ended.
    """
    statement = update(requests).where(requests.c.id == request, requests.c.status.in_(sorted(OPEN)))
    if not tx.change(statement.values(updated_at=at, **changes)):
        now = get(tx, request).status
        raise Conflict(
            "request-moved",
            f"request {request} has ended: {now}",
            next_step="Make a new request.",
            facts={"request": request, "status": now},
        )
    return get(tx, request)


def place(tx: Transaction, request: str, *, tenant: str, stage: str, at: datetime) -> Request:
    """Write down where its stack is now, also of one that has ended: what came from it is there."""
    tx.change(update(requests).where(requests.c.id == request).values(tenant=tenant, stage=stage, updated_at=at))
    return get(tx, request)


def not_ended(tx: Transaction) -> tuple[Request, ...]:
    """Every request with something still to come, of all repositories."""
    return tuple(Request(**row) for row in tx.all(select(requests).where(requests.c.status.in_(sorted(OPEN)))))


def of_commit(tx: Transaction, repository: str, commit: str) -> tuple[Request, ...]:
    """Those that this commit was made for, or that stand on it."""
    mine = or_(requests.c.commit == commit, requests.c.base == commit)
    rows = tx.all(select(requests).where(requests.c.repository == repository, mine).order_by(requests.c.id))
    return tuple(Request(**row) for row in rows)


def unfinished() -> Select[tuple[str]]:
    """A query for the ids of requests that have not ended."""
    return select(requests.c.id).where(requests.c.status.in_(sorted(OPEN)))


def unknown(text: str) -> NotFound:
    """The one answer for a request that is not there and for one that the caller may not see."""
    named = cut(text, _LONGEST)
    return NotFound("request-unknown", f"there is no request {named!r}", next_step=Next("status", words="List them"))


def busy(tx: Transaction, repository: str, stack: str, service: str) -> bool:
    """Whether a request of the service is being worked on, or waits for a decision."""
    return bool(find(tx, repository, stack=stack, services=[service], statuses=BUSY, limit=1))


def _busy(tx: Transaction, request: str, repository: str, stack: str, service: str) -> Conflict:
    same = (requests.c.repository == repository, requests.c.stack == stack, requests.c.service == service)
    row = tx.first(select(requests.c.id).where(*same, requests.c.status.in_(BUSY), requests.c.id != request))
    other = row["id"] if row else ""
    return Conflict(
        "service-busy",
        f"request {other} of {service} in {stack} is not decided or not finished",
        next_step=Next("status", other, "Wait for it, or reject it"),
        facts={"request": other},
    )
