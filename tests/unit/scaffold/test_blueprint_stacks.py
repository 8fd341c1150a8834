"""The blueprint's stacks, before the first service and with one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.unit.scaffold.conftest import tenant_import

from gaia.errors import NotFound
from gaia.graph import order
from gaia.scaffold.render import Context, render
from gaia.scaffold.template import load_template
from gaia.stacks.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

PLACES = ("euw1-prod", "use1-dev", "use1-prod", "use1-staging")
STACKS = tuple(f"{tenant}-{place}" for tenant in ("acme", "nova") for place in PLACES)


def test_stacks_exist_before_their_first_service(blueprint: Path) -> None:
    """They are named and know where they are; production is in two regions."""
    repository = Repository.open(blueprint)
    assert repository.stacks == STACKS
    assert repository.stack_vars("acme-use1-prod") == {
        "tenant": "acme",
        "environment": "use1",
        "stage": "prod",
        "region": "us-east-1",
        "tags": {
            "tenant": "acme", "stage": "prod", "service": "platform",
            "owner": "team-platform", "cost-center": "cc-1000",
        },
    }  # fmt: skip
    assert repository.stack_vars("nova-euw1-prod")["region"] == "eu-west-1"
    with pytest.raises(NotFound) as caught:
        repository.stack_vars("acme-use1-pro")
    assert "acme-use1-prod" in caught.value.next_step


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_service_gets_its_stages_values(
    blueprint: Path, tmp_path: Path, context: Context, answers: dict[str, object], stage: str
) -> None:
    """Defaults of the catalog, differences of the stage, answers and references come together in order."""
    root = tmp_path / "repository"
    shutil.copytree(blueprint, root)
    stack = f"acme-use1-{stage}"
    context = Context("req_1", "photos", stack, "acme", "use1", stage, "us-east-1", "ann", (tenant_import(stage),))
    rendered = render(load_template(root, "object-store"), answers, context=context)
    path = root / rendered.manifest
    path.parent.mkdir()
    path.write_bytes(rendered.files[rendered.manifest])

    repository = Repository.open(root, untrusted=True)
    keys = repository.instances_of(rendered.manifest)
    instances = {key.component: repository.instance(key.component, key.stack) for key in keys}
    assert [[key.component for key in level] for level in order(instances.values())] == [
        ["photos-key"],
        ["photos-bucket"],
        ["photos-identity"],
    ]
    bucket, key = instances["photos-bucket"], instances["photos-key"]
    assert bucket.vars["force_destroy"] is (stage == "dev")
    assert bucket.vars.get("log_bucket") == {"prod": "acme-prod-tfstate-logs"}.get(stage)
    assert key.vars["deletion_window_in_days"] == {"dev": 7, "prod": 30}[stage]
    assert (bucket.backend["bucket"], bucket.backend["workspace_key_prefix"]) == (f"acme-{stage}-tfstate", "s3-bucket")
    assert bucket.providers == {"aws": {"region": "us-east-1"}}
    tags = bucket.vars["tags"]
    assert isinstance(tags, dict)
    assert (tags["gaia:instance"], tags["owner"]) == (str(bucket.key), "team-photos")
    assert bucket.explain(("vars", "tags", "owner")).at.file == rendered.manifest
    assert "owner" in rendered.origins[rendered.manifest][bucket.explain(("vars", "tags", "owner")).at.line]
    assert repository.stack_vars(stack)["stage"] == stage
