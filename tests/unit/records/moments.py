"""The moment at which these tests happen."""

from datetime import UTC, datetime

T0 = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
