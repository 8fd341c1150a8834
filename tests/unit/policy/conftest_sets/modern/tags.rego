package main

required := {"owner", "cost-center"}

deny_tags contains msg if {
	some change in input.resource_changes
	"create" in change.change.actions
	tags := object.get(change.change.after, "tags", {})
	missing := required - object.keys(tags)
	count(missing) > 0
	msg := sprintf("%s lacks the tags %s", [change.address, concat(", ", sort(missing))])
}

deny_destroy contains msg if {
	some change in input.resource_changes
	change.change.actions == ["delete"]
	msg := sprintf("%s would be destroyed", [change.address])
}

warn contains "nothing is imported" if {
	every change in input.resource_changes { not change.change.importing }
}
