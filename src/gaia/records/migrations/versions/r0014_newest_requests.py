"""A page of the newest requests, and the newest of each service, without a look at all of them."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add an index, and a column to another."""
    op.create_index("ix_requests_newest", "requests", ["repository", "id"])
    op.drop_index("ix_requests_service", "requests")
    op.create_index("ix_requests_service", "requests", ["repository", "stack", "service", "id"])
