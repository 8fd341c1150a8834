"""The rules about objects, as Gatekeeper asks them, say of an object what they say of it before a release."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.conftest import ROOT
from tests.unit.gitops.conftest import MOST, layout_of, release_of

from gaia.errors import GaiaError
from gaia.gitops import argocd, gatekeeper
from gaia.gitops.objects import objects_of
from gaia.policy.judge import judge_each
from gaia.policy.model import Module
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Verdict = set[tuple[str, str]]

RULE = """\
# METADATA
# title: Nothing is loud
# custom:
#   severity: low
#   remediation: Be quiet, 100 % of the time.
package gaia.kubernetes.loud

deny contains {"message": "it is loud"} if data.gaia.lib["voice"].loud(input)

warn contains {"message": "it hums"} if input.metadata.name == "hum"
"""
VOICE = """\
# METADATA
# title: Voices
package gaia.lib.voice

loud(one) if data.gaia.lib.ear.hears(one)
"""
EAR = 'package gaia.lib.ear\n\nhears(one) if one.metadata.name == "loud" # data.gaia.lib.voice\n'


@pytest.fixture(name="policies", scope="module")
def shipped() -> PolicySet:
    """The rules that come with Gaia."""
    return PolicySet.load(ROOT / "blueprint" / "policies")


def rules_in(folder: Path, **files: str) -> PolicySet:
    """Rules and libraries, `lib_NAME` and `NAME`."""
    for name, text in files.items():
        path = folder / ("lib" if name.startswith("lib_") else "kubernetes") / f"{name.removeprefix('lib_')}.rego"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return PolicySet.load(folder)


def made(policies: PolicySet, **admission: object) -> list[dict[str, Any]]:
    """The objects that are written for Gatekeeper."""
    files = gatekeeper.files_of(layout_of(admission={"action": "deny", **admission}), policies)
    held = [one for text in files.values() for one in yaml.safe_load_all(text)]
    return [one for one in held if one["kind"] != "Kustomization"]


def gator(folder: Path, objects: Sequence[dict[str, Any]], given: Sequence[dict[str, Any]]) -> dict[str, Verdict]:
    """By the name of an object, the rules and addresses that Gatekeeper's own program has against it."""
    program = shutil.which("gator", path=ROOT / ".tools" / "bin")
    if program is None:
        pytest.skip("optional: gator is not built (`make tools-cluster`)")
    for name, held in (("rules.yaml", objects), ("objects.yaml", given)):
        (folder / name).write_text(yaml.safe_dump_all(held))
    words = [program, "test", "-f", str(folder / "rules.yaml"), "-f", str(folder / "objects.yaml"), "-o", "json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    found: dict[str, Verdict] = {}
    for one in json.loads(done.stdout or "null") or []:
        details = one["metadata"]["details"]
        if one["violatingObject"]["metadata"]["name"] in {each["metadata"]["name"] for each in given}:
            said = found.setdefault(one["violatingObject"]["metadata"]["name"], set())
            said.add((details["rule"], details["address"]))
    return found


def bad() -> list[dict[str, Any]]:
    """Objects that every rule has something against, at several depths."""
    pod = {
        "hostNetwork": True,
        "volumes": [{"name": "root", "hostPath": {"path": "/"}}],
        "containers": [
            {
                "name": "main",
                "image": "registry.example.com:5000/acme/photos",
                "env": [{"name": "DB_PASSWORD", "value": "hunter22"}, {"name": "LOG", "value": "info"}],
                "securityContext": {"privileged": True, "capabilities": {"add": ["SYS_ADMIN"]}},
            },
            {"name": "side", "image": "nginx:1.27", "resources": {"requests": {"cpu": 1}}},
        ],
        "initContainers": [{"name": "first", "image": "busybox:latest"}],
    }
    template = {"metadata": {"labels": {"app.kubernetes.io/name": " "}}, "spec": pod}

    def one(kind: str, version: str = "apps/v1", **more: Any) -> dict[str, Any]:
        name = f"bad-{kind.lower()}"
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "acme-dev"}, **more}

    return [
        one("Pod", "v1", spec=pod),
        one("Deployment", spec={"template": template}),
        one("Rollout", "argoproj.io/v1alpha1", spec={"template": template}),
        one("CronJob", "batch/v1", spec={"jobTemplate": {"spec": {"template": template}}}),
        one("ConfigMap", "v1", data={"api_key": "abcdef", "note": "AKIAIOSFODNN7EXAMPLE"}),
        one("Service", "v1", spec={"ports": [{"port": 80}]}),
    ]


def test_gatekeeper_says_of_an_object_what_is_said_before_a_release(policies: PolicySet, tmp_path: Path) -> None:
    """By the same rules and addresses, for what is refused and for a whole release that is not."""
    good = [one | {"metadata": one["metadata"] | {"name": f"good-{n}"}} for n, one in enumerate(released())]
    objects = [*bad(), *good]
    said = judge_each(policies, "kubernetes", objects, engine=Regorus())
    expected = {
        one["metadata"]["name"]: {(each.rule, each.address) for each in found}
        for one, found in zip(objects, said, strict=True)
        if found
    }
    assert {rule for found in expected.values() for rule, _ in found} == {
        one.name for one in policies.about("kubernetes")
    }
    assert expected.keys() == {one["metadata"]["name"] for one in bad()}
    assert gator(tmp_path, made(policies), objects) == expected


def released() -> list[dict[str, Any]]:
    """What a release is made of."""
    return objects_of(release_of(MOST), layout_of())


def test_what_clusters_make_themselves_is_left_alone(policies: PolicySet, tmp_path: Path) -> None:
    """Secrets out of the store, the certificate of every namespace, what is going, and what is no tenant's."""
    about = {"namespace": "acme-dev", "name": "made"}
    kinds = [
        {"apiVersion": "v1", "kind": "Secret", "metadata": about, "data": {"password": "aHVudGVyMjI="}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about | {"name": "kube-root-ca.crt"}, "data": {"a": "b"}},
        bad()[0] | {"metadata": about | {"name": "going", "deletionTimestamp": "2026-01-01T00:00:00Z"}},
        bad()[0] | {"metadata": about | {"name": "foreign", "namespace": "kube-system"}},
    ]
    assert gator(tmp_path, made(policies), kinds) == {}


def test_a_rule_brings_what_it_refers_to_however_that_is_written(tmp_path: Path) -> None:
    """Through others too; nothing else of the libraries goes along, and a comment refers to nothing."""
    rules = rules_in(
        tmp_path / "p", loud=RULE, lib_voice=VOICE, lib_ear=EAR, lib_other="package gaia.lib.other\n\nx := 1\n"
    )
    objects = made(rules)
    [template] = [one for one in objects if one["kind"] == "ConstraintTemplate"]
    libraries = template["spec"]["targets"][0]["code"][0]["source"]["libs"]
    assert [line for text in libraries for line in text.splitlines() if line.startswith("package")] == [
        "package lib.gaia.kubernetes.loud", "package lib.gaia.lib.ear", "package lib.gaia.lib.voice",
    ]  # fmt: skip
    given = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "acme-dev"}}
        for name in ("loud", "hum", "still")
    ]
    assert gator(tmp_path, objects, given) == {"loud": {("kubernetes.loud", "")}, "hum": {("kubernetes.loud", "")}}


def test_a_warning_is_never_a_refusal(tmp_path: Path) -> None:
    """Whatever is done with what a rule denies, what it warns of is said at most."""
    rules = rules_in(tmp_path, loud=RULE, lib_voice=VOICE, lib_ear=EAR)
    for action, mild in (("dryrun", "dryrun"), ("warn", "warn"), ("deny", "warn")):
        constraints = [one["spec"] for one in made(rules, action=action) if one["kind"] == "GaiaLoud"]
        assert [(one["enforcementAction"], one["parameters"]["effects"]) for one in constraints] == [
            (action, ["deny"]),
            (mild, ["warn"]),
        ]


def test_a_rule_is_rolled_out_by_itself_in_the_namespaces_of_tenants(policies: PolicySet) -> None:
    """From dryrun to deny, one rule before another."""
    held = [one for one in made(policies, action="dryrun", rules={"no_privileged": "deny"}) if "match" in one["spec"]]
    assert {one["kind"]: one["spec"]["enforcementAction"] for one in held} == {
        "GaiaNoLatest": "dryrun", "GaiaNoPlainSecrets": "dryrun", "GaiaNoPrivileged": "deny",
        "GaiaRequiredLabels": "dryrun", "GaiaResourceLimits": "dryrun",
    }  # fmt: skip
    for one in held:
        assert one["spec"]["match"]["namespaces"] == [
            "acme-dev", "acme-staging", "acme-prod", "globex-dev", "globex-staging", "globex-prod",
        ]  # fmt: skip


def test_a_waiver_lets_one_service_through_until_it_ends(policies: PolicySet, tmp_path: Path) -> None:
    """By the clock of who asks; another rule, another service and another namespace are judged as ever."""
    about = {"rule": "no_latest", "tenant": "acme", "stage": "dev", "why": "it is rebuilt", "owner": "media"}
    soon = datetime.now(UTC) + timedelta(days=30)
    waivers = [about | {"service": "photos", "until": soon.isoformat(timespec="minutes")}]
    waivers += [about | {"service": "music", "until": "2026-01-01T00:00Z"}]
    objects = made(policies, waivers=waivers)
    held = {one["kind"]: one["spec"]["parameters"] for one in objects if "match" in one["spec"]}
    assert [one["service"] for one in held["GaiaNoLatest"]["waivers"]] == ["photos"]
    assert {kind for kind, one in held.items() if "waivers" in one} == {"GaiaNoLatest"}

    def pod(name: str, service: str, namespace: str = "acme-dev") -> dict[str, Any]:
        metadata = {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/name": service}}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": bad()[0]["spec"]}

    given = [pod("excused", "photos"), pod("other", "music"), pod("elsewhere", "photos", "globex-dev")]
    found = gator(tmp_path, objects, given)
    latest = {name for name, said in found.items() if "kubernetes.no_latest" in {rule for rule, _ in said}}
    assert latest == {"other", "elsewhere"}
    assert "kubernetes.no_privileged" in {rule for rule, _ in found["excused"]}
    text = json.dumps(objects).replace(held["GaiaNoLatest"]["waivers"][0]["until"], "2026-01-01T00:00:00Z")
    found = gator(tmp_path, json.loads(text), given)
    assert "kubernetes.no_latest" in {rule for rule, _ in found["excused"]}


WAIVER = {"rule": "no_latest", "tenant": "acme", "stage": "dev", "service": "photos", "why": "x", "owner": "media"}


@pytest.mark.parametrize(
    ("admission", "said"),
    [
        ({"action": "deny", "waivers": [WAIVER]}, "until is no moment"),
        ({"action": "deny", "waivers": [WAIVER | {"until": "2050-01-01T00:00Z"}]}, "ends in more than a year"),
        ({"action": "deny", "waivers": [WAIVER | {"tenant": "x", "until": "2026-01-01T00:00Z"}]}, "no tenant x"),
        ({"action": "deny", "waivers": [WAIVER | {"rule": "no_lates", "until": "2026-01-01T00:00Z"}]}, "no_lates"),
        ({"action": "deny", "waivers": [WAIVER | {"for": "all", "until": "2026-01-01T00:00Z"}]}, "no field 'for'"),
        ({}, "action is missing"),
        ({"action": "enforce"}, "action is 'enforce'"),
        ({"action": "deny", "rules": {"No-Latest": "warn"}}, "'No-Latest' is no rule"),
        ({"action": "deny", "rules": {"no_latest": "off"}}, "no_latest is 'off'"),
        ({"action": "deny", "rules": {"no_lates": "warn"}}, "rolls out no_lates"),
        ({"action": "deny", "rules": ["no_latest"]}, "rules is no map"),
        ("deny", "admission is no map"),
    ],
)
def test_a_roll_out_that_nobody_can_mean_is_refused(policies: PolicySet, admission: object, said: str) -> None:
    """A misspelt rule or action would be a rule that is not in force."""
    with pytest.raises(GaiaError, match=said):
        gatekeeper.files_of(layout_of(admission=admission), policies)


def test_a_rule_that_cannot_be_moved_is_refused(tmp_path: Path) -> None:
    """It would find nothing in the cluster, and nobody would hear of it."""
    rules = rules_in(tmp_path / "a", loud=RULE.replace('lib["voice"].loud', "nothing.loud"))
    with pytest.raises(GaiaError, match="admission cannot ask it"):
        made(rules)
    twice = rules_in(tmp_path / "b", lou_d=RULE.replace(".loud", ".lou_d", 1), loud=RULE, lib_voice=VOICE, lib_ear=EAR)
    with pytest.raises(GaiaError, match="differ in underscores only"):
        made(twice)


def test_without_admission_nothing_is_written(policies: PolicySet) -> None:
    """Clusters without Gatekeeper do not know its kinds."""
    assert gatekeeper.files_of(layout_of(), policies) == {}
    assert "gatekeeper" not in "".join(argocd.files_of(layout_of()).values())


def test_argo_cd_brings_the_rules_to_every_cluster() -> None:
    """Templates before constraints, by the platform's project, which lets nothing more through."""
    held = list(
        yaml.safe_load_all(argocd.files_of(layout_of(admission={"action": "warn"}))["platform/argocd/clusters.yaml"])
    )
    applications = {one["metadata"]["name"]: one["spec"] for one in held if one["kind"] == "Application"}
    assert {name for name in applications if name.startswith("admission.")} == {"admission.live", "admission.trial"}
    assert {one["source"]["path"] for name, one in applications.items() if name.startswith("admission.")} == {
        gatekeeper.FOLDER
    }
    assert [one["kind"] for one in held[0]["spec"]["clusterResourceWhitelist"]] == [
        "Namespace",
        "ConstraintTemplate",
        "*",
    ]


def test_a_file_is_moved_and_nothing_in_it_is_changed(policies: PolicySet) -> None:
    """But its package, its imports and how it calls what it imports."""
    for rule in policies.about("kubernetes"):
        for module in gatekeeper.needed(rule, policies.modules):
            assert isinstance(module, Module)
            [template] = [
                one for one in made(policies) if one["metadata"].get("annotations", {}).get("gaia/rule") == rule.name
            ]
            texts = "\n".join(template["spec"]["targets"][0]["code"][0]["source"]["libs"])
            assert [
                line
                for line in module.text.splitlines()
                if "data." not in line and "package" not in line and line not in texts
            ] == []
