# METADATA
# title: Who may come in where
# description: >
#   Every way of saying it in Terraform, as one list: rules of their own, old ones, those inside of a group, network ACLs.
#   An opening is an object with network (or list, a prefix list's id), from and to (null where they are not known), protocol.
package gaia.lib.ingress

import data.gaia.lib.plan
import data.gaia.lib.value

groups := {"aws_default_security_group", "aws_security_group"}

# Ports that machines are administered through.
admin_ports := {22, 3389, 5985, 5986}

# Pairs of a resource and an opening of a security group.
openings := array.concat(rules, array.concat(old_rules, inline))

# Pairs of a resource and an opening of a network ACL.
acl_openings := array.concat(acl_rules, inline_acls)

rules := [[resource, opening(block, member, "ip_protocol")] |
	some resource in plan.of("aws_vpc_security_group_ingress_rule")
	block := resource.change.after
	some member in {{"network": block[name]} | some name in ["cidr_ipv4", "cidr_ipv6"]; is_string(block[name])} |
		{{"list": block[name]} | some name in ["prefix_list_id"]; is_string(block[name])}
]

old_rules := [[resource, opening(block, member, "protocol")] |
	some resource in plan.of("aws_security_group_rule")
	block := resource.change.after
	block.type == "ingress"
	some member in members(block)
]

inline := [[resource, opening(block, member, "protocol")] |
	some kind in groups
	some resource in plan.of(kind)
	some block in value.blocks(resource.change, ["ingress"])
	some member in members(block)
]

acl_rules := [[resource, opening(block, {"network": network}, "protocol")] |
	some resource in plan.of("aws_network_acl_rule")
	block := resource.change.after
	object.get(block, "egress", false) != true
	block.rule_action == "allow"
	some network in networks(block)
]

inline_acls := [[resource, opening(block, {"network": network}, "protocol")] |
	some kind in {"aws_default_network_acl", "aws_network_acl"}
	some resource in plan.of(kind)
	some block in value.blocks(resource.change, ["ingress"])
	block.action == "allow"
	some network in networks(block)
]

networks(block) := {network |
	some name in ["cidr_block", "ipv6_cidr_block"]
	network := object.get(block, name, null)
	is_string(network)
	contains(network, "/")
}

members(block) := {{"network": network} |
	some name in ["cidr_blocks", "ipv6_cidr_blocks"]
	some network in value.texts(object.get(block, name, []))
} |
	{{"list": id} | some id in value.texts(object.get(block, "prefix_list_ids", []))}

# Ports and protocol that are not known yet are no reason to let the world in.
opening(block, member, protocol) := object.union(member, {
	"from": object.get(block, "from_port", null),
	"to": object.get(block, "to_port", null),
	"protocol": object.get(block, protocol, null),
})

every_port(found) if found.protocol in {"-1", "all"}

reaches(found, _) if every_port(found)

reaches(found, port) if {
	not every_port(found)
	found.from <= port
	found.to >= port
}

reaches(found, _) if {
	not every_port(found)
	null in {found.from, found.to}
}

# Of a network that is none, nothing is said: AWS refuses it.
bits(network) := lengths[split(network, "/")[1]]

lengths := {sprintf("%d", [length]): length | some length in numbers.range(0, 128)}

# More than one address in 256 of all there are is not somebody who was named.
wide(network) if bits(network) < 8

# Networks of private use, in which nobody from the internet is.
private := {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"}

is_private(network) if {
	net.cidr_is_valid(network)
	some range in private
	net.cidr_contains(range, network)
}

# What a network holds, in networks of 18 bits: of smaller ones there are never as many in one place as it takes.
share(network) := [1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1][bits(network) - 8] if not is_private(network)

# Networks that are not wide each and are together.
add_up(networks) if {
	some family in [true, false]
	sum([share(network) | some network in networks; contains(network, ":") == family]) > 1024
}

# Those of the pairs of a resource and an opening that only add up to a wide network: in one place, on one port.
crowds(pairs) := [found |
	sharing := [[place_of(pair[0]), pair] | some pair in pairs; share(pair[1].network)]
	places := {at | some [at, _] in sharing}
	some place in places
	together := [pair | some [at, pair] in sharing; at == place]
	some port in {object.get(pair[1], "from", null) | some pair in together}
	crowd := [pair | some pair in together; reaches(pair[1], port)]
	add_up({pair[1].network | some pair in crowd})
	some found in crowd
]

# The group or list that it belongs to.
place_of(resource) := object.get(resource.change.after, holders[resource.type], code_of(resource)) if holders[resource.type]

place_of(resource) := resource.address if not holders[resource.type]

# Where the group is not known yet, what the code refers to says which it is.
code_of(resource) := [object.get(resource, "module_address", ""), plan.references(resource, holders[resource.type])]

holders := {
	"aws_ec2_managed_prefix_list_entry": "prefix_list_id",
	"aws_network_acl_rule": "network_acl_id",
	"aws_security_group_rule": "security_group_id",
	"aws_vpc_security_group_ingress_rule": "security_group_id",
}

ports(found) := "every port" if every_port(found)

ports(found) := "ports that are known only after apply" if {
	not every_port(found)
	null in {found.from, found.to}
}

ports(found) := sprintf("port %v", [found.from]) if {
	not every_port(found)
	found.from == found.to
	found.from != null
}

ports(found) := sprintf("ports %v to %v", [found.from, found.to]) if {
	not every_port(found)
	found.from != found.to
	not null in {found.from, found.to}
}

# Resources of which it is not known who may come in.
unknown contains resource.address if {
	some resource in plan.of("aws_vpc_security_group_ingress_rule")
	some name in ["cidr_ipv4", "cidr_ipv6", "prefix_list_id"]
	value.read(resource.change, [name]).state == "unknown"
	not of_this_plan(resource, name)
}

unknown contains resource.address if {
	some resource in plan.of("aws_security_group_rule")
	not resource.change.after.type == "egress"
	some name in ["type", "cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"]
	value.read(resource.change, [name]).state == "unknown"
	not of_this_plan(resource, name)
}

# A group without rules of its own has them unknown as a whole: they come from resources that are judged themselves.
unknown contains resource.address if {
	some kind in groups
	some resource in plan.of(kind)
	blocks := object.get(resource.change, ["after_unknown", "ingress"], false)
	is_array(blocks)
	some number, block in blocks
	some name in ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids"]
	value.read(resource.change, ["ingress", number, name]).state == "unknown"
}

unknown contains resource.address if {
	some kind in groups
	some resource in plan.of(kind)
	plan.open(resource, "ingress")
}

# A prefix list that this plan makes is judged where it is written.
of_this_plan(resource, name) if {
	name in {"prefix_list_id", "prefix_list_ids"}
	some reference in plan.references(resource, name)
	startswith(reference, "aws_ec2_managed_prefix_list.")
}

acl_unknown contains resource.address if {
	some resource in plan.of("aws_network_acl_rule")
	object.get(resource.change.after, "egress", false) != true
	some name in ["cidr_block", "ipv6_cidr_block", "rule_action"]
	value.read(resource.change, [name]).state == "unknown"
}

acl_unknown contains resource.address if {
	some kind in {"aws_default_network_acl", "aws_network_acl"}
	some resource in plan.of(kind)
	blocks := object.get(resource.change, ["after_unknown", "ingress"], false)
	is_array(blocks)
	some number, _ in blocks
	some name in ["action", "cidr_block", "ipv6_cidr_block"]
	value.read(resource.change, ["ingress", number, name]).state == "unknown"
}

acl_unknown contains resource.address if {
	some kind in {"aws_default_network_acl", "aws_network_acl"}
	some resource in plan.of(kind)
	plan.open(resource, "ingress")
}
