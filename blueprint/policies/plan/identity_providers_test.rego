package gaia.plan.identity_providers_test

import data.gaia.lib.sample_test as sample
import data.gaia.plan.identity_providers

trusting(statement) := sample.trust(statement)

nothing if {
	count(identity_providers.deny) == 0
	count(identity_providers.undecided) == 0
}

github := {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}

test_everybody_at_an_identity_provider_is_denied if {
	audience := {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}
	count(identity_providers.deny) == 1 with input as trusting({"Principal": github, "Condition": audience})
	count(identity_providers.deny) == 1 with input as trusting({"Principal": github})
}

test_a_subject_of_an_identity_provider_is_allowed if {
	subject := {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/platform:*"}}
	nothing with input as trusting({"Principal": github, "Condition": subject})
}


test_every_repository_is_denied if {
	every subject in ["repo:*", "repo:acme/*", "repo:acme/*:ref:refs/heads/main", "*:ref:refs/heads/main", "system:serviceaccount:shop:*", "r*", "project_path:*", "project_path:acme*:ref_type:branch:ref:main", "${x}"] {
		condition := {"StringLike": {"token.actions.githubusercontent.com:sub": subject}}
		count(identity_providers.deny) == 1 with input as trusting({"Principal": github, "Condition": condition})
	}
}

test_unknown_trust_is_undecided if {
	count(identity_providers.undecided) == 1 with input as sample.planned("aws_iam_role", {}, {"assume_role_policy": true})
}
