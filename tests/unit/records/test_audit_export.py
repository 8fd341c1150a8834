"""The exported audit log: whole, and anything that was done to it is found with the public key alone."""

from __future__ import annotations

import json
import random
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.unit.records.moments import T0

from gaia.errors import Defect, Invalid, NotFound
from gaia.kit import vouching
from gaia.kit.keys import SecretKey
from gaia.records import audit
from gaia.records.audit_export import Form, export, verify

if TYPE_CHECKING:
    from pathlib import Path

    from gaia.records.database import Database

FORMS: tuple[Form, ...] = ("jsonl", "csv")
NAMES = ("photos", "=1+1", "'quoted", '"a", b', "ü\u2028x")


@pytest.fixture(name="filled")
def log_of_some(database: Database, key: SecretKey) -> Database:
    """An entry an hour, about things with odd names."""
    with database.begin() as tx:
        for number in range(12):
            audit.append(
                tx, key, at=T0 + timedelta(hours=number), actor="per_1", action="request.done",
                subject=NAMES[number % len(NAMES)], tenant="acme", stage="dev", facts={"n": number, "ü": [1.5, None]},
            )  # fmt: skip
    return database


def of(error: pytest.ExceptionInfo[Defect]) -> tuple[str, object]:
    """The code, and the first entry that does not fit."""
    return error.value.code, error.value.facts["first"]


@pytest.mark.parametrize("form", FORMS)
def test_an_export_is_whole_and_proves_itself(filled: Database, key: SecretKey, form: Form) -> None:
    """With the public key and nothing else; its end says what it holds."""
    lines = list(export(filled, key, form=form))
    end = verify(lines, vouching.public_key(key))
    assert (end["entries"], end["first"], end["last"], end["previous"]) == (12, 1, 12, "")
    with filled.read() as tx:
        assert end["hash"] == audit.entries(tx)[-1].hash
    if form == "jsonl":
        entry = json.loads(lines[1])
        assert (entry["seq"], entry["subject"], entry["facts"]) == (2, "=1+1", {"n": 1, "ü": [1.5, None]})
    else:
        assert b",'=1+1," in lines[2]


@pytest.mark.parametrize("form", FORMS)
def test_a_part_of_it_is_what_lies_between_two_times(filled: Database, key: SecretKey, form: Form) -> None:
    """Without a gap, and it proves itself too."""
    part = export(filled, key, form=form, since=T0 + timedelta(hours=3), until=T0 + timedelta(hours=7))
    end = verify(part, vouching.public_key(key))
    assert (end["first"], end["last"], end["entries"]) == (4, 7, 4)
    with pytest.raises(NotFound):
        list(export(filled, key, form=form, since=T0 + timedelta(days=30)))


@pytest.mark.parametrize("form", FORMS)
def test_every_line_that_is_taken_out_or_moved_is_found(filled: Database, key: SecretKey, form: Form) -> None:
    """Each of them, the end too."""
    lines, public = list(export(filled, key, form=form)), vouching.public_key(key)
    for number in range(len(lines)):
        with pytest.raises(Defect) as caught:
            verify(lines[:number] + lines[number + 1 :], public)
        assert caught.value.code == "audit-file-broken"
    for number in range(len(lines) - 1):
        swapped = [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]]
        with pytest.raises(Defect):
            verify(swapped, public)
    with pytest.raises(Defect):
        verify([], public)


@pytest.mark.parametrize("form", FORMS)
def test_every_byte_that_is_changed_is_found(filled: Database, key: SecretKey, form: Form) -> None:
    """Of any line, at a place that chance chose, and of each kind of line one that is nonsense."""
    lines, public, chance = list(export(filled, key, form=form)), vouching.public_key(key), random.Random(7)  # noqa: S311
    for number, line in enumerate(lines):
        for place in chance.sample(range(len(line) - 1), 12):
            changed = line[:place] + bytes([line[place] ^ 1]) + line[place + 1 :]
            with pytest.raises(Defect):
                verify([*lines[:number], changed, *lines[number + 1 :]], public)
    for nonsense in (b"\n", b"[" * 100_000, b'{"gaia": "audit export 1"}\n', b"\xff\xfe\n", b'{"seq": {}}\n'):
        with pytest.raises(Defect):
            verify([*lines[:3], nonsense, *lines[4:]], public)
        with pytest.raises(Defect):
            verify([*lines[:-1], nonsense], public)


def test_what_does_not_fit_is_named_where_it_shows(filled: Database, key: SecretKey) -> None:
    """The first entry."""
    lines, public = list(export(filled, key, form="jsonl")), vouching.public_key(key)
    with pytest.raises(Defect) as caught:
        verify(lines[:4] + lines[5:], public)
    assert of(caught) == ("audit-file-broken", 5)


def test_an_end_that_somebody_else_signed_is_found(filled: Database, key: SecretKey) -> None:
    """Who forges an export has a key, but not this one; a key that is none is told as such."""
    other = SecretKey("key-two", b"2" * 32)
    lines = list(export(filled, key, form="jsonl"))
    with pytest.raises(Defect):
        verify(lines, vouching.public_key(other))
    for wrong in ("", "ed25519:", "ed25519:AAAA", "rsa:" + "A" * 44, "\x1b[31m"):
        with pytest.raises(Invalid) as caught:
            verify(lines, wrong)
        assert caught.value.code == "public-key-invalid"


@pytest.mark.parametrize("what", ["UPDATE audit SET actor = 'per_2' WHERE seq = 5", "DELETE FROM audit WHERE seq = 5"])
def test_a_log_that_was_tampered_with_gets_no_signed_end(
    filled: Database, path: Path, key: SecretKey, what: str
) -> None:
    """What was written until then proves nothing."""
    raw = sqlite3.connect(path)
    for each in ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete", what):
        raw.execute(each)
    raw.commit()
    raw.close()
    written: list[bytes] = []
    with pytest.raises(Defect) as caught:
        written.extend(export(filled, key, form="jsonl"))
    assert of(caught) == ("audit-broken", 5)
