"""The audit log: appending, and finding tampering."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from tests.unit.records.moments import T0

from gaia.errors import Unavailable
from gaia.kit import canonical
from gaia.kit.keys import SecretKey
from gaia.records import audit
from gaia.records.database import Database
from gaia.records.tables import audit_head

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.records.database import Transaction

OTHER = SecretKey("key-two", b"2" * 32)


def write(tx: Transaction, key: SecretKey, count: int, actor: str = "per_1") -> None:
    """Append some entries."""
    for number in range(count):
        audit.append(
            tx, key, at=T0, actor=actor, action="request", subject=f"req_{number}", facts={"n": number, "ü": None}
        )


def test_an_entry_is_read_back_as_it_was_written(tx: Transaction, key: SecretKey) -> None:
    """With facts, place and time; times are kept in UTC."""
    local = T0.astimezone(timezone(timedelta(hours=2)))
    made = audit.append(
        tx, key, at=local, actor="per_1", action="approve", subject="req_1", outcome="refused", repository="repo-1",
        tenant="acme", stage="dev", facts={"code": "approver-is-requester", "of": ["a", 1]},
    )  # fmt: skip
    assert audit.entries(tx) == (made,)
    assert (made.seq, made.at, made.previous, made.outcome) == (1, T0, "", "refused")
    assert made.facts == {"code": "approver-is-requester", "of": ["a", 1]}


def test_entries_are_chained_and_paged(tx: Transaction, key: SecretKey) -> None:
    """Each names the hash before it; reading goes on after a number, or by what it is about."""
    write(tx, key, 5)
    found = audit.entries(tx)
    assert [each.seq for each in found] == [1, 2, 3, 4, 5]
    assert [each.previous for each in found[1:]] == [each.hash for each in found[:-1]]
    assert [each.seq for each in audit.entries(tx, after=2, limit=2)] == [3, 4]
    assert [each.seq for each in audit.entries(tx, subject="req_3")] == [4]


def test_an_untouched_log_verifies(tx: Transaction, key: SecretKey) -> None:
    """Empty or not."""
    assert audit.verify(tx, key) is None
    write(tx, key, 3)
    assert audit.verify(tx, key) is None


def test_what_is_rolled_back_leaves_no_gap(database: Database, key: SecretKey) -> None:
    """The number is given inside the transaction."""

    with database.begin() as tx:
        write(tx, key, 2)
        tx.connection.rollback()
    with database.begin() as tx:
        write(tx, key, 1)
        assert [each.seq for each in audit.entries(tx)] == [1]
        assert audit.verify(tx, key) is None


TAMPERINGS = {
    "a changed actor": ("UPDATE audit SET actor = 'per_9' WHERE seq = 2", 2),
    "a changed time": ("UPDATE audit SET at = 'yesterday' WHERE seq = 2", 2),
    "changed facts": ("UPDATE audit SET facts = '{}' WHERE seq = 2", 2),
    "facts that are no JSON": ("UPDATE audit SET facts = '{' WHERE seq = 2", 2),
    "a refusal made to look done": ("UPDATE audit SET outcome = 'refused' WHERE seq = 3", 3),
    "a blob": ("UPDATE audit SET actor = x'00ff' WHERE seq = 2", 2),
    "a hash that is a blob": ("UPDATE audit SET hash = x'00' WHERE seq = 2", 2),
    "a changed hash": ("UPDATE audit SET hash = 'ü' WHERE seq = 2", 2),
    "another key's id": ("UPDATE audit SET key_id = 'key-none' WHERE seq = 2", 2),
    "a dropped first entry": ("DELETE FROM audit WHERE seq = 1", 1),
    "a dropped middle entry": ("DELETE FROM audit WHERE seq = 2", 2),
    "dropped last entries": ("DELETE FROM audit WHERE seq >= 3", 3),
    "everything dropped": ("DELETE FROM audit", 1),
    "swapped entries": ("UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 ELSE seq END", 1),
    "a repeated entry": (
        "INSERT INTO audit SELECT 5, at, actor, action, '', '', '', '', '', facts, '', hash, '' FROM audit LIMIT 1",
        5,
    ),
    "a head set back": ("UPDATE audit_head SET seq = 3", 5),
    "a forged head": ("UPDATE audit_head SET signature = 'hmac-sha256:00'", 5),
    "a head of another key": ("UPDATE audit_head SET key_id = 'key-none'", 5),
    "no head": ("DELETE FROM audit_head", 5),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TAMPERINGS)
def test_tampering_is_found_where_it_begins(database: Database, path: Path, key: SecretKey, name: str) -> None:
    """Whoever writes to the file behind Gaia's back is found, with the first number that is wrong."""
    statement, first = TAMPERINGS[name]
    with database.begin() as tx:
        write(tx, key, 4)
    raw = sqlite3.connect(path)
    for trigger in ("audit_no_update", "audit_no_delete", "audit_head_no_delete"):
        raw.execute(f"DROP TRIGGER {trigger}")
    raw.execute(statement)
    raw.commit()
    raw.close()
    with database.read() as tx:
        assert audit.verify(tx, key) == first


def test_cutting_the_end_and_mending_the_head_is_found(database: Database, path: Path, key: SecretKey) -> None:
    """The head's signature cannot be made without the key, not even the one of an empty log for a log with entries."""
    with database.begin() as tx:
        write(tx, key, 3)
    raw = sqlite3.connect(path)
    raw.execute("DROP TRIGGER audit_no_delete")
    raw.execute("DELETE FROM audit WHERE seq = 3")
    raw.execute("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)")
    raw.commit()
    raw.close()
    with database.read() as tx:
        assert audit.verify(tx, key) == 3


def test_entries_of_an_older_key_need_that_key(tx: Transaction, key: SecretKey) -> None:
    """After a rotation the old key still vouches for what it sealed."""
    write(tx, key, 2)
    later = replace(OTHER, older=(key,))
    write(tx, later, 1)
    assert audit.verify(tx, later) is None
    assert audit.verify(tx, OTHER) == 1
    assert audit.verify(tx, replace(OTHER, older=(SecretKey(key.id, b"3" * 32),))) == 1
    assert [one.action for one in audit.entries(tx)][2] == audit.ROTATED
    with pytest.raises(Unavailable) as caught:
        write(tx, key, 1)
    assert caught.value.code == "key-rotated"


def test_threads_append_one_chain(path: Path, key: SecretKey) -> None:
    """Writers at the same time queue up; no number is lost or given twice."""
    database = Database.open(path)

    def work(actor: str) -> None:
        for _ in range(10):
            with database.begin() as tx:
                write(tx, key, 1, actor)

    threads = [threading.Thread(target=work, args=(f"per_{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        assert [each.seq for each in audit.entries(tx)] == list(range(1, 41))
        assert audit.verify(tx, key) is None
    database.close()


HEADS = {
    "an empty signature": "seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2), signature = ''",
    "the signature of before": "seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)",
    "no signature and no key": "seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2), signature = '', key_id = ''",
    "the number of before": "hash = (SELECT hash FROM audit WHERE seq = 2)",
    "the hash of before": "seq = 2",
    "the whole of before": "seq = seq",
}


@pytest.mark.parametrize("name", HEADS)
def test_a_log_that_was_cut_is_found(database: Database, path: Path, key: SecretKey, name: str) -> None:
    """Whatever the head is made to say without the key."""
    with database.begin() as tx:
        write(tx, key, 3)
    cut(path, "DELETE FROM audit WHERE seq = 3", f"UPDATE audit_head SET {HEADS[name]}")  # noqa: S608
    with database.read() as tx:
        assert audit.verify(tx, key) == 3


def test_an_empty_log_with_a_signed_head_was_emptied(database: Database, path: Path, key: SecretKey) -> None:
    """The signature is that of a log with entries."""
    with database.begin() as tx:
        write(tx, key, 1)
    cut(path, "DELETE FROM audit", "UPDATE audit_head SET seq = 0, hash = ''")
    with database.read() as tx:
        assert audit.verify(tx, key) == 1


def cut(path: Path, *statements: str) -> None:
    """Write to the file without its guards."""
    raw = sqlite3.connect(path)
    for each in ("DROP TRIGGER IF EXISTS audit_no_delete", *statements):
        raw.execute(each)
    raw.commit()
    raw.close()


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_row_that_the_database_cannot_read_is_where_the_log_breaks(
    database: Database, path: Path, key: SecretKey, broken: int
) -> None:
    """Those before it are read and verified; all are counted."""
    with database.begin() as tx:
        write(tx, key, 3)
    change = f"UPDATE audit SET actor = CAST(x'ff' AS TEXT) WHERE seq = {broken}"  # noqa: S608
    cut(path, "DROP TRIGGER audit_no_update", change)
    with database.read() as tx:
        assert audit.verify(tx, key) == broken
        assert audit.count(tx) == 3


@pytest.mark.parametrize(
    "change", ["at = x'00'", "at = 'yesterday'", "facts = '{'", "facts = '[]'", "outcome = 'maybe'"]
)
def test_an_entry_that_says_nothing_is_one_clear_error(
    database: Database, path: Path, key: SecretKey, change: str
) -> None:
    """It names the entry; whoever looks at those before it does not meet it."""
    with database.begin() as tx:
        write(tx, key, 2)
    cut(path, "DROP TRIGGER audit_no_update", f"UPDATE audit SET {change} WHERE seq = 2")  # noqa: S608
    with database.read() as tx:
        assert len(audit.entries(tx, limit=1)) == 1
        with pytest.raises(Unavailable) as caught:
            audit.entries(tx)
    assert (caught.value.code, caught.value.facts) == ("database-row-damaged", {"table": "audit"})
    assert "entry 2" in caught.value.message


@pytest.mark.parametrize(
    "change", ["seq = 2", "seq = 4", "hash = (SELECT hash FROM audit WHERE seq = 2)", "key_id = ''"]
)
def test_a_head_that_does_not_fit_its_log_is_found(database: Database, path: Path, key: SecretKey, change: str) -> None:
    """Also when its signature is that of the log as it is."""
    with database.begin() as tx:
        write(tx, key, 3)
    cut(path, f"UPDATE audit_head SET {change}")  # noqa: S608
    with database.read() as tx:
        assert audit.verify(tx, key) == 4


def test_the_form_that_is_sealed_is_that_of_before(tx: Transaction, key: SecretKey) -> None:
    """Logs in homes of today are verified by every later Gaia."""
    made = audit.append(tx, key, at=T0, actor="a", action="b", subject="c", facts={"n": 1})
    body = {
        "gaia": "audit entry", "seq": 1, "at": "2026-11-23T20:00:00+00:00", "actor": "a", "action": "b",
        "subject": "c", "outcome": "done", "repository": "", "tenant": "", "stage": "", "facts": '{"n":1}',
        "key_id": key.id, "previous": "",
    }  # fmt: skip
    assert made.hash == canonical.sign(body, key.secret)
    head = tx.first(select(audit_head))
    assert head is not None
    assert head["signature"] == canonical.sign({"gaia": "audit head", "seq": 1, "hash": made.hash}, key.secret)
