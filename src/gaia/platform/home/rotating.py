"""Another key for a home: the one before signs nothing any more, and what it signed and sealed can be read.

Whatever of it is killed leaves a home that works with one whole key. The same call then ends what was begun: the first
entry with the new key tells of it, whoever writes that, and approvals by the one before count for nothing meanwhile.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, Refused
from gaia.kit import clock, keys
from gaia.kit.vouching import public_key
from gaia.platform.acting import Acting, AuditLog
from gaia.platform.engine.engine import alone
from gaia.records import approvals, audit, audit_tail, requests

if TYPE_CHECKING:
    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction

WHY = "key-rotated"


@dataclass(frozen=True, slots=True)
class RotatedView:
    """The key that a home has now, and what came of those before."""

    key: str
    """Its fingerprint: a restore is told which one to expect."""
    public_key: str
    """What exports of the audit log are checked with from now on."""
    older: tuple[str, ...]
    """The ids of the keys that it and those before it replaced."""
    kept: str
    """The folder in which these are kept: what they signed and sealed cannot be read without them."""
    voided: tuple[str, ...]
    """Requests whose approvals count no longer: they are previewed and approved again."""

    def as_json(self) -> dict[str, object]:
        """The documented machine form (docs/reference/output.md)."""
        return asdict(self)


def rotate(platform: PlatformContext, caller: Caller) -> RotatedView:
    """Replace the home's key and void what waits or is carried out by the one before. An admin's business.

    Raises:
        Conflict: `engine-running`: of this home, or another worker of its records; it would go on with the old key.
        Refused: `not-permitted`. Unavailable: what `gaia.kit.keys.replace_key` raises.
    """
    folder = platform.home / "keys"
    with alone(platform.home) as mine:
        refused = Refused("not-permitted", f"{caller.name} is no admin", next_step="Ask an admin to do it.")
        acting = Acting(platform.database, platform.audit, caller)
        with acting.doing("administer", "key.rotate", "", missing=refused) as (tx, _):
            if not mine or tx.present():
                raise Conflict(
                    "engine-running",
                    "an engine works with the key: "
                    + ("a worker of these records" if mine else "the one of this home"),
                    next_step="End every server and worker of these records, then try again.",
                )
            unfinished = bool(approvals.by_other_keys(tx, platform.key)) and bool(platform.key.older)
        key = platform.key if unfinished else keys.replace_key(folder)
        with platform.database.begin() as tx:
            voided = _told(tx, replace(platform.audit, key=key), caller)
    older = tuple(one.id for one in key.older)
    return RotatedView(key.fingerprint, public_key(key), older, str(folder / keys.OLDER), voided)


def _told(tx: Transaction, log: AuditLog, caller: Caller) -> tuple[str, ...]:
    before, now = audit.signed_by(tx), clock.now()
    if before not in (None, log.key.id):
        log.note(tx, caller.id, audit.ROTATED, str(before), {"key": log.key.fingerprint})
    named = approvals.by_other_keys(tx, log.key)
    for one in named:
        approvals.void(tx, one, WHY, at=now)
        found = requests.get(tx, one)
        theirs = replace(log, repository=found.repository)
        theirs.about(tx, caller.id, "request.approval-void", found, code=WHY)
    if log.head is not None:
        audit_tail.keep(tx, log.key, log.head)
    return named
