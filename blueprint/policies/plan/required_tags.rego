# METADATA
# title: Resources carry the tags that bills and alarms are routed by
# description: >
#   A resource that has tags at all needs cost-center, owner, tenant, stage and service, none of them empty.
#   gaia:instance is what lost resources are found by after a crash.
# custom:
#   severity: medium
#   controls: []
#   remediation: >
#     Hand the stack's tags to the component (vars.tags) and set them on every resource that takes tags.
package gaia.plan.required_tags

import data.gaia.lib.plan
import data.gaia.lib.value

required := {"cost-center", "owner", "tenant", "stage", "service"}

deny contains {"address": resource.address, "message": message} if {
	some resource in plan.written
	taggable(resource)
	some key in required
	unusable(tag(resource, key))
	message := sprintf("the tag %s is missing or empty", [key])
}

undecided contains {"address": resource.address, "message": message} if {
	some resource in plan.written
	taggable(resource)
	some key in required
	tag(resource, key).state == "unknown"
	message := sprintf("the tag %s is known only after apply", [key])
}

warn contains {"address": resource.address, "message": message} if {
	some resource in plan.written
	taggable(resource)
	unusable(tag(resource, "gaia:instance"))
	message := "the tag gaia:instance is missing, so the resource cannot be found again if an apply is interrupted"
}

taggable(resource) if {
	some part in ["after", "after_unknown"]
	some key in ["tags", "tags_all"]
	object.get(resource.change, [part, key], "none") != "none"
}

# tags_all includes the provider's default tags; where it is unknown as a whole the resource's own tags decide.
tag(resource, key) := value.read(resource.change, ["tags_all", key]) if {
	not value.unknown(resource.change, ["tags_all", key])
	value.read(resource.change, ["tags_all", key]).state != "absent"
}

else := value.read(resource.change, ["tags", key])

unusable(read) if read.state in {"absent", "null"}

unusable(read) if {
	read.state == "known"
	trim_space(read.value) == ""
}
