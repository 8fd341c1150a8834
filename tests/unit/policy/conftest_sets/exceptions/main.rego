package main

deny_public contains msg if {
	some change in input.resource_changes
	change.change.after.acl == "public-read"
	msg := sprintf("%s is public", [change.address])
}

deny_open contains msg if {
	some change in input.resource_changes
	"0.0.0.0/0" in change.change.after.cidr_blocks
	msg := sprintf("%s is open", [change.address])
}

exception contains rules if {
	input.terraform_version == "1.9.8"
	rules := ["public"]
}
