"""Databases of earlier revisions: what was in them is there afterwards."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from sqlalchemy import MetaData, inspect
from tests.unit.records.moments import T0

from gaia.errors import Unavailable
from gaia.records import approvals, audit, leases, people, previews, requests, resources, runs
from gaia.records.database import Database
from gaia.records.migrations.upgrade import configuration

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from gaia.kit.keys import SecretKey

REQUESTS = (
    ("req_1", "photos", "done", "run_1", "apply", "done"),
    ("req_2", "videos", "applying", "run_2", "apply", "running"),
    ("req_3", "films", "submitted", "run_3", "preview", "queued"),
)
JUDGEMENT = "sha256:6047587c91729abfd0a38a6806d30bafba773bc62e6bfd3d0618bc31f141f1f1"
"""Of nothing found and nothing to pay, by policies `p`."""
ABOUT = {"repository": "repo-1", "tenant": "acme", "stage": "dev"}


def fill(connection: Connection) -> None:
    """Rows as a Gaia of revision 0002 wrote them: requests that were carried out, one under way, a direct change."""
    tables = MetaData()
    tables.reflect(connection)

    def put(table: str, **values: Any) -> None:
        connection.execute(tables.tables[table].insert().values(**values))

    put("repositories", id="repo-1", source="/srv/platform", branch="main")
    put("people", id="per_1", name="dev", created_at=T0, disabled=False)
    put("grants", person="per_1", role="developer", tenant="*", stage="*")
    for request, service, status, run, kind, of_run in REQUESTS:
        put("requests", id=request, **ABOUT, stack="s", service=service, kind="provision", template="t",
            template_version="1", answers={"a": 1}, requester="per_1", status=status, reason="", created_at=T0,
            updated_at=T0, expires_at=None, branch="b", base="c", commit="d", manifest="m", instances=["s/key"],
            origins={}, preview="sha256:1")  # fmt: skip
        put("runs", id=run, request=request, **ABOUT, kind=kind, status=of_run, attempt=1, created_at=T0,
            started_at=T0, ended_at=None, reason="", code="", left=["s/key"])  # fmt: skip
        put("steps", run=run, step="apply s/key", position=0, state="running", started_at=T0, ended_at=None, result={})
        put("resources", **ABOUT, stack="s", component=service, address="a.b", type="a", cloud_id=service, arn=None,
            request=request, run=run, person=None, commit=None, created_at=T0, destroyed_at=None)  # fmt: skip
    put("resources", **ABOUT, stack="s", component="vpc", address="a.b", type="a", cloud_id="vpc", arn=None,
        request=None, run=None, person="per_1", commit="c" * 40, created_at=T0, destroyed_at=None)  # fmt: skip
    put("leases", repository="repo-1", name="s/key", request="req_2", run="run_2", token=3, acquired_at=T0,
        released_at=None)  # fmt: skip
    put("previews", request="req_2", digest="sha256:1", **ABOUT, key_id="k", commit="d", made_at=T0, document="p")
    put("judgements", request="req_2", digest=JUDGEMENT, preview="sha256:1", findings=[], undecided=[], cost={},
        policies="p", verdict="allowed", made_at=T0)  # fmt: skip
    put("approvals", id="apr_1", request="req_2", preview="sha256:1", judgement=JUDGEMENT, decision="approved",
        person=None, at=T0, reason="", undecided=[], key_id="k", signature="s", voided_at=None,
        voided_why="")  # fmt: skip


def check(database: Database) -> None:
    """Everything that `fill` wrote is read back, and goes on."""
    with database.begin() as tx:
        for request, service, status, run, kind, of_run in REQUESTS:
            assert (requests.get(tx, request).service, requests.get(tx, request).status) == (service, status)
            row = runs.get(tx, run)
            assert (row.subject, row.request, row.kind, row.status, row.left) == (
                request, request, kind, of_run, ("s/key",)
            )  # fmt: skip
            assert (row.person, row.commit, row.attempt, row.started_at) == (None, None, 1, T0)
            assert [step.state for step in runs.steps_of(tx, run)] == ["running"]
            assert [each.run for each in resources.of_request(tx, request)] == [run]
        assert [each.id for each in runs.live(tx)] == ["run_2", "run_3"]
        [direct] = resources.of_instance(tx, "repo-1", "s", "vpc")
        assert (direct.request, direct.run, direct.person, direct.commit) == (None, None, "per_1", "c" * 40)
        lease = leases.holder(tx, "repo-1", "s/key")
        assert lease is not None
        assert (lease.request, lease.run, lease.token) == ("req_2", "run_2", 3)
        assert leases.acquire(tx, "repo-1", "s/key", request="req_2", run="run_9", at=T0).token == 4
        assert previews.judgement(tx, "req_2", JUDGEMENT).verdict == "allowed"
        assert [each.id for each in approvals.of_request(tx, "req_2")] == ["apr_1"]
        assert people.get_person(tx, "dev").grants[0].role == "developer"
        assert audit.entries(tx) == ()


def make_old(database: Database, revision: str) -> None:
    """Tables of this revision, with rows."""
    with database._adapter.upgrading() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        fill(connection)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file of revision 0002 with rows."""
    from gaia.records.sqlite import Sqlite

    path = tmp_path / "old.db"
    database = Database(Sqlite(path, patience=1, create=True))
    make_old(database, "0002")
    database.close()
    return path


def test_a_database_of_revision_2_goes_on(old: Path) -> None:
    """Every row is kept; each run has its request as subject; references hold as before."""
    database = Database.open(old)
    check(database)
    with database.read() as tx:
        assert tx.connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        referred = {each["referred_table"] for each in inspect(tx.connection).get_foreign_keys("steps")}
        assert referred == {"runs"}
    database.close()


def test_an_upgrade_that_cannot_leaves_the_old_database_untouched(old: Path) -> None:
    """A row that points at nothing is named; revision and rows are those of before."""
    raw = sqlite3.connect(old)
    raw.execute("DELETE FROM runs WHERE id = 'run_1'")
    raw.commit()
    before = list(raw.iterdump())
    with pytest.raises(Unavailable) as caught:
        Database.open(old)
    assert caught.value.code == "database-damaged"
    assert "points at a row of runs that is not there" in caught.value.message
    assert list(raw.iterdump()) == before
    raw.close()


def test_references_are_held_to_after_an_upgrade(old: Path, key: SecretKey) -> None:
    """On every connection, so also on the one that upgraded."""
    del key
    database = Database.open(old)
    with database.begin() as tx, pytest.raises(Exception, match="FOREIGN KEY"):
        tx.connection.exec_driver_sql("INSERT INTO grants VALUES ('per_0', 'admin', '*', '*')")
    database.close()
