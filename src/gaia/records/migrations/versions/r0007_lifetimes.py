"""Times to live: what is asked for, what is signed of it, and when each service ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns, and make the table."""
    op.add_column("requests", sa.Column("ttl", sa.Integer(), nullable=True))
    op.add_column("approvals", sa.Column("ttl", sa.Integer(), nullable=True))
    op.create_table(
        "lifetimes",
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("repository", sa.String(), nullable=False),
        sa.Column("approval", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("span", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retirement", sa.String(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("request", name="pk_lifetimes"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_lifetimes_request"),
        sa.ForeignKeyConstraint(["repository"], ["repositories.id"], name="fk_lifetimes_repository"),
        sa.ForeignKeyConstraint(["approval"], ["approvals.id"], name="fk_lifetimes_approval"),
        sa.ForeignKeyConstraint(["retirement"], ["requests.id"], name="fk_lifetimes_retirement"),
    )
    op.create_index("ix_lifetimes_until", "lifetimes", ["until"])
