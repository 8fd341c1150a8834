"""The table of looks at instances; `gaia.records.tables` has all of them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table

from gaia.records.columns import Moment, metadata, place, text, word
from gaia.records.drift_model import DriftResult

drift_checks = Table(
    "drift_checks",
    metadata,
    Column("id", String, primary_key=True),
    *place(),
    text("stack"),
    text("component"),
    Column("run", String, ForeignKey("runs.id"), index=True),
    Column("at", Moment, nullable=False),
    Column("commit", String),
    word("result", DriftResult),
    Column("causes", Integer, nullable=False),
    *(text(name) for name in ("found", "document", "code", "reason")),
    Column("since", Moment, nullable=False),
    Column("newest", Boolean, nullable=False),
    Column("again", Boolean, nullable=False),
)
