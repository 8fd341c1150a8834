"""The rules about objects of Kubernetes, as Gatekeeper asks them when somebody changes an object in a cluster.

A rule is not written anew: its text and those of its libraries go into a ConstraintTemplate, below the package `lib`,
where Gatekeeper has libraries. A few lines before them hand the object over as the rule's input.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from gaia.errors import Invalid
from gaia.gitops.layout import ACTIONS
from gaia.gitops.written import document, documents
from gaia.kit import clock
from gaia.policy.rego import package_named, references, words
from gaia.policy.waivers import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gaia.gitops.layout import Admission, Layout
    from gaia.policy.model import Module, Rule
    from gaia.policy.rego import Reference
    from gaia.policy.rules import PolicySet

FOLDER = "platform/gatekeeper"
CONSTRAINTS = "constraints.gatekeeper.sh"
_WAVE = "argocd.argoproj.io/sync-wave"
_MISSING = "SkipDryRunOnMissingResource=true"
"""A constraint's kind is there only when its template was applied."""
_ENTRY = """\
package {package}

import data.lib.{rule} as rule

# What the rule is asked about: neither what goes, nor what every namespace gets from the cluster itself.
judged if {{
	is_object(input.review.object)
	object.get(input.review, "operation", "") != "DELETE"
	not input.review.object.metadata.deletionTimestamp
	not input.review.object.kind in {spared}
	not of_the_cluster
}}

of_the_cluster if {{
	input.review.object.kind == "ConfigMap"
	input.review.object.metadata.name == "kube-root-ca.crt"
}}
"""
_WAIVED = """
# A waiver ends by the clock of who asks, whether or not somebody takes it away.
waived if {
	some waiver in object.get(input.parameters, "waivers", [])
	waiver.namespace == object.get(input.review.object.metadata, "namespace", "")
	waiver.service == object.get(input.review.object.metadata, ["labels", "app.kubernetes.io/name"], "")
	time.now_ns() < time.parse_rfc3339_ns(waiver.until)
}
"""
_ASKED = """
violation contains {{"msg": message, "details": details}} if {{
	judged
	not waived
	"{effect}" in input.parameters.effects
	some found in rule.{effect} with input as input.review.object
	message := sprintf({told}, [object.get(found, "address", ""), found.message])
	details := {{"rule": {name}, "effect": "{effect}", "address": object.get(found, "address", "")}}
}}
"""


def files_of(layout: Layout, policies: PolicySet | None) -> dict[str, str]:
    """Contents by path; none where the layout says nothing of admission.

    Raises:
        Invalid: `admission-rule-unknown`, `admission-rule-twice`, `admission-waiver-long`.
    """
    if layout.admission is None or policies is None:
        return {}
    rules = policies.about("kubernetes")
    names = {_stem(rule) for rule in rules}
    _check_waivers(layout.admission)
    if unknown := sorted({*layout.admission.rules, *(one.rule for one in layout.admission.waivers)} - names):
        raise Invalid(
            "admission-rule-unknown",
            f"gitops.yaml rolls out {', '.join(unknown)}, and {policies.described} have no such rule about objects",
            next_step=f"Rules are {', '.join(sorted(names))}.",
        )
    if len({_kind(rule).lower() for rule in rules}) < len(rules):
        raise Invalid(
            "admission-rule-twice",
            f"two rules of {policies.described} differ in underscores only, so they would be one to Gatekeeper",
            next_step="Call one of them something else.",
        )
    files = {}
    for rule in rules:
        files[f"{_stem(rule)}.yaml"] = documents(
            [template_of(rule, policies), *constraints_of(rule, layout.admission, layout)]
        )
    whole = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": list(files)}
    files["kustomization.yaml"] = document(whole)
    return {f"{FOLDER}/{name}": content for name, content in files.items()}


def template_of(rule: Rule, policies: PolicySet) -> dict[str, Any]:
    """The rule, and what it refers to."""
    kind = _kind(rule)
    effects = {"type": "array", "items": {"type": "string"}, "description": "Sets of the rule that are violations"}
    excused = {"type": "object", "properties": {name: {"type": "string"} for name in ("namespace", "service", "until")}}
    waivers = {"type": "array", "items": excused, "description": "Services that are let through, until when"}
    asked = {"effects": effects, "waivers": waivers}
    packages = [name for one in policies.modules if (name := package_named(one.text))]
    libraries = [_below_lib(one.text, packages) for one in needed(rule, policies.modules)]
    source = {"version": "v1", "rego": _entry(rule), "libs": libraries}
    return {
        "apiVersion": "templates.gatekeeper.sh/v1",
        "kind": "ConstraintTemplate",
        "metadata": {
            "name": kind.lower(),
            "labels": _labels(rule),
            "annotations": {
                "metadata.gatekeeper.sh/title": rule.title,
                "description": rule.description,
                "gaia/rule": rule.name,
                _WAVE: "0",
            },
        },
        "spec": {
            "crd": {
                "spec": {
                    "names": {"kind": kind},
                    "validation": {"openAPIV3Schema": {"type": "object", "properties": asked}},
                }
            },
            "targets": [
                {"target": "admission.k8s.gatekeeper.sh", "code": [{"engine": "Rego", "source": source}]},
            ],
        },
    }


def constraints_of(rule: Rule, admission: Admission, layout: Layout) -> list[dict[str, Any]]:
    """In namespaces of tenants, and on what lies in none: what a rule denies, and what it only warns of."""
    action = admission.of(_stem(rule))
    mild = min(action, "warn", key=ACTIONS.index)
    refused = [one for one in rule.effects if one != "warn"]
    warned = [one for one in rule.effects if one == "warn"]
    kinds = [{"apiGroups": ["*"], "kinds": ["*"]}]
    namespaces = [f"{tenant}-{stage}" for tenant in layout.tenants for stage in layout.stages]
    # By namespaces nothing is left out that lies in none, such as a volume.
    match = {"kinds": kinds, "namespaces": namespaces}
    waivers = _waivers_of(_stem(rule), admission)
    return [
        {
            "apiVersion": f"{CONSTRAINTS}/v1beta1",
            "kind": _kind(rule),
            "metadata": {
                "name": _stem(rule).replace("_", "-") + suffix,
                "labels": _labels(rule),
                "annotations": {"argocd.argoproj.io/sync-options": _MISSING, _WAVE: "1"},
            },
            "spec": {"enforcementAction": does, "match": match, "parameters": {"effects": effects, **waivers}},
        }
        for suffix, does, effects in (("", action, refused), ("-warn", mild, warned))
        if effects
    ]


def _waivers_of(rule: str, admission: Admission) -> dict[str, Any]:
    """Those that are not over yet."""
    found = [
        {
            "namespace": f"{one.tenant}-{one.stage}",
            "service": one.service,
            "until": one.until.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        }
        for one in admission.waivers
        if one.rule == rule and one.until > clock.now()
    ]
    return {"waivers": found} if found else {}


def _check_waivers(admission: Admission) -> None:
    last = clock.now() + timedelta(days=LONGEST)
    for one in admission.waivers:
        if one.until > last:
            raise Invalid(
                "admission-waiver-long",
                f"the waiver of {one.rule} for {one.service} in {one.tenant}/{one.stage} ends in more than a year",
                next_step="Let it end earlier, and renew it then; what is excused for ever is a change of the rule.",
            )


def needed(rule: Rule, modules: Sequence[Module]) -> list[Module]:
    """The rule's file, and every file whose package it refers to, be it through others; by path."""
    named = {tuple((package_named(one.text) or "").split(".")): one for one in modules}
    found: dict[str, Module] = {}
    left = [one for one in modules if one.path == rule.path]
    while left:
        module = left.pop()
        if module.path in found:
            continue
        found[module.path] = module
        paths = [one.path[1:] for one in references(module.text) if one.path[0] == "data"]
        left += [other for package, other in named.items() if any(_one_in_other(package, path) for path in paths)]
    return [found[path] for path in sorted(found)]


def _one_in_other(package: tuple[str, ...], path: tuple[str, ...]) -> bool:
    shared = min(len(package), len(path))
    return package[:shared] == path[:shared]


def _entry(rule: Rule) -> str:
    told = f"{rule.title}: %s: %s. {rule.remediation}".replace("%", "%%").replace("%%s", "%s")
    text = _ENTRY.format(package=f"gaia.{_stem(rule)}", rule=rule.package, spared=_set_of(rule.not_at_admission))
    text += _WAIVED
    for effect in rule.effects:
        text += _ASKED.format(effect=effect, told=json.dumps(told), name=json.dumps(rule.name))
    return text


def _set_of(names: Iterable[str]) -> str:
    return "{" + ", ".join(map(json.dumps, names)) + "}" if names else "set()"


def _below_lib(text: str, packages: Iterable[str]) -> str:
    """A file with its package, and what it refers to, below `lib`.

    What it refers to is imported, and called by the import's name: Gatekeeper moves libraries once more, and finds
    neither `some x in data.lib…` nor `f(data.lib…)` when it does. Such a rule would find nothing, and say so to nobody.

    Raises:
        Invalid: `admission-rule-data`.
    """
    names: dict[str, str] = {}
    parts: list[str] = []
    before, after = 0, ""
    for one in references(text):
        if after == "package":
            parts += [text[before : one.start], "lib."]
            before = one.start
        elif one.path[0] == "data":
            package = max((name for name in packages if _holds(one.path, name)), key=len, default="")
            if not package:
                raise _unfound(one)
            parts += [text[before : one.start]]
            if after == "import":
                parts += ["data.lib"]
                before = one.start + len("data")
            else:
                names[package] = _unused(package, text)
                parts += [names[package]]
                before = _end(text, one.start, package)
        after = one.name
    parts += [text[before:]]
    imports = "".join(f"import data.lib.{package} as {name}\n" for package, name in sorted(names.items()))
    return _with_imports("".join(parts), imports)


def _with_imports(text: str, imports: str) -> str:
    """Behind the line of the package."""
    package = re.search(r"^package\b.*\n", text, re.MULTILINE)
    at = package.end() if package else 0
    return f"{text[:at]}\n{imports}{text[at:]}" if imports else text


def _holds(path: tuple[str, ...], package: str) -> bool:
    steps = tuple(package.split("."))
    return path[1 : len(steps) + 1] == steps


def _end(text: str, start: int, package: str) -> int:
    """Where the name of a package ends that begins at `data`, however it is written."""
    steps = "".join(rf"""\s*(?:\.\s*{step}\b|\[\s*["`]{step}["`]\s*\])""" for step in package.split("."))
    found = re.compile(f"data{steps}").match(text, start)
    return found.end() if found else start


def _unused(package: str, text: str) -> str:
    """What the file can call a package."""
    name = "lib_" + package.replace(".", "_")
    while name in words(text):
        name += "_"
    return name


def _unfound(reference: Reference) -> Invalid:
    return Invalid(
        "admission-rule-data",
        f"a rule about objects reads {reference.name}, which is no package of the policies: admission cannot ask it",
        next_step="Name the whole package, as in `data.gaia.lib.workload.containers`.",
    )


def _kind(rule: Rule) -> str:
    return "Gaia" + "".join(word.capitalize() for word in _stem(rule).split("_"))


def _stem(rule: Rule) -> str:
    return rule.name.partition(".")[2]


def _labels(rule: Rule) -> Mapping[str, str]:
    name = _stem(rule).replace("_", "-")
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "gaia", "gaia/owner": "platform"}
