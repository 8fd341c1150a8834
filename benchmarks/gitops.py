"""A GitOps repository of a thousand services: rendered and held against Kubernetes' schemas; then looked at again.

Claims: all are read, rendered and validated within 5 s of processor time, and a second look at all of them, git's own
work included, takes at most 0.5 s and finds no difference.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import kubernetes_validate

from gaia.gitops import files, layout, reading
from gaia.gitops.objects import objects_of
from gaia.gitops.releasing import Releases
from gaia.gitops.repository import open_repository
from gaia.gitops.standing import standings
from gaia.gitops.written import document
from gaia.kit import yaml
from gaia.kit.git import Git

if TYPE_CHECKING:
    from gaia.gitops.layout import Layout

COUNT, VERSION = 1000, "1.35"
FOREIGN = ("HTTPRoute", "ExternalSecret", "ServiceMonitor")
LAYOUT = {
    "repository": "https://git.example.com/acme/gitops",
    "tenants": {f"tenant-{n}": {"domains": [f"t{n}.example.com"]} for n in range(10)},
    "stages": {"dev": {"cluster": "trial"}, "prod": {"cluster": "live"}},
    "gateway": {"namespace": "gateway", "name": "public"},
}


def source(number: int) -> dict[str, Any]:
    """A release with a bit of everything."""
    tenant, stage = number % 10, ("dev", "prod")[number // 10 % 2]
    return {
        "service": f"service-{number}",
        "tenant": f"tenant-{tenant}",
        "stage": stage,
        "owner": f"team-{number % 37}",
        "image": f"registry.example.com/team/service-{number}@sha256:{number:064x}",
        "ports": {"http": 8080, "metrics": 9090},
        "replicas": {"min": 2, "max": 2 + number % 5},
        "env": {
            **{f"SETTING_{n}": f"value {n} of {number}" for n in range(6)},
            "DB_PASSWORD": {"secret": f"tenant-{tenant}/{stage}/service-{number}"},
        },
        "probes": {"ready": "/ready", "live": "/live"},
        "route": {"hosts": [f"service-{number}.t{tenant}.example.com"]},
        "metrics": {"port": "metrics"},
        "reaches": [{"cidr": "10.20.0.0/16", "port": 5432}],
    }


def spent() -> float:
    """Seconds of processor time, of this process and of its children that have ended."""
    return sum(os.times()[:4])


def validated(sources: list[bytes], held: Layout) -> dict[str, str]:
    """The files of all releases, whose objects are all valid."""
    folder = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    (schemas,) = folder.glob(f"v{VERSION}.*-local-strict")
    definitions = json.loads((schemas / "_definitions.json").read_text().replace("/api/_definitions.json#", "#"))
    validators: dict[str, Any] = {}
    made: dict[str, str] = {}
    for content in sources:
        release = reading.read(yaml.parse(content, reading.FILE), held)
        for one in objects_of(release, held):
            if one["kind"] in FOREIGN:
                continue
            group, _, version = one["apiVersion"].rpartition("/")
            name = "-".join(part for part in (one["kind"], group.partition(".")[0], version) if part).lower()
            if name not in validators:
                schema = json.loads((schemas / f"{name}.json").read_text().replace("/api/_definitions.json#", "#"))
                validators[name] = jsonschema_rs.validator_for(
                    {"$defs": definitions["$defs"], **schema, "$id": "file:///"}
                )
            validators[name].validate(one)
        made |= files.files_of(release, held)
    misspelt = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replica": 1}}
    assert not validators["deployment-apps-v1"].is_valid(misspelt)  # noqa: S101  it does look
    assert len(validators) == len(("account", "service", "deployment", "autoscaler", "budget", "policy"))  # noqa: S101
    return made


def main() -> int:
    """Print the figures; 1 when a claim does not hold."""
    held = layout.read(yaml.parse(document(LAYOUT).encode(), layout.FILE))
    sources = [document(source(number)).encode() for number in range(COUNT)]
    before = spent()
    made = validated(sources, held)
    first = spent() - before
    with tempfile.TemporaryDirectory(prefix="gaia-gitops-") as name:
        root = Path(name, "gitops")
        root.mkdir()
        git = Git(root, os.environ)
        git("init", "-q", "--bare", "-b", "main")
        git("fast-import", "--quiet", stdin=_first(document(LAYOUT), made))
        looks = []
        for _ in range(2):
            before, began = spent(), time.perf_counter()
            found = standings(Releases(open_repository(str(root), root, os.environ, Path(name, "cache"))), Path(name))
            assert [one.state for one in found] == ["current"] * COUNT  # noqa: S101
            looks.append((spent() - before, time.perf_counter() - began))
    print(f"{COUNT} releases, {len(made)} files, read, rendered and validated: {first:5.2f} s")
    for told, (processor, wall) in zip(("first", "second"), looks, strict=True):
        print(f"{told} look at all of them: {processor:5.2f} s, {wall:5.2f} s on the clock, no difference")
    return int(first > 5.0 or looks[1][0] > 0.5)


def _first(said: str, made: dict[str, str]) -> bytes:
    """The first commit of the repository."""
    parts = [b"commit refs/heads/main\ncommitter Gaia <gaia@localhost> 1 +0000\ndata 5\nfirst\n"]
    for path, text in {layout.FILE: said, **made}.items():
        content = text.encode()
        parts.append(b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content))
    return b"".join(parts)


if __name__ == "__main__":
    sys.exit(main())
