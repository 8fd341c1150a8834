# METADATA
# title: Security groups do not let the whole internet in
# description: >
#   A security group lets networks in that somebody named. The world may reach a public load balancer on 80 and 443, and
#   nothing else; which other address the world is written as (/0, a prefix of some bits, IPv6) does not matter.
# custom:
#   severity: critical
#   owner: security
#   controls: [AWS FSBP EC2.2, AWS FSBP EC2.18, AWS FSBP EC2.19, CIS AWS 3.0.0 5.2, CIS AWS 3.0.0 5.3]
#   remediation: >
#     Name the networks or security groups that come in, or put a load balancer (preset web-public) in front.
package gaia.plan.no_open_ingress

import data.gaia.lib.ingress

deny contains {"address": resource.address, "message": message} if {
	some [resource, found] in data.gaia.lib.ingress.openings
	ingress.wide(found.network)
	not for_the_web(found)
	message := sprintf("%s may come in on %s", [found.network, ingress.ports(found)])
}

# Small networks until they are the world.
deny contains {"address": resource.address, "message": message} if {
	named := [[resource, found] | some [resource, found] in data.gaia.lib.ingress.openings; not for_the_web(found)]
	some [resource, found] in ingress.crowds(named)
	message := sprintf("together with others, %s lets in more than one of 256 addresses on %s", [found.network, ingress.ports(found)])
}

warn contains {"address": resource.address, "message": message} if {
	some [resource, found] in data.gaia.lib.ingress.openings
	ingress.wide(found.network)
	for_the_web(found)
	message := sprintf("the world may come in on %s", [ingress.ports(found)])
}

undecided contains {"address": address, "message": "who may come in is known only after apply"} if {
	some address in data.gaia.lib.ingress.unknown
}

for_the_web(found) if {
	found.protocol in {"tcp", "6"}
	found.from == found.to
	found.from in {80, 443}
}
