"""From rows to what doors show."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gaia.errors import Next, Unavailable
from gaia.kit import clock
from gaia.kit.redact import MASK
from gaia.kit.shapes import as_map
from gaia.platform.approvals import approving, signers
from gaia.platform.expiry import expiry
from gaia.platform.instances import journals
from gaia.platform.model import FINAL, ApprovalView, Change, CommentView, PreviewView, RequestLine, RequestView, RunView
from gaia.platform.requests import previewing
from gaia.platform.services import live_services
from gaia.records import approvals, comments, lifetimes, people, previews, requests, runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gaia.platform.context import PlatformContext
    from gaia.records.database import Transaction
    from gaia.records.lifetime_model import Lifetime
    from gaia.records.model import Approval, Request, RequestStatus, Run
    from gaia.terraform.normal import NormalChange, NormalForm

_DENIED = "Change the answers, or the template or the policy in policies/ that says no (Gaia's until you have any)."
_TOO_MUCH = "Ask for something smaller, or have the limit in budgets/ raised, or the request excused in waivers/."
ANOTHER = "(sensitive, another value)"
"""What a secret becomes that is changed: who approves sees that it is, and not what it is."""
_ENDED_BADLY = ("denied", "failed", "expired", "rejected")


def view(tx: Transaction, platform: PlatformContext, request: Request, *, engine_runs: bool) -> RequestView:
    """Everything about one request. `engine_runs`: whether a process is carrying runs out now."""
    names = people.names(tx)
    status = _status(request)
    preview, damaged = None, ""
    if request.preview:
        try:
            preview = _preview(tx, platform, request)
        except Unavailable as error:
            damaged = f"{error.message}. {error.next_step}"
    decided = approvals.of_request(tx, request.applied_by)
    live = [one for one in decided if one.voided_at is None] if request.status == "waiting" else []
    mine = tuple(_run(tx, one) for one in runs.of_request(tx, request.id))
    replaced = status == "waiting" and previews.has_other_key(tx, request, platform.key)
    return RequestView(
        id=request.id,
        kind=request.kind,
        service=request.service,
        template=request.template,
        template_version=request.template_version,
        stack=request.stack,
        tenant=request.tenant,
        stage=request.stage,
        requester=names.get(request.requester, request.requester),
        status=status,
        created_at=clock.rfc3339(request.created_at),
        expires_at=_time(request.expires_at),
        answers=request.answers,
        manifest=request.manifest,
        instances=request.instances,
        preview=preview,
        approvals=tuple(approval(one, names, request) for one in decided),
        runs=mine,
        reason=request.reason or damaged,
        next_step=Next("reject", request.id, "Reject it, then ask again", options=("--reason", "damaged"))
        if damaged and status == "waiting"
        else _next_step(
            request,
            preview.findings if preview else (),
            engine_runs=engine_runs,
            left=_left(tx, request),
            replaced=replaced,
        ),
        key_replaced=replaced,
        outputs=_outputs(platform, request),
        follows=request.follows,
        before=_before(tx, request),
        leaving=request.leaving,
        services=tuple(str(part["service"]) for part in request.parts),
        on_failure=request.on_failure,
        ttl=request.ttl,
        lives_until=_until(live_services.life(tx, request) if live_services.is_live(tx, request) else None),
        comments=tuple(
            CommentView(one.id, names.get(one.person, one.person), clock.rfc3339(one.at), one.text)
            for one in comments.of_request(tx, request.id)
        ),
        approvals_needed=approving.needed(request, live, names, signers.still(tx, ((one, request) for one in live))),
    )


def _before(tx: Transaction, request: Request) -> dict[str, object]:
    """Of a change, the answers that it does not leave as they are."""
    if not request.is_change or request.follows is None:
        return {}
    old = requests.get(tx, request.follows).answers
    return {name: old.get(name) for name, now in request.answers.items() if name not in old or old[name] != now}


def _outputs(platform: PlatformContext, request: Request) -> dict[str, Mapping[str, object]]:
    """What the journals of a request that is done have; of one that was cleaned away or is damaged, nothing."""
    from gaia.operations.instance import finished

    if request.status != "done" or request.is_retirement:
        return {}
    given: dict[str, Mapping[str, object]] = {}
    for key in request.instances:
        with suppress(Unavailable):
            outcome = finished(journals.of_request(platform, request.applied_by, key))
            if outcome is not None and outcome.outputs:
                given[key] = outcome.outputs
    return given


def lines(
    tx: Transaction, platform: PlatformContext, rows: Sequence[Request], *, engine_runs: bool
) -> list[RequestLine]:
    """A line for each, in a number of statements that does not depend on how many they are."""
    names = people.names(tx)
    judged = previews.latest_judgements(tx, [(one.id, one.preview) for one in rows if one.preview])
    judgements = [judged.get((one.id, str(one.preview))) for one in rows]
    applied = runs.applied(tx, [one.id for one in rows])
    doubted = {one.service for one in rows if one.id in applied and _status(one) in _ENDED_BADLY}
    stand = live_services.by_name(tx, platform.repository, named=doubted).values() if doubted else ()
    left = applied & {one.id for one in stand}
    lives = lifetimes.of_requests(tx, [one.id for one in rows if one.ttl is not None])
    replaced = previews.of_other_keys(tx, [one for one in rows if _status(one) == "waiting"], platform.key)
    signed: dict[str, list[Approval]] = {}
    for each in approvals.live_of(tx, [one.id for one in rows if one.status == "waiting"]):
        signed.setdefault(each.request, []).append(each)
    still = signers.still(tx, [(each, one) for one in rows for each in signed.get(one.id, ())])
    return [
        RequestLine(
            id=one.id,
            kind=one.kind,
            service=one.service,
            template=one.template,
            template_version=one.template_version,
            stack=one.stack,
            tenant=one.tenant,
            stage=one.stage,
            requester=names.get(one.requester, one.requester),
            status=_status(one),
            created_at=clock.rfc3339(one.created_at),
            expires_at=_time(one.expires_at),
            manifest=one.manifest,
            instances=one.instances,
            reason=one.reason,
            digest=one.preview,
            follows=one.follows,
            ttl=one.ttl,
            lives_until=_until(lives.get(one.id)),
            approvals_needed=approving.needed(one, signed.get(one.id, ()), names, still),
            cost=judgement.cost if judgement else {},
            next_step=_next_step(
                one,
                judgement.findings if judgement else (),
                engine_runs=engine_runs,
                left=one.id in left,
                replaced=one.id in replaced,
            ),
            key_replaced=one.id in replaced,
        )
        for one, judgement in zip(rows, judgements, strict=True)
    ]


def _until(life: Lifetime | None) -> str | None:
    return _time(life.until) if life else None


def _left(tx: Transaction, request: Request) -> bool:
    return bool(runs.applied(tx, [request.id])) and live_services.is_live(tx, request)


def _status(request: Request) -> RequestStatus:
    """As people see it: what nobody decided in time has expired, also before that is written down."""
    late = request.status == "waiting" and request.expires_at and request.expires_at < clock.now()
    return "expired" if late else request.status


def _next_step(
    request: Request, findings: Sequence[Mapping[str, object]], *, engine_runs: bool, left: bool, replaced: bool
) -> str:
    """`left`: its application began, and the service that came from it stands; `replaced`: see `key_replaced`."""
    status = _status(request)
    if replaced:
        return Next("resume", request.id, "Its preview is of before the home's key was replaced; preview it again")
    if status in ("submitted", "applying") and not engine_runs:
        return Next("resume", request.id, "No engine is running; go on where it stopped")
    if status in _ENDED_BADLY and left:
        if request.is_change:
            return Next("change", request.service, "Some of it was changed; change it again", stack=request.stack)
        return Next("retire", request.service, "Some of it may exist; retire it", stack=request.stack)
    if status in _ENDED_BADLY and request.is_change:
        return "Ask for another change; the service is as it was."
    watch = Next("status", request.id, "Watch it", options=("--watch",))
    steps: dict[RequestStatus, str] = {
        "queued": Next("status", request.id, "It waits for what is being applied to its service", options=("--watch",)),
        "submitted": watch,
        "applying": watch,
        "waiting": Next("approve", request.id, "Confirm it where a policy approves; else somebody else decides")
        if request.is_retirement
        else Next("approve", request.id, "Somebody else decides"),
        "parked": Next("resume", request.id, "Repair the cause, then resume it"),
        "done": Next("why", request.service, "Explain it", stack=request.stack),
        "denied": _denied(findings),
        "failed": "Repair the cause, then ask again.",
        "expired": "Ask again.",
        "rejected": "Talk to the approver, then ask again.",
    }
    if request.is_retirement and status == "done":
        return ""
    return steps[status]


def _denied(findings: Sequence[Mapping[str, object]]) -> str:
    """Where only budgets and quotas say no, no rule has to be changed."""
    from gaia.cost.declared import RULES

    against = {one["rule"] for one in findings if one["effect"] == "deny"}
    return _TOO_MUCH if against and against <= set(RULES) else _DENIED


def _preview(tx: Transaction, platform: PlatformContext, request: Request) -> PreviewView:
    digest = str(request.preview)
    kept = previews.get(tx, request.id, digest)
    judgement = previews.latest_judgement(tx, request.id, digest)
    ended, name = request.status in FINAL, previewing.document_name(digest)
    is_kept = not ended or platform.documents.exists("preview", name)
    normal, document = previewing.load(platform, digest) if is_kept else (None, {"alone": ()})
    return PreviewView(
        digest=digest,
        commit=kept.commit,
        made_at=clock.rfc3339(kept.made_at),
        changes=_changes_of(request, normal) if normal else (),
        cost=judgement.cost if judgement else {},
        findings=judgement.findings if judgement else (),
        judgement=judgement.digest if judgement else "",
        alone=tuple((key, reason) for key, reason in document["alone"]),
        targets=tuple(dict.fromkeys(previewing.targets_of(document).values())),
        kept=is_kept,
    )


def _changes_of(request: Request, normal: NormalForm) -> tuple[Change, ...]:
    """Those of a request; of a service that was ordered with others, its own."""
    found = changes(normal)
    ordered = request.applied_by != request.id
    return tuple(one for one in found if one.instance in request.instances) if ordered else found


def changes(normal: NormalForm) -> tuple[Change, ...]:
    """The changes of a normal form as people read them."""
    return tuple(
        Change(
            instance=str(instance),
            address=change.address,
            type=change.type,
            action=_action(change),
            before=_values(change.before),
            after=_values(change.after, change.before),
            forced_by=change.forced_by,
            reason=change.reason,
        )
        for instance, listed in normal.parts.items()
        for change in listed
    )


def _action(change: NormalChange) -> str:
    if "create" in change.actions and "delete" in change.actions:
        return "replace"
    if change.actions == ("no-op",):  # stands in a normal form only for one of these
        return "import" if change.import_id else "move"
    return change.actions[0]


def _values(node: object, before: object = None) -> dict[str, object]:
    shown = _shown(node, before)
    return as_map(shown)


def _shown(node: object, before: object = None) -> object:
    """As people see it; of a secret that was one before, whether it is the same."""
    from gaia.terraform.normal import Secret, Unknown
    from gaia.terraform.values import UNKNOWN

    hidden = isinstance(node, Secret) or (isinstance(node, Unknown) and node.sensitive)
    if hidden:
        return ANOTHER if isinstance(before, Secret) and before != node else MASK
    if isinstance(node, Unknown):
        return UNKNOWN
    if isinstance(node, dict):
        was = as_map(before)
        return {name: _shown(child, was.get(name)) for name, child in node.items()}
    if isinstance(node, list):
        old = before if isinstance(before, list) else []
        return [_shown(child, old[at] if at < len(old) else None) for at, child in enumerate(node)]
    return node


def approval(one: Approval, names: Mapping[str, str], request: Request) -> ApprovalView:
    """A decision on a request as people read it."""
    return ApprovalView(
        id=one.id,
        decision=one.decision,
        by=expiry.approver(one, request, names),
        digest=one.preview,
        at=clock.rfc3339(one.at),
        reason=one.reason,
        undecided=one.undecided,
        voided=one.voided_why if one.voided_at else None,
        on_behalf=names.get(one.on_behalf, one.on_behalf) if one.on_behalf else None,
    )


def _run(tx: Transaction, run: Run) -> RunView:
    return RunView(
        id=run.id,
        kind=run.kind,
        status=run.status,
        started_at=_time(run.started_at),
        ended_at=_time(run.ended_at),
        reason=run.reason,
        code=run.code,
        left=run.left,
        steps=tuple((step.step, step.state) for step in runs.steps_of(tx, run.id)),
    )


def _time(moment: datetime | None) -> str | None:
    return clock.rfc3339(moment) if moment else None
