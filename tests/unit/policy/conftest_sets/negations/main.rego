package main

has_owner(tags) if tags.owner

deny contains sprintf("%s has no owner", [resource.address]) if {
	some resource in input.resource_changes
	not has_owner(resource.change.after.tags)
}

deny contains sprintf("%s is not private", [resource.address]) if {
	some resource in input.resource_changes
	not resource.change.after.acl == "private"
}

warn contains sprintf("%s is small", [resource.address]) if {
	some resource in input.resource_changes
	not resource.change.after.size > 10
}

warn contains sprintf("%s is no bucket", [resource.address]) if {
	some resource in input.resource_changes
	not startswith(resource.type, "aws_s3_")
}
