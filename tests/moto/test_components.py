"""Each component that the emulator knows, for real: made by the AWS provider, unchanged by a second plan, gone again.

A root in `roots/` puts components together that need each other, so one apply proves several; another half of the
components is another row of `ROOTS`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gaia import sandbox
from gaia.kit import hcl, process
from gaia.operations import import_ids
from gaia.operations.decide import STATE_ONLY
from gaia.operations.recover import IMPORTS_FILE, imports_file
from gaia.sandbox.wire import Wire
from gaia.settings import Settings
from gaia.terraform.providers import without_hashes, write_cli_config
from gaia.terraform.tool import find_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

HERE = Path(__file__).parent
COMPONENTS = HERE.parents[1] / "blueprint/components/terraform"

pytestmark = pytest.mark.cloud


@dataclass(frozen=True, slots=True)
class Root:
    """A folder of `roots/`."""

    name: str
    components: frozenset[str]
    """What it proves; the test compares it with what the root calls."""
    drifts: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Component → resource → attributes that the emulator does not give back. They, and nothing else, are ignored."""
    lacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Component → resources, not made, that the emulator lacks, or forgets so that the provider would wait for ever.
    Those with a `for_each` end in `[]`."""
    not_imported: tuple[str, ...] = ()
    """Types that the emulator does not give back by their import id."""
    replaced: tuple[str, ...] = ()
    """What terraform would replace once it is imported: the provider reads no `bootstrap_self_managed_addons` back. A
    recovery never does so; it parks."""


ROOTS = (
    Root(
        "platform",
        frozenset({"kms", "vpc", "security-group", "acm", "alb", "ecr-repository", "eks"}),
        {
            "eks": {
                "aws_eks_cluster.this": ("access_config", "upgrade_policy", "zonal_shift_config"),
                "aws_eks_node_group.this": ("node_repair_config", "remote_access", "update_config"),
                "aws_launch_template.this": ("tag_specifications",),
            },
            "security-group": {
                "aws_vpc_security_group_egress_rule.this": ("description",),
                "aws_vpc_security_group_ingress_rule.this": ("description",),
            },
        },
        replaced=("module.cluster.aws_eks_cluster.this", "module.cluster.aws_iam_openid_connect_provider.this"),
    ),
    Root(
        "services",
        frozenset(
            {
                "dynamodb-table",
                "iam",
                "kms",
                "s3-bucket",
                "secrets",
                "service-identity",
                "sns-topic",
                "sqs-queue",
                "tfstate-backend",
            }
        ),
        {
            "sns-topic": {"aws_sns_topic.this": ("signature_version",)},
            "sqs-queue": {"aws_sqs_queue.this": ("redrive_policy",)},
        },
        lacks={
            "sqs-queue": ("aws_sqs_queue_redrive_allow_policy.dead_letter",),
            # Access logs arrive at once, and a bucket that holds some is not destroyed.
            "tfstate-backend": ("aws_s3_bucket_lifecycle_configuration.state", "aws_s3_bucket_logging.state"),
        },
    ),
    Root(
        "account",
        frozenset({"account-baseline", "backup", "kms", "monitoring"}),
        {
            "backup": {
                "aws_backup_plan.this": ("tags", "tags_all"),
                "aws_backup_vault.this": ("tags", "tags_all"),
            },
            "monitoring": {"aws_sns_topic.this": ("signature_version",)},
        },
        {
            "account-baseline": (
                "aws_accessanalyzer_analyzer.this",
                "aws_ebs_default_kms_key.this",
                "aws_guardduty_detector_feature.this[]",
                "aws_s3_account_public_access_block.this",
            ),
            "backup": ("aws_backup_selection.this", "aws_backup_vault_policy.this"),
            "monitoring": (
                "aws_budgets_budget.this[]",
                "aws_ce_anomaly_monitor.this",
                "aws_ce_anomaly_subscription.this",
                "aws_cloudwatch_composite_alarm.this[]",
                "aws_cloudwatch_query_definition.this[]",
                "aws_xray_encryption_config.this",
                "aws_xray_group.this[]",
                "aws_xray_sampling_rule.this",
            ),
        },
    ),
    Root(
        "database",
        frozenset({"kms", "vpc", "security-group", "rds"}),
        {
            "rds": {
                "aws_db_instance.this": (
                    "database_insights_mode",
                    "performance_insights_enabled",
                    "performance_insights_kms_key_id",
                    "performance_insights_retention_period",
                ),
                "aws_db_parameter_group.this": ("parameter",),
            },
        },
    ),
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A GAIA_HOME with a sandbox."""
    home = tmp_path / "home"
    sandbox.up(home, buckets=())
    yield home
    sandbox.down(home)


@pytest.fixture
def terraform(home: Path) -> Callable[..., str]:
    """`terraform(folder, "apply")`: stdout of one command whose cloud is the sandbox."""
    tool = find_tool(Settings.capture(os.environ, home))
    cloud = sandbox.environment(home)
    assert cloud is not None
    environment = process.child_environment(
        os.environ,
        TF_CLI_CONFIG_FILE=str(write_cli_config(home, tool, os.environ)),
        TF_IN_AUTOMATION="1",
        GOGC="off",  # a third less CPU than by default
        GOMEMLIMIT="1536MiB",
        **cloud,
    )

    def command(folder: Path, *arguments: str) -> str:
        done = process.run([tool.path, *arguments], cwd=folder, env=environment, timeout=1800)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr
        return done.stdout

    return command


@pytest.mark.parametrize("root", [pytest.param(root, id=root.name) for root in ROOTS])
def test_made_unchanged_and_gone(root: Root, terraform: Callable[..., str], home: Path, tmp_path: Path) -> None:
    """Apply works, the second plan is empty but for what the emulator gets wrong, destroy leaves nothing."""
    copied = tmp_path / "components/terraform"
    shutil.copytree(COMPONENTS, copied, ignore=shutil.ignore_patterns(".terraform*"))
    for component in {*root.drifts, *root.lacks}:
        override = _override(root.drifts.get(component, {}), root.lacks.get(component, ()))
        (copied / component / "emulator_override.tf.json").write_text(json.dumps(override))
    folder = shutil.copytree(HERE / "roots" / root.name, tmp_path / "roots" / root.name)
    called = hcl.read_component(folder).modules.values()
    assert {source.rpartition("/")[2] for source in called} == root.components

    terraform(folder, "init", "-input=false", "-no-color")
    lock = folder / ".terraform.lock.hcl"
    lock.write_text(without_hashes(lock.read_text()))
    terraform(folder, "apply", "-auto-approve", "-input=false", "-no-color")
    terraform(folder, "plan", "-input=false", "-no-color", "-out=second.planfile")
    second = json.loads(terraform(folder, "show", "-json", "second.planfile"))
    assert _changes(second) == {}
    check_import_ids(root, second, folder, terraform)

    terraform(folder, "destroy", "-auto-approve", "-input=false", "-no-color")
    assert terraform(folder, "state", "list") == ""
    assert sandbox.inventory(home).left() == ()
    assert _tagged(home) == []


def check_import_ids(root: Root, plan: Mapping[str, Any], folder: Path, terraform: Callable[..., str]) -> None:
    """What was made is found again, all of it at once, by the import ids that a recovery would use."""
    ids = {
        one["address"]: found
        for one in plan["resource_changes"]
        if one["mode"] == "managed" and one["type"] not in root.not_imported
        if (found := _import_id(one["type"], one["change"]["before"] or {}))
    }
    (folder / IMPORTS_FILE).write_bytes(imports_file(ids))
    terraform(folder, "plan", "-input=false", "-no-color", "-state=nothing.tfstate", "-out=third.planfile")
    (folder / IMPORTS_FILE).unlink()
    third = json.loads(terraform(folder, "show", "-json", "third.planfile"))
    changes = {one["address"]: one["change"] for one in third["resource_changes"]}
    again = {address.partition("[")[0] for address in ids if "create" in changes[address]["actions"]}
    assert again == set(root.replaced)
    assert all(changes[address].get("importing") for address in ids)
    unknown = {
        one["type"]
        for one in plan["resource_changes"]
        if one["mode"] == "managed" and one["address"] not in ids and not one["type"].startswith(STATE_ONLY)
    }
    assert {kind for kind in unknown if not import_ids.may_repeat(kind)} == set(root.not_imported)


def _import_id(kind: str, values: Mapping[str, Any]) -> str | None:
    """By its name, its tag or the id that its creation reports, whichever Gaia would use first."""
    known = {**values, "account": "123456789012", "partition": "aws", "region": "us-east-1"}
    if kind == "aws_sqs_queue":  # its id is its URL, and that is the emulator's, which no ARN tells
        return import_ids.reported_id(kind, str(values["id"]), known)
    if natural := import_ids.natural_id(kind, known):
        return natural
    tagged = import_ids.tagged_ids(kind, [str(values.get("arn"))])
    return tagged[0] if tagged else import_ids.reported_id(kind, str(values.get("id") or ""), known)


def _override(drifts: Mapping[str, tuple[str, ...]], lacks: tuple[str, ...]) -> dict[str, Any]:
    """An override that ignores attributes, in place of those that the component itself ignores, or makes none of it."""
    resources: dict[str, Any] = {}
    for address in lacks:
        kind, _, name = address.removesuffix("[]").partition(".")
        none: dict[str, Any] = {"for_each": {}} if address.endswith("[]") else {"count": 0}
        resources.setdefault(kind, {})[name] = none
    for address, attributes in drifts.items():
        kind, _, name = address.partition(".")
        resources.setdefault(kind, {})[name] = {"lifecycle": {"ignore_changes": list(attributes)}}
    return {"resource": resources}


def _changes(plan: Mapping[str, Any]) -> dict[str, tuple[list[str], list[str]]]:
    """What a plan would change: address to actions, and attributes whose value differs or would be known later."""
    found = {}
    for one in plan.get("resource_changes", []):
        change = one["change"]
        if change["actions"] not in (["no-op"], ["read"]):
            before, after, unknown = (change[key] or {} for key in ("before", "after", "after_unknown"))
            names = {*before, *after, *unknown}
            differing = [name for name in names if unknown.get(name) is True or before.get(name) != after.get(name)]
            found[one["address"]] = (change["actions"], sorted(differing))
    return found


def _tagged(home: Path) -> list[str]:
    """What still carries our tags, but keys and secrets that wait for their deletion, and NAT gateways: these stay."""
    wire = Wire(sandbox.running(home).port)
    wanted = {"TagFilters": [{"Key": "cost-center"}]}
    found = wire.json("tagging", "ResourceGroupsTaggingAPI_20170126.GetResources", wanted)
    mappings = found["ResourceTagMappingList"]
    assert isinstance(mappings, list)
    arns = [one["ResourceARN"] for one in mappings if not re.search(":kms:|:natgateway/", one["ResourceARN"])]
    return [arn for arn in arns if not (":secret:" in arn and _waits_for_deletion(wire, arn))]


def _waits_for_deletion(wire: Wire, secret: str) -> bool:
    about = wire.json("secretsmanager", "secretsmanager.DescribeSecret", {"SecretId": secret})
    return "DeletedDate" in about
