"""What is left of a plan when an availability zone fails: read from its resources and the ids that connect them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Left:
    """After the failure of one zone."""

    zone: str
    routes: tuple[int, int]
    """Private subnets in other zones that still have a way out, of how many."""
    load_balancers: tuple[int, ...]
    """For each load balancer the zones that are left."""
    nodes: tuple[tuple[int, int], ...]
    """For each node group the nodes that are left at worst, of how many."""

    databases: tuple[tuple[int, int], ...]
    """For each database the copies that are left at worst, of how many."""

    @property
    def broken(self) -> list[str]:
        """What does not survive."""
        lost = self.routes[1] - self.routes[0]
        return [
            *([f"{lost} private subnets have no way out"] if lost else []),
            *(f"a load balancer is left with {zones} zone" for zones in self.load_balancers if zones < 2),
            *(f"a node group is left with {nodes} of {of} nodes" for nodes, of in self.nodes if nodes < 1),
            *(f"a database is left with {copies} of {of} copies" for copies, of in self.databases if copies < 1),
        ]


class Network:
    """The resources of one plan whose ids are known."""

    def __init__(self, resource_changes: Sequence[Mapping[str, Any]]) -> None:
        self._resources: list[tuple[str, Values]] = [
            (one["type"], one["change"]["after"]) for one in resource_changes if one["mode"] == "managed"
        ]
        self._subnets = {subnet["id"]: subnet for subnet in self._all("aws_subnet")}
        self._tables = {one["subnet_id"]: one["route_table_id"] for one in self._all("aws_route_table_association")}
        self._gateways = {one["id"]: one for one in self._all("aws_nat_gateway")}

    def _all(self, kind: str) -> Iterator[Values]:
        return (values for one, values in self._resources if one == kind)

    def zone_of(self, subnet: str) -> str:
        """The zone of a subnet."""
        return str(self._subnets[subnet]["availability_zone"])

    def _zones_of(self, subnets: Collection[str]) -> set[str]:
        return {self.zone_of(subnet) for subnet in subnets}

    @property
    def zones(self) -> list[str]:
        """Every zone with a subnet."""
        return sorted({self.zone_of(subnet) for subnet in self._subnets})

    def _default_routes(self, subnet: str) -> Iterator[Values]:
        table = self._tables.get(subnet)
        for route in self._all("aws_route"):
            if route["route_table_id"] == table and route["destination_cidr_block"] == "0.0.0.0/0":
                yield route

    def way_out(self, subnet: str, failed: str) -> bool:
        """Whether a private subnet reaches the internet: through a NAT gateway in a zone that works, and from there."""
        for route in self._default_routes(subnet):
            gateway = self._gateways.get(route["nat_gateway_id"])
            if gateway and self.zone_of(gateway["subnet_id"]) != failed:
                return any(onward["gateway_id"] for onward in self._default_routes(gateway["subnet_id"]))
        return False

    def without(self, zone: str) -> Left:
        """What is left when a zone fails."""
        private = [
            name
            for name, subnet in self._subnets.items()
            if subnet["tags"].get("tier") == "private" and self.zone_of(name) != zone
        ]
        nodes = [
            _spread(group["scaling_config"][0]["min_size"], self._zones_of(group["subnet_ids"]))
            for group in self._all("aws_eks_node_group")
        ]
        return Left(
            zone,
            (sum(self.way_out(subnet, zone) for subnet in private), len(private)),
            tuple(len(self._zones_of(lb["subnets"]) - {zone}) for lb in self._all("aws_lb")),
            tuple(nodes),
            tuple(self._databases()),
        )

    def _databases(self) -> Iterator[tuple[int, int]]:
        """Instances with their standby, then clusters with their readers."""
        groups = {group["name"]: self._zones_of(group["subnet_ids"]) for group in self._all("aws_db_subnet_group")}
        for instance in self._all("aws_db_instance"):
            yield _spread(2 if instance["multi_az"] else 1, groups[instance["db_subnet_group_name"]])
        members = list(self._all("aws_rds_cluster_instance"))
        for cluster in self._all("aws_rds_cluster"):
            copies = sum(member["cluster_identifier"] == cluster["id"] for member in members)
            yield _spread(copies, groups[cluster["db_subnet_group_name"]])


def _spread(number: int, zones: Collection[str]) -> tuple[int, int]:
    """(what is left, of how many) when the fullest zone fails; AWS keeps zones within one of each other."""
    return number - -(-number // len(zones)), number


def table(found: Sequence[Left]) -> str:
    """Markdown: a row for each zone."""
    lines = [
        "| zone that fails | subnets with a way out | load balancer's zones | nodes left | databases' copies left |"
    ]
    lines.append("|---|---|---|---|---|")
    for left in found:
        zones = ", ".join(str(number) for number in left.load_balancers)
        nodes = ", ".join(f"{number} of {of}" for number, of in left.nodes)
        copies = ", ".join(f"{number} of {of}" for number, of in left.databases)
        lines.append(f"| {left.zone} | {left.routes[0]} of {left.routes[1]} | {zones} | {nodes} | {copies} |")
    return "\n".join(lines)
