package gaia.plan.permissions_boundary_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.permissions_boundary

says(deny, undecided) if {
	count(permissions_boundary.deny) == deny
	count(permissions_boundary.undecided) == undecided
}

github := {"Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/x"}}

role(statement, more, after_unknown) := sample.planned("aws_iam_role", object.union({"assume_role_policy": sample.policy(statement)}, more), after_unknown)

test_a_bounded_role_is_allowed if says(0, 0) with input as role(github, {"permissions_boundary": "arn:aws:iam::123456789012:policy/b"}, {})

test_a_role_of_a_service_is_allowed if says(0, 0) with input as role({"Principal": {"Service": "ec2.amazonaws.com"}}, {}, {})

test_a_role_for_workflows_is_denied if says(1, 0) with input as role(github, {}, {})

test_a_role_for_another_company_is_denied if {
	says(1, 0) with input as role({"Principal": {"AWS": "arn:aws:iam::1:role/a"}, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}, {"permissions_boundary": null}, {})
}

test_a_user_is_denied if says(1, 0) with input as sample.planned("aws_iam_user", {"name": "ann"}, {})

test_unknown_trust_is_undecided if says(0, 1) with input as sample.planned("aws_iam_role", {}, {"assume_role_policy": true})

test_an_unknown_boundary_is_undecided if says(0, 1) with input as role(github, {}, {"permissions_boundary": true})

test_a_boundary_of_the_same_plan_is_allowed if {
	says(0, 0) with input as sample.coded(role(github, {}, {"permissions_boundary": true}), {"permissions_boundary": {"references": ["aws_iam_policy.boundary.arn"]}})
}

identities := [
	"iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey",
	"iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:CreateRole", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary",
	"iam:DeleteUserPermissionsBoundary", "iam:PutGroupPolicy", "iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary",
	"iam:PutUserPolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile", "iam:PutRolePolicy",
]

boundary(refused) := sample.planned("aws_iam_policy", {"path": "/boundary/", "policy": json.marshal({"Statement": [
	{"Effect": "Allow", "Action": "*", "Resource": "*"},
	object.union({"Effect": "Deny", "Resource": "*"}, refused),
]})}, {})

test_a_boundary_that_refuses_identities_is_allowed if {
	says(0, 0) with input as boundary({"Action": identities})
}

test_a_boundary_that_lets_a_role_be_written_is_denied if {
	says(1, 0) with input as boundary({"Action": array.slice(identities, 0, 18)})
}

test_a_boundary_that_refuses_on_a_condition_is_denied if {
	says(1, 0) with input as boundary({"Action": identities, "Condition": {"Bool": {"aws:x": "true"}}})
}

test_a_boundary_that_refuses_elsewhere_is_denied if {
	says(1, 0) with input as boundary({"Action": identities, "Resource": "arn:aws:iam::123456789012:role/a"})
}
