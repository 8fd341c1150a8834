"""Argo CD's own controllers and its server in processes of their own, beside a control plane, with Redis."""

from __future__ import annotations

import base64
import json
import os
import shutil
import ssl
import subprocess
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from tests.cluster.control_plane import DEFINITIONS, STOPS, free_ports
from tests.conftest import ROOT

from gaia.kit import process

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.cluster.control_plane import ControlPlane

NAMESPACE = "argocd"
API = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}"
MERGE = {"Content-Type": "application/merge-patch+json"}


@dataclass(frozen=True)
class ArgoCd:
    """Where it works."""

    cluster: ControlPlane
    program: str
    url: str
    """Of its server, which speaks TLS with a certificate of its own."""

    def applications(self) -> dict[str, Any]:
        """Each by its name."""
        return {one["metadata"]["name"]: one for one in self.cluster.get(f"{API}/applications")["items"]}

    def refresh(self, names: Collection[str] | None = None) -> None:
        """Have it look now, and not in three minutes: at applications, or at every set of them and then at all."""
        if names is None:
            for name in self.cluster.names(f"{API}/applicationsets"):
                self._annotate(f"applicationsets/{name}", "argocd.argoproj.io/application-set-refresh", "true")
            self.cluster.until("application sets are looked at", lambda: not self._asked("applicationsets"))
        for name in self.applications() if names is None else names:
            self._annotate(f"applications/{name}", "argocd.argoproj.io/refresh", "normal")
        self.cluster.until("applications are looked at", lambda: not self._asked("applications"))

    @property
    def certificate(self) -> str:
        """What vouches for the server, in PEM."""
        return self._secret("argocd-secret", "tls.crt")

    def token(self, project: str, role: str) -> str:
        """One that the server gives out for a role of a project, to whom administers it."""
        trusted = ssl.create_default_context(cadata=self.certificate)
        password = self._secret("argocd-initial-admin-secret", "password")
        with httpx.Client(base_url=self.url, verify=trusted, timeout=60) as http:
            answer = http.post("/api/v1/session", json={"username": "admin", "password": password})
            assert answer.status_code == 200, answer.text
            signed = {"Authorization": f"Bearer {answer.json()['token']}"}
            path = f"/api/v1/projects/{project}/roles/{role}/token"
            answer = http.post(path, json={"expiresIn": 3600}, headers=signed)
            assert answer.status_code == 200, answer.text
            return str(answer.json()["token"])

    def _secret(self, name: str, key: str) -> str:
        data = self.cluster.get(f"/api/v1/namespaces/{NAMESPACE}/secrets/{name}")["data"]
        return base64.b64decode(data[key]).decode()

    def can(self, policy: Path, who: str, *what: str) -> bool:
        """Whether its own reading of rights lets somebody do something."""
        words = [self.program, "admin", "settings", "rbac", "can", who, *what, "--policy-file", str(policy)]
        environ = {"HOME": str(policy.parent), "PATH": os.environ["PATH"], "KUBECONFIG": str(self.cluster.kubeconfig)}
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
        assert done.stdout in ("Yes\n", "No\n"), done.stderr
        return done.stdout == "Yes\n"

    def _annotate(self, path: str, name: str, value: str) -> None:
        body = {"metadata": {"annotations": {name: value}}}
        assert self.cluster.api.patch(f"{API}/{path}", json=body, headers=MERGE).status_code == 200

    def _asked(self, kind: str) -> list[str]:
        return [
            one["metadata"]["name"]
            for one in self.cluster.get(f"{API}/{kind}")["items"]
            if any("refresh" in name for name in one["metadata"].get("annotations", {}))
        ]


@contextmanager
def argo_cd(cluster: ControlPlane, folder: Path, name: str) -> Iterator[ArgoCd]:
    """Begin it in an empty folder, where it knows the cluster by this name; when the block ends nothing of it runs."""
    search = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    found = {one: shutil.which(one, path=search) or "" for one in ("argocd", "kustomize", "redis-server")}
    missing = [one for one, path in found.items() if not path]
    if missing:
        pytest.skip(
            f"optional: {', '.join(missing)} is not there (`make tools-cluster`; Redis is Debian's redis-server)"
        )
    kubeconfig = _define(cluster, folder, name)
    redis, repository, *others = free_ports(10)
    environ = process.child_environment(
        os.environ,
        HOME=str(folder), PATH=search, KUBECONFIG=str(kubeconfig), TMPDIR=str(folder),
        ARGOCD_GPG_ENABLED="false", ARGOCD_CONTROLLER_SHARD="0",
        ARGOCD_TLS_DATA_PATH=str(folder / "tls"), ARGOCD_SSH_DATA_PATH=str(folder / "ssh"),
        ARGOCD_GPG_DATA_PATH=str(folder / "gpg"), ARGOCD_GNUPGHOME=str(folder / "gnupg"),
    )  # fmt: skip
    with ExitStack() as stack:

        def begin(part: str, *words: str) -> None:
            program = found["redis-server"]
            if part != "redis":
                (folder / f"argocd-{part}").symlink_to(found["argocd"])  # it acts by the name that it is called by
                program = str(folder / f"argocd-{part}")
            log = stack.enter_context((folder / f"{part}.log").open("w"))

            def keep(line: str) -> None:
                log.write(f"{line}\n")
                log.flush()

            child = process.start(
                [program, *words], cwd=folder, env=environ, keep_output=False, grace=STOPS,
                on_line=keep, on_error_line=keep,
            )  # fmt: skip
            stack.callback(child.stop)

        here = [f"127.0.0.1:{repository}", "--kubeconfig", str(kubeconfig), "--namespace", NAMESPACE]
        begin("redis", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        begin(
            "repo-server", "--address", "127.0.0.1", "--port", str(repository), "--metrics-address", "127.0.0.1",
            "--metrics-port", str(others[0]), "--disable-tls", "--redis", f"127.0.0.1:{redis}",
        )  # fmt: skip
        begin(
            "application-controller", "--redis", f"127.0.0.1:{redis}", "--metrics-port", str(others[1]),
            "--repo-server-plaintext", "--repo-server", *here,
        )  # fmt: skip
        begin(
            "applicationset-controller", "--metrics-addr", f"127.0.0.1:{others[2]}", "--probe-addr",
            f"127.0.0.1:{others[3]}", "--webhook-addr", f"127.0.0.1:{others[4]}", "--repo-server-plaintext",
            "--argocd-repo-server", *here,
        )  # fmt: skip
        begin(
            "server", "--address", "127.0.0.1", "--port", str(others[5]), "--metrics-address", "127.0.0.1",
            "--metrics-port", str(others[6]), "--redis", f"127.0.0.1:{redis}", "--repo-server-plaintext",
            "--repo-server", *here,
        )  # fmt: skip
        made = ArgoCd(cluster, found["argocd"], f"https://localhost:{others[5]}")
        cluster.until("its server answers", lambda: _answers(made))
        yield made


def _answers(made: ArgoCd) -> bool:
    try:
        return httpx.get(f"{made.url}/healthz", verify=False).status_code == 200  # noqa: S501  nothing is said there
    except httpx.TransportError:
        return False


def _define(cluster: ControlPlane, folder: Path, name: str) -> Path:
    """Its kinds and its settings as its module has them, and the cluster; where the file is that tells of that one."""
    for one in ("tls", "ssh", "gpg", "gnupg"):
        (folder / one).mkdir()
    (folder / "ssh" / "ssh_known_hosts").touch()
    assert cluster.api.post("/api/v1/namespaces", json={"metadata": {"name": NAMESPACE}}).status_code == 201
    known = yaml.safe_load(cluster.kubeconfig.read_text())
    authority = Path(known["clusters"][0]["cluster"]["certificate-authority"])
    data = base64.b64encode(authority.read_bytes()).decode()
    for path in sorted((DEFINITIONS / "argocd").glob("*.yaml")):
        made = yaml.safe_load(path.read_text())
        if made["kind"] == "CustomResourceDefinition":
            cluster.define(path)
            continue
        made["metadata"]["namespace"] = NAMESPACE
        if made["kind"] == "Secret":
            made["stringData"] = {"server.secretkey": "of-tests-only"}
        assert cluster.apply(made).status_code in (200, 201)
    settings = {"bearerToken": known["users"][0]["user"]["token"], "tlsClientConfig": {"caData": data}}
    about = {"name": name, "namespace": NAMESPACE, "labels": {"argocd.argoproj.io/secret-type": "cluster"}}
    secret = {"name": name, "server": cluster.url, "config": json.dumps(settings)}
    made = {"apiVersion": "v1", "kind": "Secret", "metadata": about, "stringData": secret}
    assert cluster.apply(made).status_code in (200, 201)
    return cluster.kubeconfig
