"""What Argo CD and Kubernetes answer, read: whatever comes, it is text that may be shown, or not there.

Fields as Argo CD 3.2 has them (`pkg/apis/application/v1alpha1/types.go`). One of another version that has a field no
more, or another type in it, says nothing there: never `Synced`, never `Healthy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from gaia.gitops.rollout.model import UNKNOWN, Application, Resource
from gaia.kit.visible import cut, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    Object = Mapping[str, object]

_LONGEST = 600
"""Characters of one text."""
_MOST = 200
"""Entries of one list."""
_LOCAL = ("in-cluster", "https://kubernetes.default.svc")
"""The name and the address by which Argo CD knows its own cluster."""


def application(held: object, name: str) -> Application | None:
    """The application of this name; None where the answer is none."""
    if not is_object(held) or text(below(held, "metadata"), "name") != name:
        return None
    status = below(held, "status")
    operation = below(status, "operationState")
    done, target = below(operation, "syncResult"), below(below(held, "spec"), "destination")
    history = objects(status, "history")
    return Application(
        sync=text(below(status, "sync"), "status") or UNKNOWN,
        revision=text(below(status, "sync"), "revision"),
        health=text(below(status, "health"), "status") or UNKNOWN,
        phase=text(operation, "phase"),
        applied=text(done, "revision") or text(below(below(operation, "operation"), "sync"), "revision"),
        said=text(operation, "message"),
        succeeded=text(history[-1], "revision") if history else "",
        conditions=tuple((text(one, "type"), text(one, "message")) for one in objects(status, "conditions")),
        results=tuple(_resource(one) for one in objects(done, "resources")),
        resources=tuple(_resource(one) for one in objects(status, "resources")),
        is_local=text(target, "name") == _LOCAL[0] or text(target, "server") == _LOCAL[1],
    )


def _resource(held: Object) -> Resource:
    health = below(held, "health")
    return Resource(
        text(held, "kind"),
        text(held, "name"),
        text(held, "status"),
        text(health, "status"),
        text(held, "message") or text(health, "message"),
    )


def is_object(value: object) -> TypeGuard[Object]:
    """Whether it is a map with names."""
    return isinstance(value, dict)


def below(held: Object, name: str) -> Object:
    """The map in a field; an empty one where there is none."""
    value = held.get(name)
    return value if is_object(value) else {}


def text(held: Object, name: str) -> str:
    """The text in a field, in one line that a terminal only shows; empty where there is none."""
    value = held.get(name)
    return cut(visible(" ".join(value[: _LONGEST * 4].split())), _LONGEST) if isinstance(value, str) else ""


def number(held: Object, name: str) -> int:
    """The number in a field; 0 where there is none."""
    value = held.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def objects(held: Object, name: str) -> list[Object]:
    """The maps of a list, the last ones of a long one."""
    value = held.get(name)
    return [one for one in value[-_MOST:] if is_object(one)] if isinstance(value, list) else []
