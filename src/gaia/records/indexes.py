"""Indexes over several columns or some rows. Only migrations and their tests import this.

Naming an option of a dialect imports that dialect, which every start would pay for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Index, and_

from gaia.records.model import BUSY, LIVE
from gaia.records.tables import approvals, audit, drift_checks, requests, resources, runs

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement


def _unique_where(name: str, condition: ColumnElement[bool], *columns: Column[str]) -> None:
    Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


_SERVICE = (requests.c.repository, requests.c.stack, requests.c.service)
_ADDRESS = (resources.c.repository, resources.c.stack, resources.c.component, resources.c.address)

Index("ix_requests_service", *_SERVICE, requests.c.id)
Index("ix_requests_newest", requests.c.repository, requests.c.id)
Index("ix_audit_subject_seq", audit.c.subject, audit.c.seq)
Index("ix_audit_actor_seq", audit.c.actor, audit.c.seq)
Index("ix_audit_action_seq", audit.c.action, audit.c.seq)
Index("ix_audit_at_seq", audit.c.at, audit.c.seq)
Index("ix_audit_tenant_seq", audit.c.tenant, audit.c.seq)
_unique_where("uq_requests_busy", requests.c.status.in_(BUSY), *_SERVICE)
_unique_where("uq_runs_live", runs.c.status.in_(LIVE), runs.c.repository, runs.c.subject)
_DECISION = (approvals.c.request, approvals.c.preview)
_unique_where("uq_approvals_live", approvals.c.voided_at.is_(None), *_DECISION, approvals.c.person)
_unique_where("uq_approvals_policy", and_(approvals.c.voided_at.is_(None), approvals.c.person.is_(None)), *_DECISION)
_unique_where("uq_resources_live", resources.c.destroyed_at.is_(None), *_ADDRESS)
_INSTANCE = (drift_checks.c.repository, drift_checks.c.stack, drift_checks.c.component)
Index("ix_drift_checks_instance", *_INSTANCE, drift_checks.c.id)
_unique_where("uq_drift_checks_newest", drift_checks.c.newest, *_INSTANCE)
