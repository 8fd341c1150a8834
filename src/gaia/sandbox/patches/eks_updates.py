"""What became of a change of an EKS cluster. Upstream: DescribeUpdate is 404, and a changed cluster names no update."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.eks import urls
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from gaia.sandbox.patches.fitting import extend, listen, wrap


def apply() -> None:
    """Every change has succeeded at once."""
    extend(EKSResponse, _Responses)
    wrap(EKSResponse, "update_cluster_config", _update_cluster_config)
    listen(urls, urls.response.dispatch, "/clusters/(?P<name>[^/]+)/updates/(?P<updateId>[^/]+)")


def _update(name: str) -> dict[str, Any]:
    return {"id": name, "status": "Successful", "type": "ConfigUpdate", "createdAt": utcnow(), "errors": []}


def _update_cluster_config(plain: Any, self: Any) -> Any:
    plain(self)
    return ActionResult({"update": _update(str(mock_random.uuid4()))})


class _Responses:
    def describe_update(self: Any) -> Any:
        return ActionResult({"update": _update(self._get_param("updateId"))})
