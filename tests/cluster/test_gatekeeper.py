"""The rules that judge releases, asked by a real Gatekeeper when somebody changes an object in the cluster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.cluster.gatekeeper import gatekeeper
from tests.conftest import ROOT

from gaia.gitops import gatekeeper as written
from gaia.gitops import layout as layouts
from gaia.gitops import reading
from gaia.gitops.objects import objects_of
from gaia.gitops.written import document
from gaia.kit import yaml as kit_yaml
from gaia.policy.rules import PolicySet

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.gatekeeper import Gatekeeper

    from gaia.gitops.layout import Layout

SPACE = "initech-dev"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{SPACE}/deployments"
LAYOUT: dict[str, Any] = {
    "repository": "https://git.example.com/initech/gitops",
    "tenants": {"initech": {"domains": ["initech.example.com"]}},
    "stages": {"dev": {"cluster": "here"}},
}
RELEASE: dict[str, Any] = {
    "service": "reports",
    "tenant": "initech",
    "stage": "dev",
    "owner": "media",
    "image": f"registry.example.com/initech/reports@sha256:{'a' * 64}",
    "ports": {"http": 8080},
}


@pytest.fixture(name="keeper", scope="module")
def asked(cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gatekeeper]:
    """Gatekeeper, asked about a tenant's namespace."""
    labels = {"tests.gaia/asked": "yes"}
    made = cluster.api.post("/api/v1/namespaces", json={"metadata": {"name": SPACE, "labels": labels}})
    assert made.status_code == 201, made.text
    with gatekeeper(cluster, tmp_path_factory.mktemp("gatekeeper")) as keeper:
        yield keeper


def layout_of(**admission: Any) -> Layout:
    """With an admission."""
    text = document({**LAYOUT, "admission": admission})
    return layouts.read(kit_yaml.parse(text.encode(), "gitops.yaml"))


def rules(**admission: Any) -> list[dict[str, Any]]:
    """What `gaia release prepare` writes for Gatekeeper."""
    files = written.files_of(layout_of(**admission), PolicySet.load(ROOT / "blueprint/policies"))
    return [one for text in files.values() for one in yaml.safe_load_all(text)]


def released() -> dict[str, Any]:
    """The Deployment of a release."""
    release = reading.read(kit_yaml.parse(document(RELEASE).encode(), "release.yaml"), layout_of(action="deny"))
    [found] = [one for one in objects_of(release, layout_of(action="deny")) if one["kind"] == "Deployment"]
    return found


def privileged(name: str = "reports") -> dict[str, Any]:
    """The same with power over its machine: the server of the API itself lets no privileged container through here."""
    made = released()
    made["metadata"] |= {"name": name}
    made["spec"]["template"]["spec"]["hostNetwork"] = True
    return made


def offered(keeper: Gatekeeper, one: dict[str, Any]) -> httpx.Response:
    """What the cluster says to an object, which is not kept."""
    return keeper.cluster.api.post(DEPLOYMENTS, params={"dryRun": "All"}, json=one)


def test_a_rule_is_rolled_out_from_dryrun_to_deny(keeper: Gatekeeper) -> None:
    """First the audit lists what is there and nobody is told, then who changes something is warned, then refused; a
    service is let through until its waiver ends. What is released is admitted all along.
    """
    keeper.bring(rules(action="dryrun"))
    old = keeper.cluster.api.post(DEPLOYMENTS, json=privileged("old"))
    assert (old.status_code, "Containers have no power" in old.headers.get("warning", "")) == (201, False), old.text
    listed = keeper.cluster.until("the audit lists it", lambda: keeper.violations("GaiaNoPrivileged", "no-privileged"))
    assert {(one["kind"], one["name"], one["namespace"], one["enforcementAction"]) for one in listed} >= {
        ("Deployment", "old", SPACE, "dryrun")
    }
    assert any("the pod has the network of the machine" in one["message"] for one in listed)

    keeper.bring(rules(action="dryrun", rules={"no_privileged": "warn"}))
    warned = keeper.cluster.until("it warns", lambda: offered(keeper, privileged()).headers.get("warning"))
    assert "Containers have no power over their machine" in warned

    keeper.bring(rules(action="deny"))
    keeper.cluster.until("it refuses", lambda: offered(keeper, privileged()).status_code == 403)
    said = offered(keeper, privileged()).json()["message"]
    assert "denied the request" in said
    assert "Containers have no power over their machine: " in said
    assert "the pod has the network of the machine" in said
    assert offered(keeper, released()).status_code == 201

    about = {"rule": "no_privileged", "tenant": "initech", "stage": "dev", "service": "reports"}
    soon = datetime.now(UTC) + timedelta(days=1)
    waiver = about | {"until": soon.isoformat(timespec="minutes"), "why": "it is rebuilt", "owner": "media"}
    whole = rules(action="deny", waivers=[waiver])
    keeper.bring(whole)
    keeper.cluster.until("it is waived", lambda: offered(keeper, privileged()).status_code == 201)
    for one in whole:
        for given in one["spec"].get("parameters", {}).get("waivers", []) if "spec" in one else []:
            given["until"] = (datetime.now(UTC) - timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    keeper.bring(whole)
    keeper.cluster.until("the waiver is over", lambda: offered(keeper, privileged()).status_code == 403)
    assert keeper.cluster.api.delete(f"{DEPLOYMENTS}/old").status_code == 200
