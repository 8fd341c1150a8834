"""What people say of a request. Nothing of it is changed or taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from gaia.errors import Conflict, Next
from gaia.kit.ids import new_id
from gaia.records.delegation_model import Comment
from gaia.records.tables import comments

if TYPE_CHECKING:
    from datetime import datetime

    from gaia.records.database import Transaction

MOST = 500
"""Of one request: each is shown with it."""


def add(tx: Transaction, request: str, person: str, text: str, *, at: datetime) -> Comment:
    """Write one down. `Conflict("comments-full")` where there are too many."""
    number = select(func.count().label("number")).where(comments.c.request == request)
    if tx.all(number)[0]["number"] >= MOST:
        raise Conflict(
            "comments-full",
            f"{request} has {MOST} comments already",
            next_step=Next("status", request, "Read them, and decide"),
        )
    made = Comment(new_id("cmt"), request, person, at, text)
    tx.change(insert(comments).values({name: getattr(made, name) for name in Comment.__slots__}))
    return made


def of_request(tx: Transaction, request: str) -> tuple[Comment, ...]:
    """Oldest first."""
    mine = select(comments).where(comments.c.request == request).order_by(comments.c.id)
    return tuple(Comment(**row) for row in tx.all(mine))
