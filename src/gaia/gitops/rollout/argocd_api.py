"""Argo CD's own API, as 3.2 has it (`server/application/application.proto`)."""

from __future__ import annotations

import json
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

_LOOKED_AT = (("Pod", "", 5), ("ReplicaSet", "apps", 3))
"""Kinds that say why a release does not come about, their group, and how many of each are asked for."""


@dataclass(frozen=True, slots=True)
class ArgoCD:
    """A server of Argo CD. The role that is needed gets the applications of one project."""

    access: Access

    @property
    def shown(self) -> str:
        """Its address."""
        return self.access.words

    def application(self, place: Place, *, refresh: bool) -> Application | None:
        """As `ports.Cluster.application`.

        The project is named: with it, one that is not there is told from one that may not be seen.
        """
        asked = {"project": place.tenant} | ({"refresh": "normal"} if refresh else {})
        found = asking.get(self.access, _path(place), asked)
        if found is None:
            return None
        read = answers.application(found, application_of(place))
        if read is None:
            raise asking.unreadable(self.access, "it is no application of this name")
        return read

    def changes(self, place: Place, seconds: float) -> Iterator[Application]:
        """As `ports.Cluster.changes`. A stream begins with what is, so one that was cut loses nothing."""
        asked = {"name": application_of(place), "project": place.tenant}
        for line in asking.lines(self.access, "/api/v1/stream/applications", asked, seconds):
            event = _event(line)
            if text(event, "type") == "DELETED":
                return
            read = answers.application(below(event, "application"), application_of(place))
            if read is not None:
                yield read

    def objects(self, place: Place, application: Application) -> tuple[Mapping[str, object], ...]:  # noqa: ARG002
        """As `ports.Cluster.objects`: of the tree's newest pods and replica sets those that are not well."""
        tree = asking.get(self.access, f"{_path(place)}/resource-tree", {"project": place.tenant}) or {}
        found: list[Mapping[str, object]] = []
        for kind, group, most in _LOOKED_AT:
            nodes = [one for one in objects(tree, "nodes") if (text(one, "kind"), text(one, "group")) == (kind, group)]
            nodes = [one for one in nodes if text(below(one, "health"), "status") != "Healthy"]
            newest = sorted(nodes, key=lambda one: text(one, "createdAt"), reverse=True)[:most]
            found += [{**live, "kind": kind} for node in newest if (live := self._live(place, node))]
        return tuple(found)

    def deployment(self, place: Place, application: Application, name: str) -> Mapping[str, object] | None:  # noqa: ARG002
        """As `ports.Cluster.deployment`."""
        node = {"kind": "Deployment", "group": "apps", "version": "v1", "namespace": place.namespace, "name": name}
        return self._live(place, node)

    def _live(self, place: Place, node: Mapping[str, object]) -> Mapping[str, object] | None:
        asked = {"project": place.tenant, "resourceName": text(node, "name"), "namespace": text(node, "namespace")}
        asked |= {"version": text(node, "version"), "group": text(node, "group"), "kind": text(node, "kind")}
        told = asking.get(self.access, f"{_path(place)}/resource", asked)
        manifest = told.get("manifest") if told else None
        try:
            found = json.loads(manifest) if isinstance(manifest, str) else None
        except (ValueError, RecursionError):
            return None
        return found if answers.is_object(found) else None


def _path(place: Place) -> str:
    return f"/api/v1/applications/{quote(application_of(place), safe='')}"


def _event(line: bytes) -> Mapping[str, object]:
    """Of a line `{"result": …}`, which a proxy may have made `data: {"result": …}` of; an empty one of any other."""
    try:
        held = json.loads(line.strip().removeprefix(b"data:") or b"null")
    except (ValueError, RecursionError):
        return {}
    return below(held, "result") if answers.is_object(held) else {}
