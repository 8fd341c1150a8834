"""The small object store repository, end to end: names, values, origins, order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gaia.errors import NotFound, Position
from gaia.graph import dependents, order
from gaia.stacks.model import InstanceKey, Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from gaia.stacks.repository import Repository

FILES = {
    "orgs/acme/dev/_defaults.yaml": """\
vars: {tenant: acme, environment: use1, stage: dev}
terraform:
  backend_type: s3
  backend: {s3: {bucket: state, region: us-east-1}}
  providers: {aws: {region: us-east-1}}
  vars: {tags: {tenant: acme, owner: nobody}}
""",
    "catalog/bucket.yaml": """\
components:
  terraform:
    bucket/defaults:
      metadata: {type: abstract, component: s3-bucket}
      vars:
        versioning: true
        tags: {cost-center: none}
""",
    "orgs/acme/dev/services/photos.yaml": """\
import:
  - orgs/acme/dev/_defaults
  - catalog/bucket
components:
  terraform:
    photos-key:
      metadata: {component: kms}
      vars: {name: photos}
    photos-bucket:
      metadata: {component: s3-bucket, inherits: [bucket/defaults]}
      vars:
        name: photos
        key_arn: !terraform.state photos-key key_arn
        tags:
          owner: ann
    photos-identity:
      metadata: {component: service-identity}
      vars: {bucket: !terraform.state photos-bucket acme-use1-dev arn, key: "!terraform.output photos-key key_arn"}
""",
}
STACK = "acme-use1-dev"
SERVICE = "stacks/orgs/acme/dev/services/photos.yaml"


def test_lists_real_instances_by_derived_stack_names(repository: Callable[..., Repository]) -> None:
    """Stacks are named by the pattern; abstract components are not instances."""
    repo = repository(FILES)
    assert repo.stacks == (STACK,)
    assert [key.component for key in repo.instances] == ["photos-bucket", "photos-identity", "photos-key"]
    assert repo.instances_of(SERVICE) == repo.instances


def test_resolves_an_instance(repository: Callable[..., Repository]) -> None:
    """Vars, backend, workspace and file names follow Atmos's rules."""
    bucket = repository(FILES).instance("photos-bucket", STACK)
    assert bucket.vars["tags"] == {"tenant": "acme", "owner": "ann", "cost-center": "none"}
    assert bucket.component_path == "s3-bucket"
    assert bucket.backend == {"bucket": "state", "region": "us-east-1", "workspace_key_prefix": "s3-bucket"}
    assert bucket.providers == {"aws": {"region": "us-east-1"}}
    assert bucket.workspace == "acme-use1-dev-photos-bucket"
    assert bucket.varfile_name == "acme-use1-dev-photos-bucket.terraform.tfvars.json"
    assert bucket.inheritance == ("bucket/defaults",)
    assert bucket.imports == ("catalog/bucket", "orgs/acme/dev/_defaults")
    assert bucket.manifest == "orgs/acme/dev/services/photos"


def test_every_value_knows_its_origin(repository: Callable[..., Repository]) -> None:
    """The winner is shown with file and line, and what it beat, newest loser first."""
    origin = repository(FILES).instance("photos-bucket", STACK).explain(("vars", "tags", "owner"))
    assert (origin.value, origin.at) == ("ann", Position(SERVICE, 15, 11))
    (loser,) = origin.overridden
    assert (loser.value, loser.at) == ("nobody", Position("stacks/orgs/acme/dev/_defaults.yaml", 6, 31))


def test_references_stay_visible(repository: Callable[..., Repository]) -> None:
    """Both arities give a Reference with its place; a quoted text is a function too."""
    repo = repository(FILES)
    reference = repo.instance("photos-bucket", STACK).vars["key_arn"]
    text = "!terraform.state photos-key key_arn"
    assert reference == Reference("terraform.state", "photos-key", STACK, "key_arn", text, Position(SERVICE, 13, 9))
    identity = repo.instance("photos-identity", STACK)
    found = {path: (one.function, one.component, one.stack, one.expression) for path, one in identity.references}
    assert found == {
        ("vars", "bucket"): ("terraform.state", "photos-bucket", STACK, "arn"),
        ("vars", "key"): ("terraform.output", "photos-key", STACK, "key_arn"),
    }


def test_orders_by_references(repository: Callable[..., Repository]) -> None:
    """What is read from comes in an earlier level; dependents are found through others."""
    repo = repository(FILES)
    instances = [repo.instance(key.component, key.stack) for key in repo.instances]
    names = [[key.component for key in level] for level in order(instances)]
    assert names == [["photos-key"], ["photos-bucket"], ["photos-identity"]]
    key = InstanceKey(STACK, "photos-key")
    assert [one.component for one in dependents(key, instances)] == ["photos-bucket", "photos-identity"]


@pytest.mark.parametrize(
    ("component", "stack", "code", "nearest"),
    [
        ("photos-bucket", "acme-use1-prd", "stack-unknown", "acme-use1-dev"),
        ("photo-bucket", "acme-use1-dev", "component-unknown", "photos-bucket"),
    ],
)
def test_unknown_names_suggest_the_nearest(
    repository: Callable[..., Repository], component: str, stack: str, code: str, nearest: str
) -> None:
    """A wrong stack and a wrong component are different errors, each with the nearest name."""
    with pytest.raises(NotFound) as caught:
        repository(FILES).instance(component, stack)
    assert caught.value.code == code
    assert nearest in caught.value.next_step
