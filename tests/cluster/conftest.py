"""One control plane for all tests here; each installs into a namespace of its own."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest
from tests.cluster.control_plane import control_plane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.control_plane import ControlPlane

_NUMBERS = count()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane with nothing in it but the kinds that the chart's objects are of."""
    with control_plane(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture
def namespace(cluster: ControlPlane) -> str:
    """A namespace that admits no pod which could do more than pod security `restricted` allows."""
    name = f"gaia-{next(_NUMBERS)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}
    made = cluster.api.post("/api/v1/namespaces", json={"metadata": {"name": name, "labels": labels}})
    assert made.status_code == 201, made.text
    accounts = f"/api/v1/namespaces/{name}/serviceaccounts"
    cluster.until(f"{name} has its account", lambda: "default" in cluster.names(accounts))
    cluster.until(
        f"{name} has its certificate",
        lambda: "kube-root-ca.crt" in cluster.names(f"/api/v1/namespaces/{name}/configmaps"),
    )
    return name
