"""A real control plane in processes of its own: etcd, kube-apiserver, kube-controller-manager.

Objects are admitted, defaulted, kept, owned and collected as in any cluster. There is no kubelet and no container: pods
are made, and wait for a node for ever.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.conftest import ROOT

from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "helm")
DEFINITIONS = ROOT / ".tools" / "cluster"
PATIENCE = 120.0
"""Seconds until a part answers, or a controller has done its work, on a machine that does much else."""
STOPS = (15.0, 30.0)
"""Seconds after SIGINT and after SIGTERM: the server of the API lets those who watch go first."""


@dataclass(frozen=True)
class ControlPlane:
    """Where it is, and who may do everything there."""

    url: str
    helm: str
    kubeconfig: Path
    api: httpx.Client

    def get(self, path: str) -> Any:
        """What stands at a path; fails where nothing does."""
        answer = self.api.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        return answer.json()

    def names(self, path: str) -> set[str]:
        """Of the objects of a list."""
        return {one["metadata"]["name"] for one in self.get(path)["items"]}

    def paths(self) -> dict[str, str]:
        """The list of every kind that lies in a namespace, by its kind; `{namespace}` is to be put in."""
        groups = {"v1": "/api/v1"}
        for one in self.get("/apis")["groups"]:
            groups[one["preferredVersion"]["groupVersion"]] = f"/apis/{one['preferredVersion']['groupVersion']}"
        return {
            f"{version}/{one['kind']}": f"{group}/namespaces/{{namespace}}/{one['name']}"
            for version, group in groups.items()
            for one in self.get(group)["resources"]
            if one["namespaced"] and "list" in one["verbs"]
        }

    def apply(self, one: Mapping[str, Any], *, dry: bool = False) -> httpx.Response:
        """Apply an object on the server, strictly: an unknown field is refused, and what no server does, too."""
        metadata = one["metadata"]
        path = self.paths()[f"{one['apiVersion']}/{one['kind']}"].format(namespace=metadata["namespace"])
        wanted = {"fieldManager": "tests", "fieldValidation": "Strict"} | ({"dryRun": "All"} if dry else {})
        return self.api.patch(
            f"{path}/{metadata['name']}",
            params=wanted,
            content=yaml.safe_dump(dict(one)),
            headers={"Content-Type": "application/apply-patch+yaml"},
        )

    def define(self, file: Path) -> None:
        """Bring the kinds of a file, and wait until each is served."""
        for one in yaml.safe_load_all(file.read_text()):
            self._define(one)

    def _define(self, kind: Mapping[str, Any]) -> None:
        answer = self.api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json=kind)
        assert answer.status_code == 201, answer.text
        spec = kind["spec"]
        version = next(one["name"] for one in spec["versions"] if one["storage"])
        named = f"{spec['group']}/{version}/{spec['names']['kind']}"
        self.until(f"{named} is served", lambda: _served(self, named))

    def until(self, what: str, happened: Callable[[], Any]) -> Any:
        """Wait for what controllers do: until a function gives something that is true."""
        end = time.monotonic() + PATIENCE
        while not (found := happened()):
            assert time.monotonic() < end, f"after {PATIENCE:.0f} s not so: {what}"
            time.sleep(0.2)
        return found

    def run_helm(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run helm on this cluster."""
        environ = {"HOME": str(self.kubeconfig.parent), "PATH": os.environ["PATH"], "KUBECONFIG": str(self.kubeconfig)}
        return subprocess.run([self.helm, *words], env=environ, capture_output=True, text=True, check=False)


@contextmanager
def control_plane(folder: Path) -> Iterator[ControlPlane]:
    """Begin it in an empty folder; when the block ends nothing of it runs."""
    search = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    programs = {name: shutil.which(name, path=search) or "" for name in PROGRAMS}
    if not all(programs.values()) or not DEFINITIONS.is_dir():
        pytest.skip("the control plane is not built: make tools-cluster")
    token, (stored, peers, port) = secrets.token_hex(16), free_ports(3)
    url = f"https://127.0.0.1:{port}"
    key = _key(folder)
    (folder / "tokens.csv").write_text(f"{token},admin,1,system:masters\n")
    with ExitStack() as stack:

        def begin(name: str, *words: str) -> process.Child:
            child = process.start(
                [programs[name], *words], cwd=folder, env=process.child_environment(os.environ), keep_output=False,
                grace=STOPS,
            )  # fmt: skip
            stack.callback(child.stop)
            return child

        begin("etcd", *_etcd(stored, peers))
        server = begin("kube-apiserver", *_api_server(stored, port, key))
        certificate = folder / "certificates" / "apiserver.crt"
        _wait(server, certificate.is_file)
        kubeconfig = _kubeconfig(folder, url, certificate, token)
        verified = ssl.create_default_context(cafile=str(certificate))
        api = stack.enter_context(
            httpx.Client(base_url=url, verify=verified, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        )
        _wait(server, lambda: _ready(api))
        begin("kube-controller-manager", *_controllers(kubeconfig, key, certificate))
        made = ControlPlane(url, programs["helm"], kubeconfig, api)
        _define(made)
        yield made


def _etcd(stored: int, peers: int) -> list[str]:
    here, beside = f"http://127.0.0.1:{stored}", f"http://127.0.0.1:{peers}"
    return [
        "--data-dir=etcd", "--unsafe-no-fsync", f"--listen-client-urls={here}", f"--advertise-client-urls={here}",
        f"--listen-peer-urls={beside}", f"--initial-advertise-peer-urls={beside}",
        f"--initial-cluster=default={beside}",
    ]  # fmt: skip


def _api_server(stored: int, port: int, key: Path) -> list[str]:
    return [
        f"--etcd-servers=http://127.0.0.1:{stored}", "--bind-address=127.0.0.1", f"--secure-port={port}",
        "--cert-dir=certificates", f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc", "--token-auth-file=tokens.csv",
        "--authorization-mode=Node,RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
        "--shutdown-delay-duration=0s",
    ]  # fmt: skip


def _controllers(kubeconfig: Path, key: Path, certificate: Path) -> list[str]:
    return [
        f"--kubeconfig={kubeconfig}", f"--service-account-private-key-file={key}", f"--root-ca-file={certificate}",
        "--leader-elect=false", "--secure-port=0", "--horizontal-pod-autoscaler-sync-period=1s",
    ]  # fmt: skip


def _key(folder: Path) -> Path:
    """What accounts' tokens are signed with."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = folder / "accounts.key"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.private_bytes(*form))
    return path


def _kubeconfig(folder: Path, url: str, certificate: Path, token: str) -> Path:
    path = folder / "kubeconfig"
    path.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "here", "cluster": {"server": url, "certificate-authority": str(certificate)}}],
                "users": [{"name": "admin", "user": {"token": token}}],
                "contexts": [{"name": "here", "context": {"cluster": "here", "user": "admin"}}],
                "current-context": "here",
            }
        )
    )
    path.chmod(0o600)
    return path


def _define(made: ControlPlane) -> None:
    """The kinds of others that the chart makes objects of."""
    for file in sorted(DEFINITIONS.glob("*.yaml")):
        made.define(file)


def _served(made: ControlPlane, kind: str) -> bool:
    path = made.paths().get(kind)
    return path is not None and made.api.get(path.format(namespace="default")).status_code == 200


def _ready(api: httpx.Client) -> bool:
    try:
        return api.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _wait(child: process.Child, happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert child.running, child.wait().stderr
        assert time.monotonic() < end, "the server of the API does not begin"
        time.sleep(0.1)


def free_ports(count: int) -> list[int]:
    """Of this machine, that nobody listens at."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in found]
