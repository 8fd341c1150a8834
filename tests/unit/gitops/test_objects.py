"""What a release is made into."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml
from tests.unit.gitops.conftest import BLUE_GREEN, CANARY, LEAST, MOST, release_of

from gaia.gitops import files, namespaces
from gaia.gitops.objects import KINDS, objects_of
from gaia.gitops.written import documents

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import RequireTool

    from gaia.gitops.layout import Layout

VERSIONS = ("1.32", "1.34", "1.35")
FOREIGN = ("HTTPRoute", "ExternalSecret", "ServiceMonitor", "Canary", "MetricTemplate")
SOURCES = {"least": LEAST, "three": LEAST | {"replicas": 3}, "most": MOST, "canary": CANARY, "blue-green": BLUE_GREEN}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_objects_are_valid_in_three_versions(source: dict[str, Any], layout: Layout) -> None:
    """Strictly: an unknown field is refused as a wrong one is."""
    made = objects_of(release_of(source), layout) + namespaces.objects_of(layout, "acme", "dev")
    for one in made:
        for version in VERSIONS if one["kind"] not in FOREIGN else ():
            kubernetes_validate.validate(one, version, strict=True)
    assert len({(one["kind"], one["metadata"]["name"]) for one in made}) == len(made)


def test_every_kind_is_one_that_a_project_lets_through(layout: Layout) -> None:
    """And no other is."""
    made = [*objects_of(release_of(MOST), layout), *objects_of(release_of(CANARY), layout)]
    found = {(one["apiVersion"].rpartition("/")[0], one["kind"]) for one in made}
    assert found == set(KINDS)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_files_are_the_objects(
    source: dict[str, Any], layout: Layout, tmp_path: Path, require_tool: RequireTool
) -> None:
    """What kustomize builds of base and overlay is what was judged: nothing more, nothing else."""
    release = release_of(source)
    for path, content in files.files_of(release, layout).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    built = subprocess.run(
        [require_tool("kubectl"), "kustomize", tmp_path / release.place.folder],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    def by_name(objects: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
        return {(one["kind"], one["metadata"]["name"]): one for one in objects}

    assert by_name(list(yaml.safe_load_all(built))) == by_name(objects_of(release, layout))


def test_a_usual_release_changes_a_line_of_the_overlay(layout: Layout) -> None:
    """Beside the source itself; the base stays."""
    before = files.files_of(release_of(MOST), layout)
    after = files.files_of(release_of(MOST | {"image": str(MOST["image"]).replace("aaa", "bbb")}), layout)
    changed = {name.rpartition("/")[2]: name for name in before if before[name] != after[name]}
    assert set(changed) == {"release.yaml", "kustomization.yaml"}
    old, new = (text[changed["kustomization.yaml"]].splitlines() for text in (before, after))
    assert len(set(new) - set(old)) == 1
    assert len(new) < 12


def test_no_secret_and_no_way_but_the_named_ones(layout: Layout) -> None:
    """A secret is named, not written; the network is shut but for the gateway, Prometheus, callers and targets."""
    made = {one["kind"]: one for one in objects_of(release_of(MOST), layout)}
    env = {one["name"]: one for one in made["Deployment"]["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert env["DB_PASSWORD"] == {
        "name": "DB_PASSWORD",
        "valueFrom": {"secretKeyRef": {"name": "photos", "key": "DB_PASSWORD"}},
    }
    assert env["QUEUE_URL"]["value"] == MOST["outputs"]["queue_url"]
    policy = made["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert [len(one["from"]) for one in policy["ingress"]] == [1, 1, 1]
    assert [one["ports"][0]["port"] for one in policy["egress"]] == [53, 5432, 8080]
    closed = {one["kind"]: one for one in objects_of(release_of(LEAST), layout)}
    assert closed["NetworkPolicy"]["spec"]["ingress"] == []


def test_what_is_written_is_what_is_read(layout: Layout) -> None:
    """Texts that look like something else stay texts, for readers of YAML 1.1 and 1.2; equal data is equal bytes."""
    hostile = [
        "yes",
        "NO",
        "1e3",
        "0x1f",
        "null",
        "~",
        "",
        " a",
        "a: b",
        "# x",
        "é",
        "- a",
        "2026-01-01",
        "1:30",
        "\U0001f600",
    ]
    env = {f"V{n}": value for n, value in enumerate(hostile)}
    made = objects_of(release_of(LEAST | {"env": env}), layout)
    text = documents(made)
    assert list(yaml.safe_load_all(text)) == json.loads(json.dumps(made))
    assert documents(objects_of(release_of(LEAST | {"env": env}), layout)) == text
