"""Approvals by several people, also in another's name; groups of people; what is said of a request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Let several people decide on one preview, and make the tables of groups, delegations and comments."""
    _approvals()
    with op.batch_alter_table("requests") as batch:
        batch.add_column(sa.Column("asked", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "memberships",
        *_text("person", "name"),
        sa.PrimaryKeyConstraint("person", "name", name="pk_memberships"),
        _foreign("memberships", "person", "people"),
    )
    op.create_table(
        "delegations",
        *_text("id", "owner", "to", "tenant", "stage"),
        _moment("made_at"),
        _moment("until"),
        _moment("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_delegations"),
        _foreign("delegations", "owner", "people"),
        _foreign("delegations", "to", "people"),
    )
    op.create_index("ix_delegations_owner", "delegations", ["owner"])
    op.create_index("ix_delegations_to", "delegations", ["to"])
    op.create_table(
        "comments",
        *_text("id", "request", "person"),
        _moment("at"),
        *_text("text"),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
        _foreign("comments", "request", "requests"),
        _foreign("comments", "person", "people"),
    )
    op.create_index("ix_comments_request", "comments", ["request"])


def _approvals() -> None:
    op.drop_index("uq_approvals_live", "approvals")
    with op.batch_alter_table("approvals") as batch:
        batch.add_column(sa.Column("on_behalf", sa.String(), nullable=True))
        batch.add_column(sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(_moment("proved_at", nullable=True))
        batch.create_foreign_key("fk_approvals_on_behalf", "people", ["on_behalf"], ["id"])
    decision = ["request", "preview"]
    _unique("uq_approvals_live", [*decision, "person"], "voided_at IS NULL")
    _unique("uq_approvals_policy", decision, "voided_at IS NULL AND person IS NULL")


def _unique(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "approvals", columns, unique=True, sqlite_where=where, postgresql_where=where)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _foreign(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}")
