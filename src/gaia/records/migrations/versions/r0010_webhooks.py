"""Who is to be told elsewhere of what happens, and what was sent to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(), primary_key=True),
        *_texts("repository", "tenant", "stage", "kind", "shown"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("types", sa.JSON(), nullable=False),
        *_texts("person"),
        _moment("created_at", nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        *(_moment(name) for name in ("held_until", "tried_at", "disabled_at")),
        *_texts("disabled_why"),
        sa.ForeignKeyConstraint(["repository"], ["repositories.id"], name="fk_webhooks_repository"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_webhooks_person"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(), primary_key=True),
        *_texts("webhook"),
        sa.Column("seq", sa.Integer(), nullable=False),
        *_texts("type", "status"),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("next_at", nullable=False),
        sa.Column("answer", sa.Integer(), nullable=True),
        *_texts("error"),
        _moment("created_at", nullable=False),
        _moment("ended_at"),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], name="fk_deliveries_webhook"),
    )
    op.create_index("ix_deliveries_webhook_status_seq", "deliveries", ["webhook", "status", "seq"])
    op.create_index("ix_audit_tenant_seq", "audit", ["tenant", "seq"])  # who sees one tenant reads past no other


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
