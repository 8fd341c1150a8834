"""Example views: one object store as it looks while it waits, with everything that a preview can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gaia.cost.stock import Holdings, Stock
from gaia.platform.model import (
    ApprovalsNeeded,
    ApprovalView,
    Change,
    CommentView,
    PreviewView,
    RequestView,
    RunView,
    WhyLine,
    WhyView,
)
from gaia.platform.target import Target
from gaia.terraform.values import UNKNOWN

if TYPE_CHECKING:
    from gaia.platform.drafts.trial import Trial

REQUEST = "req_019aa8c2d3e47abc9f00112233445566"
STACK = "acme-use1-dev"
JUDGEMENT = "sha256:1d7a6b5c3f8e0d1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f9f2c4e"
DIGEST = "sha256:9f2c4e1d7a6b5c3f8e0d1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f"
_TAGS = {
    "cost-center": "cc-4711", "owner": "team-media", "service": "photos", "stage": "dev", "tenant": "acme",
}  # fmt: skip


_ENCRYPTION = {"sse_algorithm": "aws:kms", "kms_master_key_id": UNKNOWN}
_TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}'


def changes() -> tuple[Change, ...]:
    """Three instances to be made."""

    def new(component: str, address: str, **after: object) -> Change:
        instance = f"{STACK}/photos-{component}"
        kind = address.partition(".")[0]
        computed = {"arn": UNKNOWN, "id": UNKNOWN}
        tags = {"tags": {**_TAGS, "gaia:instance": instance}} if "tags" in after else {}
        return Change(instance, address, kind, "create", {}, {**computed, **after, **tags})

    return (
        new("key", "aws_kms_key.this", deletion_window_in_days=30, enable_key_rotation=True, key_id=UNKNOWN, tags={}),
        new("key", "aws_kms_alias.this", name="alias/acme-use1-dev-photos", target_key_id=UNKNOWN),
        new("bucket", "aws_s3_bucket.this", bucket="acme-use1-dev-photos", force_destroy=False, tags={}),
        new(
            "bucket",
            "aws_s3_bucket_server_side_encryption_configuration.this",
            rule=[{"apply_server_side_encryption_by_default": [_ENCRYPTION]}],
        ),
        new(
            "bucket",
            "aws_s3_bucket_public_access_block.this",
            block_public_acls=True, block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True,
        ),
        new("identity", "aws_iam_role.this", name="acme-use1-dev-photos", assume_role_policy=_TRUST),
        new("identity", "aws_iam_role_policy.this", name="bucket-access", policy=UNKNOWN, role=UNKNOWN),
    )  # fmt: skip


def cost() -> dict[str, object]:
    """Infracost JSON, version 0.2."""

    def part(name: str, unit: str, quantity: str | None, price: str | None, monthly: str | None) -> dict[str, object]:
        return {
            "name": name, "unit": unit, "hourlyQuantity": None, "monthlyQuantity": quantity, "price": price,
            "hourlyCost": None, "monthlyCost": monthly, "priceNotFound": False,
        }  # fmt: skip

    bucket = {
        "name": "acme-use1-dev/photos-bucket aws_s3_bucket.this",
        "metadata": {"region": "us-east-1"},
        "monthlyCost": "12.6",
        "subresources": [
            {
                "name": "Standard",
                "monthlyCost": "12.6",
                "costComponents": [
                    part("Storage", "GB", "500", "0.023", "11.5"),
                    part("PUT, COPY, POST, LIST requests", "1k requests", "60", "0.005", "0.3"),
                    part("GET, SELECT, and all other requests", "1k requests", "2000", "0.0004", "0.8"),
                    part("Select data scanned", "GB", None, "0.002", None),
                ],
            }
        ],
    }
    key = {
        "name": "acme-use1-dev/photos-key aws_kms_key.this",
        "metadata": {"region": "us-east-1"},
        "monthlyCost": "1",
        "costComponents": [part("Customer master key", "months", "1", "1", "1")],
    }
    breakdown = {"resources": [key, bucket], "totalMonthlyCost": "13.6"}
    past = {"resources": [], "totalMonthlyCost": "0"}
    project = {"name": STACK, "metadata": {}, "pastBreakdown": past, "breakdown": breakdown, "diff": breakdown}
    return {
        "version": "0.2", "currency": "USD", "projects": [project],
        "totalMonthlyCost": "13.6", "pastTotalMonthlyCost": "0", "diffTotalMonthlyCost": "13.6",
        "summary": {"unsupportedResourceCounts": {}},
    }  # fmt: skip


def holdings() -> Holdings:
    """Two services, one of them fetched anew, and own prices."""
    sources = ("ec2shop", "infracost-golden", "karpenter")
    return Holdings(
        (
            Stock("AmazonElastiCache", "ap-southeast-2", 330, "2025-04-24", "2026-08", sources, fetched=False),
            Stock("AmazonRDS", "eu-west-1", 12834, "2021-03-30", "2026-11-27", ("aws-price-list",), fetched=True),
            Stock("AmazonRoute53", "global", 9, "2026-08", "2026-09", ("infracost-golden",), fetched=False),
        ),
        "2026-11-27",
        3,
        ("gaia/cost/prices/book.sqlite", "gaia/prices.sqlite"),
        "own-prices.yaml",
    )


def findings() -> tuple[dict[str, object], ...]:
    """A warning and an undecided rule."""
    return (
        {
            "rule": "plan.key_rotation_window", "effect": "warn", "title": "Keys are kept 30 days", "severity": "low",
            "message": "the key can be restored for 30 days after it is deleted, and costs until then",
            "instance": f"{STACK}/photos-key", "address": "aws_kms_key.this", "controls": ["AWS FSBP KMS.3"],
            "remediation": "Set deletion_window_in_days to 7 where that is enough.",
        },
        {
            "rule": "plan.no_wildcard_grant", "effect": "undecided", "title": "No wildcard grants", "severity": "high",
            "message": "the policy of this role is not known before the bucket exists",
            "instance": f"{STACK}/photos-identity", "address": "aws_iam_role_policy.this",
            "controls": ["AWS FSBP IAM.21", "CIS AWS 1.16"],
            "remediation": "Name the actions and resources that the service needs.",
        },
    )  # fmt: skip


def preview() -> PreviewView:
    """What the request would do."""
    return PreviewView(
        DIGEST,
        "4f1c0d6",
        "2026-11-23T23:05:12.000Z",
        changes(),
        cost(),
        findings(),
        judgement=JUDGEMENT,
        targets=(target(),),
    )


def target() -> Target:
    """An account that the stack allows."""
    return Target(
        emulator=False, account="123456789012", region="us-east-1", endpoint=None, credentials="profile media"
    )


def waiting() -> RequestView:
    """A request that a person has to decide about."""
    steps = ("admit", "render", "resolve", "preview", "judge")
    run = RunView(
        "run_019aa8c2d3e47abc9f00112233445567", "preview", "done", "2026-11-23T23:05:08.000Z",
        "2026-11-23T23:05:14.000Z", steps=tuple((step, "done") for step in steps),
    )  # fmt: skip
    return RequestView(
        id=REQUEST, kind="provision", service="photos", template="object-store", template_version="1.0.0", stack=STACK,
        tenant="acme", stage="dev", requester="ada", status="waiting", created_at="2026-11-23T23:05:08.000Z",
        expires_at="2026-11-30T23:05:08.000Z", answers={"owner": "team-media", "storage_gb": 500},
        manifest="stacks/orgs/acme/dev/services/photos.yaml",
        instances=tuple(f"{STACK}/photos-{name}" for name in ("key", "bucket", "identity")), preview=preview(),
        approvals=(), runs=(run,),
    )  # fmt: skip


def approval() -> ApprovalView:
    """grace says yes."""
    return ApprovalView(
        "apr_019aa8c2d3e47abc9f00112233445568", "approved", "grace", DIGEST, "2026-11-23T23:09:00.000Z",
        "small and tagged", ("plan.no_wildcard_grant",),
    )  # fmt: skip


def needed() -> ApprovalsNeeded:
    """Two have to approve, one of them of group security."""
    return ApprovalsNeeded(
        approvers=2, given=1, by=("grace",), groups=(("security",),), proof_seconds=900, policy_may=False,
        rules=("approvals/production.yaml:2",), words="1 of 2 approvals; waits for one of group security",
    )  # fmt: skip


def comment() -> CommentView:
    """grace asks."""
    return CommentView(
        "cmt_019aa8c2d3e47abc9f00112233445569", "grace", "2026-11-23T23:08:00.000Z", "Which bucket is it for?"
    )


def why() -> WhyView:
    """From a bucket back to ada."""
    return WhyView(
        "aws_s3_bucket.this",
        REQUEST,
        (
            WhyLine("resource", "aws_s3_bucket.this is the bucket acme-use1-dev-photos"),
            WhyLine("instance", "photos-bucket in acme-use1-dev", "stacks/orgs/acme/dev/services/photos.yaml:14:5"),
            WhyLine("value", "vars.name is photos", "stacks/orgs/acme/dev/services/photos.yaml:19:15"),
            WhyLine("answer", "owner = team-media", "templates/object-store/copier.yml:8:1"),
            WhyLine("template", "object-store 1.0.0"),
            WhyLine("approval", "grace approved sha256:9f2c4e1d… on 2026-11-23: small and tagged"),
            WhyLine("request", f"ada asked for photos ({REQUEST})"),
        ),
    )


def trial() -> Trial:
    """A template that sets a variable which its component does not have, tried where no cloud runs."""
    from gaia.errors import Next, Position
    from gaia.platform.drafts.trial import NO_CLOUD, Part, Trial
    from gaia.platform.requests.rendering import Wanted
    from gaia.stacks.validation.findings import Finding

    at = Position("templates/object-store/template/stacks/{{ gaia.service }}.yaml.jinja", 7)
    message = "trial-key sets txet, which the component kms does not declare"
    return Trial(
        wanted=Wanted("req_of-a-test", "object-store", {"owner": "media"}, "trial", STACK, "you"),
        version="1.0.0",
        files={"stacks/trial.yaml": "import:\n  - orgs/acme/dev/_defaults\n"},
        instances=(f"{STACK}/trial-key",),
        parts=(
            Part("manifest", "failed", "trial-key"),
            Part("terraform validate", "passed", ""),
            Part("terraform plan", "not done", NO_CLOUD, Next("sandbox up", words="Start it to have it planned")),
        ),
        findings=(Finding("variable-undeclared", message, "Did you mean text?", at),),
    )
