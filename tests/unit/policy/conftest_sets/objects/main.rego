package main

violation_ports contains {"msg": msg, "severity": "HIGH", "resource": change.address} if {
	some change in input.resource_changes
	change.type == "aws_security_group_rule"
	change.change.after.to_port == 22
	msg := "SSH is open"
}

deny contains {"msg": "no backend"} if not input.configuration.backend

warn_later contains {"msg": sprintf("%d changes", [count(input.resource_changes)])} if true

denial contains "not one of the names" if true

helper(x) := x + 1
