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
	some [resource, opening] in openings
	wide(opening.network)
	not for_the_web(opening)
	message := sprintf("%s may come in on %s", [opening.network, ports(opening)])
}

warn contains {"address": resource.address, "message": message} if {
	some [resource, opening] in openings
	wide(opening.network)
	for_the_web(opening)
	message := sprintf("the world may come in on %s", [ports(opening)])
}

undecided contains {"address": resource.address, "message": "who may come in is known only after apply"} if {
	some resource in plan.of("aws_vpc_security_group_ingress_rule")
	some name in ["cidr_ipv4", "cidr_ipv6"]
	value.read(resource.change, [name]).state == "unknown"
}

# A group without rules of its own has them unknown as a whole: they come from resources that are judged themselves.
undecided contains {"address": resource.address, "message": "who may come in is known only after apply"} if {
	some resource in plan.of("aws_security_group")
	is_array(resource.change.after_unknown.ingress)
	walk(resource.change.after_unknown.ingress, [_, true])
}

openings := array.concat(rules, array.concat(old_rules, array.concat(inline, network_acls)))

rules := [[resource, {"network": network, "from": object.get(after, "from_port", null), "to": object.get(after, "to_port", null), "protocol": after.ip_protocol}] |
	some resource in plan.of("aws_vpc_security_group_ingress_rule")
	after := resource.change.after
	some name in ["cidr_ipv4", "cidr_ipv6"]
	network := after[name]
	is_string(network)
]

old_rules := [[resource, {"network": network, "from": after.from_port, "to": after.to_port, "protocol": after.protocol}] |
	some resource in plan.of("aws_security_group_rule")
	after := resource.change.after
	after.type == "ingress"
	some name in ["cidr_blocks", "ipv6_cidr_blocks"]
	some network in after[name]
]

inline := [[resource, {"network": network, "from": block.from_port, "to": block.to_port, "protocol": block.protocol}] |
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

for_the_web(opening) if {
	opening.protocol in {"tcp", "6"}
	opening.from == opening.to
	opening.from in {80, 443}
}

ports(opening) := "every port" if opening.protocol in {"-1", "all"}

ports(opening) := sprintf("port %v", [opening.from]) if {
	not opening.protocol in {"-1", "all"}
	opening.from == opening.to
}

ports(opening) := sprintf("ports %v to %v", [opening.from, opening.to]) if {
	not opening.protocol in {"-1", "all"}
	opening.from != opening.to
}
