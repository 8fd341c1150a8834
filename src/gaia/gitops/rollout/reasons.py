"""Why a release does not come about, in a sentence: by what Argo CD, Kubernetes and its pods say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gaia.gitops.rollout.answers import below, number, objects, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gaia.gitops.rollout.model import Application

    Object = Mapping[str, object]

_PULL = frozenset(
    (
        *("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"),
        *("RegistryUnavailable", "SignatureValidationFailed"),
    )
)
_BY_HOOK = re.compile(r"admission webhook \"?(?P<by>[^\" ]+)\"? denied the request: ?(?P<what>.*)")
_BY_POLICY = re.compile(r"ValidatingAdmissionPolicy '(?P<by>[^']+)'.* denied request: ?(?P<what>.*)")
_CONSTRAINT = re.compile(r"\[(?P<by>[\w.-]+)\] ?(?P<what>.*)")
"""How Gatekeeper begins: with the constraint's name."""
_QUOTA = re.compile(r"exceeded quota: .*")
_SECURITY = re.compile(r"violates PodSecurity .*")
_BAD = ("Degraded", "Missing")


def reason(app: Application, found: Iterable[Object], image: str) -> str:
    """The first thing that holds it up; empty where nothing is known to. `found` are pods and what makes them."""
    for kind, message in app.conditions:
        if kind.endswith("Error") and message:
            return message
    for one in app.results:
        if one.status == "SyncFailed" and one.message:
            return _refusal(str(one), one.message)
    held = list(found)
    for each in held:
        for condition in _conditions(each):
            if text(condition, "type") == "ReplicaFailure" and text(condition, "status") == "True":
                return _refusal(_named(each), text(condition, "message"))
    pods = [each for each in held if text(each, "kind") == "Pod"]
    for pod in [each for each in pods if _runs(each, image)] or pods:
        if said := _of_pod(pod):
            return f"pod {text(below(pod, 'metadata'), 'name')} {said}"
    return next((f"{one}: {one.message}" for one in app.resources if one.health in _BAD and one.message), "")


def _runs(pod: Object, image: str) -> bool:
    return any(text(one, "image") == image for one in objects(below(pod, "spec"), "containers"))


def _refusal(what: str, message: str) -> str:
    """What Kubernetes says when it does not take something."""
    if denied := _BY_HOOK.search(message) or _BY_POLICY.search(message):
        inner = _CONSTRAINT.match(denied["what"])
        by, said = (inner["by"], inner["what"]) if inner else (denied["by"], denied["what"])
        return f"{what} is denied by the policy {by}: {said}"
    if over := _QUOTA.search(message):
        return f"{what}: the namespace is at its quota: {over[0]}"
    if unsafe := _SECURITY.search(message):
        return f"{what} is denied by pod security: {unsafe[0]}"
    return f"{what}: {message}"


def _of_pod(pod: Object) -> str:
    """What it waits for; empty where it is well."""
    for condition in _conditions(pod):
        if text(condition, "type") == "PodScheduled" and text(condition, "status") == "False":
            message = text(condition, "message")
            waits = "for a volume" if "persistentvolumeclaim" in message.lower() else "for a node that takes it"
            return f"waits {waits}: {message}"
    status = below(pod, "status")
    for one in (*objects(status, "initContainerStatuses"), *objects(status, "containerStatuses")):
        if said := _of_container(one):
            return said
    if text(status, "phase") == "Failed":
        return f"has failed: {text(status, 'reason')} {text(status, 'message')}".rstrip(": ")
    return _not_ready(pod, status) if text(status, "phase") == "Running" else ""


def _of_container(status: Object) -> str:
    waiting, last = below(below(status, "state"), "waiting"), below(below(status, "lastState"), "terminated")
    why, message = text(waiting, "reason"), text(waiting, "message")
    if why in _PULL:
        return f"cannot pull the image {text(status, 'image')}: {message or why}"
    if why == "CreateContainerConfigError":
        return f"lacks a secret or a configuration: {message}"
    if why == "CrashLoopBackOff":
        ended = f"{text(last, 'reason') or 'Error'}, exit code {number(last, 'exitCode')}"
        return f"ends again and again ({number(status, 'restartCount')} times): {ended}"
    if why and why not in ("ContainerCreating", "PodInitializing"):
        return f"does not start: {why} {message}".rstrip()
    return ""


def _not_ready(pod: Object, status: Object) -> str:
    ready = {text(one, "name"): one.get("ready") is True for one in objects(status, "containerStatuses")}
    for one in objects(below(pod, "spec"), "containers"):
        if ready.get(text(one, "name"), True):
            continue
        probe = below(one, "readinessProbe")
        asked = text(below(probe, "httpGet"), "path") or ("its port" if "tcpSocket" in probe else "")
        return "runs and is not ready" + (f": the probe of {asked} fails" if asked else "")
    return ""


def _conditions(held: Object) -> list[Object]:
    return objects(below(held, "status"), "conditions")


def _named(held: Object) -> str:
    return f"{text(held, 'kind')} {text(below(held, 'metadata'), 'name')}"
