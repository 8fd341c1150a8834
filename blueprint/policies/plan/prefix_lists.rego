# METADATA
# title: Prefix lists name networks
# description: >
#   A rule that lets a prefix list in lets everybody in who is put on the list, today or later; the world does not belong there.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP EC2.18]
#   remediation: >
#     List the networks that are meant.
package gaia.plan.prefix_lists

import data.gaia.lib.ingress
import data.gaia.lib.plan
import data.gaia.lib.tie
import data.gaia.lib.value

deny contains {"address": resource.address, "message": message} if {
	some [resource, read] in networks
	is_string(read.value)
	ingress.wide(read.value)
	message := sprintf("%s is on the list", [read.value])
}

deny contains {"address": resource.address, "message": "its networks hold more than one of 256 addresses together"} if {
	listed := [[resource, {"network": read.value, "protocol": "-1"}] | some [resource, read] in networks; is_string(read.value)]
	some [resource, _] in ingress.crowds(listed)
}

undecided contains {"address": resource.address, "message": "who is on the list is known only after apply"} if {
	some [resource, read] in networks
	read.state == "unknown"
}

undecided contains {"address": resource.address, "message": "who is on the list is known only after apply"} if {
	some resource in plan.of("aws_ec2_managed_prefix_list")
	value.hidden(resource.change, ["entry"])
	not listed_elsewhere(resource)
}

# A list has its entries inside, or as resources of their own, which are judged themselves.
listed_elsewhere(resource) if {
	not plan.open(resource, "entry")
	tie.holds(entries, resource, ["id"])
}

entries := tie.to("aws_ec2_managed_prefix_list_entry", "prefix_list_id", "aws_ec2_managed_prefix_list")

# What is let in that this plan does not show.
warn contains {"address": resource.address, "message": message} if {
	some [resource, found] in data.gaia.lib.ingress.openings
	message := sprintf("whoever is on %s may come in on %s", [found.list, ingress.ports(found)])
}

networks := array.concat(
	[[resource, value.read(resource.change, ["cidr"])] | some resource in plan.of("aws_ec2_managed_prefix_list_entry")],
	[[resource, value.read(resource.change, ["entry", number, "cidr"])] |
		some resource in plan.of("aws_ec2_managed_prefix_list")
		some number, _ in value.members(resource.change, ["entry"])
	],
)
