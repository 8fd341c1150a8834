"""A platform in memory for tests of doors: requests go through their states, nothing is run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gaia.errors import Conflict, NotFound, Refused
from gaia.platform.model import ChangeView, PlanView, RunView
from gaia.testing import views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from gaia.errors import GaiaError
    from gaia.platform.model import Leftover, RequestView, Status, WhyView

STEPS = ("fetch", "refine", "apply", "publish")


@dataclass
class FakePlatform:
    """Implements `PlatformDoor`. `end` is the state in which work ends; `fails` maps a method to what it raises."""

    views: dict[str, RequestView] = field(default_factory=dict)
    end: Status | None = None
    caller: str = "grace"
    fails: dict[str, BaseException] = field(default_factory=dict)
    lines: list[Mapping[str, object]] = field(default_factory=list)
    leftovers: Sequence[Leftover] = ()
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def submit(
        self,
        template: str,
        service: str,
        stack: str,
        answers: Mapping[str, object],
        *,
        expires: timedelta | None = None,
    ) -> RequestView:
        """Write the request down."""
        self._call("submit", template=template, service=service, stack=stack, answers=dict(answers), expires=expires)
        view = replace(
            views.waiting(), service=service, stack=stack, template=template, answers=dict(answers), status="submitted",
            preview=None, requester=self.caller, runs=(),
        )  # fmt: skip
        return self._keep(view)

    def retire(self, service: str, stack: str) -> RequestView:
        """Ask for destruction."""
        self._call("retire", service=service, stack=stack)
        return self._keep(
            replace(views.waiting(), kind="retire", service=service, stack=stack, status="submitted", preview=None)
        )

    def approve(self, request: str, *, digest: str | None = None, reason: str = "") -> RequestView:
        """Refused to the requester, and for another digest than the current one."""
        self._call("approve", request=request, digest=digest, reason=reason)
        view = self._find(request)
        if view.requester == self.caller:
            raise Refused(
                "approver-is-requester", "you asked for this yourself", next_step="Ask somebody else to approve."
            )
        if view.status != "waiting" or view.preview is None:
            raise Conflict("not-waiting", f"{view.service} is {view.status}", next_step=f"Run `gaia status {view.id}`.")
        if digest not in (None, view.preview.digest):
            raise Conflict("digest-stale", "the preview has changed", next_step=f"Run `gaia status {view.id}`.")
        run = RunView(
            "run_019aa8c2d3e47abc9f00112233445569", "apply", "running", "2026-11-23T23:09:00.000Z", None,
            steps=tuple((step, "todo") for step in STEPS),
        )  # fmt: skip
        return self._keep(replace(view, status="applying", approvals=(views.approval(),), runs=(*view.runs, run)))

    def reject(self, request: str, *, reason: str) -> RequestView:
        """Say no."""
        self._call("reject", request=request, reason=reason)
        return self._keep(replace(self._find(request), status="rejected", reason=reason))

    def resume(self, request: str) -> RequestView:
        """Go on."""
        self._call("resume", request=request)
        return self._keep(replace(self._find(request), status="applying"))

    def request(self, request: str) -> RequestView:
        """By id, prefix, or service."""
        self._call("request", request=request)
        return self._find(request)

    def requests(self, *, stack: str | None = None, open_only: bool = False) -> Sequence[RequestView]:
        """Newest first."""
        self._call("requests", stack=stack, open_only=open_only)
        return [view for view in self.views.values() if stack in (None, view.stack)]

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
                view = replace(view, runs=(*view.runs[:-1], replace(view.runs[-1], steps=tuple(done))))
                if on_change:
                    on_change(view)
        end: Status = self.end or ("done" if applying else "waiting")
        run = (
            replace(view.runs[-1], status="done", steps=tuple((step, "done") for step in STEPS)) if view.runs else None
        )
        return self._keep(
            replace(
                view, status=end, preview=view.preview or views.preview(), runs=(*view.runs[:-1], run) if run else ()
            )
        )

    def log(self, request: str, *, follow: bool = False) -> Iterator[Mapping[str, object]]:
        """The lines that the test gave."""
        self._call("log", request=request, follow=follow)
        self._find(request)
        return iter(self.lines)

    def why(self, subject: str, *, stack: str | None = None) -> WhyView:
        """The example explanation."""
        self._call("why", subject=subject, stack=stack)
        return replace(views.why(), subject=subject)

    def clean(self, *, longest: timedelta | None = None, dry_run: bool = False) -> Sequence[Leftover]:
        """What was left."""
        self._call("clean", longest=longest, dry_run=dry_run)
        return self.leftovers

    def direct(self, component: str, stack: str) -> FakeDirect:
        """The instance, with what the example preview has for it."""
        self._call("direct", component=component, stack=stack)
        return FakeDirect(self, f"{stack}/{component}")

    def _call(self, name: str, **arguments: object) -> None:
        self.calls.append((name, arguments))
        if error := self.fails.get(name):
            raise error

    def _keep(self, view: RequestView) -> RequestView:
        self.views[view.id] = view
        return view

    def _find(self, request: str) -> RequestView:
        for view in self.views.values():
            if view.id.startswith(request) or view.service == request:
                return view
        missing: GaiaError = NotFound(
            "request-unknown", f"there is no request {request!r}", next_step="Run `gaia status`."
        )
        raise missing


@dataclass
class FakeDirect:
    """Implements `DirectDoor`: changes what the example preview has for the instance."""

    platform: FakePlatform
    instance: str

    def plan(self, *, destroy: bool = False) -> PlanView:
        """What the example preview has for it."""
        self.platform._call("plan", instance=self.instance, destroy=destroy)  # noqa: SLF001 - one fake in two parts
        return PlanView(
            self.instance, "4f1c0d6", tuple(one for one in views.changes() if one.instance == self.instance)
        )

    def change(
        self, *, destroy: bool = False, confirm: Callable[[PlanView], bool], say: Callable[[str], None]
    ) -> ChangeView | None:
        """Applied, or parked where the platform ends so."""
        if not confirm(self.plan(destroy=destroy)):
            return None
        say("applying")
        self.platform._call("change", instance=self.instance, destroy=destroy)  # noqa: SLF001
        if self.platform.end == "parked":
            return ChangeView(
                self.instance, "4f1c0d6", "parked", {}, 0, {}, "no more quota", "terraform-failed", "Look.", ("a.b",)
            )
        done = {"delete": 3} if destroy else {"create": 3}
        return ChangeView(self.instance, "4f1c0d6", "applied", done, 0 if destroy else 3, {"name": "photos"})

    def outputs(self) -> Mapping[str, object]:
        """Two, one of them sensitive."""
        return {"name": "photos", "tags": {"owner": "ada"}, "secret": "(sensitive)"}

    def diagnostics(self) -> Sequence[Mapping[str, object]]:
        """One error where the platform ends so."""
        if self.platform.end != "failed":
            return []
        return [{"severity": "error", "summary": "Unknown name", "detail": "There is none.", "at": "main.tf:1:2"}]
