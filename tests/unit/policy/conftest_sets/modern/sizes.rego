package main

import data.lib.sizes

deny contains msg if {
	some change in input.resource_changes
	change.type == "aws_db_instance"
	not startswith(change.change.after.instance_class, sizes.family)
	msg := sprintf("%s: %s is not of %s", [change.address, change.change.after.instance_class, sizes.family])
}
