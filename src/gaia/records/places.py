"""Rows in some places: the one condition by which a list holds only what its reader may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, false, or_, true

from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, FromClause


def within(table: FromClause, places: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    """Whether a row's tenant and stage are one of `places`, each part of which may be `*`; of no places none is."""
    return or_(false(), *(_at(table, *place) for place in sorted(places)))


def _at(table: FromClause, tenant: str, stage: str) -> ColumnElement[bool]:
    wanted = ((table.c.tenant, tenant), (table.c.stage, stage))
    return and_(true(), *(column == value for column, value in wanted if value != ANY))
