"""Cloud resources: which run made what, and when it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, or_, select, tuple_, type_coerce, update

from gaia.records.columns import Moment
from gaia.records.model import Resource
from gaia.records.places import within
from gaia.records.tables import resources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement

    from gaia.records.database import Transaction
    from gaia.records.model import Run

    Places = Collection[tuple[str, str]]

_COLUMNS = [column for column in resources.c if column.name != "number"]


@dataclass(frozen=True, slots=True)
class Found:
    """A resource as an instance's Terraform state has it."""

    address: str
    type: str
    cloud_id: str
    arn: str | None = None


def record(
    tx: Transaction, by: Run, stack: str, component: str, state: Iterable[Found], *, at: datetime
) -> tuple[Resource, ...]:
    """Make the rows of an instance say what its state says after a change: new ones, changed ids, gone ones.

    Doing it again changes nothing. A resource that was replaced (another cloud id under its address) is a new row, and
    the old one counts as destroyed.
    """
    instance = (
        resources.c.repository == by.repository,
        resources.c.stack == stack,
        resources.c.component == component,
        resources.c.destroyed_at.is_(None),
    )
    wanted = {each.address: each for each in state}
    known = {row["address"]: row for row in tx.all(select(resources).where(*instance))}
    gone = [
        row["number"]
        for address, row in known.items()
        if address not in wanted or wanted[address].cloud_id != row["cloud_id"]
    ]
    if gone:
        tx.change(update(resources).where(resources.c.number.in_(gone)).values(destroyed_at=at))
    for address, each in wanted.items():
        row = known.get(address)
        if row is None or row["number"] in gone:
            place = {"repository": by.repository, "tenant": by.tenant, "stage": by.stage}
            instance_of = {"stack": stack, "component": component, "created_at": at}
            made = {"type": each.type, "cloud_id": each.cloud_id, "arn": each.arn, "address": address}
            origin = {"request": by.request, "run": by.id, "person": by.person, "commit": by.commit}
            tx.change(insert(resources).values(**place, **instance_of, **made, **origin))
        elif (row["type"], row["arn"]) != (each.type, each.arn):
            same = resources.c.number == row["number"]
            tx.change(update(resources).where(same).values(type=each.type, arn=each.arn))
    return _rows(tx, *instance)


def of_instance(tx: Transaction, repository: str, stack: str, component: str) -> tuple[Resource, ...]:
    """What exists of an instance, by address."""
    instance = (resources.c.repository == repository, resources.c.stack == stack, resources.c.component == component)
    return _rows(tx, *instance, resources.c.destroyed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Living:
    """An instance of which something exists that Gaia applied."""

    stack: str
    component: str
    tenant: str
    stage: str
    made_at: datetime
    """When the newest part of it came to exist."""

    @property
    def key(self) -> str:
        """`STACK/COMPONENT`."""
        return f"{self.stack}/{self.component}"


def living(
    tx: Transaction, repository: str, *, stack: str | None = None, component: str | None = None
) -> tuple[Living, ...]:
    """The instances of which something exists, by stack and component; only so named ones, where names are given."""
    names = (resources.c.stack, resources.c.component)
    where = (func.max(resources.c.tenant).label("tenant"), func.max(resources.c.stage).label("stage"))
    made = type_coerce(func.max(resources.c.created_at), Moment).label("made_at")
    mine = [resources.c.repository == repository, resources.c.destroyed_at.is_(None)]
    mine += [resources.c.stack == stack] if stack is not None else []
    mine += [resources.c.component == component] if component is not None else []
    grouped = select(*names, *where, made).where(*mine).group_by(*names).order_by(*names)
    return tuple(Living(**row) for row in tx.all(grouped))


def makers(tx: Transaction, repository: str, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(stack, component) → the newest request that made something of it that exists, where one did."""
    names = (resources.c.stack, resources.c.component)
    newest = func.max(resources.c.request).label("request")  # ids are in the order of time
    mine = (resources.c.repository == repository, resources.c.destroyed_at.is_(None), resources.c.request.is_not(None))
    found = select(*names, newest).where(*mine, tuple_(*names).in_(sorted(keys))).group_by(*names)
    return {(row["stack"], row["component"]): row["request"] for row in tx.all(found)} if keys else {}


def of_request(tx: Transaction, request: str, *, destroyed: bool = False) -> tuple[Resource, ...]:
    """What a request made and still exists; with `destroyed` also what has gone."""
    rows = _rows(tx, resources.c.request == request)
    return rows if destroyed else tuple(row for row in rows if row.destroyed_at is None)


def find(
    tx: Transaction, repository: str, text: str, *, places: Places, stack: str | None = None
) -> tuple[Resource, ...]:
    """What a person means by a text, existing ones first, then newest first.

    The first of these that gives any in `places`, which are (tenant, stage), each of which may be `*`: an ARN or cloud
    id; a Terraform address, also as `COMPONENT/ADDRESS` or `STACK/COMPONENT/ADDRESS`; the end of a type (`bucket`,
    `s3_bucket` for `aws_s3_bucket`).
    """
    place = [resources.c.repository == repository, within(resources, places)]
    if stack is not None:
        place.append(resources.c.stack == stack)
    qualified = resources.c.component + "/" + resources.c.address
    by_address = or_(resources.c.address == text, qualified == text, resources.c.stack + "/" + qualified == text)
    for meaning in (or_(resources.c.arn == text, resources.c.cloud_id == text), by_address):
        rows = _rows(tx, *place, meaning)
        if rows:
            return _existing_first(rows)
    if not text:
        return ()
    candidates = _rows(tx, *place, resources.c.type.endswith(text, autoescape=True))
    return _existing_first(row for row in candidates if row.type == text or row.type.endswith("_" + text))


def counted(
    tx: Transaction, repository: str, text: str, *, places: Places, stack: str | None = None
) -> tuple[Resource, ...]:
    """Those in `places` of a resource with `count` or `for_each` named without its index, as `find` has them."""
    place = [resources.c.repository == repository, within(resources, places)]
    if stack is not None:
        place.append(resources.c.stack == stack)
    qualified = resources.c.component + "/" + resources.c.address
    names = (resources.c.address, qualified, resources.c.stack + "/" + qualified)
    return _existing_first(_rows(tx, *place, or_(*(one.startswith(f"{text}[", autoescape=True) for one in names))))


def of_commit(
    tx: Transaction, repository: str, commit: str, *, places: Places, stack: str | None = None
) -> tuple[Resource, ...]:
    """What was made or recorded in `places` without a request at a commit, or the only ones whose name begins so."""
    place = [resources.c.repository == repository, resources.c.request.is_(None), within(resources, places)]
    if stack is not None:
        place.append(resources.c.stack == stack)
    return _rows(tx, *place, resources.c.commit.startswith(commit, autoescape=True))


def _existing_first(rows: Iterable[Resource]) -> tuple[Resource, ...]:
    newest = sorted(rows, key=lambda row: row.created_at, reverse=True)
    return tuple(sorted(newest, key=lambda row: row.destroyed_at is not None))


def _rows(tx: Transaction, *conditions: ColumnElement[bool]) -> tuple[Resource, ...]:
    order = (resources.c.stack, resources.c.component, resources.c.address, resources.c.number)
    return tuple(Resource(**row) for row in tx.all(select(*_COLUMNS).where(*conditions).order_by(*order)))
