"""A GitOps repository that `gaia release` writes, and a real Argo CD that reads it and brings about what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from tests.cluster.argo_cd import API, NAMESPACE, argo_cd
from tests.cluster.control_plane import free_ports
from tests.cluster.kubelet import play_kubelet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cluster.argo_cd import ArgoCd
    from tests.cluster.control_plane import ControlPlane

DIGESTS = ["sha256:" + letter * 64 for letter in "ab"]
SERVICES = {"photos": "acme", "music": "acme", "shop": "globex"}
APPLICATIONS = {f"{tenant}.dev.{service}" for service, tenant in SERVICES.items()}
LAYOUT = """\
repository: {url}
tenants:
  acme: {{domains: [acme.example.com], groups: [acme-developers]}}
  globex: {{domains: [globex.example.com], groups: [globex-developers]}}
stages:
  dev: {{cluster: workloads}}
  prod: {{cluster: workloads}}
admins: [platform-admins]
"""
RELEASE = """\
service: {service}
tenant: {tenant}
stage: {stage}
owner: media
image: registry.example.com/{tenant}/{service}@{digest}
ports: {{http: 8080}}
"""


@dataclass(frozen=True)
class GitOps:
    """A clone of the repository beside its remote."""

    folder: Path

    def git(self, *words: str) -> str:
        """Run git in the clone."""
        done = subprocess.run(["git", *words], cwd=self.folder / "gitops", capture_output=True, text=True, check=False)
        assert not done.returncode, done.stderr
        return done.stdout.strip()

    def gaia(self, *words: str) -> None:
        """Run `gaia release`."""
        child = self.begin(*words, "--yes")
        _, said = child.communicate()
        assert not child.returncode, said

    def begin(self, *words: str, **environ: str) -> subprocess.Popen[str]:
        """Begin `gaia release`."""
        environ = os.environ | {"HOME": str(self.folder), "GAIA_HOME": str(self.folder / "home")} | environ
        command = [sys.executable, "-m", "gaia", "release", *words, "--gitops", "gitops"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.folder, env=environ, stdout=pipe, stderr=pipe, text=True)

    def release(self, service: str, stage: str = "dev", digest: str = DIGESTS[0]) -> None:
        """Release a service by `gaia release make`."""
        text = RELEASE.format(service=service, tenant=SERVICES[service], stage=stage, digest=digest)
        (self.folder / "release.yaml").write_text(text)
        self.gaia("make", "release.yaml")

    @property
    def head(self) -> str:
        """The newest commit of the remote."""
        return self.git("ls-remote", "origin", "main").split()[0]


@pytest.fixture(name="repository", scope="module")
def three_services(tmp_path_factory: pytest.TempPathFactory) -> GitOps:
    """A repository with three services of two tenants, prepared and released."""
    folder = tmp_path_factory.mktemp("gitops")
    remote = folder / "remote.git"
    for words in (["init", "-q", "--bare", "-b", "main", str(remote)], ["clone", "-q", str(remote), "gitops"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    made = GitOps(folder)
    (folder / "gitops" / "gitops.yaml").write_text(LAYOUT.format(url=f"file://{remote}"))
    for words in (
        ["switch", "-q", "-C", "main"],
        ["config", "user.name", "t"],
        ["config", "user.email", "t@example.com"],
    ):
        made.git(*words)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "Say who lives here")
    made.git("push", "-q", "-u", "origin", "main")
    made.gaia("prepare")
    for service in SERVICES:
        made.release(service)
    return made


@pytest.fixture(name="argo", scope="module")
def bootstrapped(
    cluster: ControlPlane, repository: GitOps, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ArgoCd]:
    """Argo CD with `platform/argocd/` applied, as the page about releases says."""
    with argo_cd(cluster, tmp_path_factory.mktemp("argo"), "workloads") as argo:
        written = repository.folder / "gitops" / "platform" / "argocd"
        for name in yaml.safe_load((written / "kustomization.yaml").read_text())["resources"]:
            for one in yaml.safe_load_all((written / name).read_text()):
                answer = cluster.apply(one)
                assert answer.status_code in (200, 201), answer.text
        yield argo


def deployed(argo: ArgoCd, names: set[str], commit: str) -> bool:
    """Whether these are synced and healthy at our commit, by an operation that went well; who is not looks again."""
    play_kubelet(argo.cluster)
    held = argo.applications()
    behind = {name for name in names & held.keys() if revision(held[name]) not in ("", commit)}
    if behind:
        argo.refresh(behind)
        held = argo.applications()
    return names <= held.keys() and all(stands(held[name], commit) for name in names)


def revision(one: dict[str, Any]) -> str:
    """The commit that an application was compared with; empty where it was not yet."""
    return str(one.get("status", {}).get("sync", {}).get("revision", ""))


def stands(one: dict[str, Any], commit: str) -> bool:
    """Whether one is."""
    status = one.get("status", {})
    operation = status.get("operationState", {})
    return bool(
        status.get("sync", {}).get("status") == "Synced"
        and revision(one) == commit
        and status.get("health", {}).get("status") == "Healthy"
        and operation.get("phase") == "Succeeded"
    )


def told(argo: ArgoCd, name: str) -> str:
    """What Argo CD has against an application."""
    status = argo.applications()[name].get("status", {})
    said = [one["message"] for one in status.get("conditions", [])]
    operation = status.get("operationState", {})
    said += [operation.get("message", "")]
    said += [one.get("message", "") for one in operation.get("syncResult", {}).get("resources", [])]
    return "\n".join(said)


def application(name: str, project: str, namespace: str, source: dict[str, str]) -> dict[str, Any]:
    """One that somebody writes who may write to Argo CD, past the application sets."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "project": project,
            "source": source,
            "destination": {"name": "workloads", "namespace": namespace},
            "syncPolicy": {"automated": {}},
        },
    }


def test_what_is_released_runs(argo: ArgoCd, repository: GitOps) -> None:
    """Namespaces by the platform's application, three services of two tenants by their application sets."""
    names = {"clusters.workloads", *APPLICATIONS}
    argo.cluster.until("all are deployed", lambda: deployed(argo, names, repository.head))
    for service, tenant in SERVICES.items():
        made = argo.cluster.get(f"/apis/apps/v1/namespaces/{tenant}-dev/deployments/{service}")
        [container] = made["spec"]["template"]["spec"]["containers"]
        assert container["image"] in [f"registry.example.com/{tenant}/{service}@{digest}" for digest in DIGESTS]
    assert {"acme-dev", "acme-prod", "globex-dev", "globex-prod"} <= argo.cluster.names("/api/v1/namespaces")


def test_what_is_promoted_runs_in_the_next_stage(argo: ArgoCd, repository: GitOps) -> None:
    """Its first release there makes an application; a promotion brings the image that was tried."""
    argo.cluster.until("it is tried", lambda: deployed(argo, {"acme.dev.photos"}, repository.head))
    repository.release("photos", "prod")
    repository.release("photos", "dev", DIGESTS[1])
    repository.gaia("promote", "photos", "--tenant", "acme", "--from", "dev")
    argo.refresh()
    argo.refresh()  # the application that the first look made

    def arrived() -> bool:
        return deployed(argo, {"acme.dev.photos", "acme.prod.photos"}, repository.head)

    argo.cluster.until("it is deployed in both", arrived)
    made = argo.cluster.get("/apis/apps/v1/namespaces/acme-prod/deployments/photos")
    assert made["spec"]["template"]["spec"]["containers"][0]["image"].endswith(DIGESTS[1])


def test_a_tenant_reaches_nothing_of_another(argo: ArgoCd, repository: GitOps, tmp_path: Path) -> None:
    """Neither by an application into the other's namespace, nor by an object in its own that names it, nor a kind."""
    argo.cluster.until("namespaces are there", lambda: deployed(argo, {"clusters.workloads"}, repository.head))
    source = {"repoURL": f"file://{repository.folder / 'remote.git'}", "targetRevision": "main"}
    held = repository.folder / "gitops" / "foreign"
    held.mkdir()
    about = {"name": "foreign", "namespace": "globex-dev", "labels": {"app.kubernetes.io/name": "foreign"}}
    objects = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": about},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about | {"namespace": "acme-dev"}},
    ]
    (held / "objects.yaml").write_text(yaml.safe_dump_all(objects))
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "Try it")
    repository.git("push", "-q")
    into = {"path": "applications/acme/dev/photos"}
    for one in (
        application("into-another", "acme", "globex-dev", source | into),
        application("names-another", "acme", "acme-dev", source | {"path": "foreign"}),
        application("another-repository", "acme", "acme-dev", source | into | {"repoURL": f"file://{tmp_path}"}),
    ):
        assert argo.cluster.apply(one).status_code == 201
    argo.cluster.until(
        "it is refused", lambda: "do not match any of the allowed destinations" in told(argo, "into-another")
    )
    argo.cluster.until(
        "its source is refused", lambda: "is not permitted in project" in told(argo, "another-repository")
    )
    argo.cluster.until("its objects are refused", lambda: "is not permitted in project" in told(argo, "names-another"))
    assert "namespace globex-dev is not permitted in project 'acme'" in told(argo, "names-another")
    assert "foreign" not in argo.cluster.names("/api/v1/namespaces/globex-dev/serviceaccounts")
    assert "foreign" not in argo.cluster.names("/api/v1/namespaces/acme-dev/configmaps")
    for name in ("into-another", "names-another", "another-repository"):
        argo.cluster.api.delete(f"{API}/applications/{name}")


def test_rights_keep_tenants_apart(argo: ArgoCd, tmp_path: Path) -> None:
    """As Argo CD reads them: its settings, and of each project what that adds, as its server puts it together."""
    lines = [
        argo.cluster.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/argocd-rbac-cm")["data"]["policy.csv"].strip()
    ]
    for project in argo.cluster.get(f"{API}/appprojects")["items"]:
        for role in project["spec"].get("roles", []):
            lines += role["policies"]
            lines += [
                f"g, {group}, proj:{project['metadata']['name']}:{role['name']}" for group in role.get("groups", [])
            ]
    policy = tmp_path / "policy.csv"
    policy.write_text("\n".join(lines) + "\n")
    for own, other in (("acme", "globex"), ("globex", "acme")):
        who = f"{own}-developers"
        for action, kind in (("get", "applications"), ("sync", "applications"), ("get", "logs")):
            assert argo.can(policy, who, action, kind, f"{own}/any")
            assert not argo.can(policy, who, action, kind, f"{other}/any")
            assert not argo.can(policy, who, action, kind, "platform.clusters/clusters.workloads")
            assert not argo.can(policy, "somebody", action, kind, f"{own}/any")
        for action in ("create", "update", "delete", "override"):
            assert not argo.can(policy, who, action, "applications", f"{own}/any")
        for kind in ("projects", "clusters", "repositories"):
            assert not argo.can(policy, who, "update", kind, own)
    assert argo.can(policy, "platform-admins", "delete", "applications", "acme/any")


def by_its_api(argo: ArgoCd, repository: GitOps, project: str) -> dict[str, str]:
    """What leads Gaia to Argo CD's own server, with a token for a tenant's developers."""
    authority = repository.folder / "authority.pem"
    authority.write_text(argo.certificate)
    (repository.folder / "argocd-token").write_text(argo.token(project, "developer"))
    return {
        "GAIA_ARGOCD_URL": argo.url,
        "GAIA_ARGOCD_TOKEN_FILE": "argocd-token",
        "GAIA_ARGOCD_CA_FILE": str(authority),
    }


def ended(argo: ArgoCd, child: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]], str]:
    """The exit code of a command, its events, and its error; pods run meanwhile."""

    def over() -> bool:
        play_kubelet(argo.cluster)
        return child.poll() is not None

    argo.cluster.until("the command ends", over)
    out, error = child.communicate()
    return child.returncode, [json.loads(line) for line in out.splitlines()], error


def test_its_own_api_tells_of_a_release(argo: ArgoCd, repository: GitOps) -> None:
    """Over TLS that is checked, with a token of the tenant's project, which sees nothing of another tenant."""
    argo.cluster.until("all are deployed", lambda: deployed(argo, APPLICATIONS, repository.head))
    environ = by_its_api(argo, repository, "acme")
    words = ("watch", "photos", "--tenant", "acme", "--stage", "dev", "--output", "json")
    code, events, error = ended(argo, repository.begin(*words, **environ))
    assert code == 0, error
    assert events[-1]["state"] == "deployed"
    assert (events[-1]["sync"], events[-1]["health"], events[-1]["operation"]) == ("Synced", "Healthy", "Succeeded")
    other = ("watch", "shop", "--tenant", "globex", "--stage", "dev", "--output", "json")
    code, events, error = ended(argo, repository.begin(*other, **environ))
    assert (code, events) == (5, []), error
    assert json.loads(error)["error"] == "cluster-forbidden"
    (repository.folder / "argocd-token").write_text("eyJhbGciOiJIUzI1NiJ9.e30.c2ln")
    code, _, error = ended(argo, repository.begin(*words, **environ))
    assert (code, json.loads(error)["error"]) == (4, "cluster-unauthenticated")
    code, _, error = ended(argo, repository.begin(*words, "--timeout", "1m", **environ | {"GAIA_ARGOCD_CA_FILE": ""}))
    assert (code, json.loads(error)["error"]) == (8, "cluster-unreachable")


def test_an_alert_takes_a_release_back_by_itself(argo: ArgoCd, repository: GitOps) -> None:
    """A new release runs; the alert comes; what ran before runs again, the service is held, the incident is there."""
    environ = by_its_api(argo, repository, "acme")
    argo.cluster.until("it runs", lambda: deployed(argo, {"acme.dev.music"}, repository.head))
    repository.release("music", "dev", DIGESTS[1])
    (repository.folder / "alerts-token").write_text("of-tests-and-of-nobody-else")
    [port] = free_ports(1)
    words = ("guard", "music", "--tenant", "acme", "--stage", "dev", "--alerts", f"127.0.0.1:{port}")
    guard = repository.begin(*words, "--output", "json", **environ, GAIA_ALERTS_TOKEN_FILE="alerts-token")
    argo.cluster.until("it runs", lambda: deployed(argo, {"acme.dev.music"}, repository.head))
    held = {"labels": {"alertname": "Errors", "namespace": "acme-dev", "service": "music"}, "status": "firing"}
    call = {"version": "4", "alerts": [held | {"startsAt": datetime.now(UTC).isoformat()}]}
    signed = {"Authorization": "Bearer of-tests-and-of-nobody-else"}

    def taken() -> bool:
        """Sent until it is answered, as Alertmanager does."""
        assert guard.poll() is None, guard.communicate()
        try:
            return httpx.post(f"http://127.0.0.1:{port}/alerts", json=call, headers=signed, timeout=60).is_success
        except httpx.TransportError:
            return False

    argo.cluster.until("the alert is taken", taken)
    code, events, error = ended(argo, guard)
    assert (code, json.loads(error)["error"]) == (7, "release-taken-back"), error
    assert [one["incident"]["state"] for one in events if "incident" in one] == ["open", "over"]
    made = argo.cluster.get("/apis/apps/v1/namespaces/acme-dev/deployments/music")
    assert made["spec"]["template"]["spec"]["containers"][0]["image"].endswith(DIGESTS[0])
    repository.git("pull", "-q")
    assert list((repository.folder / "gitops/incidents/acme/dev/music").iterdir())
    repository.gaia("unlock", "music", "--tenant", "acme", "--stage", "dev")


def test_an_emptied_listing_removes_nothing(argo: ArgoCd, repository: GitOps) -> None:
    """Whoever empties the repository, by a mistake or on purpose, takes down no application and nothing of it."""
    argo.cluster.until("all are deployed", lambda: deployed(argo, APPLICATIONS, repository.head))
    before = argo.applications().keys()
    repository.git("pull", "-q")
    repository.git("rm", "-r", "-q", "applications")
    repository.git("commit", "-q", "-m", "Oh")
    repository.git("push", "-q")
    argo.refresh()
    held = argo.applications()
    assert held.keys() == before
    argo.cluster.until("it sees that they are gone", lambda: "does not exist" in told(argo, "globex.dev.shop"))
    for service, tenant in SERVICES.items():
        assert service in argo.cluster.names(f"/apis/apps/v1/namespaces/{tenant}-dev/deployments")
    repository.git("revert", "--no-edit", "HEAD")
    repository.git("push", "-q")
    argo.refresh()
    argo.cluster.until("all are deployed again", lambda: deployed(argo, APPLICATIONS, repository.head))
