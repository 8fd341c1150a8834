"""`gitops.yaml`: what a GitOps repository says of itself, and where in it things lie.

applications/TENANT/STAGE/SERVICE/   release.yaml, which people and pipelines write, and what is made of it
clusters/CLUSTER/                    the namespaces of a cluster: quotas, limits, what is shut until it is opened
platform/argocd/                     projects, application sets and the rights of Argo CD
incidents/TENANT/STAGE/SERVICE/      releases that were not well, each by its commit, and what was done by itself
platform/gatekeeper/                 the rules about objects of Kubernetes, as admission asks them
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from gaia.errors import Invalid
from gaia.gitops.fields import LABEL, Fields, shown
from gaia.gitops.progressive.reading import numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.errors import Position
    from gaia.gitops.progressive.model import Numbers
    from gaia.kit.marks import Document

FILE = "gitops.yaml"
HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
"""A name of DNS, without a wildcard."""
GROUP = re.compile(r"[\w.@:/ -]{1,128}")
_URL = re.compile(r"(https|ssh|file)://[^\s:@]*(@[^\s:@]+)?[^\s@]*|[\w.-]+@[\w.-]+:[\w./-]+")
ACTIONS = ("dryrun", "warn", "deny")
"""What admission does with a finding, in the order in which a rule is rolled out."""
_RULE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_BRANCH = re.compile(r"(?!.*(\.\.|//|@\{|\.lock$))[\w][\w./-]{0,200}")
QUANTITY = re.compile(r"[1-9][0-9]{0,9}(m|Ki|Mi|Gi|Ti)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Tenant:
    """Whose services there are."""

    domains: tuple[str, ...]
    """Below which their routes are."""
    groups: tuple[str, ...]
    """Of the provider of identities: who sees and syncs them in Argo CD."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """A time in which nothing is released."""

    stage: str
    begins: datetime
    ends: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Excused:
    """A service that one rule lets through at admission, until a moment."""

    rule: str
    tenant: str
    stage: str
    service: str
    until: datetime
    why: str
    owner: str


@dataclass(frozen=True, slots=True)
class Admission:
    """How far the roll-out of the rules to admission is."""

    action: str
    """One of `ACTIONS`."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """Of single rules, by name."""
    waivers: tuple[Excused, ...] = ()

    def of(self, rule: str) -> str:
        """What is done with what this rule finds."""
        return self.rules.get(rule, self.action)


@dataclass(frozen=True, slots=True)
class Layout:
    """What the file says."""

    repository: str
    """As Argo CD reads it."""
    branch: str
    tenants: Mapping[str, Tenant]
    stages: Mapping[str, str]
    """In the order in which releases are promoted, with the cluster of each."""
    gateway: tuple[str, str] | None
    """Namespace and name of the Gateway that routes hang on."""
    monitoring: str
    """Namespace of Prometheus."""
    store: tuple[str, str]
    """Kind and name of the secret store."""
    quota: Mapping[str, str] = field(default_factory=dict)
    """Of each namespace: `cpu`, `memory`, `pods`."""
    admins: tuple[str, ...] = ()
    """Groups that administer Argo CD."""
    freezes: tuple[Freeze, ...] = ()
    admission: Admission | None = None
    """None where clusters have no Gatekeeper."""
    numbers: Numbers | None = None
    """What new versions are judged by; None where clusters have no Flagger."""

    def clusters(self) -> tuple[str, ...]:
        """Each once."""
        return tuple(sorted(set(self.stages.values())))

    def after(self, stage: str) -> str | None:
        """The stage that a release of this one is promoted to."""
        order = list(self.stages)
        number = order.index(stage) + 1
        return order[number] if number < len(order) else None

    def frozen(self, stage: str, now: datetime) -> Freeze | None:
        """The freeze that holds now."""
        return next((one for one in self.freezes if one.stage == stage and one.begins <= now < one.ends), None)


def read(document: Document) -> Layout:
    """The layout of a repository.

    Raises:
        Invalid: `gitops-invalid`, with its place.
    """
    held = Fields.of(document, _wrong)
    held.only(
        *("repository", "branch", "tenants", "stages", "gateway", "monitoring", "secret_store", "quota", "admins"),
        *("freezes", "admission", "progressive"),
    )
    gateway, store, quota, numbers = (held.below(name) for name in ("gateway", "secret_store", "quota", "progressive"))
    if store:
        store.only("kind", "name")
    tenants, stages = _tenants(held), _stages(held)
    _check_namespaces(held, tenants, stages)
    return Layout(
        repository=held.text("repository", form=_URL, as_in="https://github.com/acme/gitops"),
        branch=held.text("branch", "main", form=_BRANCH, as_in="main"),
        tenants=tenants,
        stages=stages,
        gateway=_gateway(gateway) if gateway else None,
        monitoring=held.name("monitoring", "monitoring", as_in="monitoring"),
        store=_store(store),
        quota=_quota(quota),
        admins=held.texts("admins", GROUP, "platform"),
        freezes=tuple(_freeze(one, stages) for one in held.maps("freezes")),
        admission=_admission(held.below("admission"), tenants, stages),
        numbers=numbers_of(numbers) if numbers else None,
    )


def _wrong(at: Position, what: str, step: str) -> Invalid:
    return Invalid("gitops-invalid", f"the GitOps repository's file cannot be used: {what}", next_step=step, at=at)


def _tenants(held: Fields) -> dict[str, Tenant]:
    found = {}
    for name, one in _named(held, "tenants", "acme: {domains: [acme.example.com]}").items():
        one.only("domains", "groups")
        found[name] = Tenant(
            one.texts("domains", HOST, "acme.example.com"), one.texts("groups", GROUP, "acme-developers")
        )
    return found


def _stages(held: Fields) -> dict[str, str]:
    found = {}
    for name, one in _named(held, "stages", "dev: {cluster: workloads}").items():
        one.only("cluster")
        found[name] = one.name("cluster", as_in="workloads")
    return found


def _named(held: Fields, name: str, as_in: str) -> dict[str, Fields]:
    below = held.below(name)
    if below is None or not below.held:
        raise held.wrong(name if below else "", f"{name} is missing", f"Write below `{name}:` as in `{as_in}`.")
    for key in below.held:
        if not LABEL.fullmatch(key):
            raise below.wrong(key, f"{key!r} is no name", "Use lower-case letters, digits and hyphens, a letter first.")
    return {key: below.of_value(value, (*below.path, key)) for key, value in below.held.items()}


def _check_namespaces(held: Fields, tenants: Mapping[str, Tenant], stages: Mapping[str, str]) -> None:
    """Tenant `a-b` in stage `c` and tenant `a` in stage `b-c` would live in one."""
    seen: dict[str, str] = {}
    for tenant in tenants:
        for stage in stages:
            namespace, whose = f"{tenant}-{stage}", f"{tenant}/{stage}"
            if namespace in seen:
                what = f"{whose} and {seen[namespace]} would share the namespace {namespace}"
                raise held.wrong("tenants", what, "Rename a tenant or a stage.")
            if namespace.startswith("kube-"):
                raise held.wrong("tenants", f"{namespace} is a namespace of Kubernetes itself", "Rename the tenant.")
            if not LABEL.fullmatch(namespace):
                raise held.wrong("tenants", f"{namespace} is too long for a namespace", "Choose shorter names.")
            seen[namespace] = whose


def _gateway(fields: Fields) -> tuple[str, str]:
    fields.only("namespace", "name")
    return fields.name("namespace", as_in="gateway"), fields.name("name", as_in="public")


def _store(fields: Fields | None) -> tuple[str, str]:
    if fields is None:
        return "ClusterSecretStore", "gaia"
    kinds = re.compile("ClusterSecretStore|SecretStore")
    return fields.text("kind", form=kinds, as_in="ClusterSecretStore"), fields.name("name", as_in="gaia")


def _quota(fields: Fields | None) -> dict[str, str]:
    default = {"cpu": "8", "memory": "16Gi", "pods": "50"}
    if fields is None:
        return default
    fields.only(*default)
    return {name: fields.text(name, value, form=QUANTITY, as_in=f'"{value}"') for name, value in default.items()}


def _admission(fields: Fields | None, tenants: Mapping[str, Tenant], stages: Mapping[str, str]) -> Admission | None:
    if fields is None:
        return None
    fields.only("action", "rules", "waivers")
    form, rules = re.compile("|".join(ACTIONS)), fields.below("rules")
    for name in rules.held if rules else ():
        if not _RULE.fullmatch(name):
            raise fields.wrong("rules", f"{shown(name)} is no rule", "Write a rule's name, as in `no_latest: deny`.")
    single = {name: rules.text(name, form=form, as_in="deny") for name in rules.held} if rules else {}
    waivers = tuple(_excused(one, tenants, stages) for one in fields.maps("waivers"))
    return Admission(fields.text("action", form=form, as_in="dryrun"), single, waivers)


def _excused(fields: Fields, tenants: Mapping[str, Tenant], stages: Mapping[str, str]) -> Excused:
    fields.only("rule", "tenant", "stage", "service", "until", "why", "owner")
    found = Excused(
        fields.text("rule", form=_RULE, as_in="no_latest"),
        fields.name("tenant", as_in="acme"),
        fields.name("stage", as_in="dev"),
        fields.name("service", as_in="photos"),
        _moment(fields, "until"),
        fields.text("why", as_in="until it is rebuilt"),
        fields.text("owner", as_in="media"),
    )
    for name, value, known in (("tenant", found.tenant, tenants), ("stage", found.stage, stages)):
        if value not in known:
            raise fields.wrong(name, f"there is no {name} {value}", f"Known are {', '.join(known)}.")
    return found


def _freeze(fields: Fields, stages: Mapping[str, str]) -> Freeze:
    fields.only("stage", "from", "until", "why")
    stage = fields.name("stage", as_in="prod")
    if stage not in stages:
        raise fields.wrong("stage", f"there is no stage {stage}", f"Stages are {', '.join(stages)}.")
    begins, ends = (_moment(fields, name) for name in ("from", "until"))
    if begins >= ends:
        raise fields.wrong("until", "it ends before it begins", "Write the later moment into until.")
    return Freeze(stage, begins, ends, fields.text("why", as_in="the end of the year"))


def _moment(fields: Fields, name: str) -> datetime:
    value = fields.held.get(name)
    try:
        return datetime.fromisoformat(value if isinstance(value, str) and _MOMENT.fullmatch(value) else "")
    except ValueError:
        raise fields.wrong(
            name if name in fields.held else "",
            f"{name} is no moment with its zone",
            f'Write it as in `{name}: "2026-12-20T18:00Z"`.',
        ) from None
