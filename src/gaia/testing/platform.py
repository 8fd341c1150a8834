"""A platform in memory for tests of doors: requests go through their states, nothing is run.

It is no `service.Platform` on parts in memory: a door has to be shown views of every kind (a preview that is damaged, a
cost that nobody knows, a run that says it is parked), into most of which the real one cannot be put by calls, and each
test of a door would pay for a database. What it decides it takes from the real one: grants by `access`, words
and codes by `platform.refusals`. One suite, `tests/unit/platform/test_contract.py`, holds both to the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gaia.access import rules
from gaia.access.callers import Caller
from gaia.errors import Conflict, Invalid, Next, NotFound
from gaia.kit import clock, ids
from gaia.kit.visible import kept
from gaia.platform import refusals
from gaia.platform.model import APPROVES, FOR_EVER, WORKING, RequestLine, RunView
from gaia.records.model import BUSY, Grant
from gaia.scaffold.lifespan import Lifespan
from gaia.testing import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gaia.errors import GaiaError
    from gaia.platform.model import Leftover, RequestView, Until, WhyView, Wish
    from gaia.records.model import OnFailure, Permission, RequestStatus

STEPS = ("hold", "rebase", "apply", "publish")
_PREVIEW_STEPS = tuple(step for step, _ in views.waiting().runs[0].steps)
_OPEN = frozenset({*BUSY, "parked"})
_SHORTEST_PREFIX = 8
_BEGUN = "2026-11-23T23:09:00.000Z"
_INSTANCES = (*views.waiting().instances, f"{views.STACK}/other")


@dataclass
class FakePlatform:
    """Implements `PlatformDoor`. `end` is the state in which work ends; `fails` maps a method to what it raises."""

    views: dict[str, RequestView] = field(default_factory=dict)
    end: RequestStatus | None = None
    caller: str = "grace"
    """Who calls."""
    grants: Mapping[str, Grant] = field(default_factory=dict)
    """What each may do; who is not in here may do everything."""
    templates: tuple[str, ...] = ("object-store",)
    instances: tuple[str, ...] = _INSTANCES
    fails: dict[str, BaseException] = field(default_factory=dict)
    policy_approves: bool = False
    """Whether a policy approves of retirements by itself."""
    drifted: bool = False
    """Whether a look has found that whatever stands has drifted."""
    lines: list[Mapping[str, object]] = field(default_factory=list)
    leftovers: Sequence[Leftover] = ()
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    @property
    def who(self) -> str:
        """The caller's name."""
        return self.caller

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
        """Write the request down; the answers are not checked."""
        given = {"template": template, "service": service, "stack": stack, "answers": dict(answers)}
        self._call("submit", **given, expires=expires, ttl=ttl, on_failure=on_failure)
        ids.check_name(service, "service")
        self._check_stack(stack)
        if template not in self.templates:
            raise NotFound("template-unknown", f"there is no template {template!r}", next_step="Look at templates/.")
        self._permit("request", views.waiting(), refusals.stack_unknown(stack))
        self._check_free(service, stack)
        if self._standing(service, stack):
            raise refusals.name_taken(service, stack)
        lives = Lifespan().seconds(ttl)
        return self._new(service, stack, kind="provision", template=template, answers=dict(answers), ttl=lives)

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
        """Ask for several services; they are not checked."""
        self._call("order", order=name, stack=stack, services=services, expires=expires, ttl=ttl, on_failure=on_failure)
        ids.check_name(name, "service")
        self._check_stack(stack)
        self._permit("request", views.waiting(), refusals.stack_unknown(stack))
        self._check_free(name, stack)
        names = tuple(one.service for one in services)
        return self._new(name, stack, kind="provision", template="", answers={}, services=names)

    def change(
        self,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        replaces: str | None = None,
        expires: timedelta | None = None,
    ) -> RequestView:
        """Ask for other answers; they are not checked."""
        self._call("change", service=service, stack=stack, answers=dict(answers), replaces=replaces, expires=expires)
        old = self._standing(service, stack)
        if old is None:
            raise refusals.service_unknown(service, stack)
        self._permit("request", old, refusals.service_unknown(service, stack))
        self._check_free(service, stack)
        if old.answers == {**old.answers, **answers}:
            raise refusals.change_empty(service, stack)
        return self._new(service, stack, kind="change", template=old.template, answers={**old.answers, **answers})

    def change_from(self, branch: str, stack: str, *, expires: timedelta | None = None) -> RequestView:
        """Ask for what a branch proposes; nothing is looked at."""
        self._call("change_from", branch=branch, stack=stack, expires=expires)
        self._check_stack(stack)
        self._permit("request", views.waiting(), refusals.stack_unknown(stack))
        service = f"branch-{branch.replace('/', '-')}"
        self._check_free(service, stack)
        return self._new(service, stack, kind="change", template="", answers={"branch": branch})

    def retire(self, service: str, stack: str) -> RequestView:
        """Ask for destruction."""
        self._call("retire", service=service, stack=stack)
        old = self._standing(service, stack)
        if old is None:
            raise refusals.service_unknown(service, stack)
        self._permit("request", old, refusals.service_unknown(service, stack))
        self._check_free(service, stack)
        return self._new(service, stack, kind="retire", template=old.template, answers=old.answers)

    def reconcile(self, service: str, stack: str) -> RequestView:
        """Ask for what stands to be put back, where `drifted` says that it has to be."""
        self._call("reconcile", service=service, stack=stack)
        old = self._standing(service, stack)
        if old is None:
            raise refusals.service_unknown(service, stack)
        self._permit("request", old, refusals.service_unknown(service, stack))
        if not self.drifted:
            raise refusals.nothing_to_put_back(service, stack)
        self._check_free(service, stack)
        return self._new(service, stack, kind="reconcile", template=old.template, answers=old.answers)

    def keep(self, service: str, stack: str, *, until: Until | None = None) -> RequestView:
        """Move the end of what stands."""
        self._call("keep", service=service, stack=stack, until=until)
        old = self._standing(service, stack)
        if old is None:
            raise refusals.service_unknown(service, stack)
        self._permit("request", old, refusals.service_unknown(service, stack))
        if old.lives_until is None:
            raise refusals.service_endless(service, stack)
        now = clock.now()
        end = None if until == FOR_EVER else until if isinstance(until, datetime) else now + _span(until, old.ttl)
        if end is not None and end < clock.parse_rfc3339(old.lives_until):
            raise refusals.keep_shorter(service, stack, old.lives_until)
        Lifespan().check(end - now if end else None)
        return self._keep(replace(old, lives_until=clock.rfc3339(end) if end else None))

    def approve(
        self,
        request: str,
        *,
        digest: str | None = None,
        judgement: str | None = None,
        reason: str = "",
        on_behalf: str | None = None,
    ) -> RequestView:
        """Refused to the requester, and for another digest than the current one."""
        self._call("approve", request=request, digest=digest, reason=reason)
        view = self._find(request)
        if not (view.confirms and view.requester == self.caller):
            rules.permit_approval(self._caller(), view.requester)
            self._permit("approve", view, _unknown(request))
        if view.status == "expired":
            raise refusals.expired(view.id, view.expires_at)
        if view.status != "waiting" or view.preview is None:
            raise refusals.not_waiting(view.id, view.status)
        if digest not in (None, view.preview.digest):
            raise refusals.preview_changed(view.id, view.preview.digest, str(digest))
        if judgement not in (None, view.preview.judgement):
            raise refusals.judgement_changed(view.id)
        said = replace(views.approval(), by=self.caller, on_behalf=on_behalf, reason=reason, digest=view.preview.digest)
        run = RunView(ids.new_id("run"), "apply", "queued", None, None, steps=tuple((step, "todo") for step in STEPS))
        return self._keep(replace(view, status="applying", approvals=(*view.approvals, said), runs=(*view.runs, run)))

    def reject(self, request: str, *, reason: str) -> RequestView:
        """Say no."""
        self._call("reject", request=request, reason=reason)
        view = self._find(request)
        self._permit("request" if view.requester == self.caller else "approve", view, _unknown(request))
        if view.status != "waiting" or view.preview is None:
            raise refusals.not_waiting(view.id, view.status)
        said = replace(views.approval(), decision="rejected", by=self.caller, reason=reason, digest=view.preview.digest)
        return self._keep(replace(view, status="rejected", reason=reason, approvals=(*view.approvals, said)))

    def comment(self, request: str, text: str) -> RequestView:
        """Say it."""
        self._call("comment", request=request, text=text)
        view = self._find(request)
        decides = self._may("approve", view)
        self._permit("approve" if decides else "request", view, _unknown(request))
        if not kept(text, "the comment").strip():
            raise Invalid("comment-empty", "the comment says nothing", next_step="Say something.")
        said = replace(views.comment(), by=self.caller, text=text)
        return self._keep(replace(view, comments=(*view.comments, said)))

    def cancel(self, request: str, *, now: bool = False) -> RequestView:
        """End what is under way: as if it had noticed at once."""
        self._call("cancel", request=request, now=now)
        view = self._find(request)
        decides = self._may("approve", view)
        self._permit("approve" if decides else "request", view, _unknown(request))
        if view.status not in WORKING:
            raise refusals.not_working(view.id, view.status)
        if view.status == "submitted":
            return self._keep(replace(view, status="rejected", reason="it was cancelled"))
        return self._keep(replace(view, status="parked", reason="it was cancelled"))

    def resume(self, request: str) -> RequestView:
        """Go on."""
        self._call("resume", request=request)
        view = self._find(request)
        decides = self._may("approve", view)
        self._permit("approve" if decides else "request", view, _unknown(request))
        if view.status in WORKING:
            return view
        if view.status != "parked":
            raise refusals.not_parked(view.id, view.status)
        return self._keep(replace(view, status="applying", reason=""))

    def request(self, request: str) -> RequestView:
        """By id, prefix, or service."""
        self._call("request", request=request)
        return self._find(request)

    def requests(
        self, *, stack: str | None = None, open_only: bool = False, after: str | None = None, limit: int | None = None
    ) -> Sequence[RequestLine]:
        """Those of the tenants that the caller may see, newest first."""
        self._call("requests", stack=stack, open_only=open_only, after=after, limit=limit)
        views = [
            RequestLine.of(view)
            for view in self._newest()
            if self._may("see", view) and stack in (None, view.stack) and (not open_only or view.status in _OPEN)
        ]
        ids = [line.id for line in views]
        return views[ids.index(after) + 1 if after in ids else 0 :][:limit]

    def work(self, request: str, on_change: Callable[[RequestView], None] | None = None) -> RequestView:
        """End at once in `end`, or where the request would."""
        self._call("work", request=request)
        view = self._find(request)
        applying = view.status == "applying"
        if view.runs and applying:
            for index in range(len(STEPS)):
                done = [
                    (step, "done" if at < index else "running" if at == index else "todo")
                    for at, step in enumerate(STEPS)
                ]
                run = replace(view.runs[-1], status="running", started_at=_BEGUN, steps=tuple(done))
                view = replace(view, runs=(*view.runs[:-1], run))
                if on_change:
                    on_change(view)
        end: RequestStatus = self.end or ("done" if applying else "waiting")
        runs = view.runs
        if runs:
            steps = tuple((step, "done") for step, _ in runs[-1].steps)
            code = APPROVES if self.policy_approves and view.is_retirement and not applying else ""
            ended = replace(runs[-1], status="done", started_at=_BEGUN, ended_at=_BEGUN, steps=steps, code=code)
            runs = (*runs[:-1], ended)
        lives = clock.rfc3339(clock.now() + _span(None, view.ttl)) if end == "done" and view.ttl else view.lives_until
        preview = view.preview or views.preview()
        return self._keep(replace(view, status=end, preview=preview, runs=runs, lives_until=lives))

    def log(self, request: str, *, follow: bool = False) -> Iterator[Mapping[str, object]]:
        """The lines that the test gave."""
        self._call("log", request=request, follow=follow)
        self._find(request)
        return iter(self.lines)

    def why(self, subject: str, *, stack: str | None = None) -> WhyView:
        """The example explanation, of whatever; nothing is known where nobody asked for anything."""
        self._call("why", subject=subject, stack=stack)
        if not any(self._may("see", view) for view in self.views.values()):
            raise NotFound("subject-unknown", f"Gaia knows nothing of {subject!r}", next_step="Name a service.")
        return replace(views.why(), subject=subject)

    def clean(self, *, longest: timedelta | None = None, dry_run: bool = False) -> Sequence[Leftover]:
        """What was left."""
        self._call("clean", longest=longest, dry_run=dry_run)
        return self.leftovers

    def _call(self, name: str, **arguments: object) -> None:
        self.calls.append((name, arguments))
        if error := self.fails.get(name):
            raise error

    def _caller(self) -> Caller:
        return Caller(self.caller, self.caller, (self.grants.get(self.caller, Grant("admin")),))

    def _permit(self, action: Permission, of: RequestView, missing: GaiaError) -> None:
        rules.permit(self._caller(), action, of.tenant, of.stage, missing=missing)

    def _may(self, action: Permission, of: RequestView) -> bool:
        return rules.allows(self._caller(), action, of.tenant, of.stage)

    def _check_stack(self, stack: str) -> None:
        if stack not in {name.partition("/")[0] for name in self.instances}:
            raise refusals.stack_unknown(stack)

    def _check_free(self, service: str, stack: str) -> None:
        busy = [view for view in self._of(service, stack) if view.status in BUSY]
        if busy:
            step = Next("status", busy[0].id, "Wait for it")
            raise Conflict("service-busy", f"request {busy[0].id} is not finished", next_step=step)

    def _of(self, service: str, stack: str) -> list[RequestView]:
        return [view for view in self._newest() if (view.service, view.stack) == (service, stack)]

    def _standing(self, service: str, stack: str) -> RequestView | None:
        """The request that the service came from, unless it was retired since."""
        for view in self._of(service, stack):
            if view.kind == "reconcile":
                continue
            if view.status == "done" or (view.status == "parked" and not view.is_retirement):
                return view if not view.is_retirement else None
        return None

    def _newest(self) -> list[RequestView]:
        return list(reversed(self.views.values()))

    def _new(self, service: str, stack: str, **more: object) -> RequestView:
        """The first one has the example's id."""
        name = ids.new_id("req") if self.views else views.REQUEST
        changes: dict[str, object] = {"service": service, "stack": stack, "requester": self.caller, **more}
        run = replace(
            views.waiting().runs[0],
            id=ids.new_id("run"),
            status="queued",
            started_at=None,
            ended_at=None,
            steps=tuple((step, "todo") for step in _PREVIEW_STEPS),
        )
        view = replace(views.waiting(), id=name, status="submitted", preview=None, runs=(run,), **changes)  # type: ignore[arg-type]
        return self._keep(view)

    def _keep(self, view: RequestView) -> RequestView:
        self.views[view.id] = view
        return view

    def _find(self, request: str) -> RequestView:
        seen = [view for view in self._newest() if self._may("see", view)]
        long = len(request) >= _SHORTEST_PREFIX
        matching = [view for view in seen if long and view.id.startswith(request)]
        if len(matching) > 1:
            raise Invalid("request-ambiguous", f"{request!r} means several requests", next_step="Give the whole id.")
        matching = matching or [view for view in seen if view.service == request]
        if not matching:
            raise _unknown(request)
        return matching[0]


def _span(wanted: timedelta | str | None, ttl: int | None) -> timedelta:
    return wanted if isinstance(wanted, timedelta) else timedelta(seconds=ttl or 0)


def _unknown(request: str) -> GaiaError:
    from gaia.records.requests import unknown

    return unknown(request)
