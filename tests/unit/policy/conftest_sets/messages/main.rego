package main

import rego.v1

deny contains msg if {
	some change in input.resource_changes
	change.type == "aws_s3_bucket"
	change.change.after.acl == "public-read"
	msg := sprintf("%s is public", [change.address])
}

warn contains msg if {
	some change in input.resource_changes
	change.type == "aws_db_instance"
	not change.change.after.multi_az
	msg := sprintf("`%v` stands in one zone.", [change.address])
}
