# Small documents for the tests of rules.
package gaia.lib.sample_test

# The plan that makes one resource.
planned(kind, after, after_unknown) := {"resource_changes": [resource(kind, after, after_unknown)]}

resource(kind, after, after_unknown) := {
	"address": sprintf("%s.this", [kind]), "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}

lost(kind, before, actions) := {"resource_changes": [{
	"address": sprintf("%s.this", [kind]), "mode": "managed", "type": kind, "name": "this",
	"change": {"actions": actions, "before": before, "after": null, "after_unknown": {}},
}]}

# The plan that updates it.
updated(kind, after, after_unknown) := {"resource_changes": [object.union(
	resource(kind, after, after_unknown),
	{"change": {"actions": ["update"], "before": after}},
)]}

# The same with its code: what the block of the resource says, without `dynamic` blocks as ever.
coded(document, expressions) := object.union(document, {"configuration": {"root_module": {"resources": [{
	"address": sprintf("%s.this", [document.resource_changes[0].type]),
	"expressions": expressions,
}]}}})

# The same, of a stage.
of(stage, document) := object.union(document, {"gaia": {"stage": stage, "tenant": "acme", "kind": "provision"}})

# An identity's policy that allows something.
grant(statement) := planned("aws_iam_policy", {"policy": policy(statement)}, {})

# A role that somebody may take on.
trust(statement) := planned("aws_iam_role", {"assume_role_policy": policy(statement)}, {})

policy(statement) := json.marshal({"Version": "2012-10-17", "Statement": [object.union({"Effect": "Allow"}, statement)]})

# What one rule says of a document, in numbers.
said(rule) := {"deny": count(object.get(rule, "deny", [])), "undecided": count(object.get(rule, "undecided", []))}
