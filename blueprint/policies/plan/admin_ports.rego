# METADATA
# title: Machines are administered from named places only
# description: >
#   SSH, RDP and remote management are open to few addresses: at most a /16 of a private network, a /24 of the internet, a
#   /48 of IPv6. Whoever stands in a prefix list that this plan does not make is nobody that was named.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP EC2.13, AWS FSBP EC2.14, AWS FSBP EC2.19, CIS AWS 3.0.0 5.2]
#   remediation: >
#     Use Session Manager, which needs no open port, or name the network that administrators come from.
package gaia.plan.admin_ports

import data.gaia.lib.ingress

deny contains {"address": resource.address, "message": message} if {
	some [resource, found] in data.gaia.lib.ingress.openings
	too_many(found)
	some port in data.gaia.lib.ingress.admin_ports
	ingress.reaches(found, port)
	message := sprintf("%s may administer machines through port %v", [object.get(found, "network", object.get(found, "list", "")), port])
}

undecided contains {"address": address, "message": "who may administer machines is known only after apply"} if {
	some address in data.gaia.lib.ingress.unknown
}

# The whole world is another rule's.
too_many(found) if {
	ingress.bits(found.network) >= 8
	ingress.bits(found.network) < narrow(found.network)
}

too_many(found) if found.list

narrow(network) := 48 if contains(network, ":")

narrow(network) := 16 if {
	not contains(network, ":")
	ingress.is_private(network)
}

narrow(network) := 24 if {
	not contains(network, ":")
	not ingress.is_private(network)
}
