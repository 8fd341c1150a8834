# METADATA
# title: What may happen without a second person
# description: >
#   Throwing away one's own development service. Everything else waits for an approver.
package gaia.request

default auto_approve := false

auto_approve if {
	input.gaia.kind == "retire"
	input.gaia.stage == "dev"
	is_string(input.gaia.requester)
	input.gaia.requester == input.gaia.owner
	is_array(input.findings)
	every finding in input.findings { finding.effect == "warn" }
}
