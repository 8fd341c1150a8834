# METADATA
# title: Resources carry the tags that bills and alarms are routed by
# description: >
#   A resource that has tags at all needs cost-center, owner, tenant, stage and service, none of them empty.
#   The tag gaia:instance is what a service's lost resources are found by after a crash.
# custom:
#   severity: medium
#   owner: platform
#   controls: []
#   remediation: >
#     Hand the stack's tags to the component (vars.tags) and set them on every resource that takes tags; write
#     gaia:instance = STACK/COMPONENT in the template.
package gaia.plan.required_tags

import data.gaia.lib.value

required := {"cost-center", "owner", "tenant", "stage", "service"}

looked_for := required | {"gaia:instance"}

deny contains {"address": address, "message": message} if {
	some [address, key, said] in tags
	key in required
	unusable(said)
	message := sprintf("the tag %s is missing or empty", [key])
}

undecided contains {"address": address, "message": message} if {
	some [address, key, said] in tags
	key in required
	said.state == "unknown"
	message := sprintf("the tag %s is known only after apply", [key])
}

warn contains {"address": address, "message": message} if {
	for_a_service
	some [address, "gaia:instance", said] in tags
	unusable(said)
	message := "the tag gaia:instance is missing, so the resource cannot be found again if an apply is interrupted"
}

# Templates write the tag. What an operator writes himself has its state to be found by.
for_a_service if object.get(input, ["gaia", "service"], "") != ""

# Address, key and what the plan says, for every tag of every resource that does not simply have them all.
tags := [[resource.address, key, tag(resource, key)] |
	some resource in data.gaia.lib.plan.written
	not complete(resource)
	taggable(resource)
	some key in looked_for
]

# A reference to what is not there is undefined, so each line asks whether the attribute exists.
taggable(resource) if {
	resource.change.after.tags_all != missing
} else if {
	resource.change.after.tags != missing
} else if {
	resource.change.after_unknown.tags_all != missing
} else if {
	resource.change.after_unknown.tags != missing
}

missing := "gaia: missing"

# A quick way out for nearly all: resources share their tags, so each distinct set of them is looked at once. What is a
# string in `after` is known; whatever is not there is read with care below.
complete(resource) if resource.change.after.tags_all in complete_sets

complete_sets := {found |
	some found in {resource.change.after.tags_all | some resource in data.gaia.lib.plan.written}
	is_object(found)
	count([key | some key in looked_for; is_string(found[key]); trim_space(found[key]) != ""]) == count(looked_for)
}

# tags_all includes the provider's default tags; where it is unknown as a whole the resource's own tags decide.
tag(resource, key) := value.read(resource.change, ["tags_all", key]) if {
	not value.read(resource.change, ["tags_all", key]).state in {"absent", "unknown"}
} else := value.read(resource.change, ["tags", key])

unusable(read) if read.state in {"absent", "null"}

unusable(read) if {
	read.state == "known"
	trim_space(read.value) == ""
}
