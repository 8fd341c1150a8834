"""What compares a sum: a policy that approves up to a limit. It refuses every sum that is not wholly known."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.unit.cost.conftest import change, plan_of
from tests.unit.platform.loop import run_context

from gaia.cost.book import PriceBook
from gaia.cost.declared import Declared
from gaia.cost.estimate import estimate
from gaia.kit import clock
from gaia.platform.applying import run_end
from gaia.policy.rules import PolicySet
from gaia.records import previews, requests, runs
from gaia.terraform.normal import NormalForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.unit.platform.conftest import House

ROOT = Path(__file__).parents[3]
KEY, GIZMO, BUCKET = "aws_kms_key", "aws_gizmo", "aws_s3_bucket"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The guide's rule, which approves up to 50 a month, and a rule about plans."""
    guide = (ROOT / "docs/how-to/write-a-policy.md").read_text("utf-8")
    [rule] = re.findall(r"^```rego\n(auto_approve if .*?)^```$", guide, re.MULTILINE | re.DOTALL)
    folder = tmp_path_factory.mktemp("policies")
    shipped = "request/reserved_name.rego"
    for name, text in (
        (shipped, (ROOT / "blueprint/policies" / shipped).read_text("utf-8")),
        ("request/auto_approval.rego", f"package gaia.request\n\ndefault auto_approve := false\n\n{rule}"),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return PolicySet.load(folder)


def estimated(*changes: dict[str, Any], usage: Mapping[str, Any] | None = None, region: str = "us-east-1") -> Any:
    """What a plan of these changes costs."""
    said = {"version": "0.1", "resource_usage": usage or {}}
    plan = plan_of(*changes, region=region)
    return estimate(plan, usage=said, book=PriceBook.open(), project="p", region_default=region)


def settled(house: House, policies: PolicySet, cost: Mapping[str, object]) -> tuple[str, str]:
    """How a request ends whose preview costs this: its status, and what its log says."""
    platform = replace(
        house.platform,
        snapshot=cast(
            "Any",
            lambda _: SimpleNamespace(
                policies=policies,
                approval_rules=(),
                declared=Declared(),
                scope=lambda _: SimpleNamespace(tenant="acme", stage="dev"),
            ),
        ),
    )
    request = house.written()
    with platform.database.begin() as tx:
        row = requests.get(tx, request)
        digest = NormalForm({}, platform.key.id).digest
        made = previews.add(tx, row, digest, key=platform.key, commit="c" * 40, at=clock.now())
        previews.add_judgement(
            tx, made, findings=(), undecided=(), cost=cost, policies="p", verdict="allowed", at=clock.now()
        )  # fmt: skip
        requests.note(tx, request, at=clock.now(), preview=digest, commit="c" * 40, instances=("acme-use1-dev/a",))
        [run] = runs.of_request(tx, request)
        runs.move(tx, run.id, ["queued"], "running", at=clock.now())
    with run_context(platform, run.id) as context:
        run_end.end_preview(context.at("settle", {}), None)
    with platform.database.read() as tx:
        status = requests.get(tx, request).status
    return status, "".join(str(line["message"]) for line in house.as_("ann").log(request))


STORED = {f"{BUCKET}.this": {"standard": {"storage_gb": 100}}}


@pytest.mark.parametrize(
    ("changes", "options"),
    [
        ([change(KEY, after={})], {}),
        ([change(KEY, before={})], {}),
        ([change(KEY, after={}), change("aws_iam_role", after={})], {}),
        ([change(BUCKET, after={})], {"usage": STORED}),
        ([change(KEY, after={}), change(BUCKET, after={})], {}),
    ],
    ids=["made", "retired", "free beside it", "by use that is said", "by use that nobody has said beside it"],
)
def test_a_known_sum_below_the_limit_is_approved(
    house: House, limited: PolicySet, changes: list[dict[str, Any]], options: dict[str, Any]
) -> None:
    """By the policy; usage that nobody has said is no missing price."""
    status, log = settled(house, limited, estimated(*changes, **options))
    assert (status, "not wholly known" in log) == ("applying", False)


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (estimated(change(BUCKET, after={}), usage={f"{BUCKET}.this": {"standard": {"storage_gb": 1000000}}}), False),
        (estimated(change(BUCKET, after={})), False),
        (estimated(change(KEY, after={}), region="ap-south-2"), True),
        (estimated(change(KEY, before={}), region="ap-south-2"), True),
        (estimated(change(KEY, after={}), change(GIZMO, after={})), True),
        (estimated(change(KEY, before={}), change(GIZMO, before={})), True),
        (estimated(change(GIZMO, after={})), True),
        ({}, False),
    ],
    ids=[
        "above", "by use alone", "no price", "no price of what goes", "partial", "partial saving", "no type",
        "no estimate",
    ],
)  # fmt: skip
def test_every_other_sum_is_for_a_person(house: House, limited: PolicySet, cost: dict[str, Any], said: bool) -> None:
    """Too much, unknown or partial; where a price is missing, the log gives that as the reason."""
    status, log = settled(house, limited, cost)
    assert (status, "the cost is not wholly known" in log) == ("waiting", said)
