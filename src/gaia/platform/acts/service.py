"""The platform as doors see it: each call is allowed, written to the audit log, then carried out."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.errors import Invalid, NotFound, Refused
from gaia.kit import clock, ids
from gaia.kit.visible import kept
from gaia.platform import refusals
from gaia.platform.acting import Acting, Place
from gaia.platform.acts.deciding import Deciding
from gaia.platform.engine.steps import CANCELLED, PREVIEW_STEPS, apply_steps
from gaia.platform.engine.worker import some_work
from gaia.platform.model import WORKING, RequestView, WhyView
from gaia.platform.requests.asking import end_undecided, write_down
from gaia.platform.requests.reconciling import ask_to_reconcile
from gaia.platform.requests.rendering import Wanted, render
from gaia.platform.requests.retiring import ask_to_retire
from gaia.platform.requests.waiting import DECIDE_WITHIN
from gaia.platform.services import live_services, placing
from gaia.platform.serving import watching
from gaia.platform.views import views
from gaia.records import approvals, comments, previews, requests, runs
from gaia.records.model import ANY, OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import timedelta

    from gaia.access.callers import Caller
    from gaia.errors import GaiaError
    from gaia.platform.acting import Scoped
    from gaia.platform.context import PlatformContext
    from gaia.platform.model import Leftover, RequestLine, Until, Wish
    from gaia.platform.snapshot import Snapshot, StackScope
    from gaia.platform.views.events import Feed
    from gaia.records.database import Transaction
    from gaia.records.model import OnFailure, Permission, Request, RequestStatus

_DECIDE_AGAIN = frozenset(
    {
        "approval-void",
        "approval-missing",
        "target-changed",
        "state-missing",
        "preview-damaged",
        "judgement-damaged",
        "request-changed",
        "scope-changed",
    }
)
"""Why an application was parked that would be parked again for the same reason: what was signed does not hold."""


class Platform:
    """One caller's view of one platform repository. Implements `ports.PlatformDoor`."""

    def __init__(self, platform: PlatformContext, caller: Caller) -> None:
        self._context = platform
        self._caller = caller
        self._acting = Acting(platform.database, platform.audit, caller)
        self._deciding = Deciding(platform, caller)

    @property
    def who(self) -> str:
        """The caller's name."""
        return self._caller.name

    # --- asking ----------------------------------------------------------------------------------------------

    def submit(
        self,
        template: str,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        expires: timedelta | None = None,
        ttl: timedelta | None = None,
        on_failure: OnFailure = "park",
    ) -> RequestView:
        """Check everything that can be checked at once, write the request down, queue its preview."""
        from gaia.scaffold.template import check_answers, load_template

        ids.check_name(service, "service")
        base = self._context.clone().fetch()
        snapshot = self._context.snapshot(base)
        scope = self._scope(snapshot, stack)
        missing, what = refusals.stack_unknown(stack), f"{stack}/{service}"
        with self._doing("request", "request.submit", scope, missing, what):
            pass  # who may not ask learns nothing more
        chosen = load_template(snapshot.tree, template)
        checked, lives = check_answers(chosen, answers), chosen.lifespan.seconds(ttl)
        named = ids.new_id("req")
        render(snapshot, Wanted(named, chosen.name, checked, service, stack, self._caller.id))
        with self._doing("request", "request.submit", scope, missing, what) as (tx, caller):
            end_undecided(tx, self._context, stack, service, at=clock.now())
            request = write_down(
                tx,
                self._context,
                tenant=scope.tenant,
                stage=scope.stage,
                stack=stack,
                service=service,
                kind="provision",
                template=chosen.name,
                template_version=chosen.version,
                answers=checked,
                requester=caller.id,
                at=clock.now(),
                expires_at=clock.now() + (expires or DECIDE_WITHIN),
                named=named,
                ttl=lives,
                on_failure=on_failure,
            )
            if live_services.origin(tx, self._context.repository, stack, service) is not None:
                raise refusals.name_taken(service, stack)
            return self._view(tx, request)

    def order(
        self,
        name: str,
        stack: str,
        services: Sequence[Wish],
        *,
        expires: timedelta | None = None,
        ttl: timedelta | None = None,
        on_failure: OnFailure = "park",
    ) -> RequestView:
        """See `orders.ask_for_several`."""
        from gaia.platform.requests.orders import Terms, ask_for_several

        snapshot = self._context.snapshot(self._context.clone().fetch())
        scope, terms = self._scope(snapshot, stack), Terms(expires, ttl, on_failure)
        return self._look(ask_for_several(self._context, self._acting, name, scope, snapshot, stack, services, terms))

    def change(
        self,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        replaces: str | None = None,
        expires: timedelta | None = None,
    ) -> RequestView:
        """See `changing.ask_to_change`."""
        from gaia.platform.requests.changing import ask_to_change

        made = ask_to_change(self._context, self._acting, service, stack, answers, replaces=replaces, expires=expires)
        return self._look(made)

    def change_from(self, branch: str, stack: str, *, expires: timedelta | None = None) -> RequestView:
        """See `proposals.ask_from_branch`."""
        from gaia.platform.requests.proposals import ask_from_branch

        return self._look(ask_from_branch(self._context, self._acting, branch, stack, expires=expires))

    def retire(self, service: str, stack: str) -> RequestView:
        """Queue the preview of a service's destruction.

        Raises:
            Conflict: `apply-unfinished`, when some of it may exist outside of the state.
        """
        with self._context.database.read() as tx:
            old = live_services.origin(tx, self._context.repository, stack, service)
        missing = refusals.service_unknown(service, stack)
        if old is None:
            raise missing
        where = placing.place_at(self._context, self._context.clone().fetch(), old)
        with self._doing("request", "request.retire", where, missing, old.id) as (tx, caller):
            request = ask_to_retire(tx, self._context, old, caller.id, where=where, actor=caller.id, at=clock.now())
            return self._view(tx, request)

    def reconcile(self, service: str, stack: str) -> RequestView:
        """Queue the preview of a service's being put back as it is published.

        Raises:
            Conflict: `nothing-to-put-back`, where no look has found that it drifted; `service-busy`.
        """
        with self._context.database.read() as tx:
            old = live_services.origin(tx, self._context.repository, stack, service)
        missing = refusals.service_unknown(service, stack)
        if old is None:
            raise missing
        where = placing.place_at(self._context, self._context.clone().fetch(), old)
        with self._doing("request", "request.reconcile", where, missing, old.id) as (tx, caller):
            now = clock.now()
            old = placing.follow(tx, old, where, at=now)
            return self._view(tx, ask_to_reconcile(tx, self._context, old, caller.id, at=now))

    def keep(self, service: str, stack: str, *, until: Until | None = None) -> RequestView:
        """Move the end of a service that was given one; None: so long again as it was given. Nothing is destroyed."""
        from gaia.platform.expiry.keeping import keep

        return self._look(keep(self._context, self._acting, service, stack, until))

    # --- deciding --------------------------------------------------------------------------------------------

    def approve(
        self,
        request: str,
        *,
        digest: str | None = None,
        judgement: str | None = None,
        reason: str = "",
        on_behalf: str | None = None,
    ) -> RequestView:
        """See `Deciding.approve`."""
        row = self._find(request, "request.approve")
        return self._deciding.approve(row, digest=digest, judgement=judgement, reason=reason, on_behalf=on_behalf)

    def reject(self, request: str, *, reason: str) -> RequestView:
        """See `Deciding.reject`."""
        return self._deciding.reject(self._find(request, "request.reject"), reason=reason)

    def comment(self, request: str, text: str) -> RequestView:
        """Say something about a request, to everybody who sees it.

        Raises:
            Invalid: `comment-empty`, `text-too-long`, `text-invalid`. Conflict: `comments-full`.
        """
        if not kept(text, "the comment").strip():
            raise Invalid("comment-empty", "the comment says nothing", next_step="Say something.")
        row = self._find(request, "request.comment")
        decides = rules.allows(self._caller, "approve", row.tenant, row.stage)
        permission: Permission = "approve" if decides else "request"
        with self._doing(permission, "request.comment", row, requests.unknown(request), row.id) as (tx, caller):
            made = comments.add(tx, row.id, caller.id, text, at=clock.now())
            self._context.audit.about(tx, caller.id, "request.commented", row, comment=made.id)
            return self._view(tx, row)

    def cancel(self, request: str, *, now: bool = False) -> RequestView:
        """Have what is carried out for a request end: terraform saves what it made; `now` kills it.

        A preview ends for good; an application is parked, with what is left of it. Nothing is undone: `resume` goes on
        with it, `retire` takes away what was made.
        """
        row = self._find(request, "request.cancel")
        decides = rules.allows(self._caller, "approve", row.tenant, row.stage)
        permission: Permission = "approve" if decides else "request"
        with self._doing(permission, "request.cancel", row, requests.unknown(request), row.id) as (tx, caller):
            row = requests.get(tx, row.id)
            if row.status == "queued":
                row = requests.move(tx, row.id, ["queued"], "rejected", at=clock.now(), reason=CANCELLED.reason)
            elif row.status not in WORKING:
                raise refusals.not_working(row.id, row.status)
            for run in runs.of_request(tx, row.id):
                runs.cancel(tx, run.id, 2 if now else 1)
            self._context.audit.about(tx, caller.id, "request.cancelled", row, now=now)
            return self._view(tx, row)

    def resume(self, request: str) -> RequestView:
        """Queue a parked request again; an interrupted one only needs an engine, which `work` provides.

        One whose stack is somewhere else now is previewed again there, also while it waits: by whoever may go on with
        it in that place. So is one that waits with a preview that was made with a key of before.
        """
        row = self._find(request, "request.resume")
        where = self._place_now(row)
        decides = rules.allows(self._caller, "approve", where.tenant, where.stage)
        permission: Permission = "approve" if decides else "request"  # who may begin it may go on with it
        with self._doing(permission, "request.resume", where, requests.unknown(request), row.id) as (tx, caller):
            row = requests.get(tx, row.id)
            if row.status in WORKING:
                return self._view(tx, row)
            now, strayed = clock.now(), (where.tenant, where.stage) != (row.tenant, row.stage)
            stale = row.status == "waiting" and (strayed or previews.has_other_key(tx, row, self._context.key))
            if row.status != "parked" and not stale:
                raise refusals.not_parked(row.id, row.status)
            approved = not (strayed or stale) and self._still_approved(tx, row)
            if not approved:  # what would be done now is previewed, for somebody to decide on
                approvals.void(tx, row.id, row.reason or "previewed again", at=now)
            row = placing.follow(tx, row, where, at=now)
            to: RequestStatus = "applying" if approved else "submitted"
            moved = requests.move(tx, row.id, [row.status], to, at=now, expires_at=now + DECIDE_WITHIN)  # decided anew
            steps = apply_steps(moved) if approved else PREVIEW_STEPS
            runs.add(tx, moved, "apply" if approved else "preview", steps, at=now)
            self._context.audit.about(tx, caller.id, "request.resumed", moved, voided=not approved)
            return self._view(tx, moved)

    def _place_now(self, row: Request) -> Place:
        """Where its stack is, of what may go on; nobody is asked for what an engine works on, or what has ended."""
        if row.status in ("waiting", "parked"):
            return placing.place_at(self._context, self._context.clone().fetch(), row)
        return Place(row.tenant, row.stage)

    def _still_approved(self, tx: Transaction, row: Request) -> bool:
        """Whether a parked request may be tried as it was approved: not where that is what stopped it."""
        live = [one for one in approvals.live(tx, row.id, str(row.preview)) if one.decision == "approved"]
        stopped = runs.of_request(tx, row.id)[-1].code  # `hold` asks the rules of approval
        signed = bool(live) and all(approvals.verify(one, [self._context.key]) for one in live)
        return signed and stopped not in _DECIDE_AGAIN

    # --- looking ---------------------------------------------------------------------------------------------

    def request(self, request: str) -> RequestView:
        """One request by id, unique id prefix, or service name."""
        row = self._find(request)
        with self._context.database.read() as tx:
            return self._view(tx, row)

    def requests(
        self, *, stack: str | None = None, open_only: bool = False, after: str | None = None, limit: int | None = None
    ) -> Sequence[RequestLine]:
        """Requests that the caller may see, newest first."""
        with self._context.database.read() as tx:
            rows = requests.find(
                tx,
                self._context.repository,
                stack=stack,
                statuses=OPEN if open_only else None,
                places=rules.places(self._caller, "see"),
                after=after,
                limit=limit,
            )
            return views.lines(tx, self._context, rows, engine_runs=some_work(tx, self._context.home))

    def log(self, request: str, *, follow: bool = False) -> Iterator[Mapping[str, object]]:
        """Log lines of the request's runs, oldest first."""
        found = self._find(request).id  # now, not when the first line is asked for
        return watching.follow_log(self._context, found, until_it_ends=follow)

    def events(self, request: str, *, after: int = 0) -> Feed:
        """What happens to a request, after the number that the reader has seen."""
        from gaia.platform.views.events import Feed

        found = self._find(request).id
        return Feed(self._context, self._caller, found, lambda: self._look(found), after)

    def why(self, subject: str, *, stack: str | None = None) -> WhyView:
        """Explain a resource, an instance, a service or a commit."""
        from gaia.platform.views.why import explain

        return explain(self._context, self._caller, subject, stack=stack)

    # --- keeping house ---------------------------------------------------------------------------------------

    def clean(self, *, longest: timedelta | None = None, dry_run: bool = False) -> Sequence[Leftover]:
        """Take away what nobody needs any more and is older than `retention.Retention` says, or than `longest`."""
        from gaia.platform.serving.retention import Retention, clean

        refused = Refused("not-permitted", "only an admin may clean", next_step="Ask an admin to do it.")
        with self._acting.doing("administer", "home.cleaned", self._context.repository, missing=refused) as (_, caller):
            actor = caller.id
        kept_for = Retention() if longest is None else Retention().at_most(longest)
        return clean(self._context, kept_for, actor=actor, dry_run=dry_run)

    # --- carrying out ----------------------------------------------------------------------------------------

    def work(self, request: str, on_change: Callable[[RequestView], None] | None = None) -> RequestView:
        """Carry runs out until this request waits or has ended; watches when another process is the engine."""
        found = self._find(request).id
        return watching.work(self._context, found, lambda: self._look(found), on_change)

    # --- who -------------------------------------------------------------------------------------------------

    def _doing(
        self,
        permission: Permission,
        act: str,
        where: Scoped,
        missing: GaiaError,
        subject: str,
        *,
        asked_by: str = "",
    ) -> AbstractContextManager[tuple[Transaction, Caller]]:
        return self._acting.doing(permission, act, subject, missing=missing, where=where, asked_by=asked_by)

    def _scope(self, snapshot: Snapshot, stack: str) -> StackScope:
        """Where a stack is. Near names are told to who may see all of them."""
        try:
            return snapshot.scope(stack)
        except NotFound:
            if (ANY, ANY) in rules.places(self._caller, "see"):
                raise
            raise refusals.stack_unknown(stack) from None

    def _find(self, request: str, act: str = "") -> Request:
        """The request that is meant, of those that the caller sees. `act`: what is refused where there is none."""
        told = self._acting.telling(act, request) if act else nullcontext()
        with told, self._context.database.read() as tx:
            places = rules.places(self._caller, "see")
            return requests.resolve(tx, self._context.repository, request, places=places)

    def _look(self, request: str) -> RequestView:
        with self._context.database.read() as tx:
            return self._view(tx, requests.get(tx, request))

    def _view(self, tx: Transaction, request: Request) -> RequestView:
        return views.view(tx, self._context, request, engine_runs=some_work(tx, self._context.home))
