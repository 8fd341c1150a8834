"""The first tables. Frozen: a later change of `tables.py` is a later migration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table, and the guard of the audit log."""
    _people()
    _requests()
    _previews()
    _approvals()
    _runs()
    _leases_and_resources()
    _audit()
    if op.get_bind().dialect.name == "postgresql":
        _guard_audit_on_postgresql()
    else:
        _guard_audit_on_sqlite()


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _text_or_null(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=True) for name in names]


def _json(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.JSON(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _foreign(table: str, columns: list[str], target: str, others: list[str]) -> sa.ForeignKeyConstraint:
    remote = [f"{target}.{other}" for other in others]
    return sa.ForeignKeyConstraint(columns, remote, name=f"fk_{table}_{'_'.join(columns)}")


def _unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _people() -> None:
    op.create_table("repositories", *_text("id", "source", "branch"), _primary("repositories", "id"))
    op.create_table(
        "people",
        *_text("id", "name"),
        _moment("created_at"),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        _primary("people", "id"),
        sa.UniqueConstraint("name", name="uq_people_name"),
    )
    op.create_table(
        "grants",
        *_text("person", "role", "tenant", "stage"),
        _primary("grants", "person", "role", "tenant", "stage"),
        _foreign("grants", ["person"], "people", ["id"]),
    )
    op.create_table(
        "tokens",
        *_text("id", "person", "hash"),
        *_json("scopes"),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        _moment("last_used_at", nullable=True),
        _primary("tokens", "id"),
        _foreign("tokens", ["person"], "people", ["id"]),
        sa.UniqueConstraint("hash", name="uq_tokens_hash"),
    )
    _index("tokens", "person")


def _requests() -> None:
    op.create_table(
        "requests",
        *_text("id", "repository", "tenant", "stage", "stack", "service", "kind", "template", "template_version"),
        *_json("answers"),
        *_text("requester", "status", "reason"),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("expires_at", nullable=True),
        *_text_or_null("branch", "base", "commit"),
        *_text("manifest"),
        *_json("instances", "origins"),
        *_text_or_null("preview"),
        _primary("requests", "id"),
        _foreign("requests", ["repository"], "repositories", ["id"]),
        _foreign("requests", ["requester"], "people", ["id"]),
    )
    key = ["repository", "stack", "service"]
    op.create_index("ix_requests_service", "requests", key)
    _unique_where("uq_requests_busy", "requests", key, "status IN ('submitted', 'waiting', 'applying')")


def _previews() -> None:
    op.create_table(
        "previews",
        *_text("request", "digest", "repository", "tenant", "stage", "key_id", "commit"),
        _moment("made_at"),
        *_text("document"),
        _primary("previews", "request", "digest"),
        _foreign("previews", ["request"], "requests", ["id"]),
        _foreign("previews", ["repository"], "repositories", ["id"]),
    )
    op.create_table(
        "judgements",
        *_text("request", "digest", "preview"),
        *_json("findings", "undecided", "cost"),
        *_text("policies", "verdict"),
        _moment("made_at"),
        _primary("judgements", "request", "digest"),
        _foreign("judgements", ["request", "preview"], "previews", ["request", "digest"]),
    )


def _approvals() -> None:
    op.create_table(
        "approvals",
        *_text("id", "request", "preview", "judgement", "decision"),
        *_text_or_null("person"),
        _moment("at"),
        *_text("reason"),
        *_json("undecided"),
        *_text("key_id", "signature"),
        _moment("voided_at", nullable=True),
        *_text("voided_why"),
        _primary("approvals", "id"),
        _foreign("approvals", ["person"], "people", ["id"]),
        _foreign("approvals", ["request", "judgement"], "judgements", ["request", "digest"]),
    )
    _index("approvals", "request")
    _unique_where("uq_approvals_live", "approvals", ["request", "preview"], "voided_at IS NULL")


def _runs() -> None:
    op.create_table(
        "runs",
        *_text("id", "request", "repository", "tenant", "stage", "kind", "status"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("started_at", nullable=True),
        _moment("ended_at", nullable=True),
        *_text("reason", "code"),
        *_json("left"),
        _primary("runs", "id"),
        _foreign("runs", ["request"], "requests", ["id"]),
        _foreign("runs", ["repository"], "repositories", ["id"]),
    )
    _index("runs", "request")
    _unique_where("uq_runs_live", "runs", ["request"], "status IN ('queued', 'running')")
    op.create_table(
        "steps",
        *_text("run", "step"),
        sa.Column("position", sa.Integer(), nullable=False),
        *_text("state"),
        _moment("started_at", nullable=True),
        _moment("ended_at", nullable=True),
        *_json("result"),
        _primary("steps", "run", "step"),
        _foreign("steps", ["run"], "runs", ["id"]),
    )


def _leases_and_resources() -> None:
    op.create_table(
        "leases",
        *_text("repository", "name", "request", "run"),
        sa.Column("token", sa.Integer(), nullable=False),
        _moment("acquired_at"),
        _moment("released_at", nullable=True),
        _primary("leases", "repository", "name"),
        _foreign("leases", ["repository"], "repositories", ["id"]),
        _foreign("leases", ["request"], "requests", ["id"]),
    )
    _index("leases", "request")
    op.create_table(
        "resources",
        sa.Column("number", sa.Integer(), nullable=False),
        *_text("repository", "tenant", "stage", "stack", "component", "address", "type", "cloud_id"),
        *_text_or_null("arn"),
        *_text("request", "run"),
        _moment("created_at"),
        _moment("destroyed_at", nullable=True),
        _primary("resources", "number"),
        _foreign("resources", ["repository"], "repositories", ["id"]),
        _foreign("resources", ["request"], "requests", ["id"]),
        _foreign("resources", ["run"], "runs", ["id"]),
    )
    _index("resources", "cloud_id", "arn", "request")
    key = ["repository", "stack", "component", "address"]
    _unique_where("uq_resources_live", "resources", key, "destroyed_at IS NULL")


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        *_text("at", "actor", "action", "subject", "outcome", "repository", "tenant", "stage", "facts", "key_id"),
        *_text("previous", "hash"),
        _primary("audit", "seq"),
        sa.UniqueConstraint("hash", name="uq_audit_hash"),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *_text("hash", "key_id", "signature"),
        _primary("audit_head", "number"),
    )
    op.execute(head.insert().values(number=1, seq=0, hash="", key_id="", signature=""))


def _guard_audit_on_sqlite() -> None:
    for table, verbs in (("audit", ("UPDATE", "DELETE")), ("audit_head", ("DELETE",))):
        for verb in verbs:
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _guard_audit_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION gaia_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table, verbs in (("audit", "UPDATE OR DELETE OR TRUNCATE"), ("audit_head", "DELETE OR TRUNCATE")):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION gaia_append_only()"
        )
