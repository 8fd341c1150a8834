"""Why a release does not come about: what the kubelet, the quota and policies say, in a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from tests.unit.gitops.rollout.served import IMAGE, NAME, application, pod, waiting
from tests.unit.gitops.rollout.test_judging import _ANY

from gaia.gitops.rollout import answers
from gaia.gitops.rollout.reasons import reason

Json = dict[str, Any]
GATEKEEPER = (
    'admission webhook "validation.gatekeeper.sh" denied the request: '
    '[require-owner] you must provide labels: {"gaia/owner"}'
)
POLICY = (
    "deployments.apps \"photos\" is forbidden: ValidatingAdmissionPolicy 'no-latest' with binding 'all' "
    "denied request: images are named by their digest"
)
OVER = "exceeded quota: gaia, requested: cpu=1, used: cpu=8, limited: cpu=8"
QUOTA = f'pods "photos-1" is forbidden: {OVER}'
LABELS = 'you must provide labels: {"gaia/owner"}'
UNSCHEDULABLE = "0/3 nodes are available: 3 Insufficient memory."
UNBOUND = "pod has unbound immediate PersistentVolumeClaims"
PULL = f'Back-off pulling image "{IMAGE}": ErrImagePull: not found'


def _scheduled(message: str) -> Json:
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    return pod(conditions=[condition])


def _replica_set(message: str) -> Json:
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    return {"kind": "ReplicaSet", "metadata": {"name": "photos-5d"}, "status": {"conditions": [condition]}}


def _running() -> Json:
    one = {"name": "photos", "image": IMAGE, "ready": False, "state": {"running": {}}}
    return pod(phase="Running", containerStatuses=[one])


_ENDED = {"lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}, "restartCount": 4}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (pod(**waiting("ImagePullBackOff", PULL)), f"pod photos-1 cannot pull the image {IMAGE}: {PULL}"),
        (pod(**waiting("ErrImagePull")), f"pod photos-1 cannot pull the image {IMAGE}: ErrImagePull"),
        (
            pod(**waiting("CrashLoopBackOff", "back-off 40s", **_ENDED)),
            "pod photos-1 ends again and again (4 times): OOMKilled, exit code 137",
        ),
        (
            pod(**waiting("CreateContainerConfigError", 'secret "photos" not found')),
            'pod photos-1 lacks a secret or a configuration: secret "photos" not found',
        ),
        (pod(**waiting("ContainerCreating")), ""),
        (_scheduled(UNSCHEDULABLE), f"pod photos-1 waits for a node that takes it: {UNSCHEDULABLE}"),
        (_scheduled(UNBOUND), f"pod photos-1 waits for a volume: {UNBOUND}"),
        (_running(), "pod photos-1 runs and is not ready: the probe of /ready fails"),
        (
            _replica_set(QUOTA),
            f"ReplicaSet photos-5d: the namespace is at its quota: {OVER}",
        ),
        (
            _replica_set(GATEKEEPER),
            'ReplicaSet photos-5d is denied by the policy require-owner: you must provide labels: {"gaia/owner"}',
        ),
        (
            _replica_set('pods "x" is forbidden: violates PodSecurity "restricted:latest": privileged'),
            'ReplicaSet photos-5d is denied by pod security: violates PodSecurity "restricted:latest": privileged',
        ),
    ],
)
def test_each_way_to_be_stuck(found: Json, told: str) -> None:
    """As the real ones word it."""
    app = answers.application(application(health="Progressing"), NAME)
    assert app
    assert reason(app, [found], IMAGE) == told


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            GATEKEEPER,
            f"Deployment photos is denied by the policy require-owner: {LABELS}",
        ),
        (POLICY, "Deployment photos is denied by the policy no-latest: images are named by their digest"),
        ("field is immutable", "Deployment photos: field is immutable"),
    ],
)
def test_what_was_not_taken(message: str, told: str) -> None:
    """By which policy, or why else."""
    result = {"kind": "Deployment", "name": "photos", "status": "SyncFailed", "message": message}
    held = application(phase="Failed")
    held["status"]["operationState"]["syncResult"]["resources"] = [result]
    app = answers.application(held, NAME)
    assert app
    assert reason(app, [], IMAGE) == told


def test_pods_of_the_release_before_explain_nothing() -> None:
    """Where there are some of this one."""
    app = answers.application(application(), NAME)
    assert app
    old = pod("other@sha256:1", "old", **waiting("ImagePullBackOff", "old"))
    new = pod(**waiting("ImagePullBackOff", "new"))
    assert reason(app, [old, new], IMAGE).endswith("new")
    assert reason(app, [old], IMAGE).endswith("old")


def test_a_secret_that_is_gone_is_told() -> None:
    """As the External Secrets Operator says it."""
    health = {"status": "Degraded", "message": "could not get secret data from provider"}
    resource = {"kind": "ExternalSecret", "name": "photos", "health": health}
    app = answers.application(application(health="Degraded", resources=[resource]), NAME)
    assert app
    assert reason(app, [], IMAGE) == "ExternalSecret photos: could not get secret data from provider"


@given(_ANY, _ANY)
def test_whatever_a_pod_says_is_no_error(status: Any, spec: Any) -> None:
    """And no more than a line that a terminal shows."""
    app = answers.application(application(), NAME)
    assert app
    told = reason(app, [{"kind": "Pod", "metadata": {"name": "\x1b[2J"}, "status": status, "spec": spec}], IMAGE)
    assert "\x1b" not in told
    assert "\n" not in told
