"""With which token a browser signed in: the session ends with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column. Of a session from before nobody knows it; it ends within hours."""
    with op.batch_alter_table("sessions") as table:
        table.add_column(sa.Column("token", sa.String(), nullable=True))
        table.create_foreign_key("fk_sessions_token", "tokens", ["token"], ["id"])
    op.create_index("ix_sessions_token", "sessions", ["token"])
