# METADATA
# title: A stack has room for so many services
# description: >
#   So many services a stack of each stage may hold; whoever needs more asks the platform first. Nobody is kept from taking a
#   service away.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Retire what nobody uses, or raise the number in policies/request/room_for_services.rego.
package gaia.request.room_for_services

import data.gaia.lib.stage

most := {"dev": 200, "prod": 500, "other": 200}

deny contains {"message": message} if {
	input.gaia.kind == "provision"
	is_number(input.services)
	input.services >= max(stage.any_of(most))
	message := sprintf("the stack holds %d services, and has room for %d", [input.services, max(stage.any_of(most))])
}

undecided contains {"message": message} if {
	input.gaia.kind == "provision"
	is_number(input.services)
	input.services >= min(stage.any_of(most))
	input.services < max(stage.any_of(most))
	message := sprintf("the stack holds %d services, which is too many for some stages, and nobody says which this is", [input.services])
}

# null is a template that is tried: there is no stack.
undecided contains {"message": "how many services the stack holds is not known"} if {
	input.gaia.kind == "provision"
	found := object.get(input, "services", null)
	found != null
	not is_number(found)
}
