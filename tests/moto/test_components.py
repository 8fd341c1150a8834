"""Each component of the blueprint, for real: made by the AWS provider, unchanged by a second plan, gone again.

A root in `roots/` puts components together that need each other, so one apply proves several; another half of the
components is another row of `ROOTS`.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.sandbox.at_work import terraform_at
from tests.moto import calls

from gaia import sandbox
from gaia.kit import hcl
from gaia.operations import import_ids
from gaia.operations.decide import STATE_ONLY
from gaia.operations.recover import IMPORTS_FILE, imports_file
from gaia.sandbox.wire import Wire
from gaia.terraform.providers import without_hashes

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
    not_imported: tuple[str, ...] = ()
    """Types that the emulator does not give back by their import id."""
    replaced: tuple[str, ...] = ()
    """What terraform would replace once it is imported: the provider reads no `bootstrap_self_managed_addons` back. A
    recovery never does so; it parks."""


IN_NIGHTS = frozenset({"tfstate-replication"})
"""It takes two regions, and is made with all of production: `tests/integration/checkout/test_coming_up.py`."""
ROOTS = (
    Root(
        "platform",
        frozenset({"kms", "vpc", "security-group", "acm", "alb", "ecr-repository", "eks", "eks-addons"}),
        replaced=(
            "module.cluster.aws_eks_cluster.this",
            "module.cluster.aws_iam_openid_connect_provider.this",
            "module.load_balancer.aws_vpc_security_group_ingress_rule.targets",  # into the cluster's own group
        ),
    ),
    Root(
        "services",
        frozenset(
            {
                "deployer-role",
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
    ),
    Root(
        "account",
        frozenset({"account-baseline", "backup", "kms", "monitoring"}),
    ),
    Root(
        "database",
        frozenset({"kms", "vpc", "security-group", "rds"}),
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
def log(tmp_path: Path) -> Path:
    """Where the provider says what it calls."""
    return tmp_path / "provider.log"


@pytest.fixture
def terraform(home: Path, log: Path) -> Callable[..., str]:
    """`terraform(folder, "apply")`: stdout of one command whose cloud is the sandbox."""
    return terraform_at(home, TF_LOG_PROVIDER="DEBUG", TF_LOG_PATH=str(log))


@pytest.mark.parametrize("root", [pytest.param(root, id=root.name) for root in ROOTS])
def test_made_unchanged_and_gone(
    root: Root, terraform: Callable[..., str], home: Path, log: Path, tmp_path: Path
) -> None:
    """Apply works, the second plan is empty, destroy leaves nothing. What the emulator gets wrong is patched in it.

    Whoever deploys these components (`deployer-role`) may call all that was called.
    """
    copied = tmp_path / "components/terraform"
    shutil.copytree(COMPONENTS, copied, ignore=shutil.ignore_patterns(".terraform*"))
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
    assert sorted(calls.called(log, root.components) - calls.granted(root.components)) == []


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


def test_no_component_is_left_out() -> None:
    """The roots together make all that the blueprint has."""
    proved = frozenset[str]().union(*(root.components for root in ROOTS))
    assert proved | IN_NIGHTS == {path.name for path in COMPONENTS.iterdir()}


def test_what_is_called_is_written_down_for_every_component() -> None:
    """No component, and no type of resource, is without its calls; and none is there that no component has."""
    assert json.loads(calls.ACTIONS.read_text("utf-8")).keys() == calls.types().keys() - {"deployer-role"} - IN_NIGHTS
