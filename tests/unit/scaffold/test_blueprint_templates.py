"""The templates of services that the blueprint offers."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.unit.scaffold.conftest import tenant_import

from gaia.errors import Invalid
from gaia.graph import order
from gaia.scaffold.render import Context, render
from gaia.scaffold.template import load_template, templates
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gaia.stacks.model import Instance

COMMON = {"purpose": "orders", "owner": "team-shop", "cost_center": "cc-1234"}
ANSWERS: dict[str, dict[str, object]] = {
    "database": {**COMMON, "backup_gb": 30},
    "object-store": {**COMMON, "storage_gb": 1, "monthly_writes": 1, "monthly_reads": 1},
    "queue-worker": {**COMMON, "monthly_messages": 1000},
}


@pytest.fixture
def made(blueprint: Path, tmp_path: Path) -> Callable[..., dict[str, Instance]]:
    """`made(template, stage, **answers)`: the instances of a service `orders`, those that others need first."""

    def instances(template: str, stage: str = "dev", **answers: object) -> dict[str, Instance]:
        root = tmp_path / "repository"
        shutil.copytree(blueprint, root, ignore=shutil.ignore_patterns("components"), dirs_exist_ok=True)
        place = ("acme", "use1", stage, "us-east-1", "ann")
        context = Context("req_1", "orders", f"acme-use1-{stage}", *place, (tenant_import(stage),))
        rendered = render(load_template(root, template), {**ANSWERS[template], **answers}, context=context)
        path = root / rendered.manifest
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(rendered.files[rendered.manifest])
        repository = Repository.open(root, untrusted=True)
        keys = repository.instances_of(rendered.manifest)
        found = {key: repository.instance(key.component, key.stack) for key in keys}
        return {key.component.removeprefix("orders-"): found[key] for level in order(found.values()) for key in level}

    return instances


def test_each_has_an_example_here(blueprint: Path) -> None:
    """So none is offered that was never rendered."""
    assert [one.name for one in templates(blueprint)] == sorted(ANSWERS)


@pytest.mark.parametrize("template", ANSWERS)
@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_each_has_a_key_of_its_own_and_is_found_again(
    made: Callable[..., dict[str, Instance]], template: str, stage: str
) -> None:
    """Everything bears the tags by which it is billed, and found after a crash."""
    instances = made(template, stage)
    for one in instances.values():
        tags = one.vars["tags"]
        assert isinstance(tags, dict)
        assert (tags["gaia:instance"], tags["owner"]) == (str(one.key), "team-shop")
        assert one.key.stack == f"acme-use1-{stage}"
        reads = {reference.component for _, reference in one.references}
        assert (str(instances["key"].key.component) in reads) or one.component_path in ("kms", "security-group")


def test_the_price_of_a_queue_follows_its_messages(made: Callable[..., dict[str, Instance]]) -> None:
    """Each is sent, received and deleted; its worker may do just that, and has as long as it needs."""
    instances = made("queue-worker", monthly_messages=1_000_000, message_kb=100, work_seconds=300, ordered=True)
    queue = instances["queue"]
    usage = queue.settings["cost"]["usage"]["aws_sqs_queue.this"]  # type: ignore[index]
    assert usage == {"monthly_requests": 3_000_000, "request_size_kb": 100}
    assert (queue.vars["fifo"], queue.vars["visibility_timeout_seconds"]) == (True, 300)
    grants = instances["identity"].vars["grants"]
    assert isinstance(grants, dict)
    assert all("*" not in action for grant in grants.values() for action in grant["actions"])
    assert instances["key"].vars["user_roles"] == ["acme-use1-dev-orders"]


def test_a_database_is_as_large_as_its_stage_says(made: Callable[..., dict[str, Instance]]) -> None:
    """What is asked is what only the asker knows; ports follow from the engine."""
    dev, prod = made("database", "dev", engine="mysql"), made("database", "prod")
    assert [one["database"].vars["multi_az"] for one in (dev, prod)] == [False, True]
    assert [one["rules"].vars["ports"] for one in (dev, prod)] == [[3306], [5432]]
    assert dev["database"].vars["engine_version"] == "8.4"
    assert prod["database"].settings["cost"] == {
        "usage": {"aws_db_instance.this": {"additional_backup_storage_gb": 30}}
    }
    with pytest.raises(Invalid, match="a tenth more than storage_gb"):
        made("database", storage_gb=100, storage_gb_most=105)
