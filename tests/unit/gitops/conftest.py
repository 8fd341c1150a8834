"""A GitOps repository of two tenants, and releases in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gaia.gitops import layout as layouts
from gaia.gitops import reading
from gaia.gitops.written import document
from gaia.kit import yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.gitops.ground import Ground

    from gaia.gitops.layout import Layout
    from gaia.gitops.model import Release

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
IMAGE = f"registry.example.com:5000/acme/photos@{DIGEST}"
LAYOUT: dict[str, Any] = {
    "repository": "https://git.example.com/acme/gitops",
    "tenants": {
        "acme": {"domains": ["acme.example.com"], "groups": ["acme-developers"]},
        "globex": {"domains": ["globex.example.com"]},
    },
    "stages": {"dev": {"cluster": "trial"}, "staging": {"cluster": "trial"}, "prod": {"cluster": "live"}},
    "gateway": {"namespace": "gateway", "name": "public"},
    "admins": ["platform-admins"],
    "progressive": {
        "prometheus": "http://prometheus.monitoring:9090",
        "metrics": {
            "success_rate": 'sum(rate(good_total{job="{{ target }}-canary"}[{{ interval }}]))',
            "latency_ms": "1000 * histogram_quantile(0.99, sum by (le) (rate(http_seconds_bucket[{{ interval }}])))",
        },
    },
}
LEAST: dict[str, Any] = {
    "service": "photos",
    "tenant": "acme",
    "stage": "dev",
    "owner": "media",
    "image": IMAGE,
    "ports": {"http": 8080},
}
MOST: dict[str, Any] = LEAST | {
    "ports": {"http": 8080, "metrics": 9090},
    "replicas": {"min": 2, "max": 6, "cpu": 60},
    "resources": {"cpu": "250m", "memory": "512Mi"},
    "env": {
        "LOG_LEVEL": "info",
        "ON": "yes",
        "QUEUE_URL": {"output": "queue_url"},
        "DB_PASSWORD": {"secret": "acme/dev/photos/database", "property": "password"},
    },
    "outputs": {"queue_url": "https://sqs.eu-west-1.amazonaws.com/111111111111/photos"},
    "probes": {"ready": "/ready", "live": "/live"},
    "route": {"hosts": ["photos.acme.example.com"]},
    "metrics": {"port": "metrics"},
    "callers": ["music"],
    "reaches": [{"cidr": "10.20.0.0/16", "port": 5432}, {"service": "music", "port": 8080}],
    "identity": "arn:aws:iam::111111111111:role/photos",
}
CANARY: dict[str, Any] = MOST | {
    "progressive": {"steps": [5, 20, 50], "checks": {"success_rate": {"min": 99.5}, "latency_ms": {"max": 500}}},
}
BLUE_GREEN: dict[str, Any] = LEAST | {"progressive": {"looks": 10, "checks": {"success_rate": {"min": 99}}}}


def layout_of(**changed: object) -> Layout:
    """The layout with other fields."""
    return layouts.read(yaml.parse(document(LAYOUT | changed).encode(), "gitops.yaml"))


def release_of(source: dict[str, Any]) -> Release:
    """The release that a source describes."""
    return reading.read(yaml.parse(document(source).encode(), "release.yaml"), layout_of())


@pytest.fixture(name="layout")
def two_tenants() -> Layout:
    """The layout."""
    return layout_of()


@pytest.fixture(name="read")
def reader() -> Callable[[dict[str, Any]], Release]:
    """`release_of`."""
    return release_of


@pytest.fixture(name="ground")
def made_ground(tmp_path: Path) -> Ground:
    """A repository with a layout in its first commit."""
    from tests.unit.gitops.ground import made_at

    return made_at(tmp_path)
