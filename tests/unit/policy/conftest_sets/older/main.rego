package main

blacklist = ["aws_iam_user", "aws_iam_access_key"]

resources[kind] = all {
	kind := input.resource_changes[_].type
	all := [r | r := input.resource_changes[_]; r.type == kind]
}

num_creates[kind] = n {
	all := resources[kind]
	creates := [r | r := all[_]; r.change.actions[_] == "create"]
	n := count(creates)
}

deny[msg] {
	num_creates[blacklist[i]] > 0
	msg := sprintf("%d of %s would be made", [num_creates[blacklist[i]], blacklist[i]])
}

violation[{"msg": msg, "details": {"port": port}}] {
	rule := input.resource_changes[_]
	rule.type == "aws_security_group_rule"
	port := rule.change.after.from_port
	rule.change.after.cidr_blocks[_] == "0.0.0.0/0"
	msg = sprintf("port %v is open", [port])
}

warn[msg] {
	not input.variables.owner
	msg = "nobody owns it"
}
