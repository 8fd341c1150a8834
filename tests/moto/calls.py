"""Which calls of AWS each component takes, read from the provider's own log of real applies, by types of resources.

`test_components.py` has the provider write a log of every apply that it makes, and fails where one calls what is not
written down. To write it anew, keep the logs of all roots and hand them over:

    python -m pytest -n0 --basetemp=/tmp/roots tests/moto
    python -m tests.moto.calls /tmp/roots/*/provider.log

What an apply in the emulator does not show stands in the tables below, with AWS's Service Authorization Reference as
their source: how a permission is called where it is not the call's name, what a call needs besides, and what changes a
thing whose making was recorded.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gaia.kit import hcl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

COMPONENTS = Path(__file__).resolve().parents[2] / "blueprint/components/terraform"
ACTIONS = COMPONENTS / "deployer-role/actions.json"
Needs = dict[str, dict[str, set[str]]]
"""Type of resource to `read` and `write` to actions."""

_RECORD = re.compile(r"^\d{4}-\d\d-\d\dT\S+ \[")
"""How an entry of the log begins; it may have many lines."""
_FIELD = re.compile(r'(?<![\w.])(tf_resource_type|tf_data_source_type|rpc\.method|rpc\.service)=(?:"([^"]*)"|(\S+))')
_READS = re.compile(r"(BatchGet|Describe|Get|Head|List|Lookup|Search)")
_PREFIXES = {
    "acm": "acm",
    "accessanalyzer": "access-analyzer",
    "backup": "backup",
    "budgets": "budgets",
    "cloudtrail": "cloudtrail",
    "cloudwatch": "cloudwatch",
    "cloudwatch logs": "logs",
    "config service": "config",
    "cost explorer": "ce",
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "ecr": "ecr",
    "eks": "eks",
    "elastic load balancing v2": "elasticloadbalancing",
    "eventbridge": "events",
    "guardduty": "guardduty",
    "iam": "iam",
    "kms": "kms",
    "rds": "rds",
    "route 53": "route53",
    "s3": "s3",
    "s3 control": "s3control",
    "secrets manager": "secretsmanager",
    "securityhub": "securityhub",
    "sns": "sns",
    "sqs": "sqs",
    "sts": "sts",
    "wafv2": "wafv2",
    "xray": "xray",
}
"""Services, as the SDK calls them, to what permissions begin with."""
_RENAMED = {
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "s3:DeleteBucketReplication": "s3:PutReplicationConfiguration",
    "s3:DeleteBucketTagging": "s3:PutBucketTagging",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:PutBucketReplication": "s3:PutReplicationConfiguration",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3control:DeletePublicAccessBlock": "s3:PutAccountPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
    "s3control:PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
}
"""Calls whose permission has another name."""
_ALSO = {
    "backup:CreateBackupVault": ("backup-storage:MountCapsule", "kms:CreateGrant", "kms:GenerateDataKey"),
    "ce:CreateAnomalyMonitor": ("ce:UpdateAnomalyMonitor",),
    "config:PutConfigurationRecorder": ("iam:PassRole",),
    "cloudtrail:CreateTrail": ("iam:PassRole",),
    "backup:CreateBackupSelection": ("iam:PassRole",),
    "dynamodb:CreateTable": ("kms:CreateGrant", "kms:DescribeKey"),
    "ec2:CreateFlowLogs": ("iam:PassRole",),
    "ecr:CreateRepository": ("kms:CreateGrant", "kms:DescribeKey"),
    "eks:CreateAddon": ("iam:PassRole",),
    "eks:CreateCluster": ("iam:PassRole", "kms:CreateGrant", "kms:DescribeKey"),
    "eks:CreateNodegroup": ("iam:PassRole", "ec2:RunInstances"),
    "eks:CreatePodIdentityAssociation": ("iam:PassRole", "iam:GetRole"),
    "events:PutRule": ("events:DisableRule",),
    "iam:CreatePolicy": ("iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:ListPolicyVersions"),
    "iam:CreateRole": ("iam:PutRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy", "iam:UpdateRoleDescription"),
    "kms:CreateKey": ("kms:PutKeyPolicy", "kms:UpdateKeyDescription", "kms:DisableKey", "kms:CancelKeyDeletion"),
    "logs:CreateLogGroup": ("logs:AssociateKmsKey", "logs:PutRetentionPolicy"),
    "rds:CreateDBCluster": ("kms:CreateGrant", "kms:DescribeKey"),
    "rds:CreateDBInstance": ("iam:PassRole", "kms:CreateGrant", "kms:DescribeKey", "rds:RebootDBInstance"),
    "secretsmanager:CreateSecret": ("kms:Decrypt", "kms:GenerateDataKey"),
    "wafv2:AssociateWebACL": ("elasticloadbalancing:SetWebAcl",),
    "wafv2:PutLoggingConfiguration": (
        "iam:CreateServiceLinkedRole",
        "logs:CreateLogDelivery",
        "logs:PutResourcePolicy",
    ),
}
"""What a call needs besides its own permission, and what changes a thing later whose making was recorded."""
_TAGGING = {
    "acm": ("AddTagsToCertificate", "RemoveTagsFromCertificate"),
    "budgets": ("TagResource", "UntagResource"),
    "cloudtrail": ("AddTags", "RemoveTags"),
    "ec2": ("CreateTags", "DeleteTags"),
    "elasticloadbalancing": ("AddTags", "RemoveTags"),
    "iam": (
        "TagRole",
        "UntagRole",
        "TagPolicy",
        "UntagPolicy",
        "TagOpenIDConnectProvider",
        "UntagOpenIDConnectProvider",
    ),
    "rds": ("AddTagsToResource", "RemoveTagsFromResource"),
    "route53": ("ChangeTagsForResource",),
    "s3": ("PutBucketTagging",),
    "sqs": ("TagQueue", "UntagQueue"),
}
_TAG = ("TagResource", "UntagResource")
"""How tags are put and taken, where it is not so."""
BY_HAND: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws_eks_pod_identity_association": {
        "read": ("eks:DescribePodIdentityAssociation", "eks:ListPodIdentityAssociations"),
        "write": (
            "eks:CreatePodIdentityAssociation",
            "eks:DeletePodIdentityAssociation",
            "eks:UpdatePodIdentityAssociation",
            "iam:PassRole",
        ),
    },
    "aws_s3_bucket_replication_configuration": {
        "read": ("s3:GetReplicationConfiguration",),
        "write": ("iam:PassRole", "s3:PutReplicationConfiguration"),
    },
    "aws_secretsmanager_secret_rotation": {
        "read": ("secretsmanager:DescribeSecret",),
        "write": ("secretsmanager:CancelRotateSecret", "secretsmanager:RotateSecret"),
    },
    "aws_lb_listener_certificate": {
        "read": ("elasticloadbalancing:DescribeListenerCertificates",),
        "write": ("elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:RemoveListenerCertificates"),
    },
}
"""Types that no root makes: what the provider's code calls for them."""


SILENT = frozenset({"data.aws_partition"})
"""Types that call nothing."""


def calls(log: Path) -> Needs:
    """What a log of the provider says, by types of resources and of data sources (`data.TYPE`)."""
    found: Needs = {}
    for entry in _entries(log):
        said = {name: quoted or plain for name, quoted, plain in _FIELD.findall(entry)}
        kind = said.get("tf_resource_type") or f"data.{said.get('tf_data_source_type', '')}"
        if kind != "data." and {"rpc.method", "rpc.service"} <= said.keys():
            prefix = _PREFIXES[said["rpc.service"].lower()]
            for action in _actions(f"{prefix}:{said['rpc.method']}"):
                sort = "read" if _READS.match(action.partition(":")[2]) or action == "budgets:ViewBudget" else "write"
                found.setdefault(kind, {"read": set(), "write": set()})[sort].add(action)
    return found


def _entries(log: Path) -> Iterator[str]:
    """Those of requests, each with all its lines."""
    entry: list[str] = []
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if _RECORD.match(line):
                if entry:
                    yield "".join(entry)
                entry = [line] if "HTTP Request Sent" in line else []
            elif entry:
                entry.append(line)
    if entry:
        yield "".join(entry)


def _actions(call: str) -> Iterator[str]:
    yield _permission(call)
    yield from _ALSO.get(call, ())
    prefix, _, name = call.partition(":")
    noun = name.removeprefix("Create")
    if noun != name:
        changes = (f"{verb}{noun}" for verb in ("Update", "Modify"))
        yield from (_permission(f"{prefix}:{name}") for name in changes if name in _operations(prefix))


def _permission(call: str) -> str:
    action = _RENAMED.get(call, call)
    modifies = re.match(r"budgets:(Create|Delete|Update)", action)
    return "budgets:ModifyBudget" if modifies else action


@cache
def _operations(prefix: str) -> frozenset[str]:
    """All calls of a service, as the SDK of Python knows them."""
    from botocore.loaders import create_loader

    names = {"access-analyzer": "accessanalyzer", "elasticloadbalancing": "elbv2"}
    model = create_loader().load_service_model(names.get(prefix, prefix), "service-2")
    return frozenset(model["operations"])


def merged(all_needs: Iterable[Needs]) -> Needs:
    """Of several logs as of one."""
    found: Needs = {}
    for needs in all_needs:
        for kind, sorts in needs.items():
            for sort, actions in sorts.items():
                found.setdefault(kind, {"read": set(), "write": set()})[sort] |= actions
    return found


def types() -> dict[str, list[str]]:
    """The types of resources of each component, and its data sources as `data.TYPE`."""
    found = {}
    for folder in sorted(path.parent for path in COMPONENTS.glob("*/versions.tf")):
        blocks = [
            block
            for file in sorted(folder.glob("*.tf"))
            for block in hcl.parse(file.read_text("utf-8"), file.name).blocks
            if block.type in ("resource", "data")
        ]
        found[folder.name] = sorted(
            {f"{'data.' if one.type == 'data' else ''}{one.labels[0]}" for one in blocks if one.labels[0][:4] == "aws_"}
        )
    return found


def tagged() -> frozenset[str]:
    """Types that some component gives tags."""
    return frozenset(
        block.labels[0]
        for file in COMPONENTS.glob("*/*.tf")
        for block in hcl.parse(file.read_text("utf-8"), file.name).blocks
        if block.type == "resource" and "tags" in block.attributes
    )


def document(needs: Needs) -> dict[str, object]:
    """As it is kept: by component, each with what it reads and what it writes."""
    needs = merged([needs, {kind: {sort: set(one) for sort, one in sorts.items()} for kind, sorts in BY_HAND.items()}])
    with_tags = tagged()
    for kind in with_tags & needs.keys():
        for prefix in {action.partition(":")[0] for action in needs[kind]["write"] if _makes(action)}:
            needs[kind]["write"] |= {f"{prefix}:{name}" for name in _TAGGING.get(prefix, _TAG)}
    return {
        component: {
            sort: sorted({action for kind in kinds for action in needs.get(kind, {}).get(sort, ())})
            for sort in ("read", "write")
        }
        for component, kinds in types().items()
        if component != "deployer-role"
    }


def _makes(action: str) -> bool:
    return bool(re.search(r":(Create|Put|Request|Allocate|Import)", action)) and not action.startswith(
        "kms:CreateGrant"
    )


def called(log: Path, components: Iterable[str]) -> set[str]:
    """Every action in a log of the provider for what these components have; a root has things of its own besides."""
    theirs = {kind for name in components for kind in types()[name]}
    return {
        action
        for kind, sorts in calls(log).items()
        if kind in theirs
        for actions in sorts.values()
        for action in actions
    }


def granted(components: Iterable[str]) -> set[str]:
    """What is written down for these components."""
    known = json.loads(ACTIONS.read_text("utf-8"))
    return {action for name in components for sort in ("read", "write") for action in known.get(name, {}).get(sort, ())}


def main(logs: list[str]) -> None:
    """Write down what the logs say."""
    needs = merged(calls(Path(log)) for log in logs)
    missing = sorted({kind for kinds in types().values() for kind in kinds} - needs.keys() - BY_HAND.keys() - SILENT)
    assert missing == [], f"no log has a call of {missing}"
    ACTIONS.write_text(json.dumps(document(needs), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
