"""What was found when instances were looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "drift_checks",
        sa.Column("id", sa.String(), primary_key=True),
        *_texts("repository", "tenant", "stage", "stack", "component"),
        sa.Column("run", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("commit", sa.String(), nullable=True),
        *_texts("result"),
        sa.Column("causes", sa.Integer(), nullable=False),
        *_texts("found", "document", "code", "reason"),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["repository"], ["repositories.id"], name="fk_drift_checks_repository"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_drift_checks_run"),
    )
    op.create_index("ix_drift_checks_run", "drift_checks", ["run"])
    instance = ["repository", "stack", "component"]
    op.create_index("ix_drift_checks_instance", "drift_checks", [*instance, "id"])
    newest = sa.text("newest")
    op.create_index(
        "uq_drift_checks_newest", "drift_checks", instance, unique=True, sqlite_where=newest, postgresql_where=newest
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
