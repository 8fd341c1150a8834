"""What Argo CD is told keeps tenants apart, and is what its own schemas take."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml
from tests.unit.gitops.conftest import MOST, layout_of, release_of

from gaia.gitops import argocd
from gaia.gitops.objects import objects_of

if TYPE_CHECKING:
    from gaia.gitops.layout import Layout

CRDS = {
    "Application": "github.com/argoproj/argo-cd/v3@v3.2.6/manifests/crds/application-crd.yaml",
    "ApplicationSet": "github.com/argoproj/argo-cd/v3@v3.2.6/manifests/crds/applicationset-crd.yaml",
    "AppProject": "github.com/argoproj/argo-cd/v3@v3.2.6/manifests/crds/appproject-crd.yaml",
    "HTTPRoute": "sigs.k8s.io/gateway-api@v1.4.0/config/crd/standard/gateway.networking.k8s.io_httproutes.yaml",
}
"""In Go's module cache, where they are there: `go mod download` of the module brings them."""


def closed(schema: Any) -> Any:
    """The schema, but that an unknown field is refused, as kubectl does it."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(value) for name, value in schema.items()}
    is_open = found.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in found
    if "properties" in found and found.get("type") == "object" and not is_open:
        found["additionalProperties"] = False
    return found


@pytest.fixture(name="schemas", scope="module")
def from_modules() -> dict[str, Any]:
    """The schema of each kind that is there."""
    try:
        cache = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True).stdout.strip()
    except OSError:
        pytest.skip("optional: go is not installed")
    found = {}
    for kind, name in CRDS.items():
        path = Path(cache, name)
        if path.exists():
            held = yaml.load(path.read_text(), yaml.CSafeLoader)["spec"]["versions"]
            found[kind] = next(one for one in held if one["storage"])["schema"]["openAPIV3Schema"]
    return found


@pytest.mark.parametrize("kind", sorted(CRDS))
def test_objects_are_valid_by_the_schemas_of_the_modules(kind: str, layout: Layout, schemas: dict[str, Any]) -> None:
    """Strictly: an unknown field would be passed over by the cluster, and do nothing."""
    if kind not in schemas:
        pytest.skip(f"optional: {CRDS[kind]} is not in Go's module cache (`go mod download`)")
    files = argocd.files_of(layout)
    made = [one for text in files.values() for one in yaml.safe_load_all(text)] + objects_of(release_of(MOST), layout)
    found = [one for one in made if one["kind"] == kind]
    assert found
    schema = closed(schemas[kind])
    schema["properties"]["metadata"] = {"type": "object"}
    validator = jsonschema_rs.validator_for(schema)
    for one in found:
        assert [error.message for error in validator.iter_errors(one)] == []


def test_a_project_reaches_its_own_namespaces_and_nothing_of_a_cluster(layout: Layout) -> None:
    """Named one by one: a pattern `acme-*` would reach those of a tenant `acme-labs`."""
    spec = argocd.project_of(layout, "acme", layout.tenants["acme"])["spec"]
    assert spec["destinations"] == [
        {"name": "trial", "namespace": "acme-dev"},
        {"name": "trial", "namespace": "acme-staging"},
        {"name": "live", "namespace": "acme-prod"},
    ]
    assert spec["clusterResourceWhitelist"] == []
    assert not [one for one in spec["namespaceResourceWhitelist"] if "*" in one.values() or "Role" in one["kind"]]
    assert all(line.endswith(" acme/*, allow") for role in spec["roles"] for line in role["policies"])


def test_the_platform_may_do_what_its_own_applications_do(layout: Layout) -> None:
    """They name no namespace, and Argo CD refuses an application whose own destination its project does not have."""
    held = list(yaml.safe_load_all(argocd.files_of(layout)["platform/argocd/clusters.yaml"]))
    allowed = held[0]["spec"]["destinations"]
    applications = [one for one in held if one["kind"] == "Application"]
    assert applications
    for one in applications:
        assert {"name": one["spec"]["destination"]["name"], "namespace": ""} in allowed
    assert not [one for one in allowed if "*" in one["name"] + one["namespace"]]


def test_what_a_release_says_chooses_neither_project_nor_place(layout: Layout) -> None:
    """Of the folder only the service's name is taken, and the generator removes no application."""
    for tenant in layout.tenants:
        for stage, cluster in layout.stages.items():
            spec = argocd.application_set_of(layout, tenant, stage)["spec"]
            inner = spec["template"]["spec"]
            assert inner["project"] == tenant
            assert inner["destination"] == {"name": cluster, "namespace": f"{tenant}-{stage}"}
            assert spec["generators"][0]["git"]["files"] == [{"path": f"applications/{tenant}/{stage}/*/release.yaml"}]
            assert (spec["goTemplate"], spec["goTemplateOptions"]) == (True, ["missingkey=error"])
            assert spec["syncPolicy"]["applicationsSync"] == "create-update"


def test_nobody_sees_anything_by_default() -> None:
    """Administrators are named; everybody else has what a project's roles give."""
    data = argocd.rights_of(layout_of())["data"]
    assert data["policy.default"] == ""
    assert data["policy.csv"] == "g, platform-admins, role:admin\n"
