"""The tables, for SQLite and PostgreSQL alike. A change of one needs a migration; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
)

from gaia.records.model import Decision, RequestKind, RequestStatus, RunKind, RunStatus, StepState, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Dialect


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as UTC also where the database knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse naive times: they are a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Items(TypeDecorator[tuple[Any, ...]]):
    """A tuple, kept as a JSON list."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: tuple[Any, ...] | None, dialect: Dialect) -> list[Any] | None:  # noqa: ARG002
        """JSON has lists only."""
        return None if value is None else list(value)

    def process_result_value(self, value: list[Any] | None, dialect: Dialect) -> tuple[Any, ...]:  # noqa: ARG002
        """Rows are frozen data."""
        if value is not None and not isinstance(value, list):
            raise TypeError(f"a JSON list was expected, not {ascii(value)[:40]}")
        return tuple(value or ())


class Facts(TypeDecorator[dict[str, Any]]):
    """A JSON object."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_result_value(self, value: object, dialect: Dialect) -> dict[str, Any]:  # noqa: ARG002
        """Nothing else was ever written."""
        if not isinstance(value, dict):
            raise TypeError(f"a JSON object was expected, not {ascii(value)[:40]}")
        return value


class Word(TypeDecorator[str]):
    """A text, one of some words if any are given: SQLite keeps whatever somebody puts into a column."""

    impl = String
    cache_ok = True

    def __init__(self, *words: str) -> None:
        super().__init__()
        self.words = words

    def process_result_value(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Nothing else was ever written."""
        if value is None or (isinstance(value, str) and (not self.words or value in self.words)):
            return value
        raise ValueError(f"{ascii(value)[:40]} is not {'a text' if not self.words else ' or '.join(self.words)}")


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *more: Any, **options: Any) -> Column[str]:  # noqa: ANN401 - what Column takes
    return Column(name, String, *more, nullable=False, **options)


def _word(name: str, kind: Any, *, nullable: bool = False) -> Column[str]:  # noqa: ANN401 - a Literal, or str
    return Column(name, Word(*get_args(kind)), nullable=nullable)


def _place() -> list[Column[str]]:
    return [_text("repository", ForeignKey("repositories.id")), _text("tenant"), _text("stage")]


repositories = Table("repositories", metadata, Column("id", String, primary_key=True), _text("source"), _text("branch"))

people = Table(
    "people",
    metadata,
    Column("id", String, primary_key=True),
    _text("name", unique=True),
    Column("created_at", Moment, nullable=False),
    Column("disabled", Boolean, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("person", String, ForeignKey("people.id"), primary_key=True),
    Column("role", String, primary_key=True),
    Column("tenant", String, primary_key=True),
    Column("stage", String, primary_key=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String, primary_key=True),
    _text("person", ForeignKey("people.id"), index=True),
    _text("hash", unique=True),
    Column("scopes", Items, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("last_used_at", Moment),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    _text("person", ForeignKey("people.id"), index=True),
    Column("created_at", Moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String, primary_key=True),
    _text("person", ForeignKey("people.id"), index=True),
    _text("hash", unique=True),
    Column("groups", Items, nullable=False),
    Column("proved_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("hash", String, primary_key=True),
    _text("person", ForeignKey("people.id")),
    Column("expires_at", Moment, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String, primary_key=True),
    *_place(),
    _text("stack"),
    _text("service"),
    _word("kind", RequestKind),
    _text("template"),
    _text("template_version"),
    Column("answers", Facts, nullable=False),
    _text("requester", ForeignKey("people.id")),
    _word("status", RequestStatus),
    _text("reason"),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("branch", String),
    Column("base", String),
    Column("commit", String),
    _text("manifest"),
    Column("instances", Items, nullable=False),
    Column("origins", Facts, nullable=False),
    Column("preview", String),
)

previews = Table(
    "previews",
    metadata,
    Column("request", String, ForeignKey("requests.id"), primary_key=True),
    Column("digest", String, primary_key=True),
    *_place(),
    _word("key_id", str),
    _word("commit", str),
    Column("made_at", Moment, nullable=False),
    _word("document", str),
)

judgements = Table(
    "judgements",
    metadata,
    Column("request", String, primary_key=True),
    Column("digest", String, primary_key=True),
    _word("preview", str),
    Column("findings", Items, nullable=False),
    Column("undecided", Items, nullable=False),
    Column("cost", Facts, nullable=False),
    _word("policies", str),
    _word("verdict", Verdict),
    Column("made_at", Moment, nullable=False),
    ForeignKeyConstraint(["request", "preview"], ["previews.request", "previews.digest"]),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String, primary_key=True),
    _text("request", index=True),
    _word("preview", str),
    _word("judgement", str),
    _word("decision", Decision),
    Column("person", String, ForeignKey("people.id")),
    Column("at", Moment, nullable=False),
    _word("reason", str),
    Column("undecided", Items, nullable=False),
    _word("key_id", str),
    _word("signature", str),
    Column("voided_at", Moment),
    _word("voided_why", str),
    ForeignKeyConstraint(["request", "judgement"], ["judgements.request", "judgements.digest"]),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    _text("subject", index=True),
    Column("request", String, ForeignKey("requests.id"), index=True),
    *_place(),
    _word("kind", RunKind),
    Column("person", String, ForeignKey("people.id")),
    Column("commit", String),
    _word("status", RunStatus),
    Column("attempt", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    _text("reason"),
    _text("code"),
    Column("left", Items, nullable=False),
    Column("worker", String, ForeignKey("workers.id")),
    Column("cancelled", Integer, nullable=False, server_default="0"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String, primary_key=True),
    Column("presence", Integer, nullable=False),
    _text("host"),
    _text("boot"),
    _text("namespace"),
    Column("pid", Integer, nullable=False),
    Column("started", Integer, nullable=False),
    Column("since", Moment, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("run", String, ForeignKey("runs.id"), primary_key=True),
    Column("step", String, primary_key=True),
    Column("position", Integer, nullable=False),
    _word("state", StepState),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("result", Facts, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("repository", String, ForeignKey("repositories.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("request", String, ForeignKey("requests.id"), index=True),
    _text("run", index=True),
    Column("token", Integer, nullable=False),
    Column("acquired_at", Moment, nullable=False),
    Column("released_at", Moment),
)

resources = Table(
    "resources",
    metadata,
    Column("number", Integer, primary_key=True),
    *_place(),
    _text("stack"),
    _text("component"),
    _text("address"),
    _text("type"),
    _text("cloud_id", index=True),
    Column("arn", String, index=True),
    Column("request", String, ForeignKey("requests.id"), index=True),
    Column("run", String, ForeignKey("runs.id")),
    Column("person", String, ForeignKey("people.id")),
    Column("commit", String),
    Column("created_at", Moment, nullable=False),
    Column("destroyed_at", Moment),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    # text, as everything the hash covers: a value that was tampered with must be found, not fail to be read
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("outcome"),
    _text("repository"),
    _text("tenant"),
    _text("stage"),
    _text("facts"),
    _text("key_id"),
    _text("previous"),
    _text("hash", unique=True),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    _text("hash"),
    _text("key_id"),
    _text("signature"),
)

documents = Table(
    "documents",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("made_at", Moment, nullable=False),
)

document_lines = Table(
    "document_lines",
    metadata,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False),
    Column("made_at", Moment, nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("person", String, ForeignKey("people.id"), primary_key=True),
    Column("key", String, primary_key=True),
    _text("call"),
    Column("status", Integer),
    Column("body", LargeBinary),
    Column("headers", Facts, nullable=False),
    Column("made_at", Moment, nullable=False, index=True),
)

chores = Table(
    "chores",
    metadata,
    Column("repository", String, ForeignKey("repositories.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("begun_at", Moment, nullable=False),
)
