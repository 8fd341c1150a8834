"""The security group of an EKS cluster.

Upstream: there is none, and the cluster says of no network that it is in it. AWS makes one in the network of the
cluster's subnets, which its nodes and pods are in, and takes it away with the cluster.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import ec2_backends
from moto.eks.models import EKSBackend

from gaia.sandbox.patches.fitting import wrap

_GROUP = "clusterSecurityGroupId"


def apply() -> None:
    """Make it and take it away; a cluster in subnets that do not exist has none."""
    wrap(EKSBackend, "create_cluster", _create_cluster)
    wrap(EKSBackend, "delete_cluster", _delete_cluster)


def _create_cluster(plain: Any, self: Any, name: str, *arguments: Any, **named: Any) -> Any:
    cluster = plain(self, name, *arguments, **named)
    network = ec2_backends[self.account_id][self.region_name]
    try:
        subnet = network.get_subnet(next(iter(cluster.resources_vpc_config.get("subnetIds") or ()), ""))
    except InvalidSubnetIdError:
        return cluster
    about = "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes."
    group = network.create_security_group(f"eks-cluster-sg-{name}", about, vpc_id=subnet.vpc_id)
    cluster.resources_vpc_config |= {"vpcId": subnet.vpc_id, _GROUP: group.id}
    return cluster


def _delete_cluster(plain: Any, self: Any, name: str) -> Any:
    cluster = plain(self, name=name)
    if group := cluster.resources_vpc_config.get(_GROUP):
        ec2_backends[self.account_id][self.region_name].delete_security_group(group_id=group)
    return cluster
