"""Runs are of a subject, which need not be a request; leases are held by a run; documents may live in the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Give every run its request as subject, let request be empty, and make the tables of documents."""
    _runs()
    with op.batch_alter_table("leases") as batch:
        batch.alter_column("request", existing_type=sa.String(), nullable=True)
        batch.create_index("ix_leases_run", ["run"])
    _documents()


def _runs() -> None:
    op.drop_index("uq_runs_live", "runs")
    with op.batch_alter_table("runs") as batch:
        batch.add_column(sa.Column("subject", sa.String(), nullable=True))
        batch.add_column(sa.Column("person", sa.String(), nullable=True))
        batch.add_column(sa.Column("commit", sa.String(), nullable=True))
    op.execute("UPDATE runs SET subject = request")
    with op.batch_alter_table("runs") as batch:
        batch.alter_column("subject", existing_type=sa.String(), nullable=False)
        batch.alter_column("request", existing_type=sa.String(), nullable=True)
        batch.create_foreign_key("fk_runs_person", "people", ["person"], ["id"])
        batch.create_index("ix_runs_subject", ["subject"])
    live = sa.text("status IN ('queued', 'running')")
    columns = ["repository", "subject"]
    op.create_index("uq_runs_live", "runs", columns, unique=True, sqlite_where=live, postgresql_where=live)


def _documents() -> None:
    def name() -> list[sa.Column[str]]:
        return [sa.Column("kind", sa.String(), nullable=False), sa.Column("name", sa.String(), nullable=False)]

    op.create_table(
        "documents",
        *name(),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name="pk_documents"),
    )
    op.create_table(
        "document_lines",
        *name(),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "seq", name="pk_document_lines"),
    )
