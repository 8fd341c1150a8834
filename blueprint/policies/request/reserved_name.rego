# METADATA
# title: Services do not take the platform's own names
# custom:
#   severity: low
#   owner: platform
#   controls: []
#   remediation: Choose a name that says what the service is for.
package gaia.request.reserved_name

reserved := {"default", "gaia", "terraform", "tfstate"}

deny contains {"message": message} if {
	input.gaia.kind == "provision"
	some word in reserved
	startswith(sprintf("%s-", [lower(input.gaia.service)]), sprintf("%s-", [word]))
	message := sprintf("names that begin with %s belong to the platform", [word])
}

undecided contains {"message": "the request does not say the service's name"} if {
	not is_string(object.get(input, ["gaia", "service"], null))
}
