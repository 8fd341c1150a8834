"""The request that each live service came from: found, and counted by what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from sqlalchemy import JSON, and_, func, not_, or_, select, type_coerce

from gaia.records.model import UNDONE, Request, RequestKind
from gaia.records.places import within
from gaia.records.sorting import Sorting, in_order
from gaia.records.tables import requests, runs, steps

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, FromClause, Select

    from gaia.records.database import Transaction
    from gaia.records.sorting import Sort

Facet: TypeAlias = Literal["tenant", "stage", "stack", "status", "template", "owner"]
"""What services are told apart by; `owner` is the answer of that name, empty where the template asks for none."""
FACETS: tuple[Facet, ...] = get_args(Facet)
BY_STACK = Sorting("stack")
_ORDERS: Mapping[Sort, tuple[ColumnElement[Any], ...]] = {
    "stack": (requests.c.stack, requests.c.service),
    "name": (requests.c.service, requests.c.stack),
    "asked": (requests.c.id,),
}
_NO_ORIGIN: tuple[RequestKind, ...] = ("retire", "reconcile")
"""Kinds of requests that no service comes from."""


def origins(
    tx: Transaction,
    repository: str,
    begun: str,
    *,
    stack: str | None = None,
    services: Collection[str] | None = None,
    holding: str | None = None,
    places: Collection[tuple[str, str]] | None = None,
    facets: Mapping[Facet, str] | None = None,
    sorting: Sorting = BY_STACK,
    limit: int | None = None,
) -> tuple[Request, ...]:
    """Those of live services; `sorting.after` has stack and name of one, or its id where that is `asked`.

    What is live, `live` says.
    """
    found = live(repository, begun, stack=stack, services=services, holding=holding, places=places)
    statement = found.where(*(_of(name) == value for name, value in (facets or {}).items()))
    # by stack, and by when they were asked for, is the order of an index: those behind the page are not looked at
    ordered = in_order(statement, _ORDERS[sorting.by], sorting).limit(limit)
    return tuple(Request(**row) for row in tx.all(ordered))


def counted(
    tx: Transaction,
    repository: str,
    begun: str,
    *,
    holding: str | None = None,
    places: Collection[tuple[str, str]] | None = None,
) -> list[tuple[Mapping[Facet, str], int]]:
    """How many live services there are of each combination of facets, in one statement."""
    columns = [_of(name).label(name) for name in FACETS]
    found = live(repository, begun, holding=holding, places=places).with_only_columns(*columns).subquery()
    each = [found.c[name] for name in FACETS]
    rows = tx.all(select(*each, func.count().label("number")).group_by(*each))
    return [({name: str(row[name]) for name in FACETS}, int(row["number"])) for row in rows]


def _of(facet: Facet) -> ColumnElement[Any]:
    if facet == "owner":
        return func.coalesce(type_coerce(requests.c.answers, JSON)["owner"].as_string(), "")
    return requests.c[facet]


def live(
    repository: str,
    begun: str,
    *,
    stack: str | None = None,
    services: Collection[str] | None = None,
    holding: str | None = None,
    places: Collection[tuple[str, str]] | None = None,
) -> Select[Any]:
    """The statement of the request that each live service came from.

    `holding` is a part of the service's name.

    Of a service's requests that were done, were parked or began a step that is called `BEGUN …` (and were not undone)
    the newest counts, unless it is a retirement, of which only one that is done does. One that puts a service back is
    the origin of none.
    """
    newer = requests.alias()
    same = and_(*(newer.c[name] == requests.c[name] for name in ("repository", "stack", "service")))
    retired = and_(newer.c.kind == "retire", newer.c.status == "done")
    instead = [same, newer.c.id > requests.c.id, or_(_made(newer, begun), retired)]
    mine = [requests.c.repository == repository, _made(requests, begun)]
    if stack is not None:
        mine.append(requests.c.stack == stack)
    if services is not None:
        mine.append(requests.c.service.in_(sorted(services)))
    if holding is not None:
        mine.append(requests.c.service.contains(holding, autoescape=True))
    if places is not None:
        mine.append(within(requests, places))
        instead.append(within(newer, places))
    return select(requests).where(*mine, ~select(newer.c.id).where(*instead).exists())


def _made(table: FromClause, begun: str) -> ColumnElement[bool]:
    """Whether a service came from a request, or may have: see `live`."""
    mine = runs.c.request == table.c.id
    began = select(runs.c.id).join(steps, steps.c.run == runs.c.id)
    began = began.where(mine, steps.c.step.startswith(f"{begun} ", autoescape=True), steps.c.state != "todo")
    undone = select(runs.c.id).where(mine, runs.c.code == UNDONE).exists()
    there = or_(table.c.status.in_(("done", "parked")), and_(began.exists(), not_(undone)))
    # a proposal is no service; an order is one until it is done, and its parts are
    order = and_(table.c.kind == "provision", table.c.status != "done")
    return and_(table.c.kind.not_in(_NO_ORIGIN), or_(table.c.template != "", order), there)
