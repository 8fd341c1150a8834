# METADATA
# title: Nobody is let in from everywhere
# description: >
#   A security group lets networks in that somebody named. The world may reach a public load balancer on 80 and 443, and
#   nothing else; which other address the world is written as (/0, a prefix of some bits, IPv6) does not matter.
# custom:
#   severity: critical
#   controls: [AWS FSBP EC2.2, AWS FSBP EC2.18, AWS FSBP EC2.19, AWS FSBP EC2.21, CIS AWS 3.0.0 5.1, CIS AWS 3.0.0 5.2, CIS AWS 3.0.0 5.3]
#   remediation: >
#     Name the networks or security groups that come in, or put a load balancer (preset web-public) in front.
package gaia.plan.no_open_ingress

import data.gaia.lib.plan
import data.gaia.lib.value

deny contains {"address": resource.address, "message": message} if {
	some [resource, found] in openings
	wide(found.network)
	not for_the_web(found)
	message := sprintf("%s may come in on %s", [found.network, ports(found)])
}

warn contains {"address": resource.address, "message": message} if {
	some [resource, found] in openings
	wide(found.network)
	for_the_web(found)
	message := sprintf("the world may come in on %s", [ports(found)])
}

undecided contains {"address": resource.address, "message": "who may come in is known only after apply"} if {
	some resource in plan.of("aws_vpc_security_group_ingress_rule")
	some name in ["cidr_ipv4", "cidr_ipv6"]
	value.read(resource.change, [name]).state == "unknown"
}

undecided contains {"address": resource.address, "message": "who may come in is known only after apply"} if {
	some resource in plan.of("aws_security_group_rule")
	resource.change.after.type == "ingress"
	some name in ["cidr_blocks", "ipv6_cidr_blocks"]
	value.read(resource.change, [name]).state == "unknown"
}

# A group without rules of its own has them unknown as a whole: they come from resources that are judged themselves.
undecided contains {"address": resource.address, "message": "who may come in is known only after apply"} if {
	some kind in {"aws_default_security_group", "aws_security_group"}
	some resource in plan.of(kind)
	is_array(resource.change.after_unknown.ingress)
	walk(resource.change.after_unknown.ingress, [_, true])
}

openings := array.concat(rules, array.concat(old_rules, array.concat(inline, network_acls)))

# Ports and protocol that are not known yet are no reason to let the world in.
opening(network, block, protocol) := {
	"network": network,
	"from": object.get(block, "from_port", null),
	"to": object.get(block, "to_port", null),
	"protocol": object.get(block, protocol, null),
}

rules := [[resource, opening(network, after, "ip_protocol")] |
	some resource in plan.of("aws_vpc_security_group_ingress_rule")
	after := resource.change.after
	some name in ["cidr_ipv4", "cidr_ipv6"]
	network := after[name]
	is_string(network)
]

old_rules := [[resource, opening(network, after, "protocol")] |
	some resource in plan.of("aws_security_group_rule")
	after := resource.change.after
	after.type == "ingress"
	some name in ["cidr_blocks", "ipv6_cidr_blocks"]
	some network in after[name]
]

inline := [[resource, opening(network, block, "protocol")] |
	some kind in {"aws_default_security_group", "aws_security_group"}
	some resource in plan.of(kind)
	some block in resource.change.after.ingress
	some name in ["cidr_blocks", "ipv6_cidr_blocks"]
	some network in block[name]
]

# A network ACL is a second line: only what administers machines is held here, answers come in on high ports.
network_acls := [[resource, {"network": network, "from": port, "to": port, "protocol": "tcp"}] |
	some resource in plan.of("aws_network_acl_rule")
	after := resource.change.after
	object.get(after, "egress", false) != true
	after.rule_action == "allow"
	some name in ["cidr_block", "ipv6_cidr_block"]
	network := after[name]
	is_string(network)
	some port in [22, 3389]
	reaches(after, port)
]

reaches(after, _) if after.protocol in {"-1", "all"}

reaches(after, port) if {
	after.from_port <= port
	after.to_port >= port
}

# More than one address in 256 of all there are is not somebody who was named.
wide(network) if {
	bits := to_number(split(network, "/")[1])
	bits < 8
}

for_the_web(found) if {
	found.protocol in {"tcp", "6"}
	found.from == found.to
	found.from in {80, 443}
}

ports(found) := "every port" if found.protocol in {"-1", "all"}

ports(found) := "ports that are known only after apply" if {
	not found.protocol in {"-1", "all"}
	null in {found.from, found.to}
}

ports(found) := sprintf("port %v", [found.from]) if {
	not found.protocol in {"-1", "all"}
	found.from == found.to
	found.from != null
}

ports(found) := sprintf("ports %v to %v", [found.from, found.to]) if {
	not found.protocol in {"-1", "all"}
	found.from != found.to
	not null in {found.from, found.to}
}
