# METADATA
# title: Network ACLs keep administration out
# description: >
#   A network ACL is a second line: answers come in on high ports, but the world does not reach what administers machines.
# custom:
#   severity: high
#   owner: security
#   controls: [AWS FSBP EC2.21, CIS AWS 3.0.0 5.1]
#   remediation: >
#     Leave the ports of SSH, RDP and remote management out of what is allowed from everywhere.
package gaia.plan.network_acls

import data.gaia.lib.ingress

deny contains {"address": resource.address, "message": message} if {
	some [resource, found] in data.gaia.lib.ingress.acl_openings
	ingress.wide(found.network)
	some port in data.gaia.lib.ingress.admin_ports
	ingress.reaches(found, port)
	not for_answers(found, port)
	message := sprintf("%s comes through on port %v", [found.network, port])
}

deny contains {"address": resource.address, "message": message} if {
	administering := [[resource, found] |
		some [resource, found] in data.gaia.lib.ingress.acl_openings
		some port in data.gaia.lib.ingress.admin_ports
		ingress.reaches(found, port)
		not for_answers(found, port)
	]
	some [resource, found] in ingress.crowds(administering)
	message := sprintf("together with others, %s lets more than one of 256 addresses through on %s", [found.network, ingress.ports(found)])
}

undecided contains {"address": address, "message": "who comes through is known only after apply"} if {
	some address in data.gaia.lib.ingress.acl_unknown
}

# Answers come in on long ranges of high ports. SSH and RDP are left out of them, as benchmarks ask; not what lies above.
for_answers(found, port) if {
	port > 3389
	not ingress.every_port(found)
	not null in {found.from, found.to}
	found.from >= 1024
	found.to - found.from > 1000
}
