"""Objects of Kubernetes in files: which there are, what is said of them, and where."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from gaia.errors import GaiaError, Position
from gaia.kit import clock
from gaia.policy.foreign import load_any
from gaia.policy.formats import rendered
from gaia.policy.formats.document import document
from gaia.policy.object_files import objects_in
from gaia.policy.objects import check_objects, for_objects
from gaia.policy.regorus import Regorus
from gaia.policy.rules import PolicySet
from gaia.policy.waivers import Waiver, Waivers

from .conftest import write

if TYPE_CHECKING:
    from typing import Literal

    from gaia.policy.report import Checked

GOOD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: &labels {app.kubernetes.io/name: web, gaia/owner: shop}
spec:
  template:
    metadata: {labels: *labels}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: web
          image: shop:1.2.3
          resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            runAsNonRoot: true
            capabilities: {drop: [ALL]}
"""
WEB = "spec.template.spec.containers[0]"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: pin, namespace: shop}\nstringData:\n  a: b\n  pin: '1234'\n"

_SOON = clock.now().date() + timedelta(days=30)


def _checked(policies: PolicySet, folder: Path, *paths: str, waivers: Waivers | None = None) -> Checked:
    objects = objects_in([Path(one) for one in paths], folder)
    return check_objects(
        policies, objects, subject=", ".join(paths), engine=Regorus(), waivers=waivers or Waivers()
    )  # fmt: skip


def _said(checked: Checked) -> list[tuple[str, str, str | None, str]]:
    return [(one.finding.rule, one.finding.effect, one.finding.address, str(one.at)) for one in checked.findings]


def test_a_good_object_is_allowed(shipped: PolicySet, tmp_path: Path) -> None:
    """By every shipped rule about objects."""
    checked = _checked(shipped, write(tmp_path, {"web.yaml": GOOD}), "web.yaml")
    assert (checked.verdict, _said(checked), checked.resources, checked.unit) == ("allowed", [], 1, "object")
    assert {rule.subject for rule in checked.rules} == {"kubernetes"}


@pytest.mark.parametrize(
    ("old", "new", "rule", "places"),
    [
        ("shop:1.2.3", "shop:latest", "no_latest", [(f"{WEB}.image", 14)]),
        ("shop:1.2.3", "shop", "no_latest", [(f"{WEB}.image", 14)]),
        (", gaia/owner: shop}", "}", "required_labels",
         [("metadata.labels.gaia/owner", 5), ("spec.template.metadata.labels.gaia/owner", 8)]),
        ("limits: {cpu: 1, memory: 1Gi}", "limits: {}", "resource_limits", [(f"{WEB}.resources.limits.memory", 15)]),
        ("            allowPrivilegeEscalation: false", "            privileged: yes", "no_privileged",
         [(f"{WEB}.securityContext.allowPrivilegeEscalation", 16), (f"{WEB}.securityContext.privileged", 17)]),
        ("          image: shop:1.2.3", "          image: shop:1.2.3\n          env: [{name: TOKEN, value: abcdef123}]",
         "no_plain_secrets", [(f"{WEB}.env.TOKEN", 15)]),
    ],
)  # fmt: skip
def test_each_fault_is_denied_at_its_line(
    shipped: PolicySet, tmp_path: Path, old: str, new: str, rule: str, places: list[tuple[str, int]]
) -> None:
    """By its rule and no other, whose finding begins with the object."""
    assert old in GOOD
    checked = _checked(shipped, write(tmp_path, {"web.yaml": GOOD.replace(old, new)}), "web.yaml")
    assert checked.verdict == "denied"
    assert {one[0] for one in _said(checked)} == {f"kubernetes.{rule}"}
    assert sorted((one[2], one[3].rpartition(":")[0]) for one in _said(checked)) == [
        (f"Deployment/web {address}", f"web.yaml:{line}") for address, line in places
    ]


def test_files_documents_lists_and_folders_are_judged_at_once(shipped: PolicySet, tmp_path: Path) -> None:
    """Lines are those of the file; what is no object is passed over in a folder."""
    listed = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  data:\n    x: eA==\n"
    text = "# a comment\n---\n" + GOOD + "---\n\n---  # another\n" + SECRET + "...\n"
    folder = write(tmp_path, {"all.yaml": text, "more/list.yml": listed, "more/values.yaml": "a: 1\n---\n- b\n"})
    checked = _checked(shipped, folder, "all.yaml", "more")
    assert _said(checked) == [
        ("kubernetes.no_plain_secrets", "deny", "Secret/- data.x", "more/list.yml:7:5"),
        ("kubernetes.no_plain_secrets", "deny", "shop/Secret/pin stringData.a", "all.yaml:30:3"),
        ("kubernetes.no_plain_secrets", "deny", "shop/Secret/pin stringData.pin", "all.yaml:31:3"),
    ]
    assert checked.resources == 3


@pytest.mark.parametrize(
    ("files", "path", "code"),
    [
        ({}, "no.yaml", "objects-not-found"),
        ({"values.yaml": "a: 1\n"}, "values.yaml", "objects-invalid"),
        ({"empty.yaml": ""}, "empty.yaml", "objects-invalid"),
        ({"chart/a.yaml": "a: 1\n"}, "chart", "objects-invalid"),
        ({"a.yaml": "kind: {{ .Values.kind }}\n"}, "a.yaml", "yaml-key"),
        ({"a.yaml": SECRET + "---\nkind: [\n"}, "a.yaml", "yaml-syntax"),
    ],
)
def test_what_holds_no_object_is_refused(tmp_path: Path, files: dict[str, str], path: str, code: str) -> None:
    """Whoever names a file wants to know that somebody has looked."""
    with pytest.raises(GaiaError) as caught:
        objects_in([Path(path)], write(tmp_path, files))
    assert caught.value.code == code


def test_a_mistake_of_syntax_is_at_the_line_of_the_file(tmp_path: Path) -> None:
    """Also behind other documents."""
    with pytest.raises(GaiaError) as caught:
        objects_in([Path("a.yaml")], write(tmp_path, {"a.yaml": SECRET + "---\nkind: a: b\n"}))
    assert str(caught.value.at).startswith("a.yaml:8:")


def test_a_waiver_names_the_object_and_the_place_in_it(shipped: PolicySet, tmp_path: Path) -> None:
    """It excuses that one, which stays in the report."""
    folder = write(tmp_path, {"web.yaml": GOOD.replace("shop:1.2.3", "shop")})
    [denied] = _checked(shipped, folder, "web.yaml").findings
    waiver = Waiver(
        "kubernetes.no_latest", "spec.template.spec.containers[0].image", "Deployment/web", denied.finding.value,
        "tests", "ann", _SOON, Position("waivers/a.yaml", 2),
    )  # fmt: skip
    checked = _checked(shipped, folder, "web.yaml", waivers=Waivers((waiver,)))
    assert (checked.verdict, [one[1] for one in _said(checked)]) == ("allowed", ["waived"])
    folder = write(tmp_path, {"web.yaml": GOOD.replace("shop:1.2.3", "shop:latest")})
    checked = _checked(shipped, folder, "web.yaml", waivers=Waivers((waiver,)))
    assert [one[:2] for one in _said(checked)] == [("kubernetes.no_latest", "deny"), ("waiver.void", "warn")]


def _value(policies: PolicySet, folder: Path, text: str, rule: str) -> str:
    checked = _checked(policies, write(folder, {"a.yaml": text}), "a.yaml")
    [found] = [one.finding.value for one in checked.findings if one.finding.rule == f"kubernetes.{rule}"]
    return found


def test_the_value_covers_what_stands_at_the_real_place(shipped: PolicySet, tmp_path: Path) -> None:
    """Another folder of the machine, another container at the same place and another address are other values."""
    pod = "      containers:\n"
    volume = "      volumes: [{name: data, hostPath: {path: %s}}]\n      containers:\n"
    paths = [_value(shipped, tmp_path, GOOD.replace(pod, volume % one), "no_privileged") for one in ("/srv", "/")]
    assert len(set(paths)) == 2
    env = "          image: %s\n          env: [{name: TOKEN, value: abcdef123}]"
    images = [
        _value(shipped, tmp_path, GOOD.replace("          image: shop:1.2.3", env % one), "no_plain_secrets")
        for one in ("shop:1.2.3", "other:1", "shop:1.2.3")
    ]
    assert (images[0] == images[2], images[0] == images[1]) == (True, False)
    for old, new, rule in [
        ("limits: {cpu: 1, memory: 1Gi}", "limits: {}", "resource_limits"),
        ("            allowPrivilegeEscalation: false\n", "", "no_privileged"),
    ]:
        bad = GOOD.replace(old, new)
        found = [
            _value(shipped, tmp_path, one, rule)
            for one in (bad, bad.replace("name: web\n          image", "name: x\n          image"))
        ]
        assert len(set(found)) == 2, rule


def test_what_leads_nowhere_cannot_be_waived(tmp_path: Path) -> None:
    """Nobody could say what such a waiver excuses."""
    rule = 'deny contains {"message": "no", "address": "nowhere.at.all"} if true\n'
    head = "# METADATA\n# title: T\n# custom:\n#   severity: low\n#   remediation: R\npackage gaia.kubernetes.a\n\n"
    policies = PolicySet.load(write(tmp_path, {"p/kubernetes/a.rego": head + rule}) / "p")
    [found] = _checked(policies, write(tmp_path, {"a.yaml": SECRET}), "a.yaml").findings
    assert found.finding.value == ""


@pytest.mark.parametrize("resource", ["stringData.pin", "shop/Secret/pin stringData.pin"])
def test_a_waiver_may_name_the_resource_as_it_is_shown(shipped: PolicySet, tmp_path: Path, resource: str) -> None:
    """With the object before the address or without; a notice says the object once."""
    folder = write(tmp_path, {"a.yaml": SECRET})
    value = _value(shipped, tmp_path, SECRET.replace("  a: b\n", ""), "no_plain_secrets")
    write(tmp_path, {"a.yaml": SECRET})
    waiver = Waiver(
        "kubernetes.no_plain_secrets", resource, "shop/Secret/pin", value, "tests", "ann", _SOON, Position("w.yaml", 1)
    )
    checked = _checked(shipped, folder, "a.yaml", waivers=Waivers((waiver,)))
    assert [one[1:3] for one in _said(checked)] == [
        ("deny", "shop/Secret/pin stringData.a"), ("waived", "shop/Secret/pin stringData.pin"),
    ]  # fmt: skip
    unused = _checked(shipped, write(tmp_path, {"a.yaml": SECRET.partition("stringData")[0]}), "a.yaml",
                      waivers=Waivers((waiver,)))  # fmt: skip
    assert [one[:3] for one in _said(unused)] == [("waiver.unused", "warn", "shop/Secret/pin stringData.pin")]


def test_kinds_that_no_rule_knows_are_counted_aloud(shipped: PolicySet, tmp_path: Path) -> None:
    """Nothing was found in them because nobody looked; what has a template of pods is looked at whatever it is."""
    rollout = GOOD.replace("apps/v1", "argoproj.io/v1alpha1").replace("kind: Deployment", "kind: Rollout")
    rollout = rollout.replace("shop:1.2.3", "shop")
    widgets = "".join(f"---\napiVersion: x/v1\nkind: Widget\nmetadata: {{name: w{one}}}\n" for one in range(2))
    checked = _checked(shipped, write(tmp_path, {"a.yaml": rollout + widgets}), "a.yaml")
    assert [one[2] for one in _said(checked)] == [f"Rollout/web {WEB}.image"]
    assert document(checked)["unknown_kinds"] == {"Widget": 2}
    assert checked.looked.endswith("looked at 3 objects, and no rule knows the kind of 2 of them (Widget)")


def test_many_objects_are_asked_in_several_questions(
    shipped: PolicySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An engine has a time limit for each; the findings stay those of their objects."""
    monkeypatch.setattr("gaia.policy.objects.AT_ONCE", 2)
    asked = []
    real = Regorus.evaluate

    def counted(self: Regorus, *given: Any) -> Any:
        asked.append(1)
        return real(self, *given)

    monkeypatch.setattr(Regorus, "evaluate", counted)
    text = "---\n".join(SECRET.replace("name: pin", f"name: p{one}") for one in range(3))
    checked = _checked(shipped, write(tmp_path, {"a.yaml": text}), "a.yaml")
    assert (checked.resources, len(asked)) == (3, 2)
    assert [one[2] for one in _said(checked)] == [
        f"shop/Secret/p{n} stringData.{k}" for n in range(3) for k in ("a", "pin")
    ]


@pytest.mark.parametrize("form", ["sarif", "junit", "markdown"])
def test_every_format_has_the_place(shipped: PolicySet, tmp_path: Path, form: str) -> None:
    """File and line, and the object."""
    checked = _checked(shipped, write(tmp_path, {"a.yaml": SECRET}), "a.yaml")
    text = rendered(checked, cast("Literal['sarif', 'junit', 'markdown']", form))
    assert "a.yaml" in text
    assert "shop/Secret/pin" in text
    assert "1234" not in text
    assert "a.yaml:5:3" in str(document(checked))


def test_rules_for_conftest_judge_objects(tmp_path: Path) -> None:
    """That is what most of them are for; a set about plans only would find nothing, and is refused."""
    rule = (
        'package main\n\ndeny[msg] {\n  input.kind == "Secret"\n  msg := sprintf("no %v", [input.metadata.name])\n}\n'
    )
    write(
        tmp_path, {"rules/main.rego": rule, "a.yaml": SECRET, "plan/p.rego": "package gaia.plan.p\n\ndeny contains 1\n"}
    )
    checked = _checked(for_objects(load_any(tmp_path / "rules")), tmp_path, "a.yaml")
    assert [(one.finding.message, str(one.at)) for one in checked.findings] == [("no pin", "a.yaml:1:1")]
    with pytest.raises(GaiaError) as caught:
        for_objects(load_any(tmp_path / "plan"))
    assert caught.value.code == "policies-without-objects"
