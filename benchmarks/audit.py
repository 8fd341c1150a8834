"""A million entries of the audit log: proved in the database, exported, and the export proved; seconds and memory.

Claim: proved in at most 30 s, and an export takes no more memory for a million entries than for a few.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from gaia.kit import canonical, vouching
from gaia.kit.keys import SecretKey
from gaia.records import audit, audit_export
from gaia.records.database import Database
from gaia.records.tables import audit as rows
from gaia.records.tables import audit_head

if TYPE_CHECKING:
    from gaia.records.database import Transaction

COUNT, FEW, BATCH = 1_000_000, 10_000, 10_000
KEY = SecretKey("key-000000000000", b"1" * 32)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def main(count: int) -> None:
    """Print how long each took, and how much memory the process had at most."""
    with tempfile.TemporaryDirectory(prefix="gaia-bench-") as folder:
        database = Database.open(Path(folder, "gaia.db"), create=True)
        _write(database, count)
        file = Path(folder, "audit.jsonl")
        _export(database, file, FEW)
        before = _memory()
        began = _now()
        with database.read() as tx:
            broken = audit.verify(tx, KEY)
        _say(f"{count:,} entries proved", began, "claim: at most 30 s")
        began = _now()
        _export(database, file, None)
        _say(f"{count:,} entries exported, {file.stat().st_size / 1e6:.0f} MB", began)
        began = _now()
        with file.open("rb") as lines:
            end = audit_export.verify(lines, vouching.public_key(KEY))
        _say(f"{count:,} entries of a file proved", began)
        print(f"memory: {before:.0f} MB after {FEW:,} entries, {_memory():.0f} MB at the end (claim: the same)")
        database.close()
        if broken is not None or end["entries"] != count:
            raise SystemExit("the log does not fit")


def _export(database: Database, file: Path, few: int | None) -> None:
    until = None if few is None else BEGAN + timedelta(seconds=few)
    with file.open("wb") as out:
        out.writelines(audit_export.export(database, KEY, form="jsonl", until=until))


def _write(database: Database, count: int) -> None:
    """As `audit.append` does, many at once."""
    previous = ""
    for first in range(1, count + 1, BATCH):
        with database.begin() as tx:
            previous = _batch(tx, range(first, min(first + BATCH, count + 1)), previous)


def _batch(tx: Transaction, numbers: range, previous: str) -> str:
    made = []
    for seq in numbers:
        body = {
            "seq": seq, "at": (BEGAN + timedelta(seconds=seq)).isoformat(), "actor": "per_" + "1" * 32,
            "action": "request.approved", "subject": f"req_{seq:032d}", "outcome": "done", "repository": "platform",
            "tenant": "acme", "stage": "dev", "key_id": KEY.id, "previous": previous,
            "facts": canonical.dumps({"service": "photos", "preview": "sha256:" + "a" * 64}).decode(),
        }  # fmt: skip
        previous = canonical.sign({"gaia": "audit entry", **body}, KEY.secret)
        made.append({**body, "hash": previous})
    tx.connection.execute(insert(rows), made)
    last = numbers[-1]
    signature = canonical.sign({"gaia": "audit head", "seq": last, "hash": previous}, KEY.secret)
    tx.change(update(audit_head).values(seq=last, hash=previous, key_id=KEY.id, signature=signature))
    return previous


def _say(what: str, began: tuple[float, float], claim: str = "") -> None:
    took, worked = time.perf_counter() - began[0], time.process_time() - began[1]
    print(f"{what:<45} {took:6.1f} s, {worked:6.1f} s of a core   {claim}".rstrip(), flush=True)


def _now() -> tuple[float, float]:
    """On a busy machine the second one says what it would have taken by itself."""
    return time.perf_counter(), time.process_time()


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
