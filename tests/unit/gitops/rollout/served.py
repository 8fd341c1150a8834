"""A real HTTP server that answers as Argo CD 3.2 and the Kubernetes API do: the contracts that Gaia relies on.

Paths, fields and forms are those of Argo CD 3.2.6's `application.proto`, `types.go` and its gateway; `Argo` is one
application whose state a test sets, and whose requests it can look at.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

OURS, OLDER, LATER = "a" * 40, "b" * 40, "c" * 40
NAME = "acme.dev.photos"
IMAGE = "registry.example.com/acme/photos@sha256:" + "a" * 64
TOKEN = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"
Json = dict[str, Any]


def application(
    sync: str = "Synced",
    revision: str = OURS,
    health: str = "Healthy",
    phase: str = "Succeeded",
    applied: str = OURS,
    **status: object,
) -> Json:
    """An Application as it is stored and served."""
    source = {"repoURL": "https://git.example.com/acme/gitops", "path": "applications/acme/dev/photos"}
    target = {"name": "in-cluster", "namespace": "acme-dev"}
    operation = {
        "operation": {"sync": {"revision": applied}, "initiatedBy": {"automated": True}, "retry": {"limit": 5}},
        "phase": phase,
        "message": "successfully synced (all tasks run)",
        "syncResult": {"resources": [], "revision": applied, "source": source},
        "startedAt": "2026-12-01T08:00:00Z",
    }
    found = {
        "sync": {"status": sync, "comparedTo": {"source": source, "destination": target}, "revision": revision},
        "health": {"status": health, "lastTransitionTime": "2026-12-01T08:00:00Z"},
        "history": [{"revision": OLDER, "deployedAt": "2026-12-01T07:00:00Z", "id": 0, "source": source}],
        "operationState": operation,
        "reconciledAt": "2026-12-01T08:00:01Z",
        "sourceType": "Kustomize",
        "summary": {"images": [IMAGE]},
        "resources": [{"group": "apps", "version": "v1", "kind": "Deployment", "name": "photos", "status": sync}],
    }
    return {
        "metadata": {"name": NAME, "namespace": "argocd", "resourceVersion": "7"},
        "spec": {"destination": target, "source": source, "project": "acme"},
        "status": found | status,
    }


def pod(image: str = IMAGE, name: str = "photos-1", **status: object) -> Json:
    """A pod of the service."""
    probe = {"httpGet": {"path": "/ready", "port": "http"}}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "acme-dev", "creationTimestamp": "2026-12-01T08:00:00Z"},
        "spec": {"containers": [{"name": "photos", "image": image, "readinessProbe": probe}]},
        "status": {"phase": "Pending", **status},
    }


def waiting(why: str, message: str = "", **more: object) -> Json:
    """The status of a pod whose container waits."""
    one = {"name": "photos", "image": IMAGE, "ready": False, "state": {"waiting": {"reason": why, "message": message}}}
    return {"containerStatuses": [one | more]}


@dataclass
class Argo:
    """What is served; `answers` come before it, one for each request of the application."""

    state: Json | None = field(default_factory=application)
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    events: list[list[bytes]] = field(default_factory=list)
    """Lines of each stream; after the last one it is cut."""
    pods: list[Json] = field(default_factory=list)
    deployments: dict[str, Json] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""

    def answer(self, target: str) -> tuple[int, bytes]:
        """To a GET."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if path in (
            f"/api/v1/applications/{NAME}",
            f"/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/{NAME}",
        ):
            if self.answers:
                return self.answers.pop(0)
            return (200, json.dumps(self.state).encode()) if self.state else (404, _error(5, "not found"))
        if path == f"/api/v1/applications/{NAME}/resource-tree":
            nodes = [_node(one) for one in self.pods]
            return 200, json.dumps({"nodes": nodes, "hosts": []}).encode()
        if path == f"/api/v1/applications/{NAME}/resource" and query["kind"] == ["Deployment"]:
            named = self.deployments.get(query["resourceName"][0])
            return (200, json.dumps({"manifest": json.dumps(named)}).encode()) if named else (404, _error(5, "no"))
        if path.startswith("/apis/apps/v1/namespaces/acme-dev/deployments/"):
            named = self.deployments.get(path.rpartition("/")[2])
            return (200, json.dumps(named).encode()) if named else (404, _error(5, "no"))
        if path == f"/api/v1/applications/{NAME}/resource":
            (named,) = (one for one in self.pods if one["metadata"]["name"] == query["resourceName"][0])
            return 200, json.dumps({"manifest": json.dumps(named)}).encode()
        if path in ("/api/v1/namespaces/acme-dev/pods", "/apis/apps/v1/namespaces/acme-dev/replicasets"):
            kind = "Pod" if path.endswith("pods") else "ReplicaSet"
            items = [{k: v for k, v in one.items() if k != "kind"} for one in self.pods if one["kind"] == kind]
            return 200, json.dumps({"kind": f"{kind}List", "items": items}).encode()
        return 404, _error(5, "not found")


def _node(one: Json) -> Json:
    group = {"group": "apps"} if one["kind"] == "ReplicaSet" else {}
    about = {"version": "v1", "kind": one["kind"], "namespace": "acme-dev", "name": one["metadata"]["name"]}
    return {**group, **about, "health": {"status": "Progressing"}, "createdAt": "2026-12-01T08:00:00Z"}


def _error(code: int, message: str) -> bytes:
    return json.dumps({"error": message, "code": code, "message": message}).encode()


def event(state: Json, kind: str = "MODIFIED") -> bytes:
    """A line of the stream, as the gateway writes it."""
    return json.dumps({"result": {"type": kind, "application": state}}).encode() + b"\n"


@contextmanager
def serving(argo: Argo, context: ssl.SSLContext | None = None) -> Iterator[Argo]:
    """The server, until the end of the block; with a context it speaks TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            argo.asked.append(self.path)
            argo.tokens.add(self.headers.get("Authorization", ""))
            if self.path.startswith("/api/v1/stream/applications?"):
                self.send_response(200)
                self.end_headers()
                for line in argo.events.pop(0) if argo.events else []:
                    self.wfile.write(line)
                return
            status, body = argo.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    argo.url = f"http{'s' if context else ''}://127.0.0.1:{server.server_address[1]}"
    try:
        yield argo
    finally:
        server.shutdown()
        server.server_close()
