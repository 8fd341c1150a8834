"""Entries that were cut off the end of the audit log: the chain holds without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, text, update
from tests.unit.records.moments import T0

from gaia.errors import Unavailable
from gaia.records import audit, audit_tail
from gaia.records.tables import audit as entries
from gaia.records.tables import audit_head

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Database, Transaction
    from gaia.records.model import Request


def note(tx: Transaction, key: SecretKey, subject: str = "x") -> None:
    """One more entry."""
    audit.append(tx, key, at=T0, actor="per_1", action="request.submitted", subject=subject)


def cut(tx: Transaction, head: dict[str, object]) -> None:
    """What somebody does who has no key, but kept an older head."""
    tx.connection.execute(text("DROP TRIGGER audit_no_delete"))
    tx.change(delete(entries).where(entries.c.seq > head["seq"]))
    tx.change(update(audit_head).values(head))


def test_what_was_cut_off_is_missing_from_what_was_kept(database: Database, key: SecretKey, tmp_path: Path) -> None:
    """Also when more was written since, and what was kept is not replaced by it."""
    path = tmp_path / audit_tail.FILE
    with database.begin() as tx:
        note(tx, key)
        head = dict(tx.all(select(audit_head))[0])
        note(tx, key)
        audit_tail.keep(tx, key, path)
        note(tx, key)
        assert audit_tail.missing_from(tx, key, path) is None
        cut(tx, head)
        assert audit.verify(tx, key) is None
        assert audit_tail.missing_from(tx, key, path) == 2
        for _ in range(3):
            note(tx, key, "other")
        audit_tail.keep(tx, key, path)
        assert audit.verify(tx, key) is None
        assert audit_tail.missing_from(tx, key, path) == 2
        assert audit_tail.missing_from(tx, key, None) is None


def test_a_row_of_which_no_entry_tells_is_found(
    database: Database, key: SecretKey, make_request: Callable[..., Request]
) -> None:
    """Without anything that was kept: who asked for it, or that they did, is gone."""
    with database.begin() as tx:
        note(tx, key)
        request = make_request(tx, "photos")
        assert audit_tail.missing_from(tx, key, None) == 2
        note(tx, key, request.id)
        assert audit_tail.missing_from(tx, key, None) is None


@pytest.mark.parametrize(
    "written",
    ["", "[]", "{}", '{"seq": 1, "hash": "x", "signature": "y"}', '{"seq": "1", "hash": 1, "signature": null}'],
)
def test_a_head_that_somebody_else_wrote_is_refused(
    database: Database, key: SecretKey, tmp_path: Path, written: str
) -> None:
    """It is neither gone by nor replaced."""
    path = tmp_path / audit_tail.FILE
    path.write_text(written)
    with database.begin() as tx:
        note(tx, key)
        for act in (audit_tail.keep, audit_tail.missing_from):
            with pytest.raises(Unavailable) as caught:
                act(tx, key, path)
            assert caught.value.code == "audit-head-damaged"
    assert path.read_text() == written
