"""Gatekeeper's own controller in a process beside a control plane, which asks it about objects by a webhook."""

from __future__ import annotations

import base64
import ipaddress
import os
import shutil
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.cluster.control_plane import DEFINITIONS, STOPS, free_ports
from tests.conftest import ROOT

from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx
    from tests.cluster.control_plane import ControlPlane

NAMESPACE = "gatekeeper-system"
TEMPLATES = "/apis/templates.gatekeeper.sh/v1/constrainttemplates"
CONSTRAINTS = "/apis/constraints.gatekeeper.sh/v1beta1"
_HOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
_AUDIT = 3
"""Seconds between two audits."""


@dataclass(frozen=True)
class Gatekeeper:
    """Where it works."""

    cluster: ControlPlane

    def bring(self, objects: list[dict[str, Any]]) -> None:
        """Templates and constraints, and wait until what they say holds."""
        for one in objects:
            if one["kind"] == "ConstraintTemplate":
                self._apply(TEMPLATES, one)
        for one in objects:
            if one["kind"] == "ConstraintTemplate":
                self.cluster.until(f"{one['metadata']['name']} is taken", partial(self._is_created, one))
        for one in objects:
            if one["kind"] not in ("ConstraintTemplate", "Kustomization"):
                path = f"{CONSTRAINTS}/{one['kind'].lower()}"
                self.cluster.until(f"{one['kind']} is served", partial(self._is_served, path))
                self._apply(path, one)
                self.cluster.until(f"{path} holds", partial(self._holds, path, one))

    def violations(self, kind: str, name: str) -> list[dict[str, Any]]:
        """What the audit wrote into a constraint."""
        held = self.cluster.get(f"{CONSTRAINTS}/{kind.lower()}/{name}")
        found: list[dict[str, Any]] = held.get("status", {}).get("violations") or []
        return found

    def _is_served(self, path: str) -> bool:
        return self.cluster.api.get(path).is_success

    def _is_created(self, one: Mapping[str, Any]) -> bool:
        held = self.cluster.get(f"{TEMPLATES}/{one['metadata']['name']}").get("status", {})
        return bool(held.get("created")) and not any(pod.get("errors") for pod in held.get("byPod", []))

    def _holds(self, path: str, one: Mapping[str, Any]) -> bool:
        held = self.cluster.get(f"{path}/{one['metadata']['name']}")
        seen = held.get("status", {}).get("byPod", [])
        now = held["metadata"]["generation"]
        return bool(seen) and all(pod.get("enforced") and pod.get("observedGeneration") == now for pod in seen)

    def _apply(self, path: str, one: Mapping[str, Any]) -> httpx.Response:
        answer = self.cluster.api.patch(
            f"{path}/{one['metadata']['name']}",
            params={"fieldManager": "tests", "force": "true"},
            content=yaml.safe_dump(dict(one)),
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        assert answer.status_code in (200, 201), answer.text
        return answer


@contextmanager
def gatekeeper(cluster: ControlPlane, folder: Path) -> Iterator[Gatekeeper]:
    """Begin it in an empty folder; when the block ends nothing of it runs, and nobody is asked any more."""
    search = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    program = shutil.which("gatekeeper", path=search)
    if program is None or not (DEFINITIONS / "gatekeeper").is_dir():
        pytest.skip("optional: gatekeeper is not built (`make tools-cluster`)")
    _define(cluster)
    for name in ("certificates", "kinds"):
        (folder / name).mkdir()
    authority = _certificates(folder / "certificates")
    port, health, metrics = free_ports(3)
    environ = process.child_environment(
        os.environ, HOME=str(folder), TMPDIR=str(folder), POD_NAME="gatekeeper", POD_NAMESPACE=NAMESPACE,
        NAMESPACE=NAMESPACE, CONTAINER_NAME="manager",
    )  # fmt: skip
    operations = [f"--operation={one}" for one in ("webhook", "audit", "status", "generate")]
    with ExitStack() as stack, (folder / "gatekeeper.log").open("w") as log:

        def keep(line: str) -> None:
            log.write(f"{line}\n")
            log.flush()

        child = process.start(
            [
                program, *operations, f"--kubeconfig={cluster.kubeconfig}", f"--port={port}",
                f"--health-addr=127.0.0.1:{health}", f"--prometheus-port={metrics}", "--disable-cert-rotation",
                f"--cert-dir={folder / 'certificates'}", f"--api-cache-dir={folder / 'kinds'}",
                f"--audit-interval={_AUDIT}", f"--exempt-namespace={NAMESPACE}", "--disable-opa-builtin={http.send}",
            ],
            cwd=folder, env=environ, keep_output=False, grace=STOPS, on_line=keep, on_error_line=keep,
        )  # fmt: skip
        stack.callback(child.stop)
        stack.callback(lambda: cluster.api.delete(f"{_HOOKS}/gatekeeper-of-tests"))
        cluster.until("its webhook listens", lambda: _listens(port))
        hook = _hook(f"https://127.0.0.1:{port}/v1/admit", authority)
        answer = cluster.api.post(_HOOKS, json=hook)
        assert answer.status_code == 201, answer.text
        yield Gatekeeper(cluster)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _define(cluster: ControlPlane) -> None:
    """Its namespace, its kinds, and the pod that it takes itself for."""
    kinds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    made = []
    for one in yaml.safe_load_all((DEFINITIONS / "gatekeeper" / "gatekeeper.yaml").read_text()):
        if one and one["kind"] == "CustomResourceDefinition":
            assert cluster.api.post(kinds, json=one).status_code == 201
            made.append(one["metadata"]["name"])
    labels = {"pod-security.kubernetes.io/enforce": "privileged"}
    namespace = {"metadata": {"name": NAMESPACE, "labels": labels}}
    assert cluster.api.post("/api/v1/namespaces", json=namespace).status_code == 201

    def established(name: str) -> bool:
        conditions = cluster.get(f"{kinds}/{name}").get("status", {}).get("conditions", [])
        return any((one["type"], one["status"]) == ("Established", "True") for one in conditions)

    cluster.until("its kinds are served", lambda: all(established(name) for name in made))
    accounts = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
    cluster.until("its namespace has its account", lambda: "default" in cluster.names(accounts))
    pod = {"metadata": {"name": "gatekeeper"}, "spec": {"containers": [{"name": "manager", "image": "gatekeeper"}]}}
    answer = cluster.api.post(f"/api/v1/namespaces/{NAMESPACE}/pods", json=pod)
    assert answer.status_code == 201, answer.text


def _hook(url: str, authority: bytes) -> dict[str, Any]:
    """As Gatekeeper's own manifest has it, but by a URL, and who cannot be asked refuses."""
    for one in yaml.safe_load_all((DEFINITIONS / "gatekeeper" / "gatekeeper.yaml").read_text()):
        if one and one["kind"] == "ValidatingWebhookConfiguration":
            [asked] = [hook for hook in one["webhooks"] if hook["name"] == "validation.gatekeeper.sh"]
            client = {"url": url, "caBundle": base64.b64encode(authority).decode()}
            whole = asked | {"clientConfig": client, "failurePolicy": "Fail", "timeoutSeconds": 20}
            whole["rules"] = [rule | {"scope": "Namespaced"} for rule in asked["rules"]]
            whole["namespaceSelector"] = {"matchLabels": {"tests.gaia/asked": "yes"}}
            return {**one, "metadata": {"name": "gatekeeper-of-tests"}, "webhooks": [whole]}
    raise AssertionError


def _certificates(folder: Path) -> bytes:
    """A certificate for this machine that vouches for itself, with its key, as the webhook reads them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gatekeeper")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    content = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file, data in (("tls.crt", content), ("ca.crt", content), ("tls.key", private)):
        (folder / file).write_bytes(data)
    return content
