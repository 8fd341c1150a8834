"""What the audit log tells of one request or person, without a look at all of it."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add an index."""
    op.create_index("ix_audit_subject_seq", "audit", ["subject", "seq"])
