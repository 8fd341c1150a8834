"""What a release is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gaia.gitops.progressive.model import Progressive


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a service runs."""

    tenant: str
    stage: str
    service: str

    @property
    def namespace(self) -> str:
        """Of Kubernetes; the layout refuses two places that would share one."""
        return f"{self.tenant}-{self.stage}"

    @property
    def folder(self) -> str:
        """Of the GitOps repository."""
        return f"applications/{self.tenant}/{self.stage}/{self.service}"

    def __str__(self) -> str:
        return f"{self.service} in {self.tenant}/{self.stage}"


@dataclass(frozen=True, slots=True)
class Image:
    """An image that stays what it is: named by its digest."""

    repository: str
    digest: str

    def __str__(self) -> str:
        return f"{self.repository}@{self.digest}"


@dataclass(frozen=True, slots=True)
class Clear:
    """A value that everybody may read."""

    text: str


@dataclass(frozen=True, slots=True)
class FromSecret:
    """A value of the secret store."""

    key: str
    property: str = ""


Value: TypeAlias = Clear | FromSecret
"""Of a variable. One that an output of the infrastructure gives is clear when the release has been read."""


@dataclass(frozen=True, slots=True)
class Replicas:
    """How many pods there are; where the two differ, the load decides."""

    least: int
    most: int
    cpu: int
    """Percent of the requested CPU that pods are kept at."""

    @property
    def fixed(self) -> bool:
        """Whether nothing scales it."""
        return self.least == self.most


@dataclass(frozen=True, slots=True)
class Probes:
    """Paths that say how a pod is, on one port."""

    port: str
    ready: str
    live: str
    start_seconds: int
    """How long it may take to begin."""


@dataclass(frozen=True, slots=True)
class Route:
    """Names under which the gateway leads to the service."""

    hosts: tuple[str, ...]
    path: str
    port: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """Where Prometheus reads."""

    port: str
    path: str


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the service's pods may connect to: a service of the same namespace, or addresses."""

    kind: Literal["service", "cidr"]
    to: str
    port: int


@dataclass(frozen=True, slots=True)
class Smoke:
    """A page that answers when the service runs."""

    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a service in one place, whole."""

    place: Place
    owner: str
    image: Image
    ports: Mapping[str, int]
    replicas: Replicas
    cpu: str
    memory: str
    env: Mapping[str, Value] = field(default_factory=dict)
    probes: Probes | None = None
    route: Route | None = None
    metrics: Metrics | None = None
    callers: tuple[str, ...] = ()
    """Services of the same namespace that may connect."""
    reaches: tuple[Reach, ...] = ()
    identity: str = ""
    """A role of AWS, where the cluster has no pod identities: those are told apart by the service account alone."""
    smoke: Smoke | None = None
    one_way: str = ""
    """Why it cannot be taken back, where that is so: a migration that has no way back, for instance."""
    progressive: Progressive | None = None
    """None where pods are replaced as a Deployment does it."""
    source: Mapping[str, object] = field(default_factory=dict, compare=False)
    """What it was read from, as data."""
