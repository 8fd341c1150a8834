"""Acting in somebody's name: allowed first, and written down whether it is done or refused."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gaia.access import callers, rules
from gaia.errors import GaiaError, Invalid
from gaia.kit import clock
from gaia.kit.visible import kept
from gaia.records import audit
from gaia.records.model import ANY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gaia.access.callers import Caller
    from gaia.kit.keys import SecretKey
    from gaia.records.database import Database, Transaction
    from gaia.records.model import AuditOutcome, Permission, Request

ENGINE = "engine"
"""Who acts where no person does."""
_LONGEST_NAME = 128
"""Characters of a tenant or a stage: Atmos has no limit, folders and tags that are named after them have."""
_PLACE = re.compile(r"\*|[\w./-]+")
"""Everywhere, or what Atmos's names are made of; no other pattern means anything here."""


class Scoped(Protocol):
    """Something of a tenant and a stage: a request, a run, a place."""

    @property
    def tenant(self) -> str:
        """As the stacks name it."""
        ...

    @property
    def stage(self) -> str:
        """As the stacks name it."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant and a stage by themselves."""

    tenant: str
    stage: str


def check_place(text: str, what: str) -> None:
    """Raise `Invalid("name-invalid")` for what can be no tenant, or no stage, and not `*` either."""
    kept(text, what, _LONGEST_NAME)
    if not _PLACE.fullmatch(text):
        raise Invalid(
            "name-invalid",
            f"{what} {text!r} is not a valid name",
            next_step="Use letters, digits and _ . - / as the stacks do, or * for every one.",
        )


@dataclass(frozen=True, slots=True)
class AuditLog:
    """The audit log of one repository, signed with its key."""

    repository: str
    key: SecretKey
    head: Path | None = None
    """The file in which the last entry is kept outside of the database; see `gaia.records.audit_tail`."""

    def note(
        self,
        tx: Transaction,
        actor: str,
        action: str,
        subject: str,
        facts: Mapping[str, object],
        *,
        where: Scoped | None = None,
        outcome: AuditOutcome = "done",
    ) -> None:
        """Add an entry. `actor` is a person's id, `engine` or `policy`; `facts` are JSON without secrets."""
        tenant, stage = (where.tenant, where.stage) if where else ("", "")
        audit.append(
            tx,
            self.key,
            at=clock.now(),
            actor=actor,
            action=action,
            subject=subject,
            repository=self.repository,
            tenant=tenant,
            stage=stage,
            outcome=outcome,
            facts=facts,
        )

    def about(self, tx: Transaction, actor: str, action: str, request: Request, **facts: object) -> None:
        """Add an entry on what was done to a request, or to the service that came from it."""
        named = {"service": request.service, "stack": request.stack, **facts}
        self.note(tx, actor, action, request.id, named, where=request)


@dataclass(frozen=True, slots=True)
class Acting:
    """One caller on one repository's records."""

    database: Database
    log: AuditLog
    caller: Caller

    @contextmanager
    def doing(
        self,
        action: Permission,
        audited: str,
        subject: str,
        *,
        missing: GaiaError,
        where: Scoped | None = None,
        asked_by: str = "",
    ) -> Iterator[tuple[Transaction, Caller]]:
        """A transaction in which the caller may do `action` there; without `where`, everywhere.

        Whatever is refused in it is written down as `audited`, in a transaction of its own. `asked_by`: who must not
        be the caller, because they asked for what is approved.

        Raises:
            Unauthenticated: the token does not hold any longer.
            Refused: `not-permitted`, `approver-is-requester`. GaiaError: `missing`, see `gaia.access.rules.permit`.
        """
        tenant, stage = (where.tenant, where.stage) if where else (ANY, ANY)
        with self.telling(audited, subject, where=where), self.database.begin() as tx:
            caller = callers.current(tx, self.caller, clock.now())
            if rules.allows(caller, "see", tenant, stage):
                rules.permit_approval(caller, asked_by)
            rules.permit(caller, action, tenant, stage, missing=missing)
            yield tx, caller

    @contextmanager
    def telling(self, audited: str, subject: str, *, where: Scoped | None = None) -> Iterator[None]:
        """Whatever is refused in here is written down as `audited`: also what is, before anybody's rights are asked."""
        try:
            yield
        except GaiaError as error:
            with self.database.begin() as tx:
                facts = {"code": error.code}
                self.log.note(tx, self.caller.id, audited, subject, facts, where=where, outcome="refused")
            raise
