"""The Kubernetes API of Argo CD's cluster, where its own cannot be reached: the same object, looked at now and then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from gaia.gitops.rollout import answers, asking
from gaia.gitops.rollout.answers import below, objects, text
from gaia.gitops.rollout.model import application_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gaia.gitops.model import Place
    from gaia.gitops.rollout.asking import Access
    from gaia.gitops.rollout.model import Application

_KINDS = (("Pod", "/api/v1", "pods"), ("ReplicaSet", "/apis/apps/v1", "replicasets"))


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """A cluster in which Argo CD runs. Who asks may get applications, pods and replica sets; nothing is written."""

    access: Access
    namespace: str = "argocd"

    @property
    def shown(self) -> str:
        """Its address."""
        return self.access.words

    def application(self, place: Place, *, refresh: bool) -> Application | None:  # noqa: ARG002
        """As `ports.Cluster.application`. Argo CD looks at git when it does: to ask it to would be to write."""
        name = application_of(place)
        folder = f"/apis/argoproj.io/v1alpha1/namespaces/{quote(self.namespace, safe='')}/applications"
        found = asking.get(self.access, f"{folder}/{quote(name, safe='')}", {})
        if found is None:
            return None
        read = answers.application(found, name)
        if read is None:
            raise asking.unreadable(self.access, "it is no application of this name")
        return read

    def changes(self, place: Place, seconds: float) -> Iterator[Application]:  # noqa: ARG002
        """As `ports.Cluster.changes`: none, so it is asked for again."""
        return iter(())

    def deployment(self, place: Place, application: Application, name: str) -> Mapping[str, object] | None:
        """As `ports.Cluster.deployment`."""
        if not application.is_local:
            return None
        folder = f"/apis/apps/v1/namespaces/{quote(place.namespace, safe='')}/deployments"
        return asking.get(self.access, f"{folder}/{quote(name, safe='')}", {})

    def objects(self, place: Place, application: Application) -> tuple[Mapping[str, object], ...]:
        """As `ports.Cluster.objects`; in another cluster than Argo CD's there may be others of the same name."""
        if not application.is_local:
            return ()
        asked = {"labelSelector": f"app.kubernetes.io/instance={place.service}", "limit": "50"}
        found = []
        for kind, group, plural in _KINDS:
            listed = asking.get(self.access, f"{group}/namespaces/{quote(place.namespace, safe='')}/{plural}", asked)
            held = [{**one, "kind": kind} for one in objects(listed or {}, "items")]
            found += sorted(held, key=lambda one: text(below(one, "metadata"), "creationTimestamp"), reverse=True)
        return tuple(found)
