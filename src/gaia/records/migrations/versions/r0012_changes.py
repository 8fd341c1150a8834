"""What a change is made of: what it follows, what is to differ, what leaves; what becomes of what fails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("requests") as table:
        table.add_column(sa.Column("follows", sa.String(), nullable=True))
        table.add_column(sa.Column("given", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("replaces", sa.String(), nullable=True))
        table.add_column(sa.Column("leaving", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("parts", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("on_failure", sa.String(), nullable=False, server_default="park"))
