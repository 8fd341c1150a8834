"""Each screen with long names in it: what `test_widths.py` draws at each width."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from rich.text import Text
from tests.unit.cli import batches

from gaia.access.oidc.device_flow import Code, Way
from gaia.adoption.check import Checked, CheckReport, Difference
from gaia.adoption.coverage import STANDINGS, Coverage, Covered, Thing
from gaia.adoption.model import Adopted, Left
from gaia.ci import shipped_files
from gaia.cli.checks import Diagnosis
from gaia.cli.screens import (
    adoption,
    affected,
    backup,
    batch,
    budgets,
    ci_files,
    clean,
    cost,
    direct,
    drafts,
    drift,
    events,
    findings,
    generated,
    graph,
    health,
    keys,
    locks,
    looks,
    people,
    policy,
    preview,
    prices,
    reasons,
    release,
    requests,
    sandbox,
    tables,
    trial,
    welcome,
)
from gaia.cli.screens.progress import Progress, log_line
from gaia.cost.budgets import Budget, Commitment, Scope, standing
from gaia.cost.capacity import Capacity
from gaia.cost.quotas import MEASURES, Footprint, Quota, taken
from gaia.cost.refresh import Fetched
from gaia.errors import Position
from gaia.gitops.incidents import Incident, Try
from gaia.gitops.locks import Lock
from gaia.gitops.model import Place
from gaia.gitops.releasing import Commit, Made
from gaia.gitops.rollout import model as rollout
from gaia.gitops.standing import Standing
from gaia.graph.picture import Line, Node, Picture
from gaia.notifications.model import DeliveryView, WebhookView
from gaia.operations.drift import model as drifted
from gaia.platform.home.backup import BackupView
from gaia.platform.home.rotating import RotatedView
from gaia.platform.model import (
    CallerView,
    Change,
    GrantView,
    Leftover,
    RequestLine,
    RunView,
    WhyLine,
)
from gaia.platform.views.direct_model import InstanceChangeView, PlanView
from gaia.policy.model import TestResult
from gaia.sandbox.control import SandboxView
from gaia.sandbox.recording import Kept
from gaia.sandbox.snapshots import Snapshot
from gaia.scaffold.policies import Copied
from gaia.scaffold.template import Question, Template
from gaia.stacks.model import InstanceKey
from gaia.stacks.validation.findings import Finding, Report
from gaia.testing import drafting, drifting, judged, views
from gaia.testing.telling import FakeHappening

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import RenderableType

    from gaia.cost.budgets import BudgetStatus, State
    from gaia.cost.quotas import QuotaStatus
    from gaia.platform.model import RequestView
    from gaia.policy.report import Checked as JudgedPlan

NOW = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)
STACK = "acme-platform-use1-staging"
INSTANCE = f"{STACK}/holiday-photos-of-the-media-team-bucket"
ADDRESS = "aws_s3_bucket_server_side_encryption_configuration.this"
ARN = "arn:aws:iam::123456789012:role/acme-platform-use1-staging-holiday-photos-of-the-media-team"
PLACE = "stacks/orgs/acme/platform/staging/services/holiday-photos.yaml:119:15"
TOKEN = "gaia_tok_" + "Zq9" * 16
LINK = "http://127.0.0.1:8080/login/" + "Zq9" * 14
TOKEN_ID = "tok_019aa8c2d3e47abc9f00112233445570"
MESSAGE = "the bucket of the media team is open to everybody who knows its name, in every region"


def _changes() -> tuple[Change, ...]:
    after = {"role_arn": ARN, "tags": {"owner": "team-media", "cost-center": "cc-4711"}, "engine": "postgres"}
    before = {**after, "engine": "mysql", "role_arn": f"{ARN}-before"}
    kind = ADDRESS.partition(".")[0]
    return (
        Change(INSTANCE, ADDRESS, kind, "create", {}, after),
        Change(INSTANCE, ADDRESS, kind, "replace", before, after, ("engine",), "replace_because_cannot_update"),
        Change(INSTANCE, ADDRESS, kind, "delete", {"name": "acme-platform-use1-staging-holiday-photos"}, {}),
        *views.changes(),
    )


def _waiting() -> RequestView:
    deny = {**views.findings()[0], "effect": "deny", "instance": INSTANCE, "address": ADDRESS}
    alone = ((INSTANCE, "it has an import block in its own code"),)
    found = replace(views.preview(), changes=_changes(), alone=alone, findings=(*views.findings(), deny))
    return replace(views.waiting(), preview=found, instances=(INSTANCE, *views.waiting().instances), ttl=604800)


def _parked() -> RequestView:
    steps = (("rebase", "done"), ("apply a/b", "done"), ("apply a/c", "running"), ("publish", "todo"))
    run = RunView("run_1", "apply", "parked", None, None, left=(f"{INSTANCE}: {ADDRESS}", MESSAGE), steps=steps)
    said = replace(views.approval(), undecided=(f"plan.no_wildcard_grant {INSTANCE} {ADDRESS}",))
    void = replace(said, voided=f"previewed again: after.policy of {ADDRESS} changed")
    until = "2026-12-24T18:00:00.000Z"
    return replace(_waiting(), status="parked", reason=MESSAGE, approvals=(said, void), runs=(run,), lives_until=until)


def _progress() -> Progress:
    steps = (("hold", "done"), (f"apply {INSTANCE}", "running"))
    run = RunView("run_2", "apply", "running", "2026-11-23T23:09:00.000Z", None, steps=steps)
    progress = Progress(replace(_waiting(), status="applying", runs=(run,)), NOW - timedelta(minutes=1))
    for kind, address in (("start", ADDRESS), ("start", "aws_kms_key.this"), ("complete", "aws_kms_key.this")):
        event = {"kind": kind, "address": address, "action": "create"}
        progress.feed({"at": "2026-11-23T23:09:02.000Z", "instance": INSTANCE, "event": event})
    return progress


def _findings() -> tuple[Finding, ...]:
    return (
        Finding("variable-unknown", MESSAGE, "Call it name, or declare it.", Position(PLACE[:-7], 119, 15)),
        Finding("policy-undecided", MESSAGE, "Look.", None, "warning"),
    )


def _judged() -> JudgedPlan:
    """With long names, and more values than are named."""
    checked = judged.checked()
    rule = replace(checked.rules[0], description=MESSAGE, controls=("AWS FSBP S3.8", "CIS AWS 3.0.0 2.1.4") * 6)
    first = checked.findings[0]
    causes = tuple(replace(first.causes[n % 2], variable=f"holiday_photos_{n}") for n in range(7))
    found = replace(first, finding=replace(first.finding, address=ADDRESS, message=MESSAGE), causes=causes)
    others = tuple(replace(found, finding=replace(found.finding, address=f"{ADDRESS}[{n}]")) for n in range(9))
    return replace(checked, findings=(found, *others, *checked.findings[1:]), rules=(rule, *checked.rules[1:]))


def _picture() -> Picture:
    bucket, key, role = (InstanceKey(f"{STACK}-{n}", f"holiday-photos-{n}") for n in ("bucket", "key", "identity"))
    nodes = (
        Node(key, "kms", 1), Node(bucket, "s3", 2, mark="changed"), Node(role, "iam", 3, mark="reached"),
        Node(InstanceKey(STACK, "nobody-has-made-this"), "", 0, "missing"),
    )  # fmt: skip
    lines = (Line(bucket, key, ("reference",), (PLACE,)), Line(role, key, (), ()), Line(role, bucket, (), ()))
    return Picture(None, nodes, lines, marked="main")


def _affected() -> list[dict[str, object]]:
    below: dict[str, object] = {"component": "holiday-photos-identity", "stack": STACK, "dependents": []}
    one: dict[str, object] = {
        "component": "holiday-photos-of-the-media-team-bucket", "stack": STACK, "affected_all": ["stack.vars", "file"],
        "file": "components/terraform/s3-bucket/policies/only-encrypted-transport.json", "dependents": [below],
        "component_path": "components/terraform/s3-bucket-with-a-long-name",
    }  # fmt: skip
    return [one, {**one, "deleted": True, "dependents": None}]


def _layers() -> list[dict[str, object]]:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ARN}]}
    layer = {"value": "holiday photos of everybody", "at": PLACE}
    equal = {**layer, "at": "a:1:1"}
    return [
        {"path": "vars.name", "value": "photos", "at": PLACE, "overridden": []},
        {"path": "vars.flow_log_retention_days", "value": 30, "at": PLACE, "overridden": [layer, equal]},
        {"path": "vars.policies.transport_is_encrypted", "value": policy, "at": PLACE, "overridden": []},
    ]


def _templates() -> list[Template]:
    questions = (
        Question("data_classification", "choice", "The most delicate data in it.", choices=("low", "high")),
        Question("storage_gb", "int", "How many GB?", default=10, required=False),
    )
    return [Template("object-store", "1.0.0", "An object store", MESSAGE, questions, Path())]


def _doctor() -> list[Diagnosis]:
    folder = "/home/you/somebody/share/repositories/platform/working-directories/a"
    return [
        Diagnosis("git", "ok", "2.39.5"),
        Diagnosis("repository", "warn", f"{folder} serves none yet", "Make one with `gaia init DIR`."),
        Diagnosis("stacks", "fail", MESSAGE, f"Look at {PLACE}."),
    ]


def _backup() -> BackupView:
    name = "platform-019aa8c2d3e47abc9f00112233445567"
    rows = {"people": 1200, "requests": 120_000, "audit": 1_400_000}
    at, key = "2026-11-23T23:05:08.000Z", "key-" + "1f" * 32
    return BackupView(at, "0.1.0", "0006", "sqlite", key, (name, name), (name,), rows, 58, 10**9)


def _applied() -> InstanceChangeView:
    outputs = {"role_arn": ARN, "names": ["a", "b"], "policy": {"Version": "2012-10-17", "Id": "x" * 12}}
    return InstanceChangeView(INSTANCE, "4f1c0d6e8a9b4f1c0d6e8a9b", "applied", {"create": 3}, 3, outputs)


def _hook() -> WebhookView:
    types, why = ("request.approved", "instance.*"), "it took nothing in 11 tries: it answered 503"
    target, at = "https://hooks.example.com/of-the-media-team", "2026-11-23T23:05:08.000Z"
    return WebhookView("whk_" + "1" * 32, "webhook", target, types, "acme", "*", "ada", at, "disabled", why, 12)


def _delivery() -> DeliveryView:
    at = "2026-11-23T23:05:08.000Z"
    return DeliveryView("msg_1", 7, "request.approved", "waiting", 3, 503, "it answered 503", at, at, None)


def _token() -> SimpleNamespace:
    return SimpleNamespace(person="dana", roles=("developer", "approver"), expires_at="2027-02-21T00:00:00Z")


def _made() -> SimpleNamespace:
    return SimpleNamespace(directory="/home/you/platform", repository_id="p", admin="admin", token=TOKEN)


def _adopted() -> Adopted:
    folder = "/home/you/somebody/share/repositories/infrastructure-of-the-media-team"
    where = f"{folder}/components/terraform"
    return Adopted("p", folder, folder, "main", 41, where, takes_no_push=True, admin="admin", token=TOKEN)


def _checked() -> CheckReport:
    place = f"s3://acme-platform-terraform-states/network/{STACK}/terraform.tfstate"
    differences = tuple(Difference(f"{ADDRESS}[{n}]", "update", ("rule", "bucket_key_enabled")) for n in range(12))
    key = InstanceKey.parse(INSTANCE)
    move = f"Move it: `aws s3 mv {place} {place}-new`; or correct backend and workspace of the instance."
    found = (
        Checked(key, "refused", place, code="state-misplaced", reason=MESSAGE, next_step=move),
        Checked(key, "differs", place, None, differences),
        Checked(key, "drifts", place, None, differences[:1]),
        Checked(key, "empty", place),
        Checked(key, "no state", place),
    )
    return CheckReport(
        "/home/you/infrastructure-of-the-media-team", "4f1c0d6e8a9b4f1c", 3, found, (place,), 9, (MESSAGE,), 2, 1
    )


def _standing() -> tuple[Sequence[BudgetStatus], Sequence[QuotaStatus]]:
    """Each verdict, of scopes with long names; one of which something is not known."""
    at, ten = Position("budgets/a.yaml", 2), Decimal(10_000)
    scope = Scope("acme-holdings", "development", "photos")
    size = Capacity(Decimal(1024), None, Decimal(2))
    states: list[tuple[State, Decimal | None]] = [("applied", ten), ("approved", None)]
    held = [
        Footprint(Commitment("acme-holdings", "development", f"{scope.service}", f"{n}", amount, state), size)
        for n, (state, amount) in enumerate(states)
    ]
    commitments = [one.commitment for one in held]
    budgeted = [Budget(scope, ten * more, "USD", (Decimal(50),), at) for more in (Decimal("0.5"), 1, 2, 9)]
    most = dict.fromkeys(MEASURES, Decimal(3))
    return (
        [*standing(budgeted, commitments, NOW), *standing(budgeted, commitments[:1], NOW)],
        taken([Quota(scope, most, at)], held),
    )


def _ci_files() -> list[shipped_files.Step]:
    states: list[shipped_files.State] = ["new", "same", "older", "edited", "theirs"]
    difference = f"--- a/{PLACE[:-7]}\n+++ b/{PLACE[:-7]}\n@@ -1 +1 @@\n-{MESSAGE}\n+{MESSAGE}"
    return [shipped_files.Step(f"{PLACE[:-7]}-{state}", state, MESSAGE, difference) for state in states]


def _commit() -> Commit:
    difference = f"--- a/{PLACE[:-7]}\n+++ b/{PLACE[:-7]}\n@@ -1 +1 @@\n-{MESSAGE}\n+{MESSAGE}"
    return Commit("Release photos in acme/dev: sha256:0123456789ab", {PLACE[:-7]: ""}, difference)


def _on_its_way(state: rollout.State) -> Text:
    place = Place("acme", "prod", "photos-of-the-media-team")
    return release.progress_line(rollout.Progress(state, MESSAGE, place, "4f1c0d6" * 5, why=ARN))


def _incidents() -> list[Incident]:
    """One of each state."""
    place, image = Place("acme", "prod", "photos-of-the-media-team"), f"registry.example.com/x@sha256:{'0' * 64}"
    begun = Incident(place, "4f1c0d6" * 5, image, "smoke-failed", MESSAGE, "ada", NOW)
    tried = replace(begun, tries=(Try(NOW, "4f1c0d6" * 5, image, ARN),))
    return [begun, tried, *(tried.ended_as(state, MESSAGE) for state in ("over", "overtaken", "parked"))]


def _releases() -> list[Standing]:
    """One of each state, and one of which nothing is known."""
    image = f"registry.example.com/acme/photos@sha256:{'0' * 64}"
    known = ("4f1c0d6" * 5, "2026-11-23T23:05:08+00:00", "req_1")
    return [
        Standing("acme", "dev", "photos-of-the-media-team", "current", image, *known),
        Standing("acme", "staging", "photos-of-the-media-team", "stale", image, None, None, None),
        Standing("acme", "prod", "photos-of-the-media-team", "broken", None, *known, f"{PLACE}: {MESSAGE}"),
        Standing("acme", "live", "photos-of-the-media-team", "current", image, *known, lock=Lock("ada", MESSAGE, NOW)),
    ]


def _drifts() -> drifted.Report:
    """Each kind of finding at many places, and instances of each status."""
    attribute = drifted.Attribute(
        "rule[0].bucket_key_enabled", f'"{ARN}"', f'"{MESSAGE}"', False, True, (ADDRESS, INSTANCE)
    )
    places = tuple(drifted.Place(f"{INSTANCE}-{n}", ADDRESS, "follows", "update: policy") for n in range(9))
    found = [
        drifted.Finding(kind, (kind,), f"aws_s3_bucket {ARN}", places, (attribute,) * 9, "replace", (ADDRESS,), MESSAGE)
        for kind in drifted.KINDS
    ]
    let_be = drifted.Finding("gone", ("x",), ARN, places[:1], (replace(attribute, ignored=MESSAGE),))
    scans = (
        drifted.Scan(INSTANCE, (*found, let_be)),
        drifted.Scan(f"{INSTANCE}-2"),
        drifted.Scan(INSTANCE, (), "x", MESSAGE, MESSAGE),
    )
    return drifted.Report(scans, (*found, let_be))


def _locks() -> list[dict[str, object]]:
    long: dict[str, object] = {"instance": INSTANCE, "who": "ada@laptop-of-ada-in-the-media-team.example.com"}
    long |= {"since": "2026-11-29T19:00:00.123456789Z", "operation": "OperationTypeApply", "why": MESSAGE, "ours": True}
    long |= {"id": "6604db24-1a78-af15-9692-dcb78879b3c6", "place": f"s3://acme-platform-states/{STACK}/vpc.tfstate"}
    return [long | {"holder": life} for life in ("alive", "dead", "unknown")]


def _coverage() -> Coverage:
    things = [Thing("aws_secretsmanager_secret", ARN, ARN, "us-east-1"), Thing("lambda", ARN, ARN)]
    found = tuple(Covered(one, standing, why=MESSAGE) for one in things for standing in STANDINGS)
    return Coverage(found, ("us-east-1", "eu-west-1"), ("kms ListKeys in us-east-1 was answered with 403",))


def _why() -> RenderableType:
    line = WhyLine("approval", f"grace approved {views.DIGEST} on 2026-11-23: {MESSAGE}")
    view = replace(views.why(), lines=(*views.why().lines, WhyLine("value", f"vars.role is {ARN}", PLACE), line))
    return _group(reasons.why_screen(view))


def _group(parts: list[RenderableType]) -> RenderableType:
    from rich.console import Group

    return Group(*parts)


def _log() -> Text:
    event = {"summary": MESSAGE}
    return log_line({"at": "2026-11-23T23:09:02.000Z", "step": "apply", "instance": INSTANCE, "event": event})


def _lists() -> list[RenderableType]:
    line = RequestLine.of(_waiting())
    lines = [line, replace(line, service="holiday-photos-of-the-media-team", stack=STACK, kind="retire")]
    lines.append(replace(line, kind="change", status="queued", follows="req_019aa8c2d3e47abc9f00112233445566"))
    return requests.list_screen(lines, NOW)


def _emulated() -> SandboxView:
    names = ("ec2 CreateKeyPair", "s3 PUT /acme-platform-use1-staging-holiday-photos-of-the-media-team/key")
    kept = Kept(31200, 31200, names, "the recording cannot be written: No space left on device")
    return SandboxView(True, "http://127.0.0.1:45661", 471100, kept=kept)


def _replaced() -> RenderableType:
    return _group(preview.replacements([*_changes()[1:2], *_changes() * 9]))


SCREENS: dict[str, Callable[[], list[RenderableType]]] = {
    "adoption.check_screen": lambda: adoption.check_screen(_checked()),
    "adoption.coverage_screen": lambda: adoption.coverage_screen(_coverage(), [INSTANCE]),
    "affected.affected_screen": lambda: affected.affected_screen(_affected(), "main"),
    "affected.dependents_screen": lambda: affected.dependents_screen(_affected()),
    "batch.plan_screen": lambda: batch.plan_screen(batches.planned()),
    "batch.brief_screen": lambda: batch.brief_screen(batches.planned()),
    "batch.end_screen": lambda: batch.end_screen(batches.ends(), "applied"),
    "batch_progress.BatchProgress.screen": lambda: [batches.progress(NOW).screen(NOW, 80, 24)],
    "backup.backup_screen": lambda: backup.backup_screen(Path("/srv/backups/gaia.age"), _backup(), Path("backup.key")),
    "backup.restore_screen": lambda: backup.restore_screen(Path("/srv/gaia"), _backup(), dry_run=False),
    "ci_files.files_screen": lambda: ci_files.files_screen(_ci_files(), "main", dry_run=True),
    "release.change_screen": lambda: release.change_screen(_commit()),
    "release.incident_line": lambda: [release.incident_line(one) for one in _incidents()],
    "release.incidents_screen": lambda: release.incidents_screen(_incidents()),
    "release.made_screen": lambda: release.made_screen(_commit(), Made("4f1c0d6" * 5, in_tree=False)),
    "release.progress_line": lambda: [_on_its_way(state) for state in ("waiting", "failed", "deployed")],
    "release.standings_screen": lambda: release.standings_screen(_releases()),
    "clean.clean_screen": lambda: clean.clean_screen(
        [Leftover("directory", INSTANCE, 1500, "2026-08-20T00:00:00.000Z")], dry_run=True
    ),
    "budgets.budgets_screen": lambda: budgets.budgets_screen(*_standing(), known=True),
    "cost.cost_screen": lambda: cost.cost_screen(views.cost()),
    "drift.drift_screen": lambda: drift.drift_screen(_drifts()),
    "drift.accepting_screen": lambda: drift.accepting_screen(
        PlanView(INSTANCE, "4f1c0d6", _changes(), views.target(), "ada"), _drifts().scans[0], full=True
    ),
    "drift.both_ways_screen": lambda: drift.both_ways_screen(_drifts().scans[0], [ADDRESS, ADDRESS]),
    "direct.change_screen": lambda: direct.change_screen(_applied()),
    "direct.outputs_screen": lambda: direct.outputs_screen(_applied().outputs),
    "generated.generated_screen": lambda: generated.generated_screen(
        [(f"components/terraform/s3-bucket/{STACK}-holiday-photos.terraform.tfvars.json", "unchanged")], dry_run=True
    ),
    "looks.looks_screen": lambda: looks.looks_screen([drifting.drifted(), drifting.unchecked()], NOW),
    "looks.instance_screen": lambda: looks.instance_screen(
        drifting.FakeDrifting().show(drifting.STACK, drifting.BUCKET), NOW
    ),
    "drift.findings_screen": lambda: drift.findings_screen(_drifts().findings),
    "events.event_line": lambda: [events.event_line(FakeHappening().made[0])],
    "events.webhooks_screen": lambda: [events.webhooks_screen([_hook()])],
    "events.webhook_screen": lambda: events.webhook_screen(_hook()),
    "events.added_screen": lambda: events.added_screen(_hook(), "whsec_" + "c" * 43 + "="),
    "events.deliveries_screen": lambda: [events.deliveries_screen([_delivery()], NOW)],
    "findings.report_screen": lambda: findings.report_screen(Report(_findings(), 41, 8)),
    "findings.component_screen": lambda: findings.component_screen(INSTANCE, ["a"], _findings()),
    "findings.findings_screen": lambda: findings.findings_screen(_findings()),
    "graph.graph_screen": lambda: graph.graph_screen(_picture()),
    "health.health_screen": lambda: health.health_screen(_doctor()),
    "locks.locks_screen": lambda: locks.locks_screen(_locks(), [INSTANCE]),
    "cost.cost_diff_screen": lambda: cost.cost_diff_screen(views.cost()),
    "policy.checked_screen": lambda: [*policy.checked_screen(_judged()), *policy.checked_screen(judged.waived())],
    "policy.findings_screen": lambda: policy.findings_screen(_judged().findings * 9),
    "policy.rules_screen": lambda: policy.rules_screen(_judged().rules, "policies in /srv/acme"),
    "policy.copied_screen": lambda: policy.copied_screen(Copied((PLACE[:-7],), (PLACE[:-7],))),
    "policy.waivers_screen": lambda: policy.waivers_screen(judged.standings()),
    "policy.rule_screen": lambda: policy.rule_screen(
        _judged().rules[0], "policies", "policies in /srv/acme", f"test_it if {MESSAGE}"
    ),
    "policy.tests_screen": lambda: policy.tests_screen(
        [TestResult(f"gaia.plan.{MESSAGE.replace(' ', '_')}", Position(PLACE[:-7], 119), False, MESSAGE)],
        judged.coverage(),
        "policies in /srv/acme",
    ),
    "preview.preview_screen": lambda: preview.preview_screen(_waiting()),
    "preview.plan_screen": lambda: preview.plan_screen(
        PlanView(INSTANCE, "4f1c0d6", _changes(), views.target(), "ada"), full=True
    ),
    "preview.heading": lambda: [preview.heading("Changes", MESSAGE)],
    "preview.replacements": lambda: [_replaced()],
    "prices.holdings_screen": lambda: prices.holdings_screen(views.holdings(), views.holdings().stocks),
    "prices.fetched_screen": lambda: prices.fetched_screen(
        [Fetched("AmazonElastiCache", "ap-southeast-2", 120000, 4000, "2026-11-27", "20261127120000")]
    ),
    "progress.Progress.screen": lambda: [_progress().screen(NOW)],
    "progress.log_line": lambda: [_log()],
    "reasons.why_screen": lambda: [_why()],
    "reasons.origins_screen": lambda: reasons.origins_screen(_layers()),
    "requests.list_screen": _lists,
    "requests.request_screen": lambda: requests.request_screen(_parked(), NOW, full=True),
    "requests.header": lambda: requests.header(replace(_parked(), key_replaced=True), NOW),
    "requests.steps_line": lambda: [requests.steps_line(_parked().runs[0])],
    "requests.next_commands": lambda: requests.next_commands(_waiting()),
    "tables.plain_table": lambda: [
        tables.plain_table(
            ("person", "roles", "ends", "used", "token"),
            [("dana", "developer, approver", "in 90d", "never", TOKEN_ID), ("dana-of-the-media-team", "", "", "", "t")],
        )
    ],
    "tables.signed": lambda: [tables.signed([("!", "warn", Text(MESSAGE)), ("✗", "bad", Text(PLACE))], indent=2)],
    "tables.inventory_screen": lambda: tables.inventory_screen(
        {"resources": {"buckets": [ARN, "b"], "keys": []}, "excepted": {"keys": [TOKEN_ID]}}
    ),
    "tables.templates_screen": lambda: tables.templates_screen(_templates()),
    "sandbox.sandbox_screen": lambda: sandbox.sandbox_screen(_emulated()),
    "sandbox.snapshots_screen": lambda: sandbox.snapshots_screen(
        [Snapshot("before-the-upgrade-of-the-media-team", NOW, 31200, 48_000_000), Snapshot("a", NOW, 1, 900)]
    ),
    "drafts.draft_screen": lambda: drafts.draft_screen(
        replace(drafting.draft(), files={PLACE: "a: 1\n"}, stacks=("acme-platform-use1-staging",), unknown=(PLACE,))
    ),
    "drafts.end_screen": lambda: drafts.end_screen(drafting.draft(), written=True),
    "trial.trial_screen": lambda: trial.trial_screen(views.trial()),
    "keys.rotated_screen": lambda: keys.rotated_screen(
        RotatedView(f"key-{'9' * 64}", f"ed25519:{'A' * 44}", ("key-000000000000",) * 2, "/home/you/gaia/keys/older", (
            "req_019aa8c2d3e47abc9f00112233445566",) * 9)
    ),
    "welcome.init_screen": lambda: welcome.init_screen(cast("Any", _made())),
    "welcome.adopted_screen": lambda: welcome.adopted_screen(_adopted()),
    "welcome.left_screen": lambda: welcome.left_screen(
        Left("p", *["/home/you/somebody/share/repositories/infrastructure-of-the-media-team"] * 10)
    ),
    "people.code_screen": lambda: people.code_screen(
        Code("WDJB-MJHT", "https://login.example.com/device", "https://login.example.com/d?code=WDJB-MJHT", 600, 5, ""),
        Way("https://login.example.com", "gaia", "https://gaia.example.com", "resource", "openid"),
        "https://gaia.of-the-media-team.example.com",
    ),
    "people.caller_screen": lambda: people.caller_screen(
        CallerView("per_1", "dana-of-the-media-team", "", ("see",), tuple(
            GrantView("developer", f"tenant-number-{n}", "staging") for n in range(3)
        ), tuple(f"developers-of-the-team-number-{n}" for n in range(9)), None, "2026-11-24T01:00:00Z"),
        "Signed in as ", NOW,
    ),
    "welcome.serving_screen": lambda: welcome.serving_screen("http://127.0.0.1:8080", TOKEN, LINK),
    "welcome.token_screen": lambda: welcome.token_screen(
        cast("Any", _token()), TOKEN, ("acme", "staging")
    ),
}  # fmt: skip
"""By module and name below `gaia.cli.screens`."""
