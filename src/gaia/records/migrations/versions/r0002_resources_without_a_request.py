"""Resources that somebody applied without a request: they know the person and the commit instead."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Let request and run be empty; add person and commit."""
    with op.batch_alter_table("resources") as batch:
        batch.alter_column("request", existing_type=sa.String(), nullable=True)
        batch.alter_column("run", existing_type=sa.String(), nullable=True)
        batch.add_column(sa.Column("person", sa.String(), nullable=True))
        batch.add_column(sa.Column("commit", sa.String(), nullable=True))
        batch.create_foreign_key("fk_resources_person", "people", ["person"], ["id"])
