package gaia.plan.managed_policies_test

import data.gaia.plan.managed_policies

nothing if {
	count(managed_policies.deny) == 0
	count(managed_policies.undecided) == 0
}

attached(after, after_unknown, configuration) := {"configuration": configuration, "resource_changes": [{
	"address": "aws_iam_role_policy_attachment.this", "mode": "managed", "type": "aws_iam_role_policy_attachment",
	"name": "this",
	"change": {"actions": ["create"], "before": null, "after": after, "after_unknown": after_unknown},
}]}

own_policy := {"root_module": {"resources": [{
	"address": "aws_iam_role_policy_attachment.this",
	"expressions": {"policy_arn": {"references": ["aws_iam_policy.own.arn", "aws_iam_policy.own"]}},
}]}}

test_attaching_a_narrow_managed_policy_is_allowed if {
	nothing with input as attached({"policy_arn": "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"}, {}, {})
}

test_attaching_a_policy_of_the_same_plan_is_allowed if {
	nothing with input as attached({}, {"policy_arn": true}, own_policy)
}

test_attaching_administrator_access_is_denied if {
	count(managed_policies.deny) == 1 with input as attached({"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}, {}, {})
}

test_attaching_an_unknown_policy_is_undecided if {
	count(managed_policies.undecided) == 1 with input as attached({}, {"policy_arn": true}, {})
}

emergency(condition) := {"resource_changes": [
	{
		"address": "glass", "mode": "managed", "type": "aws_iam_role", "name": "glass",
		"change": {"actions": ["create"], "after_unknown": {}, "after": {
			"name": "acme-break-glass",
			"assume_role_policy": json.marshal({"Statement": [{"Effect": "Allow", "Condition": condition}]}),
		}},
	},
	{
		"address": "attached", "mode": "managed", "type": "aws_iam_role_policy_attachment", "name": "attached",
		"change": {"actions": ["create"], "after_unknown": {}, "after": {
			"role": "acme-break-glass",
			"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess",
		}},
	},
]}

test_emergencies_with_mfa_are_allowed if {
	mfa := {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "900"}}
	count(managed_policies.deny) == 0 with input as emergency(mfa)
	count(managed_policies.warn) == 1 with input as emergency(mfa)
}

test_emergencies_without_mfa_are_denied if {
	count(managed_policies.deny) == 1 with input as emergency({})
}

test_a_list_of_attached_policies_is_read if {
	admin := ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess"]
	some_role := {"address": "this", "mode": "managed", "type": "aws_iam_role", "name": "this"}
	change := {"actions": ["create"], "after": {"managed_policy_arns": admin}, "after_unknown": {}}
	count(managed_policies.deny) == 1 with input as {"resource_changes": [object.union(some_role, {"change": change})]}
	listed := {"actions": ["create"], "after": {"policy_arns": admin}, "after_unknown": {}}
	exclusive := {"type": "aws_iam_role_policy_attachments_exclusive", "change": listed}
	count(managed_policies.deny) == 1 with input as {"resource_changes": [object.union(some_role, exclusive)]}
	none := {"actions": ["create"], "after": {"managed_policy_arns": []}, "after_unknown": {}}
	count(managed_policies.deny) == 0 with input as {"resource_changes": [object.union(some_role, {"change": none})]}
}

test_full_access_to_a_service_is_denied if {
	every name in ["AmazonS3FullAccess", "job-function/NetworkAdministrator", "AWSLambda_FullAccess"] {
		count(managed_policies.deny) == 1 with input as attached({"policy_arn": sprintf("arn:aws:iam::aws:policy/%s", [name])}, {}, {})
	}
}

test_a_permission_set_is_read if {
	set := {"address": "this", "mode": "managed", "type": "aws_ssoadmin_managed_policy_attachment", "name": "this", "change": {
		"actions": ["create"], "after_unknown": {}, "after": {"managed_policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
	}}
	count(managed_policies.deny) == 1 with input as {"resource_changes": [set]}
}

test_unknown_lists_are_undecided if {
	unknown := {"address": "this", "mode": "managed", "type": "aws_iam_role", "name": "this", "change": {
		"actions": ["create"], "after_unknown": {"managed_policy_arns": true}, "after": {},
	}}
	count(managed_policies.undecided) == 1 with input as {"resource_changes": [unknown]}
}

test_attaching_a_boundary_is_denied if {
	count(managed_policies.deny) == 1 with input as attached({"policy_arn": "arn:aws:iam::123456789012:policy/boundary/acme-prod-access-boundary"}, {}, {})
}

own_boundary := {"address": "aws_iam_policy.own", "mode": "managed", "type": "aws_iam_policy", "name": "own", "change": {
	"actions": ["create"], "after_unknown": {}, "after": {"path": "/boundary/"},
}}

test_attaching_a_boundary_of_the_same_plan_is_denied if {
	document := attached({}, {"policy_arn": true}, own_policy)
	changes := array.concat(document.resource_changes, [own_boundary])
	count(managed_policies.deny) == 1 with input as object.union(document, {"resource_changes": changes})
}
