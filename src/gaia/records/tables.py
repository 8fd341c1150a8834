"""The tables, for SQLite and PostgreSQL alike. A change of one needs a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table

from gaia.records.columns import Facts, Items, Moment, metadata
from gaia.records.columns import place as _place
from gaia.records.columns import text as _text
from gaia.records.columns import word as _word
from gaia.records.drift_tables import drift_checks
from gaia.records.model import Decision, OnFailure, RequestKind, RequestStatus, RunKind, RunStatus, StepState, Verdict
from gaia.records.webhook_model import DeliveryStatus, WebhookKind

__all__ = ["drift_checks", "metadata"]

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

memberships = Table(
    "memberships",
    metadata,
    Column("person", String, ForeignKey("people.id"), primary_key=True),
    Column("name", String, primary_key=True),
)

delegations = Table(
    "delegations",
    metadata,
    Column("id", String, primary_key=True),
    _text("owner", ForeignKey("people.id"), index=True),
    _text("to", ForeignKey("people.id"), index=True),
    _text("tenant"),
    _text("stage"),
    Column("made_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("revoked_at", Moment),
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
    Column("token", String, ForeignKey("tokens.id"), index=True),
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
    Column("ttl", Integer),
    Column("asked", Facts, nullable=False, server_default="{}"),
    Column("follows", String),
    Column("given", Facts, nullable=False, server_default="{}"),
    Column("replaces", String),
    Column("leaving", Items, nullable=False, server_default="[]"),
    Column("parts", Items, nullable=False, server_default="[]"),
    _word("on_failure", OnFailure, default="park"),
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
    Column("ttl", Integer),
    Column("on_behalf", String, ForeignKey("people.id")),
    Column("groups", Items, nullable=False, server_default="[]"),
    Column("proved_at", Moment),
    ForeignKeyConstraint(["request", "judgement"], ["judgements.request", "judgements.digest"]),
)

comments = Table(
    "comments",
    metadata,
    Column("id", String, primary_key=True),
    _text("request", ForeignKey("requests.id"), index=True),
    _text("person", ForeignKey("people.id")),
    Column("at", Moment, nullable=False),
    _word("text", str),
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

lifetimes = Table(
    "lifetimes",
    metadata,
    Column("request", String, ForeignKey("requests.id"), primary_key=True),
    _text("repository", ForeignKey("repositories.id")),
    _text("approval", ForeignKey("approvals.id")),
    Column("began_at", Moment, nullable=False),
    Column("span", Integer, nullable=False),
    Column("until", Moment, index=True),
    Column("warned", Integer, nullable=False),
    Column("warned_at", Moment),
    Column("retirement", String, ForeignKey("requests.id")),
    Column("told_at", Moment),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", String, primary_key=True),
    *_place(),
    _word("kind", WebhookKind),
    _text("shown"),
    Column("sealed", LargeBinary, nullable=False),
    Column("types", Items, nullable=False),
    _text("person", ForeignKey("people.id")),
    Column("created_at", Moment, nullable=False),
    Column("cursor", Integer, nullable=False),
    Column("held_until", Moment),
    Column("tried_at", Moment),
    Column("disabled_at", Moment),
    _text("disabled_why"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String, primary_key=True),
    _text("webhook", ForeignKey("webhooks.id")),
    Column("seq", Integer, nullable=False),
    _text("type"),
    _word("status", DeliveryStatus),
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("answer", Integer),
    _text("error"),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Index("ix_deliveries_webhook_status_seq", "webhook", "status", "seq"),
)
