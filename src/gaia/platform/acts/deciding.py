"""Saying yes or no to a request, in one's own name or in another's who lets one; each decision is signed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gaia.access.approval_rules import is_proved, standing
from gaia.kit import clock
from gaia.kit.visible import kept
from gaia.platform import refusals
from gaia.platform.acting import Acting
from gaia.platform.approvals import approving, policy_approval
from gaia.platform.callers import delegating
from gaia.platform.engine.queueing import queue_apply
from gaia.platform.engine.worker import some_work
from gaia.platform.model import APPROVES
from gaia.platform.requests import previewing, waiting
from gaia.platform.requests.changing import begin_next
from gaia.platform.views import views
from gaia.records import approvals, previews, requests, runs, witness

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from gaia.access.approval_rules import Asked
    from gaia.access.callers import Caller
    from gaia.platform.context import PlatformContext
    from gaia.platform.model import RequestView
    from gaia.records.database import Transaction
    from gaia.records.model import Approval, Judgement, Permission, Request


class Deciding:
    """One caller's decisions on requests, which the caller is known to see."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._context = platform
        self._caller = caller
        self._acting = Acting(platform.database, platform.audit, caller)

    def approve(
        self, row: Request, *, digest: str | None, judgement: str | None, reason: str, on_behalf: str | None
    ) -> RequestView:
        """Sign the current preview and its judgement; with enough signatures, lease the instances and queue the rest.

        The requester of a retirement that a policy approves of confirms it so: the policy signs.
        """
        from gaia.platform.approvals import reserving

        kept(reason, "the reason")
        clone = self._context.clone()
        with self._acting.telling("request.approve", row.id, where=row):
            clone.check_target()
            head = clone.fetch()
            declared = self._context.snapshot(head).declared
            asked, groups = approving.asked_at(self._context, head, row), approving.named_groups(self._context, head)
        own = row.requester == self._caller.id and on_behalf is None
        if own and (view := self._confirmed(row, asked, digest, judgement, reason)):
            return view
        with self._approving(row, on_behalf) as (tx, caller, name):
            now = clock.now()
            self._may_decide(tx, requests.get(tx, row.id), digest, asked)
            # changed before anything is counted: two who approve at once take turns, and the second sees the first's
            row = requests.note(tx, row.id, at=now, asked=asked.as_json())
            self._may_decide(tx, row, digest, asked)
            self._check_signable(tx, row)
            if asked.proof is not None and not is_proved(asked, caller.proved_at, now):
                raise refusals.proof_needed(row.id, asked.proof)
            judged = self._judgement(tx, row)
            if judgement not in (None, judged.digest):
                raise refusals.judgement_changed(row.id)
            given = self._given(tx, row, judged, asked, caller, name, groups)
            approval = given or self._sign(tx, row, judged, caller, name, groups, reason)
            live = approvals.live(tx, row.id, approval.preview)
            found = approving.counting(tx, self._context, live, approval, row)
            stand = standing(asked, found, row.requester)
            if given is not None and not stand.met:  # else the rules ask for less since: what was signed is enough
                raise refusals.already_approved(row.id)
            facts: dict[str, object] = {"approval": approval.id, "preview": row.preview, "approvals": stand.given}
            if approval.on_behalf is not None:
                facts["on_behalf"] = approval.on_behalf
            if stand.met:
                if error := reserving.without_room(tx, declared, row, judged):
                    raise error
                row = requests.move(tx, row.id, ["waiting"], "applying", at=now)
                queue_apply(tx, row, at=now)
            else:
                facts["waits"] = approving.words(stand)
            self._context.audit.about(
                tx, caller.id, "request.approved" if stand.met else "request.signed", row, **facts
            )
            return self._view(tx, row)

    def _given(
        self,
        tx: Transaction,
        row: Request,
        judged: Judgement,
        asked: Asked,
        caller: Caller,
        name: Caller,
        groups: Collection[str],
    ) -> Approval | None:
        """The caller's approval that is there already and says as much as a new one would."""
        on_behalf = None if name.id == caller.id else name.id
        says = (caller.id, judged.digest, on_behalf, tuple(sorted(name.groups.intersection(groups))))
        for one in approvals.live(tx, row.id, judged.preview):
            same = (one.person, one.judgement, one.on_behalf, one.groups) == says and one.decision == "approved"
            if same and is_proved(asked, one.proved_at, one.at) and approvals.verify(one, [self._context.key]):
                return one
        return None

    def _sign(
        self,
        tx: Transaction,
        row: Request,
        judged: Judgement,
        caller: Caller,
        name: Caller,
        groups: Collection[str],
        reason: str,
    ) -> Approval:
        """Write the caller's approval down, in the place of an earlier one that says less."""
        on_behalf = None if name.id == caller.id else name.id
        mine = name.groups.intersection(groups)
        now = clock.now()
        approvals.void_of(tx, row.id, caller.id, "signed again", at=now)
        return approvals.decide(
            tx,
            judged,
            "approved",
            person=caller.id,
            key=self._context.key,
            at=now,
            reason=reason,
            on_behalf=on_behalf,
            groups=mine,
            proved_at=caller.proved_at,
        )

    @contextmanager
    def _approving(self, row: Request, on_behalf: str | None) -> Iterator[tuple[Transaction, Caller, Caller]]:
        """A transaction in which the caller may approve, and in whose name: their own, or who lets them."""
        missing, act = requests.unknown(row.id), "request.approve"
        permission: Permission = "approve" if on_behalf is None else "see"
        doing = self._acting.doing(permission, act, row.id, missing=missing, where=row, asked_by=row.requester)
        with doing as (tx, caller):
            name = caller if on_behalf is None else delegating.in_name_of(tx, caller, on_behalf, row, clock.now())
            yield tx, caller, name

    def _confirmed(
        self, row: Request, asked: Asked, digest: str | None, judgement: str | None, reason: str
    ) -> RequestView | None:
        """Of a retirement that a policy approves of, the word of its requester is enough; None: it is not one."""
        with self._context.database.read() as tx:
            found = runs.of_request(tx, row.id)  # none of what waits in line
        if not found or found[-1].code != APPROVES:
            return None
        good = policy_approval.approved(self._context, row, lambda _: None, asked)
        if good is None or good.preview != row.preview:
            return None
        with self._acting.doing("request", "request.approve", row.id, missing=requests.unknown(row.id), where=row) as (
            tx,
            caller,
        ):
            row = requests.get(tx, row.id)
            self._may_decide(tx, row, digest or good.preview, asked)
            if {judgement or good.digest, self._judgement(tx, row).digest} != {good.digest}:
                raise refusals.judgement_changed(row.id)
            self._check_signable(tx, row)
            self._context.audit.about(tx, caller.id, "request.confirmed", row, preview=row.preview)
            moved = policy_approval.approve(tx, self._context, row, good, reason=reason)
            return self._view(tx, moved)

    def reject(self, row: Request, *, reason: str) -> RequestView:
        """Say no, for good. Whoever asked may take it back so."""
        kept(reason, "the reason")
        permission: Permission = "request" if row.requester == self._caller.id else "approve"
        missing = requests.unknown(row.id)
        with self._acting.doing(permission, "request.reject", row.id, missing=missing, where=row) as (tx, caller):
            now = clock.now()
            row = requests.get(tx, row.id)
            if row.status == "queued":  # there is nothing yet that a decision could be signed of
                moved = requests.move(tx, row.id, ["queued"], "rejected", at=now, reason=reason)
                self._context.audit.about(tx, caller.id, "request.rejected", moved)
                return self._view(tx, moved)
            if row.status != "waiting":
                raise refusals.not_waiting(row.id, row.status)
            approvals.void(tx, row.id, "rejected", at=now)
            # one that was changed since can still be refused: that is the way out of it
            digest = str(row.preview)
            judgement = previews.latest_judgements(tx, [(row.id, digest)]).get((row.id, digest))
            if judgement is None:
                raise refusals.not_waiting(row.id, row.status)
            key = self._context.key
            no = approvals.decide(tx, judgement, "rejected", person=caller.id, key=key, at=now, reason=reason)
            moved = requests.move(tx, row.id, ["waiting"], "rejected", at=now, reason=reason)
            self._context.audit.about(tx, caller.id, "request.rejected", moved, approval=no.id)
            begin_next(tx, self._context, moved)
            return self._view(tx, moved)

    def _judgement(self, tx: Transaction, row: Request) -> Judgement:
        judgement = previews.latest_judgement(tx, row.id, str(row.preview))
        if judgement is None:
            raise refusals.not_waiting(row.id, row.status)
        return judgement

    def _may_decide(self, tx: Transaction, row: Request, digest: str | None, asked: Asked) -> None:
        if row.status != "waiting":
            raise refusals.not_waiting(row.id, row.status)
        until = self._until(tx, row, asked)
        if until and until < clock.now():
            raise refusals.expired(row.id, until)
        if digest is not None and row.preview != digest:
            raise refusals.preview_changed(row.id, row.preview, digest)

    def _check_signable(self, tx: Transaction, row: Request) -> None:
        """Nobody signs what cannot be read, is not what it was, or would be something else at its application."""
        previewing.check_terms(self._context, row)
        witness.check_requester(tx, self._context.key, row)
        if previews.has_other_key(tx, row, self._context.key):
            raise refusals.preview_other_key(row.id)

    def _until(self, tx: Transaction, row: Request, asked: Asked) -> datetime | None:
        """Until when somebody may decide: the request's own end, or that of its preview where a rule says how long."""
        return waiting.until(row.expires_at, previews.get(tx, row.id, str(row.preview)).made_at, asked)

    def _view(self, tx: Transaction, request: Request) -> RequestView:
        return views.view(tx, self._context, request, engine_runs=some_work(tx, self._context.home))
