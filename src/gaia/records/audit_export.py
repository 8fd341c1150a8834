"""The audit log as a file that proves itself: its entries in order, then a signed end.

The end names the first and the last entry, the hash before the first, how many there are, the digest of every byte
before it, and the log's own head; it is signed with a key whose public half anybody may have. Taking out, changing or
reordering an entry, or cutting the file off, is found by who has that and nothing else of this Gaia.

A file is JSON lines, or CSV whose last line begins with `# `. In CSV, a cell that a spreadsheet would obey as a formula
has an apostrophe before it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

from gaia.errors import Defect, Invalid, NotFound
from gaia.kit import canonical, clock, vouching
from gaia.records.audit import matches
from gaia.records.tables import audit, audit_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import RowMapping

    from gaia.kit.keys import SecretKey
    from gaia.records.database import Database, Transaction

Form = Literal["jsonl", "csv"]
VERSION = "audit export 1"
COLUMNS = tuple(column.name for column in audit.c)
_FEW = 2000
"""Entries that are read at once."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_END = "# "
_LONGEST_LINE = 10_000_000


def export(
    database: Database, key: SecretKey, *, form: Form, since: datetime | None = None, until: datetime | None = None
) -> Iterator[bytes]:
    """The lines of a file, a few in memory at a time: all entries, or those from the first at or after `since` to the
    last before `until`, without a gap. Each is checked on the way.

    Raises:
        NotFound: `audit-empty`. Defect: `audit-broken`; what was written until then has no signed end.
    """
    with database.read() as tx:
        head = tx.first(select(audit_head))
        first, last = _range(tx, 0 if head is None else head["seq"], since, until)
    if head is None or first > last:
        raise NotFound("audit-empty", "there are no entries of that time", next_step="Name another time.")
    digest, expected, previous, before = hashlib.sha256(), first, None, ""
    if form == "csv":
        yield _counted(digest, _csv(COLUMNS))
    for row in _rows(database, first, last):
        body = dict(row)
        seal = body.pop("hash")
        if previous is None:
            previous = before = body["previous"] if first > 1 else ""
        if body["seq"] != expected or body["previous"] != previous or not matches(body, key, seal):
            raise broken(expected)
        previous, expected = seal, expected + 1
        yield _counted(digest, _json_line(row) if form == "jsonl" else _csv([str(row[name]) for name in COLUMNS]))
    if expected != last + 1:
        raise broken(expected)
    end = {
        "gaia": VERSION, "entries": last - first + 1, "first": first, "last": last, "previous": before,
        "hash": previous, "head": {name: head[name] for name in ("seq", "hash", "key_id", "signature")},
        "since": _said(since), "until": _said(until), "exported_at": clock.rfc3339(clock.now()),
        "sha256": digest.hexdigest(), "key": vouching.public_key(key),
    }  # fmt: skip
    signed = {**end, "signature": vouching.sign(key, canonical.dumps(end))}
    yield (_END if form == "csv" else "").encode() + canonical.dumps(signed) + b"\n"


def broken(seq: int) -> Defect:
    """The error for an entry of the log that does not fit."""
    return Defect(
        "audit-broken",
        f"entry {seq} of the audit log does not fit its chain: it, or one before it, was changed or taken out",
        next_step="Keep GAIA_HOME as it is and compare it with a backup.",
        facts={"first": seq},
    )


def _range(tx: Transaction, head: int, since: datetime | None, until: datetime | None) -> tuple[int, int]:
    """Times are texts of one form, whose order is that of the times."""
    first, last = 1, head
    if since is not None:
        row = tx.first(select(func.min(audit.c.seq).label("seq")).where(audit.c.at >= _at(since)))
        first = row["seq"] if row is not None and row["seq"] is not None else head + 1
    if until is not None:
        row = tx.first(select(func.max(audit.c.seq).label("seq")).where(audit.c.at < _at(until)))
        last = row["seq"] if row is not None and row["seq"] is not None else 0
    return first, min(last, head)


def _rows(database: Database, first: int, last: int) -> Iterator[RowMapping]:
    """No transaction is kept open: what is written once never changes."""
    after = first - 1
    while after < last:
        with database.read() as tx:
            wanted = select(audit).where(audit.c.seq > after, audit.c.seq <= last).order_by(audit.c.seq).limit(_FEW)
            rows = tx.all(wanted)
        if not rows:
            return
        yield from rows
        after = rows[-1]["seq"]


def _at(moment: datetime) -> str:
    from datetime import UTC

    return moment.astimezone(UTC).isoformat()


def _said(moment: datetime | None) -> str | None:
    return None if moment is None else clock.rfc3339(moment)


def _counted(digest: hashlib._Hash, line: bytes) -> bytes:
    digest.update(line)
    return line


def _json_line(row: RowMapping) -> bytes:
    facts = row["facts"]
    rest = json.dumps({name: row[name] for name in COLUMNS if name != "facts"}, ensure_ascii=False)
    return f'{rest[:-1]}, "facts": {facts}}}\n'.encode()


def _csv(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    safe = [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]
    csv.writer(text, lineterminator="\n").writerow(safe)
    return text.getvalue().encode()


def verify(lines: Iterable[bytes], public: str) -> Mapping[str, object]:
    """The signed end of a file, after everything before it was checked against it and the chain.

    `public` is the key that the file has to be signed with. Reads the file once, a line at a time.

    Raises:
        Defect: `audit-file-broken`, with what is wrong and, where it shows, the first entry that does not fit.
        Invalid: `public-key-invalid`.
    """
    vouching.is_signed(public, b"", "")  # a key that is none is told first
    digest, held, form, number = hashlib.sha256(), b"", "", 0
    seen: list[tuple[int, str, str]] = []
    count, wrong = 0, None
    for line in lines:
        if held:
            digest.update(held)
            number += 1
            form = form or ("jsonl" if held.startswith(b"{") else "csv")
            if wrong is None and not (form == "csv" and number == 1):
                this = _read(held, form)
                fits = this is not None and (not seen or (this[0] == seen[-1][0] + 1 and this[1] == seen[-1][2]))
                if this is None or not fits:
                    wrong = seen[-1][0] + 1 if seen else number
                else:
                    seen = [seen[0] if seen else this, this]
                    count += 1
        held = line
        if len(held) > _LONGEST_LINE:
            raise _file_broken("a line of it is longer than any entry", None)
    end = _end_of(held, public)
    if wrong is not None:
        raise _file_broken(f"entry {wrong} is not there, was changed, or is in another's place", wrong)
    here = (seen[0][0], seen[0][1], seen[-1][0], seen[-1][2]) if seen else None
    if here != (end["first"], end["previous"], end["last"], end["hash"]) or count != end["entries"]:
        raise _file_broken("its first or last entries are not those that its end names", None)
    if digest.hexdigest() != end["sha256"]:
        raise _file_broken("something in it was changed", None)
    return end


def _end_of(line: bytes, public: str) -> Mapping[str, object]:
    try:
        end = json.loads(line.removeprefix(_END.encode()))
        signature = str(end.pop("signature"))
        named = end["gaia"] == VERSION
        kept = {"entries", "first", "last", "previous", "hash", "sha256", "key"} <= end.keys()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        named = kept = False
    if not named or not kept:
        raise _file_broken("it has no signed end: it was cut off, or is no export of an audit log", None)
    if not vouching.is_signed(public, canonical.dumps(end), signature):
        raise _file_broken("its end was not signed with the key that it is checked with", None)
    found: Mapping[str, object] = end
    return found


def _read(line: bytes, form: str) -> tuple[int, str, str] | None:
    """Sequence number, hash before and own hash."""
    try:
        if form == "jsonl":
            entry = json.loads(line)
            return int(entry["seq"]), str(entry["previous"]), str(entry["hash"])
        cells = next(csv.reader([line.decode()]))
        found = dict(zip(COLUMNS, (cell.removeprefix("'") for cell in cells), strict=True))
        return int(found["seq"]), found["previous"], found["hash"]
    except (ValueError, KeyError, TypeError, StopIteration, csv.Error, RecursionError):
        return None


def _file_broken(why: str, first: int | None) -> Defect:
    return Defect(
        "audit-file-broken",
        f"the file is not as it was exported: {why}",
        next_step="Export it again, and compare the two; look at who could change this one.",
        facts={"first": first},
    )


def checked_form(text: str) -> Form:
    """`jsonl` or `csv`.

    Raises:
        Invalid: `audit-form-unknown`.
    """
    if text == "jsonl":
        return "jsonl"
    if text == "csv":
        return "csv"
    raise Invalid("audit-form-unknown", f"there is no form {text[:100]!r}", next_step="Use jsonl or csv.")
