"""A batch with everything in it that its screens can show."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from gaia.checkout.batch_model import Ended, Planned
from gaia.checkout.change import Seen
from gaia.cli.screens.batch_progress import BatchProgress, Row
from gaia.errors import Conflict, NotFound
from gaia.operations.instance import Outcome, Verdict
from gaia.platform.model import Change
from gaia.platform.views.direct_model import PlanView
from gaia.stacks.model import Instance, InstanceKey
from gaia.terraform.plan import Plan
from gaia.testing import views

if TYPE_CHECKING:
    from datetime import datetime

STACK = "acme-platform-use1-staging"
BUCKET = "aws_s3_bucket_server_side_encryption_configuration.this"
WHY = "the bucket of the media team is open to everybody who knows its name, in every region"
UNDECIDED = "Data at rest is encrypted: aws_s3_bucket.this"


def instance(name: str, stack: str = STACK) -> Instance:
    """One of the batch."""
    return cast("Instance", SimpleNamespace(key=InstanceKey(stack, name)))


def seen(*actions: str, verdict: Verdict | None = None, instead_of: str = "") -> Seen:
    """A plan that does this, one after the other."""
    kind, resources = BUCKET.partition(".")[0], []
    changes = tuple(Change(f"{STACK}/it", f"{BUCKET}[{n}]", kind, one, {}, {}) for n, one in enumerate(actions))
    for one in changes:
        does = ["delete", "create"] if one.action == "replace" else ["update"]
        change = {"actions": does, "before": {}, "after": {}}
        resources.append({"address": one.address, "mode": "managed", "type": kind, "name": "this", "change": change})
    document = {"format_version": "1.2", "resource_changes": resources, "planned_values": {"root_module": {}}}
    view = PlanView(f"{STACK}/it", "4f1c0d6", changes, views.target(), "ada")
    return Seen(view, cast("Any", None), Plan.parse(document), verdict, instead_of=instead_of)


def planned() -> list[Planned]:
    """Each status, and each remark."""
    denied = Verdict(allowed=False, code="policy-denied", reasons=(f"{BUCKET}: {WHY}", WHY))
    undecided = Verdict(allowed=False, code="policy-undecided", reasons=(UNDECIDED,))
    refused = Conflict("state-misplaced", WHY, next_step="Move it: `aws s3 mv a b`.")
    key = seen("create", verdict=undecided)
    many = [Planned(instance(f"holiday-photos-{number}"), key, cost=views.cost()) for number in range(9)]
    return [
        *many,
        Planned(instance("holiday-photos-of-the-media-team-bucket"), seen("create", "update", "replace", "delete")),
        Planned(instance("imported"), seen("import", "move", instead_of="destroy"), alone="it has an import block"),
        Planned(instance("warned"), seen("update", verdict=Verdict(allowed=True, reasons=(WHY,)))),
        Planned(instance("denied"), seen("create", verdict=denied)),
        Planned(instance("failed"), error=refused),
        Planned(instance("waiting"), waits="!terraform.state network id at stacks/net.yaml:3:1: no such output"),
        Planned(instance("as-it-is"), seen()),
    ]  # fmt: skip


def ends() -> list[Ended]:
    """Each way to end."""

    def key(name: str) -> InstanceKey:
        return InstanceKey(STACK, name)

    parked = Outcome("parked", WHY, "terraform-failed", next_step="Repair it.", left=(BUCKET, WHY))
    missing = NotFound("output-missing", WHY, next_step="Apply first what it needs.")
    stopped = Conflict("interrupted", "it was interrupted before its turn", next_step="`gaia apply --resume` goes on.")
    return [
        Ended(key("failed"), "failed", error=Conflict("state-locked", WHY, next_step="Look at `gaia status`.")),
        Ended(key("made"), "applied", Outcome("applied", changed={"create": 3, "replace": 1})),
        Ended(key("unchanged"), "unchanged", Outcome("unchanged")),
        Ended(key("parked"), "parked", parked),
        Ended(key("deep"), "not tried", because=key("parked")),
        Ended(key("waits"), "waits", error=missing),
        Ended(key("stopped"), "interrupted", error=stopped),
        Ended(key("later"), "not tried", error=stopped),
        Ended(key("last"), "not tried", error=stopped),
    ]


def progress(now: datetime, *, many: int = 200, stack: str = STACK) -> BatchProgress:
    """A third is done, seven are under way, one has failed; the others need those before them."""
    keys = [f"{stack}/holiday-photos-of-the-media-team-{n}" for n in range(many)]
    made = BatchProgress(
        f"Applying {many} instances",
        now - timedelta(minutes=2),
        {key: Row(key, keys[max(0, n - 3) : n], 10) for n, key in enumerate(keys)},
    )
    third = many // 3
    for number, key in enumerate(keys[: third + 8]):
        made.begin(key, now - timedelta(seconds=90))
        if number < third:
            made.end(key, "applied", "", now - timedelta(seconds=third - number))
    for key in keys[third : third + 8]:
        for number in range(3):
            address = f"{BUCKET}[{number}]"
            made.feed(key, f"{address}: Creating...", {"kind": "start", "address": address, "action": "create"})
    made.end(keys[third + 1], "failed", WHY, now)
    made.end(keys[-1], "not tried", "it needs another", now)
    return made
