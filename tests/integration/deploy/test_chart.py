"""The Helm chart: what it renders is what Kubernetes takes, what our own rules ask, and what Gaia reads."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.conftest import RequireTool

    Render = Callable[..., list[dict[str, Any]]]
    Helm = Callable[..., subprocess.CompletedProcess[str]]

CHART = ROOT / "deploy" / "chart"
VERSIONS = ("1.32", "1.34", "1.35")
FOREIGN = ("HTTPRoute", "PodMonitor", "ServiceMonitor")
"""Kinds that are not Kubernetes' own."""
LEAST: dict[str, Any] = {
    "image": {"repository": "registry.example.com/gaia", "digest": "sha256:" + "a" * 64},
    "publicUrl": "https://gaia.example.com",
    "database": {"secret": "gaia-database"},
    "repositoryKey": {"secret": "gaia-key"},
}
MOST: dict[str, Any] = LEAST | {
    "repositoryKey": {"secret": "gaia-key", "older": ["key-0123456789ab.key"]},
    "git": {"sshSecret": "gaia-ssh"},
    "oidc": {
        "issuer": "https://id.example.com",
        "audience": "gaia",
        "clientId": "gaia",
        "clientSecret": {"secret": "gaia-oidc"},
        "settings": {"GROUPS_CLAIM": "roles"},
        "roles": {"groups": {"platform": [{"role": "admin"}]}},
    },
    "settings": {"GAIA_SMTP_FROM": "gaia@example.com"},
    "settingsFrom": ["gaia-smtp"],
    "api": {"autoscaling": {"enabled": True}, "nodeSelector": {"kubernetes.io/arch": "amd64"}},
    "worker": {
        "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::111111111111:role/gaia"}},
        "metrics": {"enabled": True},
    },
    "gateway": {"enabled": True, "parentRefs": [{"name": "public"}], "hostnames": ["gaia.example.com"]},
    "networkPolicy": {"monitoring": [{"kubernetes.io/metadata.name": "monitoring"}]},
    "serviceMonitor": {"enabled": True, "token": {"secret": "gaia-metrics"}},
    "podMonitor": {"enabled": True},
}


@pytest.fixture(name="helm")
def helm_here(require_tool: RequireTool, tmp_path: Path) -> Helm:
    """Helm, with values from a mapping."""
    program = require_tool("helm")

    def helm(values: Mapping[str, Any], *words: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "values.yaml").write_text(json.dumps(dict(values)))
        return subprocess.run(
            [program, *words, "--kube-version", VERSIONS[-1], "--values", tmp_path / "values.yaml"],
            cwd=tmp_path,
            env={"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return helm


@pytest.fixture(name="render")
def rendered(helm: Helm) -> Render:
    """The objects of the chart."""

    def render(values: Mapping[str, Any], name: str = "gaia") -> list[dict[str, Any]]:
        done = helm(values, "template", name, str(CHART), "--namespace", name)
        assert done.returncode == 0, done.stderr
        return [one for one in yaml.safe_load_all(done.stdout) if one]

    return render


def by_name(objects: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """By kind and name."""
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


@pytest.mark.cloud
@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
def test_every_object_is_valid_in_three_versions(render: Render, values: Mapping[str, Any]) -> None:
    """Strictly: an unknown field is refused as a wrong one is."""
    objects = render(values)
    assert len(by_name(objects)) == len(objects) >= 10
    for one in objects:
        if one["kind"] not in FOREIGN:
            for version in VERSIONS:
                kubernetes_validate.validate(one, version, strict=True)
    assert {one["metadata"]["namespace"] for one in objects} == {"gaia"}


@pytest.mark.cloud
@pytest.mark.parametrize("text", ["1234", "true", "no", "null", "1e3", "0x1f"])
@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
def test_a_text_that_looks_like_something_else_is_a_text(render: Render, values: Mapping[str, Any], text: str) -> None:
    """An owner, a release, a namespace, a secret, a key, a variable may be called 1234, true or null."""
    key = {"secret": text, "key": text}
    called = {
        "owner": text, "database": key, "repositoryKey": key, "settingsFrom": [text], "git": {"sshSecret": text},
        "settings": {"NO": 1_000_000, "NULL": text, "TRUE": False, "GAIA_X": 1.5},
    }  # fmt: skip
    more = {"serviceMonitor": {"enabled": True, "token": key}, "oidc": MOST["oidc"] | {"clientSecret": key}}
    objects = render({**values, **called, **(more if values is MOST else {})}, text)
    assert len(by_name(objects)) == len(objects) >= 10
    for one in objects:
        assert one["metadata"]["namespace"] == one["metadata"]["labels"]["gaia/owner"] == text
        assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == text
        if one["kind"] not in FOREIGN:
            kubernetes_validate.validate(one, VERSIONS[-1], strict=True)
    settings = by_name(objects)["ConfigMap", f"{text}-gaia"]["data"]
    assert [settings[name] for name in ("NO", "NULL", "TRUE", "GAIA_X")] == ["1000000", text, "false", "1.5"]


@pytest.mark.cloud
def test_a_number_is_one_however_large(render: Render) -> None:
    """Helm reads whole numbers as floats: none is written as 1e+06, which Kubernetes takes for no number of seconds."""
    replicas = {"replicas": 3_000_000}
    found = by_name(
        render(LEAST | {"api": replicas, "worker": {**replicas, "terminationGracePeriodSeconds": 1_000_000}})
    )
    worker = found["Deployment", "gaia-worker"]["spec"]
    assert (worker["replicas"], found["Deployment", "gaia-api"]["spec"]["replicas"]) == (3_000_000, 3_000_000)
    assert worker["template"]["spec"]["terminationGracePeriodSeconds"] == 1_000_000


@pytest.mark.cloud
def test_keys_that_were_replaced_lie_where_gaia_looks_for_them(render: Render) -> None:
    """What they signed and sealed can be read by each pod, the newest key's among them."""
    from gaia.kit.keys import OLDER

    for part in ("api", "worker"):
        pod = by_name(render(MOST))["Deployment", f"gaia-{part}"]["spec"]["template"]["spec"]
        key, older = (one["command"] for one in pod["initContainers"])
        assert key[-1] == "/var/lib/gaia/keys/repository.key"
        assert older[3:] == [
            f"--target-directory=/var/lib/gaia/keys/{OLDER}",
            "/run/secrets/gaia/key/key-0123456789ab.key",
        ]
        (held,) = (one["secret"]["items"] for one in pod["volumes"] if one["name"] == "key")
        assert [one["path"] for one in held] == ["repository.key", "key-0123456789ab.key"]


@pytest.mark.cloud
@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
def test_our_own_rules_let_it_through(render: Render, values: Mapping[str, Any], tmp_path: Path) -> None:
    """What Gaia asks of everybody's objects it asks of its own."""
    path = tmp_path / "objects.yaml"
    path.write_text(yaml.safe_dump_all(render(values)))
    done = subprocess.run(
        [
            ROOT / ".venv/bin/gaia",
            "policy",
            "check",
            path,
            "--policies",
            ROOT / "blueprint" / "policies",
            "-o",
            "json",
        ],
        cwd=tmp_path,
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stdout)
    assert (done.returncode, [one for one in said["findings"] if one["effect"] == "deny"]) == (0, [])


@pytest.mark.cloud
def test_helm_finds_nothing_to_say(helm: Helm) -> None:
    """Its own lint, strictly."""
    done = helm(MOST, "lint", str(CHART), "--strict")
    assert done.returncode == 0, done.stdout


@pytest.mark.cloud
def test_the_api_carries_out_nothing_and_workers_have_the_clouds_role(render: Render) -> None:
    """Only a worker's account may act in the cloud, and nobody has a token of the cluster."""
    found = by_name(render(MOST))
    api, worker = (found["Deployment", f"gaia-{part}"]["spec"]["template"]["spec"] for part in ("api", "worker"))
    assert "--no-engine" in api["containers"][0]["args"]
    assert worker["containers"][0]["args"][0] == "worker"
    assert worker["terminationGracePeriodSeconds"] >= 600
    assert "annotations" not in found["ServiceAccount", "gaia-api"]["metadata"]
    assert "eks.amazonaws.com/role-arn" in found["ServiceAccount", "gaia-worker"]["metadata"]["annotations"]
    for pod in (api, worker):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for one in (*pod["initContainers"], *pod["containers"]):
            assert one["securityContext"]["readOnlyRootFilesystem"] is True
            assert one["image"] == "registry.example.com/gaia@sha256:" + "a" * 64


@pytest.mark.cloud
@pytest.mark.parametrize("values", [LEAST, LEAST | {"networkPolicy": MOST["networkPolicy"]}], ids=["least", "read"])
def test_nobody_reaches_a_worker_that_tells_nothing(render: Render, values: Mapping[str, Any]) -> None:
    """It listens at no address, and its policy lets nobody in."""
    found = by_name(render(values))
    assert found["NetworkPolicy", "gaia-worker"]["spec"]["ingress"] == []
    [container] = found["Deployment", "gaia-worker"]["spec"]["template"]["spec"]["containers"]
    assert container["args"] == ["worker"]
    assert container.keys().isdisjoint({"ports", "livenessProbe"})


@pytest.mark.cloud
def test_prometheus_alone_reads_a_worker(render: Render) -> None:
    """At the port that the pod names, from the namespaces that are named; without one, nobody from another pod does."""
    found = by_name(render(MOST))
    [container] = found["Deployment", "gaia-worker"]["spec"]["template"]["spec"]["containers"]
    [port] = container["ports"]
    assert container["args"] == ["worker", "--metrics", f"0.0.0.0:{port['containerPort']}"]
    assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": port["name"]}
    [rule] = found["NetworkPolicy", "gaia-worker"]["spec"]["ingress"]
    assert rule["ports"] == [{"port": port["name"], "protocol": "TCP"}]
    [peer] = rule["from"]
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "monitoring"}
    closed = by_name(render(LEAST | {"worker": {"metrics": {"enabled": True}}}))
    assert closed["NetworkPolicy", "gaia-worker"]["spec"]["ingress"] == []


@pytest.mark.cloud
def test_what_is_read_belongs_to_the_job_of_the_alerts(render: Render) -> None:
    """Both monitors choose pods that there are, and call them what deploy/monitoring asks for."""
    found = by_name(render(MOST))
    alerts = (ROOT / "deploy/monitoring/rules.yaml").read_text()
    for kind, name, part, endpoints in (
        ("ServiceMonitor", "gaia", "api", "endpoints"),
        ("PodMonitor", "gaia-worker", "worker", "podMetricsEndpoints"),
    ):
        monitor = found[kind, name]["spec"]
        pod = found["Deployment", f"gaia-{part}"]["spec"]["template"]
        assert monitor["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
        [endpoint] = monitor[endpoints]
        assert endpoint["port"] in {one["name"] for one in pod["spec"]["containers"][0]["ports"]}
        [job] = endpoint["relabelings"]
        assert job["targetLabel"] == "job"
        assert set(re.findall(r'job="([^"]*)"', alerts)) == {job["replacement"]}


@pytest.mark.cloud
def test_the_machines_credentials_are_out_of_reach(render: Render) -> None:
    """Network policies deny what is not named; the address of the node's credentials never is."""
    found = by_name(render(MOST))
    for part in ("api", "worker"):
        outside = [
            peer["ipBlock"]
            for rule in found["NetworkPolicy", f"gaia-{part}"]["spec"]["egress"]
            for peer in rule["to"]
            if peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0"
        ]
        assert [one["except"] for one in outside] == [["169.254.0.0/16"]]


@pytest.mark.cloud
def test_every_variable_is_one_that_gaia_reads(render: Render) -> None:
    """Each variable that the chart sets is in the page of configuration."""
    page = (ROOT / "docs/reference/configuration.md").read_text()
    found = by_name(render(MOST))
    containers = [
        one["spec"]["template"]["spec"]["containers"][0] for one in found.values() if one["kind"] == "Deployment"
    ]
    names = {
        *found["ConfigMap", "gaia"]["data"],
        *(one["name"] for container in containers for one in container["env"]),
    }
    assert names - set(re.findall(r"`(GAIA_[A-Z_]+)`", page)) == set()
    assert names >= {"GAIA_HOME", "GAIA_DATABASE_URL", "GAIA_OIDC_ROLES", "GAIA_OIDC_GROUPS_CLAIM", "GAIA_SMTP_FROM"}


@pytest.mark.cloud
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"image": {"repository": ""}}, "repository"),
        ({"image": {"repository": "gaia", "tag": "latest"}}, "tag"),
        ({"image": {"repository": "gaia", "digest": "sha256:abc"}}, "digest"),
        ({"publicUrl": "http://gaia.example.com"}, "publicUrl"),
        ({"database": {"secret": ""}}, "secret"),
        ({"databases": {}}, "databases"),
        ({"worker": {"replica": 3}}, "replica"),
        ({"oidc": {"issuer": "https://id.example.com"}}, "audience"),
        ({"gateway": {"enabled": True}}, "parentRefs"),
        ({"serviceMonitor": {"enabled": True}}, "token"),
        ({"serviceMonitor": {"enabled": True, "interval": "30"}}, "interval"),
        ({"podMonitor": {"enabled": True}}, "worker.metrics.enabled"),
        ({"worker": {"metrics": {"enabled": True, "port": 80}}}, "port"),
        ({"api": {"metrics": {"enabled": True}}}, "api"),
        ({"worker": {"autoscaling": {"enabled": True}}}, "worker"),
        ({"api": {"autoscaling": {"enabled": True, "minReplicas": 9}}}, "maxReplicas"),
        ({"api": {"resources": {"requests": {"cpu": "fast"}}}}, "cpu"),
        ({"networkPolicy": {"callers": [{}]}}, "callers"),
        ({"networkPolicy": {"database": {"cidr": "db.example.com"}}}, "cidr"),
        ({"gateway": {"enabled": True, "parentRefs": [{"name": "x"}], "hostnames": ["https://x"]}}, "hostnames"),
        ({"owner": "x" * 64}, "owner"),
        ({"owner": "team media"}, "owner"),
        ({"database": {"secret": "x", "key": "url}, name: X, value: {y: z"}}, "key"),
        ({"repositoryKey": {"secret": "x", "key": "a, path: repository.key, mode: 511"}}, "key"),
        ({"repositoryKey": {"secret": "x", "older": ["../repository.key"]}}, "older"),
        ({"oidc": {"clientSecret": {"secret": "x", "key": "a}"}}}, "key"),
        ({"serviceMonitor": {"token": {"secret": "x", "key": "a: b"}}}, "key"),
        ({"image": {"repository": "gaia", "pullSecrets": [{"name": 7}]}}, "name"),
    ],
)
def test_values_that_cannot_be_meant_are_refused_by_name(helm: Helm, change: Mapping[str, Any], said: str) -> None:
    """Before anything is installed."""
    done = helm({**LEAST, **change}, "template", "gaia", str(CHART))
    assert done.returncode != 0
    assert said in done.stderr
