"""Settings of EKS clusters and node groups.

Upstream: a cluster forgets `accessConfig`, `upgradePolicy` and `zonalShiftConfig`; a node group forgets `updateConfig`
and `nodeRepairConfig` when it is made, and claims an SSH key that nobody gave it.
"""

from __future__ import annotations

from typing import Any

from moto.eks.responses import EKSResponse

from gaia.sandbox.patches.fitting import wrap

_CLUSTER = {
    "accessConfig": ("access_config", {"authenticationMode": "CONFIG_MAP"}),
    "upgradePolicy": ("upgrade_policy", {"supportType": "EXTENDED"}),
    "zonalShiftConfig": ("zonal_shift_config", {"enabled": False}),
}
"""As requests name them, as clusters do, and what AWS takes where nothing is given."""
_NODES = {
    "updateConfig": ("update_config", {"maxUnavailable": 1}),
    "nodeRepairConfig": ("node_repair_config", {"enabled": False}),
}


def apply() -> None:
    """Keep them."""
    wrap(EKSResponse, "create_cluster", _create_cluster)
    wrap(EKSResponse, "update_cluster_config", _update_cluster_config)
    wrap(EKSResponse, "create_nodegroup", _create_nodegroup)


def _create_cluster(plain: Any, self: Any) -> Any:
    answer = plain(self)
    cluster = self.eks_backend.describe_cluster(self._get_param("name"))
    for name, (attribute, usual) in _CLUSTER.items():
        setattr(cluster, attribute, self._get_param(name, usual))
    return answer


def _update_cluster_config(plain: Any, self: Any) -> Any:
    answer = plain(self)
    cluster = self.eks_backend.describe_cluster(self._get_param("name"))
    for name, (attribute, _) in _CLUSTER.items():
        setattr(cluster, attribute, self._get_param(name, getattr(cluster, attribute)))
    return answer


def _create_nodegroup(plain: Any, self: Any) -> Any:
    answer = plain(self)
    nodes = self.eks_backend.describe_nodegroup(self._get_param("name"), self._get_param("nodegroupName"))
    for name, (attribute, usual) in _NODES.items():
        setattr(nodes, attribute, self._get_param(name, usual))
    nodes.remote_access = self._get_param("remoteAccess")
    return answer
